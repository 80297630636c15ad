"""Prepares raw articles for the index: in worker processes, in the order of the input, with bounded memory.

There are three passes:

- The workers clean and analyze the articles, remove the lines that are expected to be boilerplate, and find countries
  and persons. The finished articles wait in a temporary file (`Spool`). Stories, and lines that recur in a site, are
  known only after the last article.
- The workers read the articles again that lose other lines than expected, and find their countries and persons again.
- The articles are yielded in order. Only those with copies, or with a person who gets another label, change once more.

The articles of an index take the same way (`Preparation.stored`): their removed lines are put back first.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.archive import aliases, boilerplate, keys
from index.archive.cleaned import Cleaned, clean_one, restore_one, without_lines
from index.archive.collected import ACCEPTED, PENDING, SIGNED, Chunk, Collected, Job
from index.archive.line_counts import BoilerplateCounter
from index.archive.person_labels import PersonLabels
from index.archive.spool import Spool, packed, pickled, unpacked
from index.archive.tags import Labels, tags_of
from index.archive.workers import Workers
from index.clean.steps import Rejected
from index.sources.raw import RawArticle
from search.model import Article
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from index.archive.person_labels import Tags
    from search.settings import Settings

CHUNK_ARTICLES = 32
CHUNK_CHARS = 400_000
"""Maximum articles and characters of a chunk: it goes to a worker when it reaches either size.

Larger chunks would be shared less evenly among the workers; smaller ones would cost more time to pass on.
"""

Item = TypeVar("Item", RawArticle, Article)


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
        tagged: Articles that have passed the second pass so far, rejected ones included. Unchanged ones skip it.
    """

    read: int = 0
    unchanged: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    regrouped: int = 0
    tagged: int = 0


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
        self.labels = Labels({}, aliases.load(settings.aliases))
        self.superseded: Counter[str] = Counter()
        self._on_progress = on_progress

    def articles(self, raws: Iterable[RawArticle]) -> Iterator[Article | Rejected]:
        """Yield each article, or its rejection, in the order of the input."""
        return self._prepared(partial(_clean_chunk, self.settings), raws)

    def stored(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Yield the articles of an index with new stories, boilerplate and labels, in their order.

        `articles` gives the same result for the raw articles from which the index was built.
        """
        for item in self._prepared(_restore_chunk, articles):
            assert isinstance(item, Article)
            yield item

    def _prepared(
        self, clean_chunk: Callable[[tuple[list[Item], frozenset[int]]], Chunk], items: Iterable[Item]
    ) -> Iterator[Article | Rejected]:
        with closing(Spool()) as spool:
            stories, names = self._collect(spool, clean_chunk, items)
            for row, story in enumerate(stories):
                item = unpacked(spool.blob(row))
                yield item if isinstance(item, Rejected) else self._finished(item, names.get(int(story), item.id))

    def _collect(
        self, spool: Spool, clean_chunk: Callable[[tuple[list[Item], frozenset[int]]], Chunk], items: Iterable[Item]
    ) -> tuple[NDArray[np.int32], dict[int, str]]:
        """Fill the spool. Return the number of each article's story, and the ids of the stories with copies."""
        person_labels = PersonLabels(self.labels.aliases)
        with Workers(self.settings.workers) as workers, closing(BoilerplateCounter()) as counter:
            collected = Collected(spool, counter)
            jobs = ((some, collected.expected) for some in chunks(items))
            for chunk in workers.run(clean_chunk, jobs):
                collected.add(chunk)
                self._count(chunk)
            self._supersede(collected.supersede())
            stories = collected.group()
            changing = collected.jobs(stories, CHUNK_ARTICLES)
            for rows, blobs, tags in workers.run(partial(_finish_chunk, self.settings), changing):
                for row, blob, one in zip(rows, blobs, tags, strict=True):
                    collected.replace(row, blob)
                    if collected.is_written(row):
                        person_labels.add(one)
                self._report_tagged(rows[-1] + 1)
        self._report_tagged(self.tally.read)
        for one in collected.tags():
            person_labels.add(one)
        self.labels = Labels(person_labels.labels(), self.labels.aliases)
        spool.flush()
        return stories, collected.story_ids(stories)

    def _finished(self, article: Article, story: str) -> Article:
        """Return an article with its story and its labels. Its persons are named as they are spelled."""
        if self.labels.change(article):
            article = self.labels.apply(article)
            return replace(article, story=story, keys=keys.relabelled(article))
        return article if article.story == story else replace(article, story=story)

    def _count(self, chunk: Chunk) -> None:
        self.tally.read += len(chunk.flags)
        self.tally.rejected.update(chunk.reasons)
        self.tally.accepted += len(chunk.flags) - len(chunk.reasons)
        self._on_progress(self.tally)

    def _supersede(self, superseded: Counter[str]) -> None:
        """Count the versions that are not written, because a later one follows."""
        self.superseded.update(superseded)
        self.tally.duplicates = self.superseded.total()
        self.tally.accepted -= self.tally.duplicates

    def _report_tagged(self, count: int) -> None:
        if count:
            self.tally.tagged = count
            self._on_progress(self.tally)


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the articles in chunks for the workers."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        chunk.append(item)
        size += _chars(item)
        if len(chunk) >= CHUNK_ARTICLES or size >= CHUNK_CHARS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _chars(item: RawArticle | Article) -> int:
    return len(item.body) if isinstance(item, Article) else len(item.text or item.html or "")


def _clean_chunk(settings: Settings, job: tuple[list[RawArticle], frozenset[int]]) -> Chunk:
    raws, expected = job
    return _chunk([clean_one(raw, settings, expected) for raw in raws], expected, is_stored=False)


def _restore_chunk(job: tuple[list[Article], frozenset[int]]) -> Chunk:
    return _chunk([restore_one(article) for article in job[0]], frozenset(), is_stored=True)


def _chunk(cleaned: list[Cleaned], expected: frozenset[int], *, is_stored: bool) -> Chunk:
    """Return the finished articles of a chunk. They are complete unless a story, a label or boilerplate is found."""
    items = [
        item if isinstance(item, Rejected) else replace(item, story=item.id, keys=keys.keys_of(item, lines))
        for item, lines in cleaned
    ]
    articles = [None if isinstance(item, Rejected) else item for item in items]
    ids = [item.id for item in items]
    signatures_ = [article.signature if article else b"" for article in articles]
    tags = [tuple(tags_of(article)) if article else None for article in articles]
    return Chunk(
        [packed(item) for item in items],
        (pickled(ids), pickled(signatures_), pickled(tags)),
        bytes(_flags(item, is_stored=is_stored) for item in items),
        list(map(key_of, ids)),
        [boilerplate.source_of(article) if article else "" for article in articles],
        [item.reason for item in items if isinstance(item, Rejected)],
        np.concatenate([lines for _, lines in cleaned]),
        [len(lines) for _, lines in cleaned],
        [sum(key for key in lines.tolist() if key in expected) % 2**64 for _, lines in cleaned],
    )


def _flags(item: Article | Rejected, *, is_stored: bool) -> int:
    if isinstance(item, Rejected):
        return 0
    return ACCEPTED | (SIGNED if item.signature else 0) | (PENDING if is_stored and item.removed else 0)


def _finish_chunk(settings: Settings, job: Job) -> tuple[list[int], list[bytes], list[Tags]]:
    """Return the rows, the packed form and the tags of articles without their boilerplate."""
    articles = [_finish_one(unpacked(blob), job.recurring, settings) for blob in job.blobs]
    return job.rows, [packed(article) for article in articles], [tags_of(article) for article in articles]


def _finish_one(article: Article | Rejected, recurring: AbstractSet[int], settings: Settings) -> Article:
    assert isinstance(article, Article)
    whole = boilerplate.restored(article)
    lines = boilerplate.keys_of(whole, own_title=whole.own_title)
    done = without_lines(Cleaned(article, lines), recurring, settings)
    return done if done is article else replace(done, keys=keys.relabelled(done))
