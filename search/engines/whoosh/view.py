"""One open generation of a Whoosh index as one query sees it: counts under its filters, pages, facets, explanations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from search import analysis, calendars
from search.engines.searching import Found, Ranked, with_selected
from search.engines.whoosh import order
from search.model import Explanation, Interval, Reason, Sort
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from whoosh import query as tree

    from search.engines.whoosh.query import Mask
    from search.engines.whoosh.reader import Reader
    from search.engines.whoosh.segments import Numbers
    from search.model import DateBucket, FacetCount, Filters, Query
    from search.query.planning import Plan
    from search.query.ranking import Part

KNOWN_NAMES = 5_000
"""Names with a prefix that are looked up one by one; where there may be more, all names are gone through."""


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
        """Return how many articles hold a term, filters aside."""
        return self.reader.terms.frequency(field, term)

    def count(self, node: tree.Query) -> int:
        """Return how many articles match, filters aside."""
        return int(self.reader.runner.matching(node).sum())

    def total(self, node: tree.Query, filters: Filters) -> int:
        """Return how many articles match under filters."""
        return int(Filtering(self.reader, filters).under(self.reader.runner.matching(node)).sum())

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score of the article at a place of the ranking, filters aside, or of the last one; 0 for none."""
        mask, scores = self.reader.runner.scored(node)
        found = scores[mask]
        if not len(found):
            return 0.0
        rank = max(len(found) - place, 0)
        return float(np.partition(found, rank)[rank])

    def best_stems(self, node: tree.Query, limit: int) -> Sequence[str]:
        """Return titles and bodies of the best articles under the filters, as stems joined by spaces."""
        mask, scores = self.reader.runner.scored(node)
        found = np.flatnonzero(self._filtering.under(mask))
        best = order.first(found, (-scores[found], self.reader.columns.newest[found]), limit)
        articles = [self.reader.listed(int(number)) for number in best]
        return [analysis.stems(f"{article.title}\n{article.body}") for article in articles]

    @cached_property
    def _filtering(self) -> Filtering:
        return Filtering(self.reader, self.query.filters)

    def run_if_enough(self, planned: Plan) -> Found | None:
        """See `search.engines.searching.View`."""
        text = self.reader.runner.matching(planned.match)
        return None if planned.least and int(text.sum()) < planned.least else self._run(planned, text)

    def run(self, planned: Plan) -> Found:
        """See `search.engines.searching.View`."""
        return self._run(planned, self.reader.runner.matching(planned.match))

    def _run(self, planned: Plan, text: Mask) -> Found:
        query, facets = self.query, Facets(self, text)
        found = np.flatnonzero(self._filtering.under(text))
        copies = order.Copies(self.reader.columns, found)
        return Found(
            total=len(found),
            stories=copies.stories,
            page=tuple(self._page(planned, found, copies)) if len(found) else (),
            countries=facets.values("country") if "country" in query.facets else (),
            persons=facets.values("person") if "person" in query.facets else (),
            dates=facets.dates() if "date" in query.facets else (),
        )

    def _page(self, planned: Plan, found: Numbers, copies: order.Copies) -> Iterator[Ranked]:
        query, columns = self.query, self.reader.columns
        shown = copies.representatives() if query.collapse else found
        end = query.page * query.per_page
        if query.sort is Sort.RELEVANCE:
            mask, scores = self.reader.runner.scored(planned.scored)
            shown = shown[mask[shown]]
            worth = scores[shown]
            if query.recency is not None:
                worth = worth * order.freshness(columns.instant[shown], query.recency)
            keys: tuple[Any, ...] = (-worth, columns.newest[shown])
        else:
            worth = np.zeros(len(shown))
            keys = ((columns.newest if query.sort is Sort.NEWEST else columns.oldest)[shown],)
        explainer = Explainer(self, planned.parts) if query.explain else None
        places = order.first(np.arange(len(shown)), keys, end)
        for place in places[end - query.per_page :]:
            number = int(shown[place])
            yield Ranked(
                article=self.reader.listed(number),
                score=float(worth[place]),
                copies=copies.of(number) - 1,
                explanation=explainer.explain(number) if explainer else None,
            )

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """See `search.engines.searching.View`."""
        tags = self.reader.columns.tags[facet]
        counts = tags.counts(self._filtering.under(self.reader.runner.matching(node), without=facet))
        if facet == "person" and prefix:
            known = self.reader.lexicon.names(prefix, KNOWN_NAMES)
            if known is not None:
                numbers = {name: tags.number(name) for name in known}
                return {name: int(counts[n]) for name, n in numbers.items() if n is not None and counts[n]}
        found = {tags.names[number]: int(counts[number]) for number in np.flatnonzero(counts).tolist()}
        if facet == "country" or not prefix:
            return found
        return {name: n for name, n in found.items() if any(part.startswith(prefix) for part in rotations(name))}


@dataclass(frozen=True)
class Filtering:
    """The filters of a query, each as the articles that it lets through."""

    reader: Reader
    filters: Filters

    @cached_property
    def _masks(self) -> dict[str, Mask]:
        filters, columns = self.filters, self.reader.columns
        masks = {
            name: columns.tags[name].any_of(values, len(columns.day))
            for name, values in (
                ("country", filters.countries),
                ("person", filters.persons),
                ("source", filters.sources),
            )
            if values
        }
        if filters.date_from or filters.date_to:
            low = (filters.date_from or dt.date.min).toordinal()
            high = (filters.date_to or dt.date.max).toordinal()
            masks["date"] = (columns.day >= low) & (columns.day <= high)  # 0, without a date, is before all days
        if filters.story is not None:
            masks["story"] = np.zeros(len(columns.day), np.bool_)
            for name in ("story", "id"):
                masks["story"][self.reader.terms.postings(name, filters.story).articles] = True
        return masks

    def under(self, mask: Mask, *, without: str = "") -> Mask:
        """Return what of a mask the filters let through, but for that of the facet that `without` names."""
        for name, other in self._masks.items():
            if name != without:
                mask = mask & other
        return mask


class Facets:
    """The facets of one search."""

    def __init__(self, view: View, text: Mask) -> None:
        self._view = view
        self._text = text

    def _under(self, facet: str) -> Mask:
        return self._view._filtering.under(self._text, without=facet)  # noqa: SLF001

    def values(self, facet: str) -> tuple[FacetCount, ...]:
        """Return the most frequent values, and the selected ones in any case."""
        query, tags = self._view.query, self._view.reader.columns.tags[facet]
        counts = tags.counts(self._under(facet))
        there = np.flatnonzero(counts)
        best = order.first(there, (-counts[there], there), query.facet_size)
        selected = query.filters.countries if facet == "country" else query.filters.persons
        numbers = {value: tags.number(value) for value in selected}
        listed = {value: 0 if number is None else int(counts[number]) for value, number in numbers.items()}
        return with_selected([(tags.names[number], int(counts[number])) for number in best], listed, facet)

    def dates(self) -> tuple[DateBucket, ...]:
        """Return the histogram: buckets that are not empty, by date; `auto` picks the width that gives few bars."""
        columns, interval = self._view.reader.columns, self._view.query.interval
        found = np.flatnonzero(self._under("date") & (columns.day > 0))
        if not len(found):
            return ()
        days = columns.day[found]
        if interval is Interval.AUTO:
            interval = calendars.fitting(int(days.min()), int(days.max()))
        by_month = interval in (Interval.MONTH, Interval.YEAR)
        values, counts = np.unique(columns.month[found] if by_month else days, return_counts=True)
        counted = dict(zip(values.tolist(), counts.tolist(), strict=True))
        return calendars.from_months(counted, interval) if by_month else calendars.from_days(counted, interval)


class Explainer:
    """Tells what each part of a score gives to an article. Made once a search."""

    def __init__(self, view: View, parts: Sequence[Part]) -> None:
        self._view = view
        by_score = view.query.sort is Sort.RELEVANCE  # else the date decides the order
        runner = view.reader.runner
        self._parts = [(part.label, runner.scored(part.node)[1]) for part in parts] if by_score else []

    def explain(self, number: int) -> Explanation:
        """Return why an article has its score."""
        query, found, recency = self._view.query, Counter[str](), 1.0
        for label, scores in self._parts:
            if scores[number]:
                found[label] += float(scores[number])  # type: ignore[assignment]
        if query.recency is not None and self._parts:
            recency = float(order.freshness(self._view.reader.columns.instant[[number]], query.recency)[0])
        return Explanation(tuple(Reason(label, score) for label, score in found.most_common()), recency)
