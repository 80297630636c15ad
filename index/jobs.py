"""The jobs behind the commands: read an input, prepare its articles, write them to an engine, count what happened."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any

from index.archive.pipeline import Preparation, Tally, digest
from index.archive.regrouping import Known, Regrouping
from index.clean.explain import explain
from index.clean.steps import Rejected
from index.progress import Progress, Step, counted, silent
from index.sources.read import input_bytes, read
from search.errors import SourceError
from search.results import WriteReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.clean.explain import Explanation
    from index.sources.raw import RawArticle
    from search.engine import Engine
    from search.model import Article, Entry
    from search.results import IndexInfo
    from search.settings import Settings

log = logging.getLogger("dateline.index")

HIDING = ("broken gzip", "broken WARC", "invalid JSON", "line too long", "unreadable file", "unreadable folder")
"""Input faults that may hide articles of the index. If the input has one, `update --prune` deletes nothing."""


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

        If the new version of an article is rejected, the index keeps the old version.

        Raises:
            SourceError: `prune` is set, and the input holds nothing at all; the index is unchanged.
        """
        start = time.monotonic()
        reading = _Reading(self.progress, input_bytes(self.paths))
        preparation = Preparation(self.settings, reading.articles)
        tally = preparation.tally
        comparison = _Comparison({entry.id: entry for entry in engine.entries()}, tally, prune)
        changed = comparison.changed(read(self.paths, self.settings, reading.bytes))
        items = list(preparation.articles(changed))
        regrouping = Regrouping(preparation, items, comparison.staying())

        def articles() -> Iterator[Article]:
            written = set()
            for article in self._accepted(regrouping.items, preparation):
                written.add(article.id)
                yield regrouping.grouped(article)
            for entry in comparison.staying().entries:
                if entry.id not in written and regrouping.is_regrouped(entry):
                    tally.regrouped += 1
                    yield regrouping.grouped(engine.get(entry.id))

        written = engine.write(articles(), comparison.gone(), self.settings.keep)
        return _logged(Summary(tally, written, time.monotonic() - start, comparison.hidden if prune else 0))

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
                if self.rejected_to:
                    self.rejected_to.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")
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


@dataclass(slots=True)
class _Comparison:
    """Compares an input with the index.

    `seen` maps each id of the input to whether its last version is already in the index. `hidden` counts unreadable
    inputs that may hold articles of the index.
    """

    entries: dict[str, Entry]
    tally: Tally
    prune: bool
    seen: dict[str, bool] = field(default_factory=dict)
    hidden: int = 0

    def changed(self, raws: Iterable[RawArticle]) -> Iterator[RawArticle]:
        """Yield new and changed articles.

        Raises:
            SourceError: `prune` is set and the input is empty, so the whole index would be deleted.
        """
        for raw in raws:
            entry = self.entries.get(raw.id)
            same = entry is not None and entry.digest == digest(raw)
            self.seen[raw.id] = same
            self.hidden += raw.fault in HIDING and entry is None
            if same:
                self.tally.read += 1
                self.tally.unchanged += 1
            else:
                yield raw
        if self.prune and not self.seen:
            raise SourceError(
                "The input holds no articles, so nothing was deleted from the index.",
                remedy="Check that PATH... is right. To delete articles, use dateline delete.",
            )

    def staying(self) -> Known:
        """Return the articles that stay in the index. Call it after the input was read."""
        entries = [entry for entry in self.entries.values() if entry.id in self.seen or not self._pruning]
        return Known(entries, {article_id for article_id, same in self.seen.items() if same})

    def gone(self) -> Iterator[str]:
        """Yield the ids of the articles to delete. Call it after the input was read."""
        if self._pruning:
            yield from self.entries.keys() - self.seen.keys()

    @property
    def _pruning(self) -> bool:
        return self.prune and not self.hidden


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
