"""One open generation of a Whoosh index as one query sees it: counts under its filters, pages, facets, explanations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from search import analysis, calendars
from search.engines.results import NO_DATES, NO_VALUES, DateCounts, PlanResult, RankedArticle, ValueCounts
from search.engines.whoosh import order
from search.model import Explanation, Interval, Reason, Sort
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from whoosh import query as tree

    from search.engines.whoosh.query import Mask
    from search.engines.whoosh.segments import Numbers
    from search.engines.whoosh.snapshot import Snapshot
    from search.model import Filters, Query
    from search.query.planning import Plan
    from search.query.ranking import Part

KNOWN_NAMES = 5_000
"""Names with a prefix that are looked up one by one; where there may be more, all names are gone through."""


@dataclass(frozen=True)
class View:
    """What a query sees of one generation; `search.query.planning.Index` for those who plan it."""

    snapshot: Snapshot
    query: Query

    @property
    def size(self) -> int:
        """The number of articles, filters aside."""
        return self.snapshot.size

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term, filters aside."""
        return self.snapshot.terms.frequency(field, term)

    def count(self, node: tree.Query) -> int:
        """Return how many articles match, filters aside."""
        return int(self.snapshot.runner.matching(node).sum())

    def total(self, node: tree.Query, filters: Filters) -> int:
        """Return how many articles match under filters."""
        return int(Filtering(self.snapshot, filters).under(self.snapshot.runner.matching(node)).sum())

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score of the article at a place of the ranking, filters aside, or of the last one; 0 for none."""
        mask, scores = self.snapshot.runner.scored(node)
        found = scores[mask]
        if not len(found):
            return 0.0
        rank = max(len(found) - place, 0)
        return float(np.partition(found, rank)[rank])

    def best_stems(self, node: tree.Query, limit: int) -> Sequence[str]:
        """Return titles and bodies of the best articles under the filters, as stems joined by spaces."""
        mask, scores = self.snapshot.runner.scored(node)
        found = np.flatnonzero(self._filtering.under(mask))
        best = order.first(found, (-scores[found], self.snapshot.columns.newest[found]), limit)
        articles = [self.snapshot.listed(int(number)) for number in best]
        return [analysis.stems(f"{article.title}\n{article.body}") for article in articles]

    @cached_property
    def _filtering(self) -> Filtering:
        return Filtering(self.snapshot, self.query.filters)

    def run_if_enough(self, plan: Plan) -> PlanResult | None:
        """See `search.engines.searching.View`."""
        text = self.snapshot.runner.matching(plan.match)
        return None if plan.least and int(text.sum()) < plan.least else self._run(plan, text)

    def run(self, plan: Plan) -> PlanResult:
        """See `search.engines.searching.View`."""
        return self._run(plan, self.snapshot.runner.matching(plan.match))

    def _run(self, plan: Plan, text: Mask) -> PlanResult:
        query, facets = self.query, Facets(self, text)
        found = np.flatnonzero(self._filtering.under(text))
        copies = order.Copies(self.snapshot.columns, found)
        return PlanResult(
            total=len(found),
            stories=copies.stories,
            page=tuple(self._page(plan, found, copies)) if len(found) else (),
            countries=facets.values("country") if "country" in query.facets else NO_VALUES,
            persons=facets.values("person") if "person" in query.facets else NO_VALUES,
            dates=facets.dates() if "date" in query.facets else NO_DATES,
        )

    def _page(self, plan: Plan, found: Numbers, copies: order.Copies) -> Iterator[RankedArticle]:
        query, columns = self.query, self.snapshot.columns
        shown = copies.representatives() if query.collapse else found
        end = query.page * query.per_page
        if query.sort is Sort.RELEVANCE:
            mask, scores = self.snapshot.runner.scored(plan.scored)
            shown = shown[mask[shown]]
            worth = scores[shown]
            if query.recency is not None:
                worth = worth * order.freshness(columns.instant[shown], query.recency)
            keys: tuple[Any, ...] = (-worth, columns.newest[shown])
        else:
            worth = np.zeros(len(shown))
            keys = ((columns.newest if query.sort is Sort.NEWEST else columns.oldest)[shown],)
        explainer = Explainer(self, plan.parts) if query.explain else None
        places = order.first(np.arange(len(shown)), keys, end)
        for place in places[end - query.per_page :]:
            number = int(shown[place])
            yield RankedArticle(
                article=self.snapshot.listed(number),
                score=float(worth[place]),
                copies=copies.of(number) - 1,
                explanation=explainer.explain(number) if explainer else None,
            )

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """See `search.engines.searching.View`."""
        tags = self.snapshot.columns.tags[facet]
        counts = tags.counts(self._filtering.under(self.snapshot.runner.matching(node), without=facet))
        if facet == "person" and prefix:
            known = self.snapshot.lexicon.names(prefix, KNOWN_NAMES)
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

    snapshot: Snapshot
    filters: Filters

    @cached_property
    def _masks(self) -> dict[str, Mask]:
        filters, columns = self.filters, self.snapshot.columns
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
                masks["story"][self.snapshot.terms.postings(name, filters.story).articles] = True
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

    def values(self, facet: str) -> ValueCounts:
        """Return the most frequent values and the selected ones."""
        query, tags = self._view.query, self._view.snapshot.columns.tags[facet]
        counts = tags.counts(self._under(facet))
        there = np.flatnonzero(counts)
        best = order.first(there, (-counts[there], there), query.facet_size)
        selected = query.filters.countries if facet == "country" else query.filters.persons
        numbers = {value: tags.number(value) for value in selected}
        counted = {value: 0 if number is None else int(counts[number]) for value, number in numbers.items()}
        return ValueCounts([(tags.names[number], int(counts[number])) for number in best], counted)

    def dates(self) -> DateCounts:
        """Return the counts of days or months; `auto` picks the finest interval that gives few bars."""
        columns, interval = self._view.snapshot.columns, self._view.query.interval
        found = np.flatnonzero(self._under("date") & (columns.day > 0))
        if not len(found):
            return NO_DATES
        days = columns.day[found]
        if interval is Interval.AUTO:
            interval = calendars.fitting(int(days.min()), int(days.max()))
        values, counts = np.unique(getattr(columns, calendars.column(interval))[found], return_counts=True)
        return DateCounts(dict(zip(values.tolist(), counts.tolist(), strict=True)), interval)


class Explainer:
    """Tells what each part of a score gives to an article. Made once a search."""

    def __init__(self, view: View, parts: Sequence[Part]) -> None:
        self._view = view
        by_score = view.query.sort is Sort.RELEVANCE  # else the date decides the order
        runner = view.snapshot.runner
        self._parts = [(part.label, runner.scored(part.node)[1]) for part in parts] if by_score else []

    def explain(self, number: int) -> Explanation:
        """Return why an article has its score."""
        query, found, recency = self._view.query, Counter[str](), 1.0
        for label, scores in self._parts:
            if scores[number]:
                found[label] += float(scores[number])  # type: ignore[assignment]
        if query.recency is not None and self._parts:
            recency = float(order.freshness(self._view.snapshot.columns.instant[[number]], query.recency)[0])
        return Explanation(tuple(Reason(label, score) for label, score in found.most_common()), recency)
