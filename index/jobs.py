"""The jobs behind the commands: read an input, prepare its articles, write them to an engine, count what happened."""

from __future__ import annotations

import json
import logging
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from index.archive import aliases
from index.archive.intake import Intake
from index.archive.pipeline import Preparation, Tally
from index.archive.update import ArchiveUpdate
from index.clean.explain import explain
from index.clean.steps import Rejected
from index.progress import Progress, Step, counted, silent
from index.sources.read import input_bytes, read
from search.errors import IndexLockedError, NoIndexError, SourceError
from search.results import WriteReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.clean.explain import Explanation
    from index.sources.raw import RawArticle
    from search.engine import Engine
    from search.model import Article
    from search.results import IndexInfo
    from search.settings import Settings

log = logging.getLogger("dateline.index")

LARGE = 0.5
"""An update with more new articles than this share of the index recomputes the index, because that is faster."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of `reindex` and `update`: read = indexed + unchanged + duplicates + rejected.

    `hidden` counts the unreadable inputs that kept `update --prune` from deleting anything. `seconds` is the duration.
    """

    tally: Tally
    written: WriteReport
    seconds: float
    hidden: int = 0

    @property
    def replaced(self) -> int:
        """Articles of the input that replaced an older version in the index."""
        return self.written.replaced - self.tally.regrouped

    @property
    def rate(self) -> float:
        """Articles read per second; 0 if nothing was done."""
        return self.tally.read / self.seconds if self.seconds else 0.0

    def record(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return {
            "read": self.tally.read,
            "indexed": self.tally.accepted,
            "unchanged": self.tally.unchanged,
            "duplicates": self.tally.duplicates,
            "rejected": dict(self.tally.rejected.most_common()),
            **asdict(self.written),
            "replaced": self.replaced,
            "regrouped": self.tally.regrouped,
            "hidden": self.hidden,
            "seconds": round(self.seconds, 2),
            "articles_per_second": round(self.rate, 1),
        }


@dataclass(slots=True)
class Job:
    """One run over an input. `rejected_to` receives a JSON line for each rejected article."""

    paths: Sequence[str]
    settings: Settings
    rejected_to: IO[str] | None = None
    progress: Progress = silent

    def rebuild(self, engine: Engine | None) -> Summary:
        """Build the index anew. Without an engine, do everything except writing.

        Raises:
            SourceError: No article of the input was accepted; an existing index is unchanged.
        """
        start = time.monotonic()
        reading = _Reading(self.progress, input_bytes(self.paths))
        preparation = Preparation(self.settings, reading.articles)
        raws = read(self.paths, self.settings, reading.bytes)
        articles = self._accepted(preparation.articles(raws), preparation)
        if engine is None:
            written = WriteReport(sum(1 for _ in articles), 0, 0, "")
        else:
            written = engine.rebuild(_at_least_one(articles, preparation), self.settings.keep)
        return _logged(Summary(preparation.tally, written, time.monotonic() - start))

    def update(self, engine: Engine, *, prune: bool) -> Summary:
        """Add new articles and replace changed ones. With `prune`, delete articles that the input no longer has.

        If the new version of an article is rejected, the index keeps the old version. The time depends on the input and
        on what changes, not on the index.

        Raises:
            SourceError: `prune` is set, and the input holds nothing at all; the index is unchanged.
            IndexLockedError: Another process writes, or has written since this update began.
        """
        start = time.monotonic()
        names = aliases.load(self.settings.aliases)
        try:
            info = engine.info()
        except NoIndexError:
            return self._create(engine)
        engine.write((), (), self.settings.keep)  # raises if the index cannot be written to
        reading = _Reading(self.progress, input_bytes(self.paths))
        with closing(ArchiveUpdate(engine, self.settings, names)) as archive:
            intake = Intake(archive, engine, prune=prune)
            for item in intake.items(read(self.paths, self.settings, reading.bytes), self.settings):
                self._list_rejected(item)
                reading.articles(intake.tally)
            deletes = intake.gone()
            if len(archive.new) > LARGE * info.articles:
                written = self._recompute(engine, info, archive, deletes)
            else:
                archive.remove(deletes)
                articles = counted(archive.articles(), "Indexing", lambda: len(archive.new), self.progress)
                written = engine.write(_unless_changed(articles, engine, info), deletes, self.settings.keep)
            intake.tally.regrouped = archive.regrouped
            return _logged(Summary(intake.tally, written, time.monotonic() - start, intake.hidden if prune else 0))

    def _create(self, engine: Engine) -> Summary:
        """Build the first generation. It may be empty."""
        start = time.monotonic()
        reading = _Reading(self.progress, input_bytes(self.paths))
        preparation = Preparation(self.settings, reading.articles)
        raws = read(self.paths, self.settings, reading.bytes)
        written = engine.rebuild(self._accepted(preparation.articles(raws), preparation), self.settings.keep)
        return _logged(Summary(preparation.tally, written, time.monotonic() - start))

    def _recompute(
        self, engine: Engine, info: IndexInfo, archive: ArchiveUpdate, deletes: Sequence[str]
    ) -> WriteReport:
        """Build the index anew from its articles and many new ones, because that is faster than looking them all up."""
        new = archive.new.ids()
        replaced = sum(engine.frequencies("id", new))
        gone = {*new, *deletes}
        kept = (article for article in engine.articles() if article.id not in gone)
        articles = Preparation(self.settings).stored(chain(kept, archive.new.articles()))
        counted_articles = self._counted(articles, info.articles)
        built = engine.rebuild(_unless_changed(counted_articles, engine, info), self.settings.keep)
        return WriteReport(len(new) - replaced, replaced, len(deletes), built.generation)

    def tidy(self, engine: Engine) -> Summary:
        """Compute stories, boilerplate and labels anew over the whole index, and swap the result in.

        One `reindex` of the same articles would give the same result. It also upgrades an index of an older schema.
        """
        start = time.monotonic()
        tally = Tally()
        info = engine.info()
        articles = self._counted(Preparation(self.settings).stored(engine.articles()), info.articles)
        written = engine.rebuild(_unless_changed(articles, engine, info), self.settings.keep)
        tally.read = tally.accepted = written.added
        return _logged(Summary(tally, written, time.monotonic() - start))

    def delete(self, engine: Engine, ids: Sequence[str]) -> WriteReport:
        """Delete articles by id. Their copies get another story if they need one."""
        info = engine.info()
        engine.write((), (), self.settings.keep)  # raises if the index cannot be written to
        with closing(ArchiveUpdate(engine, self.settings, aliases.load(self.settings.aliases))) as archive:
            archive.remove(ids)
            return engine.write(_unless_changed(archive.articles(), engine, info), ids, self.settings.keep)

    def _counted(self, articles: Iterable[Article], total: int) -> Iterator[Article]:
        return counted(articles, "Indexing", lambda: total, self.progress)

    def _list_rejected(self, item: Article | Rejected) -> None:
        if isinstance(item, Rejected) and self.rejected_to:
            self.rejected_to.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")

    def nothing_done(self, info: IndexInfo) -> Summary:
        """Return the summary of a run that reads no input and keeps the index."""
        return Summary(Tally(), WriteReport(0, 0, 0, info.generation), 0.0)

    def extract(self) -> Iterator[Article | Rejected]:
        """Yield each article as it would be indexed, or its rejection, in the order of the input."""
        preparation = Preparation(self.settings)
        yield from preparation.articles(read(self.paths, self.settings))

    def explain(self) -> Iterator[Explanation]:
        """Yield the same articles with the reasons for each decision.

        The whole input stays in memory, so this is meant for a few pages.
        """
        raws: list[RawArticle] = []

        def recorded() -> Iterator[RawArticle]:
            for raw in read(self.paths, self.settings):
                raws.append(raw)
                yield raw

        for item, raw in zip(Preparation(self.settings).articles(recorded()), raws, strict=True):
            yield explain(raw, item, self.settings)

    def _accepted(self, items: Iterable[Article | Rejected], preparation: Preparation) -> Iterator[Article]:
        """Yield the articles to index. List rejected ones, and skip a version if a later one follows."""
        tally = preparation.tally
        for item in counted(items, "Indexing", lambda: tally.read - tally.unchanged, self.progress):
            if isinstance(item, Rejected):
                self._list_rejected(item)
            elif preparation.superseded[item.id]:
                preparation.superseded[item.id] -= 1
            else:
                yield item


class _Reading:
    """Reports the first two steps of a job: `Reading`, in bytes of the input, and `Tagging`, in articles."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._articles = self._rejected = 0
        self._start = time.monotonic()

    def bytes(self, size: int) -> None:
        """Count bytes that were read."""
        self._done += size
        self._report()

    def articles(self, tally: Tally) -> None:
        """Report the number of cleaned articles or, after the first tagged one, of tagged articles."""
        if tally.tagged:
            self._progress(Step("Tagging", tally.tagged, tally.read - tally.unchanged, tally.tagged))
            return
        self._articles, self._rejected = tally.read, tally.rejected.total()
        self._report()

    def _report(self) -> None:
        rate = self._articles / max(time.monotonic() - self._start, 0.001)
        self._progress(Step("Reading", self._done, self._total, self._articles, self._rejected, rate))


def _logged(summary: Summary) -> Summary:
    """Log a summary and return it."""
    log.info(
        "Read %d articles in %.1f s: %d indexed, %d unchanged, %d duplicates, %d rejected",
        summary.tally.read,
        summary.seconds,
        summary.tally.accepted,
        summary.tally.unchanged,
        summary.tally.duplicates,
        summary.tally.rejected.total(),
        extra=summary.record(),
    )
    return summary


def _unless_changed(articles: Iterable[Article], engine: Engine, info: IndexInfo) -> Iterator[Article]:
    """Yield the articles of a write that was prepared on a generation.

    Raises:
        IndexLockedError: Another generation serves now.
    """
    if engine.info().generation != info.generation:
        raise IndexLockedError(
            f"Another process has written to the index at {info.url} meanwhile.", remedy="Run the command again."
        )
    yield from articles


def _at_least_one(articles: Iterable[Article], preparation: Preparation) -> Iterator[Article]:
    """Yield the articles. Raises `SourceError` if there were none."""
    count = 0
    for count, article in enumerate(articles, 1):  # noqa: B007 - counted for the check below
        yield article
    if not count:
        reasons = ", ".join(f"{n} {reason}" for reason, n in preparation.tally.rejected.most_common())
        raise SourceError(
            f"No article of the input was accepted ({reasons or 'it is empty'}), so no index was written.",
            remedy="To see why, run dateline extract PATH...",
        )
