"""Reads one open generation of a Whoosh index: counts, articles, facet values, and a check for damage."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from search.engines.base import contradictions
from search.engines.whoosh import order
from search.engines.whoosh.checksums import changed_files
from search.engines.whoosh.run_plan import Filtering, PlanRun
from search.engines.whoosh.segments import open_segments
from search.engines.whoosh.snapshot import Snapshot
from search.engines.whoosh.terms import Terms
from search.model import NO_FILTERS
from search.storage.fields import rotations
from search.storage.files import opening

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from whoosh import query as tree

    from search.engines.plan_result import PlanResult
    from search.model import Article, Filters, Query
    from search.query.planning import Plan

KNOWN_NAMES = 5_000
"""Maximum names with a prefix that are looked up one by one. If there may be more, all names are compared."""


class Reader(Snapshot):
    """One open generation: see `search.engines.protocols.Generation`."""

    def frequency(self, field: str, term: str, above: int = 0) -> int:  # noqa: ARG002 - it is always exact
        """Return how many articles contain a term, ignoring filters."""
        if field == "keys":
            return len(self.columns.keys.articles(term))
        return self.terms.frequency(field, term)

    def count(self, node: tree.Query, filters: Filters = NO_FILTERS) -> int:
        """See `search.query.planning.Index`."""
        return int(Filtering(self, filters).under(self.runner.matching(node)).sum())

    def nth_score(self, node: tree.Query, place: int) -> float:
        """See `search.query.planning.Index`."""
        mask, scores = self.runner.scored(node)
        matched = scores[mask]
        if not len(matched):
            return 0.0
        rank = max(len(matched) - place, 0)
        return float(np.partition(matched, rank)[rank])

    def select(
        self, node: tree.Query, limit: int, filters: Filters = NO_FILTERS, *, whole: bool = True
    ) -> Sequence[Article]:
        """See `search.query.planning.Index`."""
        mask, scores = self.runner.scored(node)
        matches = np.flatnonzero(Filtering(self, filters).under(mask))
        best = order.first(matches, (-scores[matches], self.columns.newest[matches]), limit)
        read = self.article if whole else self.listed
        return [read(number) for number in best.tolist()]

    def run(self, plan: Plan, query: Query) -> PlanResult | None:
        """See `search.engines.protocols.Generation`."""
        return PlanRun(self, query).run(plan)

    def values(self, node: tree.Query, facet: str, prefix: str, filters: Filters) -> Mapping[str, int]:
        """See `search.engines.protocols.Generation`."""
        tags = self.columns.tags[facet]
        counts = tags.counts(Filtering(self, filters).under(self.runner.matching(node), without=facet))
        if facet == "person" and prefix:
            known = self.lexicon.names(prefix, KNOWN_NAMES)
            if known is not None:
                numbers = {name: tags.number(name) for name in known}
                return {name: int(counts[n]) for name, n in numbers.items() if n is not None and counts[n]}
        counted = {tags.names[number]: int(counts[number]) for number in np.flatnonzero(counts).tolist()}
        if facet == "country" or not prefix:
            return counted
        return {name: n for name, n in counted.items() if any(part.startswith(prefix) for part in rotations(name))}

    def ids(self, after: str = "") -> Iterator[str]:
        """See `search.engines.protocols.Generation`."""
        ids = self.columns.ids
        return iter(ids[bisect_right(ids, after) if after else 0 :])

    def words(self) -> Iterable[tuple[str, int]]:
        """See `search.engines.protocols.Generation`."""
        words = self.terms.words("title_words")
        for word, count in self.terms.words("body_words").items():
            words[word] = max(words.get(word, 0), count)
        return words.items()

    def problems(self) -> Iterator[str]:
        """See `search.engines.protocols.Generation`."""
        changed = list(changed_files(self.folder))
        yield from changed
        if not changed:  # reading damaged files would only repeat the problem
            numbers = np.flatnonzero(self.terms.live).tolist()
            yield from contradictions(self, (partial(self.article, number) for number in numbers))


def open_reader(folder: Path, url: str) -> Reader:
    """Open the generation in a folder. `url` is for messages. Raises the errors of `storage.files.opening`."""
    with opening(folder, url) as meta:
        reader = Reader(folder, meta, Terms(open_segments(folder)))
        reader.open_files()
        return reader


def open_unfinished(folder: Path) -> Reader:
    """Open a generation that has neither metadata nor a lexicon yet."""
    return Reader(folder, {}, Terms(open_segments(folder), all_words=True))
