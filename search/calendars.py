"""The buckets of a date histogram, the same on every engine; and days, months and years in ISO 8601."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from search.model import Interval
from search.results import DateBucket

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)

SPANS = ((45, Interval.DAY), (40 * 7, Interval.WEEK), (12 * 366, Interval.MONTH))
"""Maximum days of a span -> the interval that `auto` picks. Longer spans use years, so that there are few bars."""


def fitting(first: int, last: int) -> Interval:
    """Return the interval that `auto` picks for articles from one day to another (`date.toordinal()`)."""
    span = last - first + 1
    return next((interval for longest, interval in SPANS if span <= longest), Interval.YEAR)


def bucket(day: dt.date, interval: Interval, count: int) -> DateBucket:
    """Return the bucket of a day. Weeks are those of ISO 8601, from Monday to Sunday."""
    if interval is Interval.DAY:
        return DateBucket(day.isoformat(), day, day, count)
    if interval is Interval.WEEK:
        monday = day - dt.timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return DateBucket(f"{year:04d}-W{week:02d}", monday, monday + dt.timedelta(days=6), count)
    if interval is Interval.MONTH:
        last = calendar.monthrange(day.year, day.month)[1]
        return DateBucket(f"{day:%Y-%m}", day.replace(day=1), day.replace(day=last), count)
    return DateBucket(f"{day:%Y}", day.replace(month=1, day=1), day.replace(month=12, day=31), count)


def column(interval: Interval) -> str:
    """Return the field that an engine counts for an interval: `month` for months and years, else `day`."""
    return "month" if interval in (Interval.MONTH, Interval.YEAR) else "day"


def buckets(counts: Mapping[int, int], interval: Interval) -> tuple[DateBucket, ...]:
    """Return the non-empty buckets by date. `counts` maps a value of `column(interval)` to its number of articles.

    A month is the number year * 12 + month - 1, a day is `date.toordinal()`.
    """
    by_month = column(interval) == "month"
    totals: Counter[DateBucket] = Counter()
    for value, count in counts.items():
        day = dt.date(value // 12, value % 12 + 1, 1) if by_month else dt.date.fromordinal(value)
        totals[_empty(day, interval)] += count
    counted = [DateBucket(empty.value, empty.first, empty.last, count) for empty, count in totals.items()]
    return tuple(sorted(counted, key=lambda bucket: bucket.first))


@lru_cache(maxsize=20_000)
def _empty(day: dt.date, interval: Interval) -> DateBucket:
    """Return the bucket of a day with the count 0. Archives have few different days, so the cache serves most calls."""
    return bucket(day, interval, 0)


def parse_day(text: str, *, last: bool) -> dt.date | None:
    """Return the first or last day of a year, month or day: `2024`, `2024-01`, `2024-01-21`; None for other text."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        start = dt.date(int(year), int(month or (12 if last else 1)), int(day or 1))
    except ValueError:
        return None
    if day or not last:
        return start
    return start.replace(day=calendar.monthrange(start.year, start.month)[1])
