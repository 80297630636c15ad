"""One open generation as one query sees it: counts under its filters, pages in order, copies, explanations."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import tantivy
from tantivy import Query as TantivyQuery

from search import analysis
from search.engines.searching import Found, Ranked, freshness
from search.engines.tantivy import query as tq
from search.engines.tantivy.copies import Copies
from search.engines.tantivy.counts import Facets
from search.model import Explanation, Reason, Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from whoosh import query as tree

    from search.engines.tantivy.reader import Reader
    from search.model import Filters, Query
    from search.query.planning import Plan
    from search.query.ranking import Part

Order: TypeAlias = list[tuple[Any, tantivy.DocAddress]]
"""Articles in order, each with what decided the order: a score, or the time of publication."""

RECENCY_WINDOW = 10_000
"""Articles that freshness puts in another order: as many as pages may reach by default."""


@dataclass(frozen=True)
class View:
    """What a query sees of one generation; `search.query.planning.Index` for those who plan it."""

    reader: Reader
    query: Query

    @property
    def size(self) -> int:
        """The number of articles, filters aside."""
        return self.reader.size

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term, filters aside.

        tantivy counts deleted articles until their segment is merged, so they are counted anew where there are any.
        """
        held = self.reader.searcher.doc_freq(field, term)
        if not held or not self.reader.meta["deletes"]:
            return held
        known = self.reader.frequencies
        if (field, term) not in known:
            query = TantivyQuery.term_query(self.reader.schema, field, term)
            known[field, term] = self.reader.counter.total(query)
        return known[field, term]

    def run_if_enough(self, planned: Plan) -> Found | None:
        """See `search.engines.searching.View`."""
        enough = not planned.least or self.count(planned.match) >= planned.least
        return self.run(planned) if enough else None

    def run(self, planned: Plan) -> Found:
        """See `search.engines.searching.View`."""
        reader, query = self.reader, self.query
        text = reader.compiler.compile(planned.match)
        found = tq.restrict(reader.schema, text, query.filters)
        total = reader.counter.total(found)
        copies = Copies(reader, found, total)
        counts = Facets(reader.counter, text, query)
        return Found(
            total=total,
            stories=copies.stories,
            page=tuple(self._page(planned, copies)) if total else (),
            countries=counts.values("country") if "country" in query.facets else (),
            persons=counts.values("person") if "person" in query.facets else (),
            dates=counts.dates() if "date" in query.facets else (),
        )

    def _page(self, planned: Plan, copies: Copies) -> Iterator[Ranked]:
        reader, query = self.reader, self.query
        found = copies.found
        scored = found if planned.scored is planned.match else self.compiled(planned.scored)
        hidden = copies.hidden() if query.collapse else []
        if hidden:
            others = TantivyQuery.term_set_query(reader.schema, "own_key", hidden)
            found, scored = tq.excluding(found, others), tq.excluding(scored, others)
        explainer = Explainer(self, planned.parts) if query.explain else None
        for worth, address in Page(self, found, scored, planned.flat).ranked():
            article = reader.listed(address)
            yield Ranked(
                article=article,
                score=worth if query.sort is Sort.RELEVANCE else 0.0,
                copies=copies.of(article.story) - 1,
                explanation=explainer.explain(address) if explainer else None,
            )

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """See `search.engines.searching.View`."""
        under = self.compiled(node, without=facet)
        if facet == "country":
            return self.reader.counter.values(under, "country")
        found = self.reader.searcher.terms_with_prefix("person_prefixes", prefix, filter_query=under)
        return {term.partition(tq.SUGGEST_BREAK)[2]: count for term, count in found if count}

    def compiled(self, node: tree.Query, *, without: str = "") -> TantivyQuery:
        """Return a tree under the filters, but for the facet that `without` names."""
        text = self.reader.compiler.compile(node)
        return tq.restrict(self.reader.schema, text, self.query.filters, without=without)

    def count(self, node: tree.Query) -> int:
        """Return how many articles match, filters aside."""
        return self.reader.counter.total(self.reader.compiler.compile(node))

    def total(self, node: tree.Query, filters: Filters) -> int:
        """Return how many articles match under filters."""
        found = tq.restrict(self.reader.schema, self.reader.compiler.compile(node), filters)
        return self.reader.counter.total(found)

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score of the article at a place of the ranking, filters aside, or of the last one; 0 for none."""
        hits = self.reader.searcher.search(self.reader.compiler.compile(node), place, count=False).hits
        return float(hits[-1][0]) if hits else 0.0

    def best_stems(self, node: tree.Query, limit: int) -> Sequence[str]:
        """Return titles and bodies of the best articles under the filters, as stems joined by spaces."""
        hits = self.reader.searcher.search(self.compiled(node), limit, count=False).hits
        articles = [self.reader.listed(address) for _, address in hits]
        return [analysis.stems(f"{article.title}\n{article.body}") for article in articles]


@dataclass(frozen=True)
class Page:
    """The articles of a page of results in order, out of all that `found` matches; `scored` matches the same."""

    view: View
    found: TantivyQuery
    scored: TantivyQuery
    flat: bool
    """All scores are the same."""

    def ranked(self) -> Order:
        """Return the page; what decided the order is a score under `Sort.RELEVANCE`, a time or None otherwise."""
        query = self.view.query
        first, wanted = (query.page - 1) * query.per_page, query.per_page
        if query.sort is not Sort.RELEVANCE:
            return self._placed(self._by_date, first, wanted)
        if query.recency is not None:
            return self._by_freshness(query.recency)[first : first + wanted]
        return self._best(first + wanted)[first:] if self.flat else self._placed(self._by_score, first, wanted)

    def _placed(self, fetch: Callable[[int, int], Order], first: int, wanted: int) -> Order:
        if self.view.reader.searcher.num_segments == 1:  # the order of the articles in it settles ties
            return fetch(wanted, first)
        return self._settled(fetch, first, wanted)

    def _by_score(self, limit: int, offset: int) -> Order:
        return list(self.view.reader.searcher.search(self.scored, limit, count=False, offset=offset).hits)

    def _by_date(self, limit: int, offset: int) -> Order:
        order = tantivy.Order.Asc if self.view.query.sort is Sort.OLDEST else tantivy.Order.Desc
        searcher = self.view.reader.searcher
        return list(
            searcher.search(self.found, limit, count=False, offset=offset, order_by_field="instant", order=order).hits
        )

    def _settled(self, fetch: Callable[[int, int], Order], first: int, wanted: int) -> Order:
        """Return a page of several segments: those that tie are put in order when all of them are there."""
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
        """Return articles that tie, newest first, those of one time by id."""
        if len({address.segment_ord for _, address in tied}) == 1:
            return tied
        reader = self.view.reader
        instants = reader.searcher.fast_field_values("instant", [address for _, address in tied])
        by_age = sorted(zip(map(_age, instants), tied, strict=True), key=lambda pair: pair[0])
        ordered: Order = []
        for _, group in groupby(by_age, key=lambda pair: pair[0]):
            same = [hit for _, hit in group]
            if len({address.segment_ord for _, address in same}) > 1:
                same.sort(key=lambda hit: reader.id_of(hit[1]))
            ordered += same
        return ordered

    def _by_freshness(self, half_life: float) -> Order:
        """Return the best by score times freshness, which halves with each half-life (in days) of age."""
        hits = self._best(RECENCY_WINDOW)
        instants = self.view.reader.searcher.fast_field_values("instant", [address for _, address in hits])
        now = dt.datetime.now(dt.UTC).timestamp()
        worth = [score * freshness(instant, now, half_life) for (score, _), instant in zip(hits, instants, strict=True)]
        ranked = sorted(
            ((value, address) for value, (_, address) in zip(worth, hits, strict=True)), key=lambda hit: -hit[0]
        )
        ordered: Order = []
        for _, group in groupby(ranked, key=lambda hit: hit[0]):
            ordered += self._in_order(list(group))
        return ordered

    def _best(self, wanted: int) -> Order:
        """Return the first of the order by score, of all that are equal the newest."""
        if not self.flat:
            return self._placed(self._by_score, 0, wanted)
        best = self._by_score(1, 0)
        return [(best[0][0], address) for _, address in self._placed(self._by_date, 0, wanted)]


def _age(instant: Any) -> float:
    return float("inf") if instant is None else -float(instant)


class Explainer:
    """Tells what each part of a score gives to an article. Made once a search."""

    def __init__(self, view: View, parts: Sequence[Part]) -> None:
        self._view = view
        by_score = view.query.sort is Sort.RELEVANCE  # else the date decides the order
        self._parts = [(part.label, view.reader.compiler.compile(part.node)) for part in parts] if by_score else []

    def explain(self, address: tantivy.DocAddress) -> Explanation:
        """Return why an article has its score."""
        query, searcher = self._view.query, self._view.reader.searcher
        found: Counter[str] = Counter()
        for label, compiled in self._parts:
            try:
                told = json.loads(compiled.explain(searcher, address).to_json())
            except ValueError:  # tantivy's answer for an article that the part does not match
                continue
            if told["value"]:
                found[label] += told["value"]
        recency = 1.0
        if query.recency is not None and self._parts:
            (instant,) = searcher.fast_field_values("instant", [address])
            recency = freshness(instant, dt.datetime.now(dt.UTC).timestamp(), query.recency)
        return Explanation(tuple(Reason(label, score) for label, score in found.most_common()), recency)
