"""Exact counts from tantivy: facet values, the date histogram, stories.

tantivy cuts a terms aggregation off per segment, so its counts may be short. It says by how much at most
(`doc_count_error_upper_bound`); `top_values` asks again until what it returns is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Query

from search import calendars, territories
from search.engines import tantivy_query as tq
from search.model import FacetCount, Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tantivy import Schema, Searcher

    from search.model import DateBucket, Filters
    from search.model import Query as SearchQuery

FIRST_WIDTH = 200
"""Values asked for a segment at first: enough to be sure of ten. Over 27,779 articles 1,000 took twice as long."""

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

    def stories(self, query: Query, total: int) -> int:
        """Return the number of stories among the matches.

        Copies hold their story's key; the article that names a story does not. So: all matches that are no copies,
        and the stories of matching copies whose naming article does not match.
        """
        keys = self._numbers(query, "copy_key")
        if not keys:
            return total
        named = Query.term_set_query(self.schema, "own_key", list(keys))
        return total - sum(keys.values()) + len(keys) - self.total(tq.both(query, named))

    def story_size(self, query: Query, key: int) -> int:
        """Return how many matches are of one story."""
        either = Query.boolean_query(
            [(Occur.Should, Query.term_query(self.schema, name, key)) for name in ("own_key", "copy_key")]
        )
        return self.total(tq.both(query, either))


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
        listed = {value for value, _ in best}
        for value in dict.fromkeys(selected):
            if value not in listed:
                one = Query.term_query(self._counter.schema, facet, value)
                best.append((value, self._counter.total(tq.both(under, one))))
        return tuple(facet_count(facet, value, count, selected) for value, count in best)

    def dates(self) -> tuple[DateBucket, ...]:
        """Return the histogram."""
        return self._counter.histogram(self._under("date"), self._query.interval)


def facet_count(facet: str, value: str, count: int, selected: Sequence[str]) -> FacetCount:
    """Return a value as it is listed, under its readable name."""
    label = territories.name(value) if facet == "country" else value
    return FacetCount(value, label, count, value in selected)
