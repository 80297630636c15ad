"""The date facet as bars of an SVG. Geometry only; the template draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.site.links import search_link

if TYPE_CHECKING:
    from search.model import DateBucket, Query

WIDTH = 720
HEIGHT = 64
GAP = 1.5
"""Between two bars, in the same units; less where bars are narrow."""

MIN_HEIGHT = 2.0
"""A bar of one article beside one of ten thousand must still be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `value` is that of its bucket; `on` where the date filter lets its days through."""

    x: float
    y: float
    width: float
    height: float
    value: str
    count: int
    href: str
    on: bool


def bars(query: Query, buckets: tuple[DateBucket, ...]) -> list[Bar]:
    """Return the bars, placed by their days, so that a gap in time is a gap in the picture."""
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
