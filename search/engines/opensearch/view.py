"""The view of one query on an open generation: counts and scores for planning, results of plans, and facet values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from search import analysis
from search.engines.opensearch import answers, requests
from search.engines.opensearch import query as oq
from search.engines.opensearch.run_plan import PlanRun
from search.model import Sort
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from whoosh import query as tree

    from search.engines.opensearch.query import Dsl
    from search.engines.opensearch.snapshot import Snapshot
    from search.engines.plan_result import PlanResult
    from search.model import Filters, Query
    from search.query.planning import Plan

MOST_NAMES = 10_000
"""Maximum names with a prefix that are counted by name. If there may be more, all names of the matches are read."""


@dataclass(frozen=True)
class View:
    """The view of one query on a generation. It implements `search.query.planning.Index` and sends no request twice."""

    snapshot: Snapshot
    query: Query
    _totals: dict[str, int] = field(default_factory=dict)
    _scores: dict[str, list[float]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of articles, ignoring filters."""
        return self.snapshot.size

    def frequency(self, field: str, term: str) -> int:
        """Return the number of articles with a term, ignoring filters."""
        return self.snapshot.frequency(field, term)

    def run_if_enough(self, plan: Plan) -> PlanResult | None:
        """See `search.engines.protocols.View`."""
        return PlanRun(self.snapshot, self.query, plan).run(plan.least)

    def run(self, plan: Plan) -> PlanResult:
        """See `search.engines.protocols.View`."""
        result = PlanRun(self.snapshot, self.query, plan).run(0)
        assert result is not None  # 0 articles are enough
        return result

    def count(self, node: tree.Query) -> int:
        """Return the number of matches, ignoring filters."""
        return self._total(oq.unscored(self.snapshot.compiler.compile(node)))

    def total(self, node: tree.Query, filters: Filters) -> int:
        """Return the number of matches under filters."""
        return self._total(oq.unscored(self.snapshot.compiler.compile(node), *oq.restrictions(filters)))

    def _total(self, query: Dsl) -> int:
        text = json.dumps(query)
        if text not in self._totals:
            (answer,) = self.snapshot.ask(requests.count(query))
            self._totals[text] = answers.total(answer)
        return self._totals[text]

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score at a place of the ranking, ignoring filters.

        If there are fewer matches, return the score of the last one, or 0 without any match.
        """
        query = self.snapshot.compiler.compile(node)
        text = json.dumps(query)
        known = self._scores.get(text)
        if known is None or len(known) < place:
            (answer,) = self.snapshot.ask(requests.scores(query, place))
            known = self._scores[text] = [float(hit["_score"]) for hit in answers.hits(answer)]
        return known[:place][-1] if known else 0.0

    def best_stems(self, node: tree.Query, limit: int) -> Sequence[str]:
        """Return the texts of the best matches under the filters, each as stems joined by spaces."""
        query = oq.restrict(self.snapshot.compiler.compile(node), self.query.filters)
        (answer,) = self.snapshot.ask(requests.page(query, Sort.RELEVANCE, 0, limit))
        articles = [answers.listed(hit) for hit in answers.hits(answer)]
        return [analysis.stems(f"{article.title}\n{article.body}") for article in articles]

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """See `search.engines.protocols.View`."""
        text = self.snapshot.compiler.compile(node)
        under = oq.unscored(text, *oq.restrictions(self.query.filters, without=facet))
        if facet == "country":
            return self.snapshot.all_values(under, facet)
        names = self.snapshot.lexicon.names(prefix, MOST_NAMES) if prefix else None
        if names is None:
            every: Mapping[str, int] = self.snapshot.all_values(under, facet)
            return {name: n for name, n in every.items() if any(part.startswith(prefix) for part in rotations(name))}
        if not names:
            return {}
        aggregation = {"values": requests.terms(facet, len(names), names)}
        (answer,) = self.snapshot.ask({"size": 0, "query": under, "aggs": aggregation, "track_total_hits": False})
        return answers.counted(answer["aggregations"]["values"])
