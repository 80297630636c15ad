"""Runs a plan on an open generation of a Whoosh index: counts, pages, facets and explanations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from search import calendars
from search.engines.plan_result import NO_DATES, NO_VALUES, DateCounts, PlanResult, RankedArticle, ValueCounts
from search.engines.whoosh import order
from search.model import Interval, Sort
from search.results import Explanation, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.engines.whoosh.query import Mask
    from search.engines.whoosh.segments import Numbers
    from search.engines.whoosh.snapshot import Snapshot
    from search.model import Filters, Query
    from search.query.planning import Plan
    from search.query.ranking import Part


@dataclass(frozen=True)
class PlanRun:
    """Runs plans under the filters, the order and the facets of one query."""

    snapshot: Snapshot
    query: Query

    def run(self, plan: Plan) -> PlanResult | None:
        """Return the result of a plan: see `search.engines.protocols.Generation`."""
        text = self.snapshot.runner.matching(plan.match)
        if plan.least and np.count_nonzero(text) < plan.least:
            return None
        query, filtering = self.query, Filtering(self.snapshot, self.query.filters)
        facets = Facets(self, filtering, text)
        matches = np.flatnonzero(filtering.under(text))
        copies = order.Copies(self.snapshot.columns, matches)
        return PlanResult(
            total=len(matches),
            stories=copies.stories,
            page=tuple(self._page(plan, matches, copies)) if len(matches) else (),
            countries=facets.values("country") if "country" in query.facets else NO_VALUES,
            persons=facets.values("person") if "person" in query.facets else NO_VALUES,
            dates=facets.dates() if "date" in query.facets else NO_DATES,
        )

    def _page(self, plan: Plan, matches: Numbers, copies: order.Copies) -> Iterator[RankedArticle]:
        query, columns = self.query, self.snapshot.columns
        candidates = copies.representatives() if query.collapse else matches
        end = query.page * query.per_page
        if query.sort is Sort.RELEVANCE:
            mask, scores = self.snapshot.runner.scored(plan.scored)
            candidates = candidates[mask[candidates]]
            points = scores[candidates]
            if query.recency is not None:
                points = points * order.freshness(columns.instant[candidates], query.recency)
            keys: tuple[Any, ...] = (-points, columns.newest[candidates])
        else:
            points = np.zeros(len(candidates))
            keys = ((columns.newest if query.sort is Sort.NEWEST else columns.oldest)[candidates],)
        explainer = Explainer(self, plan.parts) if query.explain else None
        places = order.first(np.arange(len(candidates)), keys, end)
        for place in places[end - query.per_page :]:
            number = int(candidates[place])
            yield RankedArticle(
                article=self.snapshot.listed(number),
                score=float(points[place]),
                copies=copies.of(number) - 1,
                explanation=explainer.explain(number) if explainer else None,
            )


@dataclass(frozen=True)
class Filtering:
    """The filters of a query, each as a mask of the articles that pass it."""

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
            masks["date"] = (columns.day >= low) & (columns.day <= high)  # 0 without a date
        if filters.story is not None:
            masks["story"] = np.zeros(len(columns.day), np.bool_)
            masks["story"][self.snapshot.terms.postings("story", filters.story).articles] = True
        return masks

    def under(self, mask: Mask, *, without: str = "") -> Mask:
        """Apply all filters to a mask except the one on facet `without`."""
        for name, other in self._masks.items():
            if name != without:
                mask = mask & other
        return mask


class Facets:
    """The facets of one search."""

    def __init__(self, run: PlanRun, filtering: Filtering, text: Mask) -> None:
        self._run = run
        self._filtering = filtering
        self._text = text

    def _filtered(self, facet: str) -> Mask:
        return self._filtering.under(self._text, without=facet)

    def values(self, facet: str) -> ValueCounts:
        """Return the most frequent values and the selected ones."""
        query, tags = self._run.query, self._run.snapshot.columns.tags[facet]
        counts = tags.counts(self._filtered(facet))
        occurring = np.flatnonzero(counts)
        best = order.first(occurring, (-counts[occurring], occurring), query.facet_size)
        selected = query.filters.countries if facet == "country" else query.filters.persons
        numbers = {value: tags.number(value) for value in selected}
        counted = {value: 0 if number is None else int(counts[number]) for value, number in numbers.items()}
        return ValueCounts([(tags.names[number], int(counts[number])) for number in best], counted)

    def dates(self) -> DateCounts:
        """Return the counts of days or months; `auto` picks the finest interval that gives few bars."""
        columns, interval = self._run.snapshot.columns, self._run.query.interval
        dated = np.flatnonzero(self._filtered("date") & (columns.day > 0))
        if not len(dated):
            return NO_DATES
        days = columns.day[dated]
        if interval is Interval.AUTO:
            interval = calendars.fitting(int(days.min()), int(days.max()))
        values, counts = np.unique(getattr(columns, calendars.column(interval))[dated], return_counts=True)
        return DateCounts(dict(zip(values.tolist(), counts.tolist(), strict=True)), interval)


class Explainer:
    """Explains scores by their parts. The parts are scored once for each search."""

    def __init__(self, run: PlanRun, parts: Sequence[Part]) -> None:
        self._run = run
        by_score = run.query.sort is Sort.RELEVANCE  # otherwise the date decides the order
        runner = run.snapshot.runner
        self._parts = [(part.label, runner.scored(part.node)[1]) for part in parts] if by_score else []

    def explain(self, number: int) -> Explanation:
        """Return the explanation of an article's score."""
        query, reasons, recency = self._run.query, Counter[str](), 1.0
        for label, scores in self._parts:
            if scores[number]:
                reasons[label] += float(scores[number])  # type: ignore[assignment]
        if query.recency is not None and self._parts:
            recency = float(order.freshness(self._run.snapshot.columns.instant[[number]], query.recency)[0])
        return Explanation(tuple(Reason(label, score) for label, score in reasons.most_common()), recency)
