"""Exact counts from tantivy: facet values and the date histogram.

tantivy cuts a terms aggregation off per segment, so its counts may be short. It says by how much at most
(`doc_count_error_upper_bound`); `top_values` asks again until what it returns is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tantivy import Query

from search import calendars
from search.engines.searching import with_selected
from search.engines.tantivy import query as tq
from search.model import Interval

if TYPE_CHECKING:
    from tantivy import Schema, Searcher

    from search.model import DateBucket, FacetCount, Filters
    from search.model import Query as SearchQuery

FIRST_WIDTH = 200
"""Values asked for a segment at first: enough to be sure of ten. Over 27,779 articles 1,000 took twice as long."""

ALONE_WIDTH = 30
"""The same where there is but one segment, which withholds nothing but what counts less."""

GROWTH = 8
ALL = 1_000_000_000
"""More than any field can hold values: nothing is cut off."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts over one searcher, so over one generation."""

    searcher: Searcher
    schema: Schema

    def total(self, query: Query) -> int:
        """Return the number of articles that match."""
        found: Any = self.searcher.search(query, limit=1, count=True)  # its stub lacks `count`
        return int(found.count)

    def top_values(self, query: Query, name: str, size: int, *, width: int = FIRST_WIDTH) -> list[tuple[str, int]]:
        """Return the `size` most frequent values of a field with exact counts, by count, then by value.

        A value that was cut off counts at most `bound`: what the last returned one counts, and what the segments may
        have withheld: nothing where there is one. Where the last wanted value counts more than that, all that can be
        among the wanted were returned, and a second look counts those few exactly. Otherwise the first look is widened.
        """
        if size <= 0:
            return []
        if self.searcher.num_segments == 1 and width == FIRST_WIDTH:
            width = ALONE_WIDTH
        while True:
            width = max(width, size + 1)
            answer = self._terms(query, name, width)
            error = (answer.get("doc_count_error_upper_bound") or 0) if self.searcher.num_segments > 1 else 0
            found = [(bucket["key"], bucket["doc_count"]) for bucket in answer["buckets"]]
            if not error and not answer.get("sum_other_doc_count"):
                return ranked(found)[:size]
            bound = found[-1][1] + error
            wanted = found[size - 1][1] if len(found) >= size else 0
            if wanted > bound:
                near = [value for value, count in found if count + error >= wanted]
                exact = self._terms(query, name, len(near), include=near) if error else {"buckets": []}
                counts = [(bucket["key"], bucket["doc_count"]) for bucket in exact["buckets"]] or found
                return ranked(counts)[:size]
            width *= GROWTH

    def values(self, query: Query, name: str) -> dict[str, int]:
        """Return all values of a field with exact counts; for fields of few values."""
        return {b["key"]: b["doc_count"] for b in self._terms(query, name, ALL)["buckets"]}

    def _terms(self, query: Query, name: str, width: int, include: list[str] | None = None) -> dict[str, Any]:
        terms: dict[str, Any] = {"field": name, "size": width, "segment_size": width}
        if include is not None:
            terms["include"] = include
        answer: dict[str, Any] = self.searcher.aggregate(query, {"values": {"terms": terms}})["values"]
        return answer

    def histogram(self, query: Query, interval: Interval) -> tuple[DateBucket, ...]:
        """Return the buckets that are not empty, by date; `auto` picks the finest width that gives few bars."""
        if interval is Interval.AUTO:
            span = self.searcher.aggregate(query, {"days": {"stats": {"field": "day"}}})["days"]
            if not span["count"]:
                return ()
            interval = calendars.fitting(int(span["min"]), int(span["max"]))
        if interval in (Interval.MONTH, Interval.YEAR):
            counts = self._numbers(query, "month")
            return calendars.from_months(counts, interval)
        return calendars.from_days(self._numbers(query, "day"), interval)

    def _numbers(self, query: Query, name: str) -> dict[int, int]:
        return {int(b["key"]): b["doc_count"] for b in self._terms(query, name, ALL)["buckets"]}

    def words(self, *, deletes: bool) -> dict[str, int]:
        """Return in how many titles or bodies each word is; with `deletes` they are counted anew, which takes long."""
        found: dict[str, int] = {}
        kept = Query.all_query() if deletes else None
        for name in ("title_words", "body_words"):
            for word, count in self.searcher.terms_with_prefix(name, "", filter_query=kept):
                if count:
                    found[word] = max(found.get(word, 0), count)
        return found


def ranked(counts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return values by count, then by value."""
    return sorted(counts, key=lambda item: (-item[1], item[0]))


class Facets:
    """The facets of one search. Those without a filter of their own count over the same articles."""

    def __init__(self, counter: Counter, text: Query, query: SearchQuery) -> None:
        self._counter = counter
        self._text = text
        self._query = query

    def _under(self, facet: str) -> Query:
        return tq.restrict(self._counter.schema, self._text, self._query.filters, without=facet)

    def values(self, facet: str) -> tuple[FacetCount, ...]:
        """Return the most frequent values, and the selected ones in any case."""
        under = self._under(facet)
        filters: Filters = self._query.filters
        selected = filters.countries if facet == "country" else filters.persons
        best = self._counter.top_values(under, facet, self._query.facet_size)
        counts = {value: self._counter.total(tq.all_of(under, self._one(facet, value))) for value in selected}
        return with_selected(best, counts, facet)

    def _one(self, facet: str, value: str) -> Query:
        return Query.term_query(self._counter.schema, facet, tq.whole(value))

    def dates(self) -> tuple[DateBucket, ...]:
        """Return the histogram."""
        return self._counter.histogram(self._under("date"), self._query.interval)
