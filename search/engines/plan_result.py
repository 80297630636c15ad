"""The result of a plan as an engine returns it: articles, values and counts without labels.

`search.engines.searching` adds labels and highlights. The rules of freshness and of copies are here, too, because
each engine applies them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from search.model import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.model import Article
    from search.results import Explanation

MAX_HALF_LIVES = 10
"""Age, in half-lives, after which the freshness factor no longer falls: it is 1/1024. Undated articles get that age."""

DAY_SECONDS = 86_400

FULL_TEXT = 0.9
"""Share of the words of a story's longest copy. A copy with at least this share counts as a full text."""


def freshness(instant: float | None, now: float, half_life: float) -> float:
    """Return the freshness factor of a score: 1 for an article of now, 0.5 for one that is a half-life (days) old.

    `instant` and `now` are seconds since 1970.
    """
    if instant is None:
        return float(2.0**-MAX_HALF_LIVES)
    age = max(now - instant, 0.0) / DAY_SECONDS
    return float(2.0 ** -min(age / half_life, MAX_HALF_LIVES))


class ValueCounts(NamedTuple):
    """The most frequent values of a facet, by count, then by value; and the counts of all selected values."""

    best: Sequence[tuple[str, int]] = ()
    selected: Mapping[str, int] = {}


class DateCounts(NamedTuple):
    """Numbers of articles by month (year * 12 + month - 1) for months and years, else by day (`date.toordinal()`)."""

    counts: Mapping[int, int]
    interval: Interval


NO_VALUES = ValueCounts()
NO_DATES = DateCounts({}, Interval.DAY)


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """One article of a page, without its mentions.

    `score` is 0 if the date decides the order. `copies` counts the other articles of its story among the results.
    """

    article: Article
    score: float
    copies: int
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The result of a plan: exact counts, the page in order, and the facets that the query requests."""

    total: int
    stories: int
    page: Sequence[RankedArticle] = ()
    countries: ValueCounts = field(default=NO_VALUES)
    persons: ValueCounts = field(default=NO_VALUES)
    dates: DateCounts = field(default=NO_DATES)
