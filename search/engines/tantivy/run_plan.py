"""Runs a plan on an open generation of a tantivy index: counts, pages, facets and explanations."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import tantivy
from tantivy import Query as TantivyQuery

from search.engines.plan_result import NO_DATES, NO_VALUES, PlanResult, RankedArticle, freshness
from search.engines.tantivy import query as tq
from search.engines.tantivy.counts import Copies, Facets
from search.model import Sort
from search.results import Explanation, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from whoosh import query as tree

    from search.engines.tantivy.snapshot import Snapshot
    from search.model import Query
    from search.query.planning import Plan
    from search.query.ranking import Part

Order: TypeAlias = list[tuple[Any, tantivy.DocAddress]]
"""Articles in order, each with its sort key: a score, or the time of publication."""

RECENCY_WINDOW = 10_000
"""Number of best articles that freshness reorders: as many as pages can reach by default (`max_results`)."""


@dataclass(frozen=True)
class PlanRun:
    """Runs plans under the filters, the order and the facets of one query."""

    snapshot: Snapshot
    query: Query

    def run(self, plan: Plan) -> PlanResult | None:
        """Return the result of a plan: see `search.engines.protocols.Generation`."""
        snapshot, query = self.snapshot, self.query
        text = snapshot.compiler.compile(plan.match)
        if plan.least and snapshot.counter.total(text) < plan.least:
            return None
        matches = tq.restrict(snapshot.schema, text, query.filters)
        total = snapshot.counter.total(matches)
        copies = Copies(snapshot.counter, matches, total)
        facets = Facets(snapshot.counter, text, query)
        return PlanResult(
            total=total,
            stories=copies.stories,
            page=tuple(self._page(plan, copies)) if total else (),
            countries=facets.values("country") if "country" in query.facets else NO_VALUES,
            persons=facets.values("person") if "person" in query.facets else NO_VALUES,
            dates=facets.dates() if "date" in query.facets else NO_DATES,
        )

    def _page(self, plan: Plan, copies: Copies) -> Iterator[RankedArticle]:
        snapshot, query = self.snapshot, self.query
        matches = copies.matches
        scored = matches if plan.scored is plan.match else self._compiled(plan.scored)
        hidden = copies.hidden() if query.collapse else []
        if hidden:
            others = TantivyQuery.term_set_query(snapshot.schema, "own_key", hidden)
            matches, scored = tq.excluding(matches, others), tq.excluding(scored, others)
        explainer = Explainer(self, plan.parts) if query.explain else None
        order = Page(self, matches, scored, plan.flat).ranked()
        sizes = copies.sizes([address for _, address in order])
        for (score, address), size in zip(order, sizes, strict=True):
            yield RankedArticle(
                article=tq.listed(snapshot.searcher, address),
                score=score if query.sort is Sort.RELEVANCE else 0.0,
                copies=size - 1,
                explanation=explainer.explain(address) if explainer else None,
            )

    def _compiled(self, node: tree.Query) -> TantivyQuery:
        return tq.restrict(self.snapshot.schema, self.snapshot.compiler.compile(node), self.query.filters)


@dataclass(frozen=True)
class Page:
    """Puts the articles of a page in order. `matches` and `scored` match the same articles; `scored` adds scores."""

    run: PlanRun
    matches: TantivyQuery
    scored: TantivyQuery
    flat: bool
    """Whether all scores are equal."""

    def ranked(self) -> Order:
        """Return the page. The sort key is a score under `Sort.RELEVANCE`, otherwise a time or None."""
        query = self.run.query
        first, wanted = (query.page - 1) * query.per_page, query.per_page
        if query.sort is not Sort.RELEVANCE:
            return self._slice(self._by_date, first, wanted)
        if query.recency is not None:
            return self._by_freshness(query.recency)[first : first + wanted]
        return self._best(first + wanted)[first:] if self.flat else self._slice(self._by_score, first, wanted)

    def _slice(self, fetch: Callable[[int, int], Order], first: int, wanted: int) -> Order:
        if self.run.snapshot.searcher.num_segments == 1:  # articles are stored newest first, which decides ties
            return fetch(wanted, first)
        return self._with_ties_ordered(fetch, first, wanted)

    def _by_score(self, limit: int, offset: int) -> Order:
        return list(self.run.snapshot.searcher.search(self.scored, limit, count=False, offset=offset).hits)

    def _by_date(self, limit: int, offset: int) -> Order:
        order = tantivy.Order.Asc if self.run.query.sort is Sort.OLDEST else tantivy.Order.Desc
        searcher = self.run.snapshot.searcher
        return list(
            searcher.search(self.matches, limit, count=False, offset=offset, order_by_field="instant", order=order).hits
        )

    def _with_ties_ordered(self, fetch: Callable[[int, int], Order], first: int, wanted: int) -> Order:
        """Return a page of an index of several segments. Ties are ordered once all tied articles are fetched."""
        need = first + wanted
        reach = need + wanted
        while True:
            hits = fetch(reach, 0)
            if len(hits) < reach or hits[need - 1][0] != hits[-1][0]:
                break
            reach *= 4
        ordered: Order = []
        for _, group in groupby(hits, key=lambda hit: hit[0]):
            tied = list(group)
            if len(ordered) < need and len(ordered) + len(tied) > first:
                tied = self._in_order(tied)
            ordered += tied
        return ordered[first:need]

    def _in_order(self, tied: Order) -> Order:
        """Return tied articles newest first, then by id."""
        if len({address.segment_ord for _, address in tied}) == 1:
            return tied
        snapshot = self.run.snapshot
        instants = snapshot.searcher.fast_field_values("instant", [address for _, address in tied])
        by_age = sorted(zip(map(_age, instants), tied, strict=True), key=lambda pair: pair[0])
        ordered: Order = []
        for _, group in groupby(by_age, key=lambda pair: pair[0]):
            same = [hit for _, hit in group]
            if len({address.segment_ord for _, address in same}) > 1:
                same.sort(key=lambda hit: tq.id_of(snapshot.searcher, hit[1]))
            ordered += same
        return ordered

    def _by_freshness(self, half_life: float) -> Order:
        """Return the articles with the highest product of score and freshness; `half_life` is in days."""
        hits = self._best(RECENCY_WINDOW)
        instants = self.run.snapshot.searcher.fast_field_values("instant", [address for _, address in hits])
        now = dt.datetime.now(dt.UTC).timestamp()
        scores = [
            score * freshness(instant, now, half_life) for (score, _), instant in zip(hits, instants, strict=True)
        ]
        ranked = sorted(
            ((value, address) for value, (_, address) in zip(scores, hits, strict=True)), key=lambda hit: -hit[0]
        )
        ordered: Order = []
        for _, group in groupby(ranked, key=lambda hit: hit[0]):
            ordered += self._in_order(list(group))
        return ordered

    def _best(self, wanted: int) -> Order:
        """Return the articles with the highest scores; of equal scores the newest first."""
        if not self.flat:
            return self._slice(self._by_score, 0, wanted)
        best = self._by_score(1, 0)
        return [(best[0][0], address) for _, address in self._slice(self._by_date, 0, wanted)]


def _age(instant: Any) -> float:
    return float("inf") if instant is None else -float(instant)


class Explainer:
    """Splits the score of an article into its parts. One instance serves one search."""

    def __init__(self, run: PlanRun, parts: Sequence[Part]) -> None:
        self._run = run
        by_score = run.query.sort is Sort.RELEVANCE  # otherwise the date decides the order
        self._parts = [(part.label, run.snapshot.compiler.compile(part.node)) for part in parts] if by_score else []

    def explain(self, address: tantivy.DocAddress) -> Explanation:
        """Return the parts of an article's score."""
        query, searcher = self._run.query, self._run.snapshot.searcher
        scores: Counter[str] = Counter()
        for label, compiled in self._parts:
            try:
                explained = json.loads(compiled.explain(searcher, address).to_json())
            except ValueError:  # tantivy raises it if the part does not match the article
                continue
            if explained["value"]:
                scores[label] += explained["value"]
        recency = 1.0
        if query.recency is not None and self._parts:
            (instant,) = searcher.fast_field_values("instant", [address])
            recency = freshness(instant, dt.datetime.now(dt.UTC).timestamp(), query.recency)
        return Explanation(tuple(Reason(label, score) for label, score in scores.most_common()), recency)
