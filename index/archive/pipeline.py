"""Prepares raw articles for the index: in worker processes, in the order of the input, with bounded memory.

There are three steps:

- The workers clean and analyze the articles, which then wait in a temporary file. Stories, and lines that recur in a
  source, are known only after the last article.
- The workers remove these lines and find countries and persons. The articles wait in a second file, because the label
  of a person depends on all articles that name the person.
- The articles are yielded in order, with their stories and labels.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from index import facets
from index.archive import aliases, boilerplate, signatures, stories
from index.archive.boilerplate import BoilerplateCounter, LineOwner
from index.archive.person_labels import PersonLabels, Tags
from index.archive.tags import Labels, tags_of
from index.archive.workers import Workers
from index.clean.steps import Rejected, clean
from index.pages.lines.line import count_words
from search import analysis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from index.sources.raw import RawArticle
    from search.model import Article, Entry
    from search.settings import Settings

VERSION = 5
"""Raise this number when the same input gives a different article. `dateline update` then replaces all articles."""

CHUNK_ARTICLES = 32
CHUNK_CHARS = 400_000
"""Maximum articles and characters of a chunk: it goes to a worker when it reaches either size.

Larger chunks would be shared less evenly among the workers; smaller ones would cost more time to pass on.
"""

NO_KEYS = np.array([], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Head:
    """The data of an article that the first step keeps in memory; `reason` is set if the article was rejected."""

    id: str
    source: str = ""
    signature: bytes = b""
    reason: str = ""


class Cleaned(NamedTuple):
    """A cleaned or rejected article in the temporary file, with the keys of its lines."""

    item: Article | Rejected
    keys: NDArray[np.uint64]


class Chunk(NamedTuple):
    """A pickled list of `Cleaned`, with the heads of these articles and the keys of their lines."""

    blob: bytes
    heads: list[Head]
    keys: list[NDArray[np.uint64]]


class Tagged(NamedTuple):
    """A pickled list of `size` articles, with the id and the tags of each article that was not rejected."""

    size: int
    blob: bytes
    tags: list[tuple[str, Tags]]


class Known(NamedTuple):
    """The articles of the index that stay. If the index has the last version in the input, the id is in `unchanged`."""

    entries: Sequence[Entry] = ()
    unchanged: AbstractSet[str] = frozenset()


@dataclass(slots=True)
class Tally:
    """Counts of a run.

    Attributes:
        read: Articles of the input, the sum of the next four counts.
        unchanged: Articles that the index already has.
        accepted: Articles to write.
        duplicates: Articles with a later version in the same input.
        rejected: Rejected articles by reason.
        regrouped: Articles of the index that stay, but with another story or other labels of persons.
        tagged: Articles that have passed the second step so far, rejected ones included. Unchanged ones skip it.
    """

    read: int = 0
    unchanged: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    regrouped: int = 0
    tagged: int = 0


def digest(raw: RawArticle) -> str:
    """Return a hash of a raw article and `VERSION`, as 32 hexadecimal digits."""
    bare = replace(raw, origin="", retrieved=None)  # place and time of the download do not change the article
    return hashlib.blake2b(f"{VERSION}{bare!r}".encode(errors="surrogatepass"), digest_size=16).hexdigest()


def clean_one(raw: RawArticle, settings: Settings) -> Cleaned:
    """Clean and analyze one article on its own. Later steps find its story, countries and persons.

    The signature is computed here, so it does not depend on the other articles of the input.
    """
    article = clean(raw, settings)
    if isinstance(article, Rejected):
        return Cleaned(article, NO_KEYS)
    tokens = analysis.tokens_of(article.title, article.body)
    signature = signatures.signature(tokens.body_words)
    keys = boilerplate.keys_of(article, own_title=not raw.title)
    return Cleaned(replace(article, digest=digest(raw), signature=signature, tokens=tokens), keys)


def finish_one(cleaned: Cleaned, recurring: AbstractSet[int], settings: Settings) -> Article | Rejected:
    """Remove boilerplate from an article, and find its countries and persons. `recurring` has the keys of its lines.

    An article made up (almost) only of boilerplate is left unchanged.
    """
    article = cleaned.item
    if isinstance(article, Rejected):
        return article
    title, body = boilerplate.remove(article, cleaned.keys, recurring)
    if (title, body) != (article.title, article.body) and count_words(body) >= settings.min_article_words:
        article = replace(article, title=title, body=body, tokens=analysis.tokens_of(title, body))
    tags = facets.find(article.text, len(article.title), article.language, article.captions)
    return replace(article, captions=(), countries=tags.countries, persons=tags.persons)


class Preparation:
    """One run over an input. `articles` yields the articles in order, and `tally` counts them.

    `superseded` maps an id to the number of its versions in the input that are not written. It is complete before the
    first article is yielded.

    Raises:
        SettingError: The file of aliases cannot be used.
    """

    def __init__(self, settings: Settings, on_progress: Callable[[Tally], None] = lambda _: None) -> None:
        self.settings = settings
        self.tally = Tally()
        self.stories: dict[str, str] = {}
        self.labels = Labels({}, aliases.load(settings.aliases))
        self.superseded: Counter[str] = Counter()
        self._known = Known()
        self._on_progress = on_progress

    def articles(self, raws: Iterable[RawArticle], known: Callable[[], Known] = Known) -> Iterator[Article | Rejected]:
        """Yield each article, or its rejection, in the order of the input.

        `known` is called after the input was read. It returns the articles of the index that stay. They get stories and
        labels together with the new articles, so `grouped` and `is_regrouped` accept them, too.
        """
        with TemporaryFile(prefix="dateline-") as file:
            tagged = Spool(file)
            with TemporaryFile(prefix="dateline-") as other, Workers(self.settings.workers) as workers:
                cleaned = Spool(other)
                chunks = workers.run(partial(_clean_chunk, self.settings), _chunks(raws))
                recurring = self._clean(chunks, cleaned, known)
                jobs = zip(cleaned.blobs(), recurring, strict=True)
                self._label(workers.run(partial(_finish_chunk, self.settings), jobs), tagged)
            for blob in tagged.blobs():
                for item in _unpickled(blob):
                    yield item if isinstance(item, Rejected) else self.grouped(item)

    def grouped(self, article: Article) -> Article:
        """Return an article of the input or of the index with its new story and labels."""
        return replace(self.labels.apply(article), story=self.stories[article.id])

    def is_regrouped(self, entry: Entry) -> bool:
        """Whether the story or the labels of an article in the index have changed."""
        return self.stories[entry.id] != entry.story or self.labels.shown_tags(entry) != entry.shown

    def _clean(self, chunks: Iterator[Chunk], spool: Spool, known: Callable[[], Known]) -> list[AbstractSet[int]]:
        """Collect the cleaned articles and find the stories. Return the keys of the recurring lines of each chunk."""
        heads: list[Head] = []
        with closing(BoilerplateCounter()) as counter:
            for chunk in chunks:
                spool.append(chunk.blob)
                counter.add(chunk.keys)
                heads.extend(chunk.heads)
                self._count(chunk.heads)
                self._on_progress(self.tally)
            signatures = {head.id: head.signature for head in heads if not head.reason}
            self.stories = stories.group(signatures.items())
            recurring = counter.boilerplate_keys([self._line_owner(head) for head in heads])
            by_chunk: list[AbstractSet[int]] = [recurring.intersection(keys.tolist()) for keys in counter.chunks()]
        self._known = known()
        self._supersede(heads)
        if self._known.entries:
            written = {one: signature for one, signature in signatures.items() if one not in self._known.unchanged}
            before = {entry.id: entry.signature for entry in self._known.entries}
            self.stories = stories.group((before | written).items())
        return by_chunk

    def _supersede(self, heads: list[Head]) -> None:
        """Count the versions that are not written: a later one follows, or the index has the last version."""
        versions = Counter(head.id for head in heads if not head.reason)
        more = {one: count - (one not in self._known.unchanged) for one, count in versions.items()}
        self.superseded.update({one: count for one, count in more.items() if count})
        self.tally.duplicates = self.superseded.total()
        self.tally.accepted -= self.tally.duplicates

    def _label(self, chunks: Iterator[Tagged], spool: Spool) -> None:
        """Collect the tagged articles. Choose the labels over all articles that are written or stay in the index."""
        person_labels = PersonLabels(self.labels.aliases)
        waiting = Counter(self.superseded)
        written = set()
        for chunk in chunks:
            spool.append(chunk.blob)
            self.tally.tagged += chunk.size
            self._on_progress(self.tally)
            for article_id, tags in chunk.tags:
                if waiting[article_id]:
                    waiting[article_id] -= 1
                else:
                    written.add(article_id)
                    person_labels.add(tags)
        for entry in self._known.entries:
            if entry.id not in written:
                person_labels.add(Tags(entry.persons, entry.countries))
        self.labels = Labels(person_labels.labels(), self.labels.aliases)

    def _line_owner(self, head: Head) -> LineOwner:
        """Return source and story of an article. Without a signature it may be an unknown copy, so it has no story."""
        return LineOwner(head.source, self.stories[head.id] if head.signature else None)

    def _count(self, heads: list[Head]) -> None:
        rejected = Counter(head.reason for head in heads if head.reason)
        self.tally.read += len(heads)
        self.tally.rejected.update(rejected)
        self.tally.accepted += len(heads) - rejected.total()


class Spool:
    """Chunks of articles that wait in a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sizes: list[int] = []

    def append(self, blob: bytes) -> None:
        """Add a chunk."""
        self._sizes.append(len(blob))
        self._file.write(blob)

    def blobs(self) -> Iterator[bytes]:
        """Yield the chunks in order. Call it after the last `append`."""
        self._file.seek(0)
        return map(self._file.read, self._sizes)


def _chunks(raws: Iterable[RawArticle]) -> Iterator[list[RawArticle]]:
    chunk: list[RawArticle] = []
    size = 0
    for raw in raws:
        chunk.append(raw)
        size += len(raw.text or raw.html or "")
        if len(chunk) >= CHUNK_ARTICLES or size >= CHUNK_CHARS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _clean_chunk(settings: Settings, raws: list[RawArticle]) -> Chunk:
    cleaned = [clean_one(raw, settings) for raw in raws]
    blob = pickle.dumps(cleaned, protocol=pickle.HIGHEST_PROTOCOL)
    return Chunk(blob, [_head(one.item) for one in cleaned], [one.keys for one in cleaned])


def _head(item: Article | Rejected) -> Head:
    if isinstance(item, Rejected):
        return Head(item.id, reason=item.reason)
    return Head(item.id, boilerplate.source_of(item), item.signature)


def _finish_chunk(settings: Settings, job: tuple[bytes, AbstractSet[int]]) -> Tagged:
    blob, recurring = job
    items = [finish_one(one, recurring, settings) for one in _unpickled(blob)]
    tags = [(item.id, tags_of(item)) for item in items if not isinstance(item, Rejected)]
    return Tagged(len(items), pickle.dumps(items, protocol=pickle.HIGHEST_PROTOCOL), tags)


def _unpickled(blob: bytes) -> Any:
    return pickle.loads(blob)  # noqa: S301 - our own, from a file that has no name
