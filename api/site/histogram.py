"""The date facet as bars of an SVG. Geometry only; the template draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.site.links import search_link

if TYPE_CHECKING:
    from search.model import Query
    from search.results import DateBucket

WIDTH = 720
HEIGHT = 64
GAP = 1.5
"""Maximum space between two bars, in the units of `WIDTH`. Narrow bars have less."""

MIN_HEIGHT = 2.0
"""Minimum height, so that a bar of one article is visible beside a bar of ten thousand."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `value` names its bucket; `on` is true if the date filter accepts days of it."""

    x: float
    y: float
    width: float
    height: float
    value: str
    count: int
    href: str
    on: bool


def bars(query: Query, buckets: tuple[DateBucket, ...]) -> list[Bar]:
    """Return the bars at the places of their days, so that a gap in time is a gap in the chart."""
    if not buckets:
        return []
    begin = min(b.first for b in buckets)
    days = (max(b.last for b in buckets) - begin).days + 1
    peak = max(1, *(b.count for b in buckets))
    return [_bar(query, bucket, (bucket.first - begin).days / days, bucket.count / peak, days) for bucket in buckets]


def _bar(query: Query, bucket: DateBucket, left: float, share: float, days: int) -> Bar:
    filters = query.filters
    slot = WIDTH * ((bucket.last - bucket.first).days + 1) / days
    gap = min(GAP, slot / 4)
    height = max(HEIGHT * share, MIN_HEIGHT) if bucket.count else 0.0
    inside = (filters.date_from is None or bucket.last >= filters.date_from) and (
        filters.date_to is None or bucket.first <= filters.date_to
    )
    return Bar(
        x=round(WIDTH * left + gap / 2, 2),
        y=round(HEIGHT - height, 2),
        width=round(slot - gap, 2),
        height=round(height, 2),
        value=bucket.value,
        count=bucket.count,
        href=search_link(query, date_from=bucket.first, date_to=bucket.last),
        on=inside,
    )
