"""Dates and periods as users write them in a query: `date:2024-01`, `date:yesterday`, `date:last-7-days`."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import cache

from whoosh.qparser.dateparse import English

from search.calendars import bucket, parse_day
from search.model import Interval

_THIS = re.compile(r"(this|last|past) (day|week|month|year)")
_SOME = re.compile(r"(?:(?:last|past) )?([1-9]\d{0,2}) (day|week|month|year)s?( ago)?")


def period(text: str, today: dt.date) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of a date or period as users write it; None if it is neither.

    It takes what `parse_day` takes, and English: `yesterday`, `last week`, `last-7-days`, `2 weeks ago`, `march 2024`,
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
        span = _english().date_from(words, dt.datetime.combine(today, dt.time()))
    except (ValueError, OverflowError):  # the year 0, the 31st of February
        return None
    if not hasattr(span, "start"):
        return None
    return span.start.date(), span.end.date()


def _unit(day: dt.date, unit: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of the day, week, month or year around a day."""
    days = bucket(day, Interval(unit), 0)
    return days.first, days.last


def _back(day: dt.date, count: int, unit: str) -> dt.date:
    """Return the day `count` units earlier."""
    if unit in ("day", "week"):
        return day - dt.timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@cache
def _english() -> English:
    """Return Whoosh's parser of English dates."""
    return English()
