"""RawArticle -> Article, over the cores, in the order of the input, with bounded memory.

Worker processes first clean and analyze. What they return waits in a temporary file, since the story of an article and
the lines that recur over the articles of its source are known only when all have been seen. Then they leave out those
lines and find countries and persons in what stays. That waits again, since the label of a name depends on all articles
that name the person, too; then the articles are yielded, in order, with their stories and labels.
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
from index.archive import aliases, boilerplate, stories
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
"""Raised when the same input would give another article, so that `dateline update` replaces what it finds unchanged."""

CHUNK_ARTICLES = 32
CHUNK_CHARS = 400_000
"""A chunk goes to a worker at one of these sizes: large enough that passing it costs little, small enough to share."""

NO_KEYS = np.array([], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Head:
    """What the first pass keeps of an article in memory; `reason` is set where it was rejected."""

    id: str
    source: str = ""
    signature: bytes = b""
    reason: str = ""


class Cleaned(NamedTuple):
    """What waits in the temporary file: an article as its own page gave it, or why it is refused; its lines' keys."""

    item: Article | Rejected
    keys: NDArray[np.uint64]


class Chunk(NamedTuple):
    """Some of these, pickled; what is kept of them in memory; and their keys, which are counted."""

    blob: bytes
    heads: list[Head]
    keys: list[NDArray[np.uint64]]


class Tagged(NamedTuple):
    """So many articles, pickled, and the tags of those that were not refused, each with its id."""

    size: int
    blob: bytes
    tags: list[tuple[str, Tags]]


class Known(NamedTuple):
    """The articles of the index that stay, and which of their ids the input gives last as the index has them."""

    entries: Sequence[Entry] = ()
    unchanged: AbstractSet[str] = frozenset()


@dataclass(slots=True)
class Tally:
    """What became of the input: `read` is the sum of the next four.

    `accepted` is what is written, `duplicates` had a later version in the same input, `rejected` counts by reason.
    `regrouped` counts what the input does not hold or change: articles of the index that became part of another story,
    or whose persons have other labels. `tagged` tells how far tagging is, of all that is not unchanged.
    """

    read: int = 0
    unchanged: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    regrouped: int = 0
    tagged: int = 0


def digest(raw: RawArticle) -> str:
    """Return what names the input of an article: 32 hexadecimal digits of all that it is made from."""
    bare = replace(raw, origin="", retrieved=None)  # where and when it was fetched makes no other article
    return hashlib.blake2b(f"{VERSION}{bare!r}".encode(errors="surrogatepass"), digest_size=16).hexdigest()


def clean_one(raw: RawArticle, settings: Settings) -> Cleaned:
    """Return what the article's own page gives: all but its story, countries and persons; or why it is refused.

    The signature is made of this, so that it is the same whatever else is in the batch.
    """
    article = clean(raw, settings)
    if isinstance(article, Rejected):
        return Cleaned(article, NO_KEYS)
    tokens = analysis.tokens_of(article.title, article.body)
    signature = stories.signature(tokens.body_words)
    keys = boilerplate.keys_of(article, own_title=not raw.title)
    return Cleaned(replace(article, digest=digest(raw), signature=signature, tokens=tokens), keys)


def finish_one(cleaned: Cleaned, page_lines: AbstractSet[int], settings: Settings) -> Article | Rejected:
    """Return the article, all but its story and labels, without those page lines that the batch gave away.

    One of which they are all, or all but a few words, stays as it is.
    """
    article = cleaned.item
    if isinstance(article, Rejected):
        return article
    title, body = boilerplate.remove(article, cleaned.keys, page_lines)
    if (title, body) != (article.title, article.body) and count_words(body) >= settings.min_article_words:
        article = replace(article, title=title, body=body, tokens=analysis.tokens_of(title, body))
    found = facets.find(article.text, len(article.title), article.language, article.captions)
    return replace(article, captions=(), countries=found.countries, persons=found.persons)


class Preparation:
    """One run over an input: `articles` yields it in order; `tally` counts meanwhile.

    `superseded` is known from the first article on: id -> how many more of that id come after the next one.

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
        """Yield each article, or why it was rejected, in the order of the input.

        `known` is asked, when all input was read, for the articles of the index that stay: their stories and labels are
        found together with the new ones, and `grouped` and `is_regrouped` then tell those too.
        """
        with TemporaryFile(prefix="dateline-") as file:
            tagged = Spool(file)
            with TemporaryFile(prefix="dateline-") as other, Workers(self.settings.workers) as workers:
                cleaned = Spool(other)
                chunks = workers.run(partial(_clean_chunk, self.settings), _chunks(raws))
                page_lines = self._clean(chunks, cleaned, known)
                jobs = zip(cleaned.blobs(), page_lines, strict=True)
                self._label(workers.run(partial(_finish_chunk, self.settings), jobs), tagged)
            for blob in tagged.blobs():
                for item in _unpickled(blob):
                    yield item if isinstance(item, Rejected) else self.grouped(item)

    def grouped(self, article: Article) -> Article:
        """Return an article of the input, or a known one, with the story and the labels that were found for it."""
        return replace(self.labels.apply(article), story=self.stories[article.id])

    def is_regrouped(self, entry: Entry) -> bool:
        """Whether a known article gets another story or other labels than it has."""
        return self.stories[entry.id] != entry.story or self.labels.shown_tags(entry) != entry.shown

    def _clean(self, chunks: Iterator[Chunk], spool: Spool, known: Callable[[], Known]) -> list[AbstractSet[int]]:
        """Take in what was cleaned, find the stories, and return the page lines that each chunk holds."""
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
            page_lines = counter.boilerplate_keys([self._line_owner(head) for head in heads])
            held: list[AbstractSet[int]] = [page_lines.intersection(keys.tolist()) for keys in counter.chunks()]
        self._known = known()
        self._supersede(heads)
        if self._known.entries:
            written = {one: signature for one, signature in signatures.items() if one not in self._known.unchanged}
            before = {entry.id: entry.signature for entry in self._known.entries}
            self.stories = stories.group((before | written).items())
        return held

    def _supersede(self, heads: list[Head]) -> None:
        """Count the versions that are not written, since a later one comes or the index has the last one."""
        versions = Counter(head.id for head in heads if not head.reason)
        more = {one: count - (one not in self._known.unchanged) for one, count in versions.items()}
        self.superseded.update({one: count for one, count in more.items() if count})
        self.tally.duplicates = self.superseded.total()
        self.tally.accepted -= self.tally.duplicates

    def _label(self, chunks: Iterator[Tagged], spool: Spool) -> None:
        """Take in what was tagged, and find the labels over all that is written or stays."""
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
        """Return whose lines an article's are. One too short to be known for a copy of another is no evidence."""
        return LineOwner(head.source, self.stories[head.id] if head.signature else None)

    def _count(self, heads: list[Head]) -> None:
        refused = Counter(head.reason for head in heads if head.reason)
        self.tally.read += len(heads)
        self.tally.rejected.update(refused)
        self.tally.accepted += len(heads) - refused.total()


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
        """Yield the chunks, in order, when all were added."""
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
    blob, page_lines = job
    items = [finish_one(one, page_lines, settings) for one in _unpickled(blob)]
    tags = [(item.id, tags_of(item)) for item in items if not isinstance(item, Rejected)]
    return Tagged(len(items), pickle.dumps(items, protocol=pickle.HIGHEST_PROTOCOL), tags)


def _unpickled(blob: bytes) -> Any:
    return pickle.loads(blob)  # noqa: S301 - our own, from a file that has no name
