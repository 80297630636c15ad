"""Read dates and times as they are printed.

A date keeps its position in the text. If day and month could be swapped, it also keeps the other reading, so that the
rest of the page can decide. This module does not check whether a date is plausible.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

from index.dates.names import month_of

if TYPE_CHECKING:
    from collections.abc import Callable

YEAR = r"(?:1[89]|20)\d\d"
WORD = r"(?:[ก-ฮเ]\S{0,2}\.[ก-ฮ]|[^\W\d_][^\s\d.,:;/()|<>–—_-]{1,14})"
SECOND_WORD = r"(?:\s(?:الثاني|الأول|الاول|الآخر))?"
ORDINAL = r"(?:st|nd|rd|th|er|\.º|\.|º|ª|°|-го|-е)?"

ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
    r"(?:[T _](?P<time>\d\d:?\d\d(?::?\d\d(?:[.,:]\d{1,9})?)?)\s?(?P<zone>Z|[+-]\d\d(?::?\d\d)?|UTC|GMT)?)?\Z",
    re.IGNORECASE,
)
YEAR_FIRST = re.compile(rf"(?<![\d./-])({YEAR})\s?([-/.•])\s?(\d{{1,2}})\s?\2\s?(\d{{1,2}})(?!\d)")
NUMBERED = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일號号]?(?!\d)")
DIGITS = re.compile(rf"(?<![\d./-])(\d{{1,2}})\s?([./-])\s?(\d{{1,2}})\s?\2\s?({YEAR}|\d\d(?![\d:]))(?!\d)(?!\.\d)")
DAY_NAMED = re.compile(
    rf"(?<![\d.,:/])(\d{{1,2}}){ORDINAL}(?:\s?[-/.]\s?|\s{{0,3}}(?:de\s|of\s|d[’']|día\s)?\s?)({WORD}{SECOND_WORD})\.?"
    rf"(?:\s?[-/.,]\s?|\s{{0,3}}(?:de\s|del\s|of\s|ค\.ศ\.\s)?\s?)(?:({YEAR})(?!\d)|([’']\d\d|(?<=[-/,]\s|.[-/,])\d\d)(?![\d:]))"
)
MONTH_NAMED = re.compile(
    rf"(?<!\w)({WORD})(?:\.?\s{{0,3}}|[-/])(\d{{1,2}}){ORDINAL}(?:\s?,?\s{{0,3}}|[-/])({YEAR})(?!\d)"
)
YEAR_THEN_MONTH = re.compile(
    rf"(?<![\d./-])({YEAR})(?:\.|\s?m\.|\.?\sgada|\sթ\.)?,?[\s/-]({WORD})\.?[\s/-](\d{{1,2}})(?!\d)"
)
MONTH_TIME_YEAR = re.compile(
    rf"(?<!\w)({WORD})\.?\s(\d{{1,2}}),?\s(?:at\s)?\d\d?:\d\d(?::\d\d)?(?:\s[A-Za-z+:\d-]{{1,6}})?\s({YEAR})(?!\d)"
)
LATVIAN = re.compile(rf"({YEAR})\. gada (\d{{1,2}})\. ({WORD})")
VIETNAMESE = re.compile(rf"(?<!\d)(\d{{1,2}})\s(?:tháng|thg)\s(\d{{1,2}})(?:,|\snăm)\s({YEAR})(?!\d)", re.IGNORECASE)
YEARLESS_DAY = re.compile(rf"(?<![\d.,:/])(\d{{1,2}}){ORDINAL}\s?(?:de\s)?({WORD}{SECOND_WORD})")
YEARLESS_MONTH = re.compile(rf"(?<!\w)({WORD})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.%])")
YEARLESS_NUMBERED = re.compile(r"(?<!\d)(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")

GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""The boundary of two words that a text dump joined, as in `WorldJanuary 21, 2024`."""

HINT = re.compile(
    rf"\d\D{{1,22}}{YEAR}(?!\d)|(?<!\d){YEAR}\D{{1,22}}\d|"
    r"\d\s?[./-]\s?\w{1,9}\.?\s?[,./-]\s?\d\d(?!\d)|\d\D{1,22}[’']\d\d(?!\d)"
)
"""Matches a part of every date with a year: two numbers near each other.

It is tried before the formats, because most lines have no date.
"""

TIME = re.compile(
    r"(?<![\d:.,])(?P<before>上午|下午|午前|午後|오전|오후)?\s?"
    r"(?P<hour>[01]?\d|2[0-4])(?:\s?(?:[:hH]|時|时|點|点|시)\s?|\.)(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?"
    r"\s?\(?(?P<zone>(?:UTC|GMT)?\s?[+−-]\s?\d{1,2}:?(?:[0-5]\d)?(?!\d)|[A-Za-z]{1,4}\b)?"
    r"|(?<![\d:.,])(?P<full>1?\d|2[0-4])\s?(?:(?P<side>[ap])\.?\s?m\b\.?|(?:Uhr|uur|h)\b)",
    re.IGNORECASE,
)
AFTERNOON = frozenset({"p", "下午", "午後", "오후"})

ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "PKT": 300, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720,
    "NZDT": 780, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "BRT": -180,
}  # fmt: skip
"""Time zone abbreviations in minutes east of UTC. IST and ET are left out: each means several zones."""

TIME_REACH = 50
TIME_BEFORE = 30
"""Characters after and before a date that are searched for its time."""


class Printed(NamedTuple):
    """A date in a text, from `start` to `end`.

    `other` is the date with day and month swapped, if both readings are possible. `order` is `day` or `month` if the
    digits alone decide which of the two comes first.
    """

    day: dt.date
    start: int
    end: int
    other: dt.date | None = None
    order: str = ""


class DateStyle(NamedTuple):
    """How a text writes dates: whether 04/03 is 4 March, and its language, if known."""

    day_first: bool
    language: str | None = None


def find_dates(text: str, style: DateStyle) -> list[Printed]:
    """Return the dates with a year in `text`, in order. Time is linear in the length of `text`.

    `text` must be the result of `index.dates.names.plain`.
    """
    hints = len(HINT.findall(text))
    if not hints:
        return []
    dates: list[Printed] = []
    for pattern, read, needed in FORMATS:
        if needed and not any(map(text.__contains__, needed)):
            continue
        for match in pattern.finditer(text):
            printed = read(match, style)
            if printed and all(printed.end <= other.start or printed.start >= other.end for other in dates):
                dates.append(printed)
        if len(dates) >= hints:
            break
    return sorted(dates, key=lambda printed: printed.start) if len(dates) > 1 else dates


def find_yearless(text: str, style: DateStyle, latest: dt.date) -> Printed | None:
    """Return the first date without a year. Its year is the last one in which the date is not after `latest`."""
    for pattern, month_at in ((YEARLESS_DAY, 2), (YEARLESS_MONTH, 1), (YEARLESS_NUMBERED, 1)):
        for match in pattern.finditer(text):
            name = match.group(month_at)
            month = int(name) if name.isdecimal() else month_of(name, style.language)
            day = next(
                (
                    day
                    for year in (latest.year, latest.year - 1)
                    if (day := _day(year, month, int(match.group(3 - month_at)))) and day <= latest
                ),
                None,
            )
            if day:
                return Printed(day, match.start(), match.end())
    return None


def read_iso(text: str) -> str | None:
    """Return a date or time in ISO 8601, or None. `text` must be only a date, in ISO 8601 or a similar format."""
    match = ISO.match(text)
    if not match:
        return None
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None:
        return None
    digits = re.sub(r"\D", "", match["time"] or "")[:6]
    if not digits:
        return day.isoformat()
    try:
        time = dt.time(int(digits[:2]) % 24, int(digits[2:4]), int(digits[4:6] or 0), tzinfo=zone_of(match["zone"]))
    except ValueError:
        return day.isoformat()
    return dt.datetime.combine(day, time).isoformat()


def with_time(printed: Printed, text: str) -> str:
    """Return a date in ISO 8601, with its time of day if `text` has one after it, else before it."""
    behind = TIME.search(text, printed.end, printed.end + TIME_REACH)
    match = behind or TIME.search(text, max(0, printed.start - TIME_BEFORE), printed.start)
    if not match:
        return printed.day.isoformat()
    half = (match["half"] or match["side"] or match["before"] or "").lower()
    hour = int(match["hour"] or match["full"])
    hour = hour % 12 + (12 if half in AFTERNOON else 0) if half else hour % 24
    time = dt.time(hour, int(match["minute"] or 0), int(match["second"] or 0), tzinfo=zone_of(match["zone"]))
    return dt.datetime.combine(printed.day, time).isoformat()


def zone_of(text: str | None) -> dt.timezone | None:
    """Return the time zone of `+02:00`, `GMT+4` or `CEST`, or None."""
    if not text:
        return None
    label = re.sub(r"\s", "", text).upper().replace("−", "-")
    numeric = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", label)
    if numeric:
        minutes = int(numeric.group(2)) * 60 + int(numeric.group(3) or 0)
        signed = minutes if numeric.group(1) == "+" else -minutes
        return dt.timezone(dt.timedelta(minutes=signed)) if minutes < 24 * 60 else None
    return dt.timezone(dt.timedelta(minutes=ZONES[label])) if label in ZONES else None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _printed(match: re.Match[str], day: dt.date | None) -> Printed | None:
    return Printed(day, match.start(), match.end()) if day else None


def _year_first(match: re.Match[str], _: DateStyle) -> Printed | None:
    return _printed(match, _day(int(match.group(1)), int(match.group(3)), int(match.group(4))))


def _numbered(match: re.Match[str], _: DateStyle) -> Printed | None:
    return _printed(match, _day(int(match.group(1)), int(match.group(2)), int(match.group(3))))


def _vietnamese(match: re.Match[str], _: DateStyle) -> Printed | None:
    return _printed(match, _day(int(match.group(3)), int(match.group(2)), int(match.group(1))))


def _digits(match: re.Match[str], style: DateStyle) -> Printed | None:
    first, second, year = int(match.group(1)), int(match.group(3)), _year(match.group(4))
    by_day, by_month = _day(year, second, first), _day(year, first, second)
    span = match.span()
    if match.group(2) == "." or not by_month:
        order = "day" if match.group(2) != "." else ""
        return Printed(by_day, *span, order=order) if by_day else _printed(match, by_month)
    if not by_day:
        return Printed(by_month, *span, order="month")
    day, other = (by_day, by_month) if style.day_first else (by_month, by_day)
    return Printed(day, *span, other=other if other != day else None)


def _year(text: str) -> int:
    digits = text.strip("’'")
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _day_named(match: re.Match[str], style: DateStyle) -> Printed | None:
    month = month_of(match.group(2), style.language)
    return _printed(match, _day(_year(match.group(3) or match.group(4)), month, int(match.group(1)))) if month else None


def _month_named(match: re.Match[str], style: DateStyle) -> Printed | None:
    name = match.group(1)
    month = month_of(name, style.language) or month_of(GLUED.split(name)[-1], style.language)
    return _printed(match, _day(int(match.group(3)), month, int(match.group(2)))) if month else None


def _latvian(match: re.Match[str], style: DateStyle) -> Printed | None:
    month = month_of(match.group(3), style.language)
    return _printed(match, _day(int(match.group(1)), month, int(match.group(2)))) if month else None


def _year_then_month(match: re.Match[str], style: DateStyle) -> Printed | None:
    month = month_of(match.group(2), style.language)
    return _printed(match, _day(int(match.group(1)), month, int(match.group(3)))) if month else None


FORMATS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], DateStyle], Printed | None], tuple[str, ...]], ...] = (
    (YEAR_FIRST, _year_first, ()),
    (DAY_NAMED, _day_named, ()),
    (MONTH_NAMED, _month_named, ()),
    (DIGITS, _digits, ()),
    (NUMBERED, _numbered, ("月", "월")),
    (YEAR_THEN_MONTH, _year_then_month, ()),
    (MONTH_TIME_YEAR, _month_named, (":",)),
    (VIETNAMESE, _vietnamese, ("th", "Th", "TH")),
    (LATVIAN, _latvian, ("gada",)),
)
"""The formats, the most reliable first: pattern, function that reads a match, strings.

If strings are given, a text without any of them cannot match and is skipped.
"""
