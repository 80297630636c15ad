"""Counts in a tantivy index: matches, facet values, days and months, copies of a story.

tantivy truncates the terms aggregation of each segment, so counts may be too low. `doc_count_error_upper_bound` is the
largest possible error. `top_values` repeats the aggregation until its result is certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tantivy import Query

from search import calendars
from search.engines.plan_result import FULL_TEXT, NO_DATES, DateCounts, ValueCounts
from search.engines.tantivy import query as tq
from search.model import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tantivy import DocAddress, Schema, Searcher

    from search.model import Query as SearchQuery

FIRST_WIDTH = 200
"""Values that are requested first from each segment: enough for a certain top ten. With 1,000 values, an aggregation
over 27,779 articles took twice as long."""

SINGLE_SEGMENT_WIDTH = 30
"""Values that are requested first from an index with one segment. Its aggregation is exact, so no more are needed."""

GROWTH = 8
"""Factor by which the number of requested values grows while the result is uncertain."""

ALL = 1_000_000_000
"""More values than any field has, so that no aggregation is truncated."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts articles and values in one generation."""

    searcher: Searcher
    schema: Schema

    def total(self, query: Query) -> int:
        """Return the number of articles that match."""
        result: Any = self.searcher.search(query, limit=1, count=True)  # the type stub lacks `count`
        return int(result.count)

    def top_values(self, query: Query, name: str, size: int, *, width: int = FIRST_WIDTH) -> list[tuple[str, int]]:
        """Return the `size` most frequent values of a field with exact counts, by count, then by value.

        `bound` is the maximum count of a value that was not returned: the last returned count plus the possible error.
        If the last of the `size` values has a higher count, all candidates were returned. Then a second aggregation
        counts the candidates exactly. Otherwise the first aggregation is repeated with more values.
        """
        if size <= 0:
            return []
        if self.searcher.num_segments == 1 and width == FIRST_WIDTH:
            width = SINGLE_SEGMENT_WIDTH
        while True:
            width = max(width, size + 1)
            answer = self._terms(query, name, width)
            error = (answer.get("doc_count_error_upper_bound") or 0) if self.searcher.num_segments > 1 else 0
            buckets = [(bucket["key"], bucket["doc_count"]) for bucket in answer["buckets"]]
            if not error and not answer.get("sum_other_doc_count"):
                return ranked(buckets)[:size]
            bound = buckets[-1][1] + error
            lowest = buckets[size - 1][1] if len(buckets) >= size else 0
            if lowest > bound:
                candidates = [value for value, count in buckets if count + error >= lowest]
                exact = self._terms(query, name, len(candidates), include=candidates) if error else {"buckets": []}
                counts = [(bucket["key"], bucket["doc_count"]) for bucket in exact["buckets"]] or buckets
                return ranked(counts)[:size]
            width *= GROWTH

    def values(self, query: Query, name: str) -> dict[str, int]:
        """Return all values of a field with exact counts. Use it for fields with few values."""
        return {b["key"]: b["doc_count"] for b in self._terms(query, name, ALL)["buckets"]}

    def _terms(self, query: Query, name: str, width: int, include: list[str] | None = None) -> dict[str, Any]:
        terms: dict[str, Any] = {"field": name, "size": width, "segment_size": width}
        if include is not None:
            terms["include"] = include
        answer: dict[str, Any] = self.searcher.aggregate(query, {"values": {"terms": terms}})["values"]
        return answer

    def dates(self, query: Query, interval: Interval) -> DateCounts:
        """Return the counts of days or months; `auto` picks the finest interval that gives few bars."""
        if interval is Interval.AUTO:
            span = self.searcher.aggregate(query, {"days": {"stats": {"field": "day"}}})["days"]
            if not span["count"]:
                return NO_DATES
            interval = calendars.fitting(int(span["min"]), int(span["max"]))
        return DateCounts(self._numbers(query, calendars.column(interval)), interval)

    def _numbers(self, query: Query, name: str) -> dict[int, int]:
        return {int(b["key"]): b["doc_count"] for b in self._terms(query, name, ALL)["buckets"]}

    def words(self, *, deletes: bool) -> dict[str, int]:
        """Return for each word the number of articles with it in the title or in the body, whichever is higher.

        If `deletes` is true, deleted articles are left out, which is slower.
        """
        counts: dict[str, int] = {}
        kept = Query.all_query() if deletes else None
        for name in ("title_words", "body_words"):
            for word, count in self.searcher.terms_with_prefix(name, "", filter_query=kept):
                if count:
                    counts[word] = max(counts.get(word, 0), count)
        return counts


def ranked(counts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return values by count, then by value."""
    return sorted(counts, key=lambda item: (-item[1], item[0]))


class Facets:
    """The facets of one search. Facets without a filter of their own count the same articles."""

    def __init__(self, counter: Counter, text: Query, query: SearchQuery) -> None:
        self._counter = counter
        self._text = text
        self._query = query

    def _without(self, facet: str) -> Query:
        return tq.restrict(self._counter.schema, self._text, self._query.filters, without=facet)

    def values(self, facet: str) -> ValueCounts:
        """Return the most frequent values and the selected ones."""
        matches, filters = self._without(facet), self._query.filters
        selected = filters.countries if facet == "country" else filters.persons
        best = self._counter.top_values(matches, facet, self._query.facet_size)
        return ValueCounts(
            best, {value: self._counter.total(tq.all_of(matches, self._one(facet, value))) for value in selected}
        )

    def _one(self, facet: str, value: str) -> Query:
        return Query.term_query(self._counter.schema, facet, tq.whole(value))

    def dates(self) -> DateCounts:
        """Return the counts of the histogram."""
        return self._counter.dates(self._without("date"), self._query.interval)


@dataclass(frozen=True)
class Copies:
    """The `total` articles that `matches` finds, grouped by story."""

    counter: Counter
    matches: Query
    total: int

    @cached_property
    def _members(self) -> dict[int, list[DocAddress]]:
        """The matches of each story that has a matching copy. The article whose id names the story is not a copy."""
        copies = self._addresses(tq.all_of(self.matches, Query.exists_query("copy_key")))
        members: dict[int, list[DocAddress]] = {}
        for key, address in zip(self._column("copy_key", copies), copies, strict=True):
            members.setdefault(int(key or 0), []).append(address)
        if members:
            named = Query.term_set_query(self.counter.schema, "own_key", list(members))
            originals = self._addresses(tq.all_of(self.matches, named))
            for key, address in zip(self._column("own_key", originals), originals, strict=True):
                members[int(key or 0)].append(address)
        return members

    def _addresses(self, query: Query) -> list[DocAddress]:
        hits = self.counter.searcher.search(query, limit=max(self.total, 1), count=False).hits
        return [address for _, address in hits]

    def _column(self, name: str, addresses: list[DocAddress]) -> list[Any]:
        return list(self.counter.searcher.fast_field_values(name, addresses))

    @property
    def stories(self) -> int:
        """The number of stories among the matches."""
        return self.total - sum(map(len, self._members.values())) + len(self._members)

    def sizes(self, addresses: Sequence[DocAddress]) -> list[int]:
        """Return the number of matches in the story of each of these articles."""
        if not self._members:
            return [1] * len(addresses)
        keys = zip(self._column("copy_key", list(addresses)), self._column("own_key", list(addresses)), strict=True)
        return [len(self._members.get(int((copied or own) or 0), ())) or 1 for copied, own in keys]

    def hidden(self) -> list[int]:
        """Return the keys of the articles that are hidden because another article of their story is shown.

        The earliest full text of a story is shown; an undated article counts as the latest.
        """
        keys: list[int] = []
        for addresses in self._members.values():
            own, lengths, instants = (self._column(name, addresses) for name in ("own_key", "length", "instant"))
            longest = max(int(length or 0) for length in lengths)
            order = [
                (
                    int(length or 0) < FULL_TEXT * longest,
                    float("inf") if instant is None else int(instant),
                    int(key or 0),
                )
                for length, instant, key in zip(lengths, instants, own, strict=True)
            ]
            keys += [key for *_, key in sorted(order)[1:]]
        return keys
