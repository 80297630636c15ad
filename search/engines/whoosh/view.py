"""The view of one query on an open generation of a Whoosh index: counts, pages, facets and explanations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from search import analysis, calendars
from search.engines.plan_result import NO_DATES, NO_VALUES, DateCounts, PlanResult, RankedArticle, ValueCounts
from search.engines.whoosh import order
from search.model import Interval, Sort
from search.results import Explanation, Reason
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
"""Maximum names with a prefix that are looked up one by one. If there may be more, all names are compared."""


@dataclass(frozen=True)
class View:
    """The view of one query on a generation. It implements `search.query.planning.Index`."""

    snapshot: Snapshot
    query: Query

    @property
    def size(self) -> int:
        """The number of articles, ignoring filters."""
        return self.snapshot.size

    def frequency(self, field: str, term: str) -> int:
        """Return the number of articles with a term, ignoring filters."""
        return self.snapshot.terms.frequency(field, term)

    def count(self, node: tree.Query) -> int:
        """Return the number of matches, ignoring filters."""
        return int(self.snapshot.runner.matching(node).sum())

    def total(self, node: tree.Query, filters: Filters) -> int:
        """Return the number of matches under filters."""
        return int(Filtering(self.snapshot, filters).under(self.snapshot.runner.matching(node)).sum())

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score at a place of the ranking, ignoring filters.

        If there are fewer matches, return the score of the last one, or 0 without any match.
        """
        mask, scores = self.snapshot.runner.scored(node)
        matched = scores[mask]
        if not len(matched):
            return 0.0
        rank = max(len(matched) - place, 0)
        return float(np.partition(matched, rank)[rank])

    def best_stems(self, node: tree.Query, limit: int) -> Sequence[str]:
        """Return the texts of the best matches under the filters, each as stems joined by spaces."""
        mask, scores = self.snapshot.runner.scored(node)
        matches = np.flatnonzero(self._filtering.under(mask))
        best = order.first(matches, (-scores[matches], self.snapshot.columns.newest[matches]), limit)
        articles = [self.snapshot.listed(int(number)) for number in best]
        return [analysis.stems(f"{article.title}\n{article.body}") for article in articles]

    @cached_property
    def _filtering(self) -> Filtering:
        return Filtering(self.snapshot, self.query.filters)

    def run_if_enough(self, plan: Plan) -> PlanResult | None:
        """See `search.engines.protocols.View`."""
        text = self.snapshot.runner.matching(plan.match)
        return None if plan.least and int(text.sum()) < plan.least else self._run(plan, text)

    def run(self, plan: Plan) -> PlanResult:
        """See `search.engines.protocols.View`."""
        return self._run(plan, self.snapshot.runner.matching(plan.match))

    def _run(self, plan: Plan, text: Mask) -> PlanResult:
        query, facets = self.query, Facets(self, text)
        matches = np.flatnonzero(self._filtering.under(text))
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

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """See `search.engines.protocols.View`."""
        tags = self.snapshot.columns.tags[facet]
        counts = tags.counts(self._filtering.under(self.snapshot.runner.matching(node), without=facet))
        if facet == "person" and prefix:
            known = self.snapshot.lexicon.names(prefix, KNOWN_NAMES)
            if known is not None:
                numbers = {name: tags.number(name) for name in known}
                return {name: int(counts[n]) for name, n in numbers.items() if n is not None and counts[n]}
        counted = {tags.names[number]: int(counts[number]) for number in np.flatnonzero(counts).tolist()}
        if facet == "country" or not prefix:
            return counted
        return {name: n for name, n in counted.items() if any(part.startswith(prefix) for part in rotations(name))}


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
            for name in ("story", "id"):
                masks["story"][self.snapshot.terms.postings(name, filters.story).articles] = True
        return masks

    def under(self, mask: Mask, *, without: str = "") -> Mask:
        """Apply all filters to a mask except the one on facet `without`."""
        for name, other in self._masks.items():
            if name != without:
                mask = mask & other
        return mask


class Facets:
    """The facets of one search."""

    def __init__(self, view: View, text: Mask) -> None:
        self._view = view
        self._text = text

    def _filtered(self, facet: str) -> Mask:
        return self._view._filtering.under(self._text, without=facet)  # noqa: SLF001

    def values(self, facet: str) -> ValueCounts:
        """Return the most frequent values and the selected ones."""
        query, tags = self._view.query, self._view.snapshot.columns.tags[facet]
        counts = tags.counts(self._filtered(facet))
        occurring = np.flatnonzero(counts)
        best = order.first(occurring, (-counts[occurring], occurring), query.facet_size)
        selected = query.filters.countries if facet == "country" else query.filters.persons
        numbers = {value: tags.number(value) for value in selected}
        counted = {value: 0 if number is None else int(counts[number]) for value, number in numbers.items()}
        return ValueCounts([(tags.names[number], int(counts[number])) for number in best], counted)

    def dates(self) -> DateCounts:
        """Return the counts of days or months; `auto` picks the finest interval that gives few bars."""
        columns, interval = self._view.snapshot.columns, self._view.query.interval
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

    def __init__(self, view: View, parts: Sequence[Part]) -> None:
        self._view = view
        by_score = view.query.sort is Sort.RELEVANCE  # otherwise the date decides the order
        runner = view.snapshot.runner
        self._parts = [(part.label, runner.scored(part.node)[1]) for part in parts] if by_score else []

    def explain(self, number: int) -> Explanation:
        """Return the explanation of an article's score."""
        query, reasons, recency = self._view.query, Counter[str](), 1.0
        for label, scores in self._parts:
            if scores[number]:
                reasons[label] += float(scores[number])  # type: ignore[assignment]
        if query.recency is not None and self._parts:
            recency = float(order.freshness(self._view.snapshot.columns.instant[[number]], query.recency)[0])
        return Explanation(tuple(Reason(label, score) for label, score in reasons.most_common()), recency)
