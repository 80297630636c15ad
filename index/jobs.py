"""What the commands that write do: read, prepare, hand over to the engine, and account for every article."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from index.archive.pipeline import Known, Preparation, digest
from index.clean.explain import explain
from index.clean.steps import Rejected
from index.cli import terminal
from index.sources.read import input_bytes, read
from search.errors import SourceError
from search.model import Article, WriteReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.archive.pipeline import Tally
    from index.clean.explain import Explanation
    from index.cli.terminal import Meter
    from index.sources.raw import RawArticle
    from search.engine import Engine
    from search.model import Entry
    from search.settings import Settings


HIDING = ("broken gzip", "broken WARC", "invalid JSON", "line too long", "unreadable file", "unreadable folder")
"""Faults of the input behind which articles of the index may stand unseen; while there is one, none is pruned."""


@dataclass(slots=True)
class Job:
    """One reading of an input. `rejected_to` gets a JSON line for each article that is refused."""

    paths: Sequence[str]
    settings: Settings
    rejected_to: IO[str] | None = None

    def rebuild(self, engine: Engine | None) -> terminal.Summary:
        """Build the index anew; without an engine, do all but write it.

        Raises:
            SourceError: Nothing of the input was accepted; an index that there is stays as it is.
        """
        start = time.monotonic()
        with terminal.meter(input_bytes(self.paths)) as meter:
            preparation = Preparation(self.settings, meter.articles)
            raws = read(self.paths, self.settings, meter.read)
            articles = self._accepted(preparation.articles(raws), meter, preparation)
            if engine is None:
                written = WriteReport(sum(1 for _ in articles), 0, 0, "")
            else:
                written = engine.rebuild(_at_least_one(articles, preparation), self.settings.keep)
        return terminal.Summary(preparation.tally, written, time.monotonic() - start)

    def update(self, engine: Engine, *, prune: bool) -> terminal.Summary:
        """Add what is new, replace what changed; with `prune`, drop what the input no longer has.

        An article whose new version is rejected stays as it is in the index.

        Raises:
            SourceError: `prune`, and the input holds nothing at all; the index stays as it is.
        """
        start = time.monotonic()
        with terminal.meter(input_bytes(self.paths)) as meter:
            preparation = Preparation(self.settings, meter.articles)
            tally = preparation.tally
            against = _Comparison({entry.id: entry for entry in engine.entries()}, tally, prune)
            changed = against.changed(read(self.paths, self.settings, meter.read))
            items = self._accepted(preparation.articles(changed, against.staying), meter, preparation)

            def articles() -> Iterator[Article]:
                written = set()
                for article in items:
                    written.add(article.id)
                    yield article
                for entry in against.staying().entries:
                    if entry.id not in written and preparation.is_regrouped(entry):
                        tally.regrouped += 1
                        yield preparation.grouped(engine.get(entry.id))

            written = engine.write(articles(), against.gone(), self.settings.keep)
        return terminal.Summary(tally, written, time.monotonic() - start, against.hidden if prune else 0)

    def extract(self) -> Iterator[Article | Rejected]:
        """Yield what would be indexed, and what would be rejected, in the order of the input."""
        preparation = Preparation(self.settings)
        yield from preparation.articles(read(self.paths, self.settings))

    def explain(self) -> Iterator[Explanation]:
        """Yield the same with the reasons. The whole input is kept in memory meanwhile: it is for a look at pages."""
        raws: list[RawArticle] = []

        def seen() -> Iterator[RawArticle]:
            for raw in read(self.paths, self.settings):
                raws.append(raw)
                yield raw

        for item, raw in zip(Preparation(self.settings).articles(seen()), raws, strict=True):
            yield explain(raw, item, self.settings)

    def _accepted(
        self, items: Iterable[Article | Rejected], meter: Meter, preparation: Preparation
    ) -> Iterator[Article]:
        for item in meter.indexing(items, preparation.tally):
            if isinstance(item, Rejected):
                if self.rejected_to:
                    self.rejected_to.write(json.dumps(terminal.rejected_record(item), ensure_ascii=False) + "\n")
            elif preparation.superseded[item.id]:
                preparation.superseded[item.id] -= 1
            else:
                yield item


@dataclass(slots=True)
class _Comparison:
    """An input held against the index.

    `seen` holds the ids of the input, and whether the last version of each is the one in the index; `hidden` counts
    what could not be read and may be articles of the index.
    """

    entries: dict[str, Entry]
    tally: Tally
    prune: bool
    seen: dict[str, bool] = field(default_factory=dict)
    hidden: int = 0

    def changed(self, raws: Iterable[RawArticle]) -> Iterator[RawArticle]:
        """Pass on what is new or changed.

        Raises:
            SourceError: All that the index holds would be dropped, since there is no input.
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
                "The input holds nothing, so nothing was dropped from the index.",
                remedy="Look whether PATH... is the right one; to drop articles, use dateline delete.",
            )

    def staying(self) -> Known:
        """Return the articles of the index that stay; known when the input was read."""
        entries = [entry for entry in self.entries.values() if entry.id in self.seen or not self._pruning]
        return Known(entries, {article_id for article_id, same in self.seen.items() if same})

    def gone(self) -> Iterator[str]:
        """Yield the ids of those that do not stay; known when the input was read."""
        if self._pruning:
            yield from self.entries.keys() - self.seen.keys()

    @property
    def _pruning(self) -> bool:
        return self.prune and not self.hidden


def _at_least_one(articles: Iterable[Article], preparation: Preparation) -> Iterator[Article]:
    count = 0
    for count, article in enumerate(articles, 1):  # noqa: B007 - counted for the check below
        yield article
    if not count:
        reasons = ", ".join(f"{n} {reason}" for reason, n in preparation.tally.rejected.most_common())
        raise SourceError(
            f"No article of the input was accepted ({reasons or 'it holds none'}), so no index was written.",
            remedy="See why: dateline extract PATH...",
        )
