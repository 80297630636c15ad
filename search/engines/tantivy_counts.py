"""Exact counts from tantivy: facet values and the date histogram.

tantivy cuts a terms aggregation off per segment, so its counts may be short. It says by how much at most
(`doc_count_error_upper_bound`); `top_values` asks again until what it returns is certain.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from tantivy import Query

from search import analysis, calendars, territories
from search.engines import tantivy_query as tq
from search.lexicon import Contents, Dated, Headline
from search.model import FacetCount, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tantivy import Schema, Searcher

    from search.model import Article, DateBucket, Filters
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

    def dated(self, name: str) -> list[Dated]:
        """Return all values of a field with their articles and the last day of these; for a lexicon."""
        terms = {
            "terms": {"field": name, "size": ALL, "segment_size": ALL},
            "aggs": {"last": {"max": {"field": "day"}}},
        }
        answer: dict[str, Any] = self.searcher.aggregate(Query.all_query(), {"values": terms})["values"]
        return [
            Dated(bucket["key"], bucket["doc_count"], int(bucket["last"]["value"] or 0)) for bucket in answer["buckets"]
        ]


class Title(NamedTuple):
    """What a lexicon needs of an article. `day` is an ordinal, 0 where there is none."""

    article: str
    text: str
    day: int
    story: str

    @classmethod
    def of(cls, article: Article) -> Title:
        """Return that of an article."""
        return cls(article.id, article.title, article.day.toordinal() if article.day else 0, article.story)


def of_stories(titles: Iterable[Title]) -> Iterator[Headline]:
    """Yield the headline of each story: that of its earliest article that has one."""
    stories: dict[str, list[Title]] = {}
    for title in titles:
        if title.text:
            stories.setdefault(title.story, []).append(title)
    for told in stories.values():
        first = min(told, key=lambda title: (title.day or float("inf"), title.article))
        yield Headline(first.article, first.text, first.day, len(told))


def contents(counter: Counter, titles: Iterable[Title], *, deletes: bool) -> Contents:
    """Return what the lexicon of a searcher is made of; with `deletes` its terms are counted anew, which takes long."""
    words: dict[str, int] = {}
    kept = Query.all_query() if deletes else None
    for name in ("title_words", "body_words"):
        for word, count in counter.searcher.terms_with_prefix(name, "", filter_query=kept):
            if count:
                words[word] = max(words.get(word, 0), count)
    persons, titles = counter.dated("person"), list(titles)
    names = (name for name, *_ in persons)
    spelled = surfaces(chain(names, (title.text for title in titles)))
    return Contents(words.items(), persons, counter.dated("country"), of_stories(titles), spelled)


def surfaces(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the commonest spelling, in names and headlines, of each word that is not written as it is folded."""
    seen: dict[str, Tally[str]] = {}
    for text in texts:
        if not text.isascii():
            for token in analysis.tokenize(text):
                surface = text[token.start : token.end]
                if not surface.isascii() and surface.isalpha():
                    seen.setdefault(token.word, Tally())[surface] += 1
    for word, spellings in seen.items():
        yield word, max(spellings, key=lambda spelling: (spellings[spelling], spelling))


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
