"""One plan run under one query: what is asked of OpenSearch together, and what is made of the answers.

Nearly all searches are one request. Asked for afterwards is what cannot be known before: a page without the copies
that are hidden, values whose counts are not certain yet, reasons for scores.
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
from search.engines.searching import Found, Ranked, freshness, with_selected
from search.model import Explanation, Reason, Sort
from search.storage import fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.query import Dsl
    from search.engines.opensearch.reader import Reader
    from search.engines.opensearch.requests import Body
    from search.model import Article, DateBucket, FacetCount, Filters, Query
    from search.query.planning import Plan

GROWTH = 8
"""By so much a list of values is widened where the most frequent are not certain."""


@dataclass(frozen=True)
class Running:
    """A plan, and the query under whose filters it runs."""

    reader: Reader
    query: Query
    planned: Plan

    def run(self, least: int) -> Found | None:
        """Return what the plan finds; None where fewer than `least` articles match, filters aside."""
        asked = self._asked()
        filtered = bool(oq.restrictions(self.query.filters))
        if least and filtered:
            asked["match"] = requests.count(self._match)
        told = dict(zip(asked, self.reader.ask(*asked.values()), strict=True))
        if least and answers.total(told["match" if filtered else "main"]) < least:
            return None
        return self._found(told)

    # What is asked

    def _asked(self) -> dict[str, Body]:
        """Return the searches of the first request, by what they are for."""
        query = self.query
        main = self._page(self._ranked) | {"track_total_hits": True}
        aggregations = {"group": requests.groups()}
        asked = {"main": main}
        for facet in query.facets:
            found = requests.facet(facet, query, self.reader.shards)
            if not _is_set(facet, query.filters):
                aggregations |= found
            elif found:
                under = oq.unscored(self._match, *oq.restrictions(query.filters, without=facet))
                asked[facet] = {"size": 0, "query": under, "aggs": found, "track_total_hits": False}
        main["aggs"] = aggregations
        if query.collapse:
            asked["members"] = requests.members(self._matches)
        return asked

    @cached_property
    def _match(self) -> Dsl:
        return self.reader.compiler.compile(self.planned.match)

    @cached_property
    def _matches(self) -> Dsl:
        """What matches under the filters, without a score."""
        return oq.unscored(self._match, *oq.restrictions(self.query.filters))

    @cached_property
    def _ranked(self) -> Dsl:
        """What matches under the filters, with the score that decides the order."""
        query, planned = self.query, self.planned
        if query.sort is not Sort.RELEVANCE:
            return self._matches
        scored = self._match if planned.scored is planned.match else self.reader.compiler.compile(planned.scored)
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

    # What is made of the answers

    def _found(self, told: Mapping[str, Answer]) -> Found:
        total = answers.total(told["main"])
        group = told["main"]["aggregations"]["group"]
        groups = answers.counted(group) if answers.is_whole(group) else self.reader.all_values(self._matches, "group")
        return Found(
            total=total,
            stories=answers.stories(total, groups),
            page=self._listed(told, groups) if total else (),
            countries=self._values("country", told),
            persons=self._values("person", told),
            dates=self._dates(told),
        )

    def _listed(self, told: Mapping[str, Answer], groups: Mapping[int, int]) -> tuple[Ranked, ...]:
        query = self.query
        hits, ranked = answers.hits(told["main"]), self._ranked
        hidden = answers.hidden(self._members(told["members"])) if query.collapse else []
        if hidden:
            ranked = oq.excluding(ranked, hidden)
            hits = answers.hits(self.reader.ask(self._page(ranked))[0])
        if query.page * query.per_page > requests.MOST_HITS:
            hits = self.reader.deep(ranked, query)
        by_score = query.sort is Sort.RELEVANCE
        explained = self._explained(hits) if query.explain and hits else {}
        return tuple(
            Ranked(
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
            hits = list(self.reader.scan(requests.members(self._matches)))
        return [answers.Member.of(hit) for hit in hits]

    def _explained(self, hits: Sequence[Answer]) -> dict[str, Explanation]:
        """Return why each of some articles has its score, by key."""
        query = self.query
        parts = self.planned.parts if query.sort is Sort.RELEVANCE else ()  # else the date decides the order
        reasons: dict[str, Counter[str]] = {hit["_id"]: Counter() for hit in hits}
        texts = [json.dumps(self.reader.compiler.compile(part.node)) for part in parts]
        different = list(dict.fromkeys(texts))
        asked = [requests.part(json.loads(text), list(reasons)) for text in different]
        told = dict(zip(different, self.reader.ask(*asked), strict=True))
        for part, text in zip(parts, texts, strict=True):
            for hit in answers.hits(told[text]):
                reasons[hit["_id"]][part.label] += hit["_score"]
        found: dict[str, Explanation] = {}
        for hit in hits:
            fresh = 1.0
            if query.recency is not None and parts:
                fresh = freshness(_instant(answers.listed(hit)), self._now, query.recency)
            scores = reasons[hit["_id"]].most_common()
            found[hit["_id"]] = Explanation(tuple(Reason(label, score) for label, score in scores if score), fresh)
        return found

    def _values(self, facet: str, told: Mapping[str, Answer]) -> tuple[FacetCount, ...]:
        """Return the most frequent values, and the selected ones in any case."""
        query = self.query
        if facet not in query.facets:
            return ()
        aggregations = told.get(facet, told["main"]).get("aggregations", {})
        best = self._best(facet, aggregations[facet]) if query.facet_size else []
        selected = query.filters.countries if facet == "country" else query.filters.persons
        counts = answers.counted(aggregations[f"{facet}_selected"]) if selected else {}
        return with_selected(best, {value: counts.get(value, 0) for value in selected}, facet)

    def _best(self, facet: str, aggregation: Answer) -> list[tuple[str, int]]:
        """Return the most frequent values; an aggregation that is not sure of them is widened until one is."""
        size = self.query.facet_size
        width = requests.width(size, self.reader.shards)
        while True:
            told = answers.top(aggregation, size)
            if told.certain:
                return told.values
            if told.candidates:
                exact = self._aggregated(facet, requests.terms(facet, len(told.candidates), told.candidates))
                return answers.ranked(answers.counted(exact))[:size]
            width *= GROWTH
            if width > requests.MOST_BUCKETS:
                return answers.ranked(self.reader.all_values(self._without(facet), facet))[:size]
            aggregation = self._aggregated(facet, requests.terms(facet, width))

    def _aggregated(self, facet: str, aggregation: Body) -> Answer:
        body = {"size": 0, "query": self._without(facet), "aggs": {"values": aggregation}, "track_total_hits": False}
        answer: Answer = self.reader.ask(body)[0]["aggregations"]["values"]
        return answer

    def _without(self, facet: str) -> Dsl:
        return oq.unscored(self._match, *oq.restrictions(self.query.filters, without=facet))

    def _dates(self, told: Mapping[str, Answer]) -> tuple[DateBucket, ...]:
        """Return the histogram."""
        if "date" not in self.query.facets:
            return ()
        found = answers.dates(told.get("date", told["main"])["aggregations"], self.query.interval)
        if not found.missing:
            return found.buckets
        counts: dict[Any, int] = self.reader.all_values(self._without("date"), found.missing)
        return answers.bars(counts, found.interval)


def _instant(article: Article) -> int | None:
    return fields.instant(article.published) if article.published else None


def _is_set(facet: str, filters: Filters) -> bool:
    """Return whether a facet has a filter of its own."""
    if facet == "date":
        return filters.date_from is not None or filters.date_to is not None
    return bool(filters.countries if facet == "country" else filters.persons)
