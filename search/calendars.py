"""Days into the buckets of a date histogram; the same on every engine."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from typing import TYPE_CHECKING

from search.model import DateBucket, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)

WIDTHS = ((45, Interval.DAY), (40 * 7, Interval.WEEK), (12 * 366, Interval.MONTH))
"""The longest span in days for which `auto` picks a width; beyond the last it is years, so that bars stay few."""


def fitting(first: int, last: int) -> Interval:
    """Return the width that `auto` stands for, for articles from one day to another (`date.toordinal()`)."""
    span = last - first + 1
    return next((interval for longest, interval in WIDTHS if span <= longest), Interval.YEAR)


def bucket(day: dt.date, interval: Interval, count: int) -> DateBucket:
    """Return the bucket of a width that a day lies in. Weeks are those of ISO 8601, from Monday to Sunday."""
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


def from_days(counts: Mapping[int, int], interval: Interval) -> tuple[DateBucket, ...]:
    """Return the buckets, by date, of counts by day (`date.toordinal()`)."""
    return _summed({dt.date.fromordinal(day): count for day, count in counts.items()}, interval)


def from_months(counts: Mapping[int, int], interval: Interval) -> tuple[DateBucket, ...]:
    """Return the buckets, by date, of counts by month (year * 12 + month - 1)."""
    return _summed({dt.date(month // 12, month % 12 + 1, 1): count for month, count in counts.items()}, interval)


def _summed(counts: Mapping[dt.date, int], interval: Interval) -> tuple[DateBucket, ...]:
    totals: Counter[DateBucket] = Counter()
    for day, count in counts.items():
        totals[bucket(day, interval, 0)] += count
    found = [DateBucket(b.value, b.first, b.last, count) for b, count in totals.items()]
    return tuple(sorted(found, key=lambda b: b.first))


def parse_day(text: str, *, last: bool) -> dt.date | None:
    """Return the first or the last day of a year, a month or a day as written; None where it is none of these."""
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
