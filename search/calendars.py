"""Days into the buckets of a date histogram, the same on every engine; dates as users write them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from whoosh.qparser.dateparse import English

from search.model import DateBucket, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)

_THIS = re.compile(r"(this|last|past) (day|week|month|year)")
_SOME = re.compile(r"(?:(?:last|past) )?([1-9]\d{0,2}) (day|week|month|year)s?( ago)?")

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
        totals[_empty(day, interval)] += count
    found = [DateBucket(b.value, b.first, b.last, count) for b, count in totals.items()]
    return tuple(sorted(found, key=lambda b: b.first))


@lru_cache(maxsize=20_000)
def _empty(day: dt.date, interval: Interval) -> DateBucket:
    """Return the bucket of a day without a count; the days of an archive are few and come again in each search."""
    return bucket(day, interval, 0)


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


def period(text: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of what a user calls a date; None where it is none.

    That is what `parse_day` takes, and English: `yesterday`, `last week`, `last-7-days`, `2 weeks ago`, `march 2024`,
    `21 jan 2024`, `last friday`. Weeks begin on Monday; the last 7 days end today.
    """
    first, last = parse_day(text, last=False), parse_day(text, last=True)
    if first and last:
        return first, last
    words = " ".join(re.split(r"[\s_-]+", text.strip().lower()))
    if match := _THIS.fullmatch(words):
        back = 0 if match[1] == "this" else 1
        return _unit(_back(today, back, match[2]), match[2])
    if match := _SOME.fullmatch(words):
        start = _back(today, int(match[1]), match[2])
        return _unit(start, match[2]) if match[3] else (start + dt.timedelta(days=1), today)
    try:
        found = _english().date_from(words, dt.datetime.combine(today, dt.time()))
    except (ValueError, OverflowError):  # the year 0, the 31st of February
        return None
    if not hasattr(found, "start"):
        return None
    return found.start.date(), found.end.date()


def _unit(day: dt.date, unit: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of the day, week, month or year that a day lies in."""
    found = bucket(day, Interval(unit), 0)
    return found.first, found.last


def _back(day: dt.date, count: int, unit: str) -> dt.date:
    """Return the day so many units before."""
    if unit in ("day", "week"):
        return day - dt.timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@cache
def _english() -> English:
    """Return Whoosh's reader of English dates."""
    return English()
