"""Runs one plan under one query: builds the request and reads the response.

Nearly every search is one request. Further requests fetch what depends on the first response: a page without hidden
copies, facet values whose counts are uncertain, explanations of scores.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.engines.opensearch import answers, requests
from search.engines.opensearch import query as oq
from search.engines.plan_result import (
    NO_DATES,
    NO_VALUES,
    DateCounts,
    PlanResult,
    RankedArticle,
    ValueCounts,
    freshness,
)
from search.model import Sort
from search.results import Explanation, Reason
from search.storage import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.query import Dsl
    from search.engines.opensearch.requests import Body
    from search.engines.opensearch.snapshot import Snapshot
    from search.model import Article, Filters, Query
    from search.query.planning import Plan

GROWTH = 8
"""Factor by which the number of requested values grows while the most frequent ones are uncertain."""


@dataclass(frozen=True)
class PlanRun:
    """A plan, and the query whose filters it runs under."""

    snapshot: Snapshot
    query: Query
    plan: Plan

    def run(self, least: int) -> PlanResult | None:
        """Return the result of the plan, or None if fewer than `least` articles match, ignoring filters."""
        searches = self._searches()
        filtered = bool(oq.restrictions(self.query.filters))
        if least and filtered:
            searches["match"] = requests.count(self._match)
        responses = dict(zip(searches, self.snapshot.ask(*searches.values()), strict=True))
        if least and answers.total(responses["match" if filtered else "main"]) < least:
            return None
        return self._result(responses)

    # The request

    def _searches(self) -> dict[str, Body]:
        """Return the searches of the first request by their purpose."""
        query = self.query
        main = self._page(self._ranked) | {"track_total_hits": True}
        aggregations = {"group": requests.groups()}
        searches = {"main": main}
        for facet in query.facets:
            counting = requests.facet(facet, query, self.snapshot.shards)
            if not _is_set(facet, query.filters):
                aggregations |= counting
            elif counting:
                under = oq.unscored(self._match, *oq.restrictions(query.filters, without=facet))
                searches[facet] = {"size": 0, "query": under, "aggs": counting, "track_total_hits": False}
        main["aggs"] = aggregations
        if query.collapse:
            searches["members"] = requests.members(self._matches)
        return searches

    @cached_property
    def _match(self) -> Dsl:
        return self.snapshot.compiler.compile(self.plan.match)

    @cached_property
    def _matches(self) -> Dsl:
        """The matches under the filters, without scores."""
        return oq.unscored(self._match, *oq.restrictions(self.query.filters))

    @cached_property
    def _ranked(self) -> Dsl:
        """The matches under the filters, with the scores that decide the order."""
        query, plan = self.query, self.plan
        if query.sort is not Sort.RELEVANCE:
            return self._matches
        scored = self._match if plan.scored is plan.match else self.snapshot.compiler.compile(plan.scored)
        under = oq.restrict(scored, query.filters)
        return under if query.recency is None else oq.fresh(under, self._now, query.recency)

    @cached_property
    def _now(self) -> float:
        return dt.datetime.now(dt.UTC).timestamp()

    def _page(self, ranked: Dsl) -> Body:
        first, size = (self.query.page - 1) * self.query.per_page, self.query.per_page
        if first + size > requests.MOST_HITS:
            first = size = 0
        return requests.page(ranked, self.query.sort, first, size)

    # The response

    def _result(self, responses: Mapping[str, Answer]) -> PlanResult:
        total = answers.total(responses["main"])
        group = responses["main"]["aggregations"]["group"]
        groups = answers.counted(group) if answers.is_whole(group) else self.snapshot.all_values(self._matches, "group")
        return PlanResult(
            total=total,
            stories=answers.stories(total, groups),
            page=self._listed(responses, groups) if total else (),
            countries=self._values("country", responses),
            persons=self._values("person", responses),
            dates=self._dates(responses),
        )

    def _listed(self, responses: Mapping[str, Answer], groups: Mapping[int, int]) -> tuple[RankedArticle, ...]:
        query = self.query
        hits, ranked = answers.hits(responses["main"]), self._ranked
        hidden = answers.hidden(self._members(responses["members"])) if query.collapse else []
        if hidden:
            ranked = oq.excluding(ranked, hidden)
            hits = answers.hits(self.snapshot.ask(self._page(ranked))[0])
        if query.page * query.per_page > requests.MOST_HITS:
            hits = self.snapshot.deep(ranked, query)
        by_score = query.sort is Sort.RELEVANCE
        explained = self._explained(hits) if query.explain and hits else {}
        return tuple(
            RankedArticle(
                article=(article := answers.listed(hit)),
                score=float(hit["sort"][0]) if by_score else 0.0,
                copies=groups.get(fields.key_of(article.story), 1) - 1,
                explanation=explained.get(hit["_id"]),
            )
            for hit in hits
        )

    def _members(self, answer: Answer) -> list[answers.Member]:
        hits: Sequence[Answer] = answers.hits(answer)
        if answers.total(answer) > len(hits):
            hits = list(self.snapshot.scan(requests.members(self._matches)))
        return [answers.Member.of(hit) for hit in hits]

    def _explained(self, hits: Sequence[Answer]) -> dict[str, Explanation]:
        """Return the explanations of the scores of some hits, by key."""
        query = self.query
        parts = self.plan.parts if query.sort is Sort.RELEVANCE else ()  # otherwise the date decides the order
        reasons: dict[str, Counter[str]] = {hit["_id"]: Counter() for hit in hits}
        texts = [json.dumps(self.snapshot.compiler.compile(part.node)) for part in parts]
        different = list(dict.fromkeys(texts))
        searches = [requests.part(json.loads(text), list(reasons)) for text in different]
        responses = dict(zip(different, self.snapshot.ask(*searches), strict=True))
        for part, text in zip(parts, texts, strict=True):
            for hit in answers.hits(responses[text]):
                reasons[hit["_id"]][part.label] += hit["_score"]
        explanations: dict[str, Explanation] = {}
        for hit in hits:
            fresh = 1.0
            if query.recency is not None and parts:
                fresh = freshness(_instant(answers.listed(hit)), self._now, query.recency)
            scores = reasons[hit["_id"]].most_common()
            explanations[hit["_id"]] = Explanation(
                tuple(Reason(label, score) for label, score in scores if score), fresh
            )
        return explanations

    def _values(self, facet: str, responses: Mapping[str, Answer]) -> ValueCounts:
        """Return the most frequent values and the selected ones."""
        query = self.query
        if facet not in query.facets:
            return NO_VALUES
        aggregations = responses.get(facet, responses["main"]).get("aggregations", {})
        best = self._best(facet, aggregations[facet]) if query.facet_size else []
        selected = query.filters.countries if facet == "country" else query.filters.persons
        counts = answers.counted(aggregations[f"{facet}_selected"]) if selected else {}
        return ValueCounts(best, {value: counts.get(value, 0) for value in selected})

    def _best(self, facet: str, aggregation: Answer) -> list[tuple[str, int]]:
        """Return the most frequent values. The aggregation is repeated with more values until they are certain."""
        size = self.query.facet_size
        width = requests.width(size, self.snapshot.shards)
        while True:
            top = answers.top(aggregation, size)
            if top.certain:
                return top.values
            if top.candidates:
                exact = self._aggregated(facet, requests.terms(facet, len(top.candidates), top.candidates))
                return answers.ranked(answers.counted(exact))[:size]
            width *= GROWTH
            if width > requests.MOST_BUCKETS:
                return answers.ranked(self.snapshot.all_values(self._without(facet), facet))[:size]
            aggregation = self._aggregated(facet, requests.terms(facet, width))

    def _aggregated(self, facet: str, aggregation: Body) -> Answer:
        body = {"size": 0, "query": self._without(facet), "aggs": {"values": aggregation}, "track_total_hits": False}
        answer: Answer = self.snapshot.ask(body)[0]["aggregations"]["values"]
        return answer

    def _without(self, facet: str) -> Dsl:
        return oq.unscored(self._match, *oq.restrictions(self.query.filters, without=facet))

    def _dates(self, responses: Mapping[str, Answer]) -> DateCounts:
        """Return the counts of the histogram."""
        if "date" not in self.query.facets:
            return NO_DATES
        dates = answers.dates(responses.get("date", responses["main"])["aggregations"], self.query.interval)
        if not dates.missing:
            return DateCounts(dates.counts, dates.interval)
        counts: dict[Any, int] = self.snapshot.all_values(self._without("date"), dates.missing)
        return DateCounts(counts, dates.interval)


def _instant(article: Article) -> int | None:
    return fields.instant(article.published) if article.published else None


def _is_set(facet: str, filters: Filters) -> bool:
    """Return whether a facet has a filter of its own."""
    if facet == "date":
        return filters.date_from is not None or filters.date_to is not None
    return bool(filters.countries if facet == "country" else filters.persons)
