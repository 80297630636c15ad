"""Works out when an article was published, from clues that cleaning has gathered.

A date keeps the time and the UTC offset that the page gives it; nothing is added that the page does not say.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from babel.dates import get_day_names, get_month_names

from index.ids import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LANGUAGES = [
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ru", "uk", "sv", "da", "nb", "fi", "cs", "ro", "hu", "el",
    "ar", "id",
]  # fmt: skip
"""Languages whose month names are known. Babel has more, but some of those give one name to two months."""

DAY_FIRST_HOSTS = (".uk", ".ie", ".au", ".nz", ".in", ".za", ".ng", ".ke", ".sg", ".my", ".hk", ".pk", ".eu")
"""English pages of these places write the day first; those of no place are taken for American."""

FIRST_DAY = dt.date(1800, 1, 1)
FIRST_WEB_DAY = dt.date(1990, 1, 1)
"""A date before it on a page is what a story is about; one that the input gives as a field may be older."""

NAMED_CENTURY = r"(?:19|20)\d\d"

ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "PKT": 300, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720,
    "NZDT": 780, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "BRT": -180,
}  # fmt: skip
"""Minutes east of UTC of the abbreviations that mean one zone; IST and ET mean several and are left out."""

WORD = r"[^\W\d_]{3,12}"
ORDINAL = r"(?:st|nd|rd|th|er|\.|º|ª|°)?"
YEAR_FIRST = re.compile(rf"(?<![\d./-])({NAMED_CENTURY})\s?([-/.•])\s?(\d{{1,2}})\s?\2\s?(\d{{1,2}})(?!\d)")
EAST_ASIAN = re.compile(r"(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号號]")
DIGITS = re.compile(rf"(?<![\d./-])(\d{{1,2}})\s?([./-])\s?(\d{{1,2}})\s?\2\s?({NAMED_CENTURY}|\d\d(?![\d:]))(?![\d])")
DAY_NAMED = re.compile(
    rf"(?<![\d.,:/])(\d{{1,2}}){ORDINAL}(?:\s?[-/.]\s?|\s{{0,3}}(?:de\s|of\s|d[’'])?\s?)({WORD})\.?,?"
    rf"(?:\s?[-/]\s?|\s{{0,3}}(?:de\s|del\s|of\s)?\s?)({NAMED_CENTURY})(?!\d)"
)
MONTH_NAMED = re.compile(rf"(?<!\w)({WORD})\.?\s{{0,3}}(\d{{1,2}}){ORDINAL}\s?,?\s{{0,3}}({NAMED_CENTURY})(?!\d)")
TIME = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])(?:\s?[:h]\s?|\.)(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?\s?\(?(?P<zone>(?:UTC|GMT)?\s?[+−-]\s?\d{1,2}:?(?:[0-5]\d)?(?!\d)|[A-Z]{1,4}\b)?",
    re.IGNORECASE,
)
WHOLE_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:[T ].*)?\Z", re.DOTALL)
URL_DATE = re.compile(rf"[/_-]({NAMED_CENTURY})[/_-]?(\d\d|[a-z]{{3}})[/_-]?(\d\d)(?=[/_.-]|\Z)")

PUBLISHED = re.compile(
    r"\b(?:published|posted|first\s+published|publish(?:ed)?\s+date|date(?:\s+posted)?|released|issued|created|veröffentlicht|erstellt|"
    r"publié|publicado|pubblicato|gepubliceerd|opublikowano|publicerad|publisert|yayınlan\w+|yayın\w*|опубликовано|дата)\b",
    re.IGNORECASE,
)
UPDATED = re.compile(
    r"\b(?:updated?|last\s+updated|modified|revised|edited|aktualisiert|mis\s+à\s+jour|actualizado|aggiornato|bijgewerkt|güncelle\w+|"
    r"aktualizacja|atualizado|обновлено)\b",
    re.IGNORECASE,
)
LABEL = re.compile(r"\W*(?:" + PUBLISHED.pattern + "|" + UPDATED.pattern + ")", re.IGNORECASE)
COPYRIGHT = re.compile(r"©|ⓒ|\(c\)\s|\bcopyright\b|all rights reserved", re.IGNORECASE)
DATELINE = re.compile(r"^.{2,80}?(?:\s[—–-]{1,2}\s|\)\s|:\s)")
PLACE = re.compile(r"([A-Z]{3,})[^\d:|]{0,40}\Z")
MAX_LINE = 200
SENTENCE_LIMIT = 12
NOT_DATE_LIMIT = 45
"""A date line holds at most this many characters beside its date: a label, a time, a place, a weekday."""


@dataclass(frozen=True, slots=True)
class Clue:
    """A text that may tell when the article was published, and where it was found (`published_from`)."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What helps to read a date: the first and the last day it can be, and whether 04/03 is 4 March."""

    earliest: dt.date
    latest: dt.date
    day_first: bool

    def allow(self, day: dt.date) -> bool:
        """Tell whether something can have been published on `day`."""
        return self.earliest <= day <= self.latest


@dataclass(frozen=True, slots=True)
class _Found:
    day: dt.date
    start: int
    end: int


def first_date(clues: Iterable[Clue], around: Surroundings) -> Clue | None:
    """Return the first clue that holds a date, its text put in ISO 8601, or None."""
    for clue in clues:
        value = read_date(clue.text, around)
        if value:
            return Clue(clue.place, value)
    return None


def read_date(text: str, around: Surroundings) -> str | None:
    """Return the first date in `text` that is not in the future, with its time and offset if it has them."""
    text = text[:MAX_LINE].strip()
    if WHOLE_ISO.match(text):
        whole = _whole_iso(text)
        if whole and around.allow(whole.date()):
            return whole.date().isoformat() if len(text) <= len("2024-01-21") else whole.isoformat(timespec="seconds")
    found = min(_find(text, around), key=lambda found: found.start, default=None)
    return _with_time(found, text) if found else None


def url_date(url: str | None, around: Surroundings) -> str | None:
    """Return the day that the path of `url` names, or None."""
    for match in URL_DATE.finditer((url or "")[:500].lower()):
        year, month, day = match.groups()
        number = int(month) if month.isdigit() else month_names().get(month, 0)
        value = _day(int(year), number, int(day), around)
        if value:
            return value.isoformat()
    return None


def text_clues(head: Sequence[str], tail: Sequence[str], opening: str) -> Iterator[Clue]:
    """Yield the lines around a story that may hold its date, the likeliest first.

    `head` are the lines above the story in order, `tail` those below, `opening` is the story's first paragraph.
    """
    near = [line for line in reversed(head) if _has_digits(line) and not COPYRIGHT.search(line)]
    labelled = [line for line in near if PUBLISHED.search(line)]
    updated = [line for line in near if UPDATED.search(line) and line not in labelled]
    plain = [line for line in near if line not in labelled and line not in updated]
    for line in labelled:
        yield Clue("text", line[PUBLISHED.search(line).start() :])  # type: ignore[union-attr]
    for line in plain:
        if len(line) <= NOT_DATE_LIMIT + 25:
            yield Clue("text", line)
    for line in updated:
        yield Clue("text", line)
    start = DATELINE.match(opening[:MAX_LINE])
    if start or len(opening) <= NOT_DATE_LIMIT:
        yield Clue("dateline", start.group() if start else opening)
    for line in tail:
        if len(line) <= MAX_LINE and _has_digits(line) and PUBLISHED.search(line) and not COPYRIGHT.search(line):
            yield Clue("text", line)


def is_date_line(line: str, *, sure: bool = True) -> bool:
    """Tell whether `line` is little more than a date. `BRUSSELS 1996-08-22` is not: it says where as well.

    If not `sure`, as the line may be a sentence, next to nothing may stand beside the date.
    """
    limit = NOT_DATE_LIMIT if sure or LABEL.match(line) else SENTENCE_LIMIT
    limit += 20 if sure and PUBLISHED.search(line) else 0
    if len(line) > limit + 30 or not _has_digits(line):
        return False
    found = next(_find(line, ANY_DAY), None)
    if found is None or len(line) - (found.end - found.start) > limit:
        return False
    place = PLACE.match(line[: found.start])
    return (
        not place or found.end < len(line) or place.group(1).casefold() in day_names() or LABEL.match(line) is not None
    )


@cache
def day_names() -> frozenset[str]:
    """Return the names of the days of the week in lower case, of all languages known."""
    return frozenset(
        name.casefold().strip(". ")
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for name in get_day_names(width, "format", language).values()
    )


@cache
def month_names() -> dict[str, int]:
    """Return month names and their abbreviations in lower case, of all languages known."""
    names = {"sept": 9}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in get_month_names(width, context, language).items():
                    names.setdefault(name.casefold().strip(". "), month)
    return names


def _has_digits(line: str) -> bool:
    return any(character.isdigit() for character in line)


def _find(text: str, around: Surroundings) -> Iterator[_Found]:
    for pattern, order in ORDERS:
        for match in pattern.finditer(text):
            day = order(match, around)
            if day:
                yield _Found(day, match.start(), match.end())
                break


def _year_first(match: re.Match[str], around: Surroundings) -> dt.date | None:
    return _day(int(match.group(1)), int(match.group(3)), int(match.group(4)), around)


def _east_asian(match: re.Match[str], around: Surroundings) -> dt.date | None:
    return _day(int(match.group(1)), int(match.group(2)), int(match.group(3)), around)


def _digits(match: re.Match[str], around: Surroundings) -> dt.date | None:
    first, second, year = int(match.group(1)), int(match.group(3)), int(match.group(4))
    year += 0 if year > 99 else 2000
    month_last = first > 12 or match.group(2) == "." or (around.day_first and second <= 12)
    return _day(year, second, first, around) if month_last else _day(year, first, second, around)


def _day_named(match: re.Match[str], around: Surroundings) -> dt.date | None:
    return _day(int(match.group(3)), month_names().get(match.group(2).casefold(), 0), int(match.group(1)), around)


def _month_named(match: re.Match[str], around: Surroundings) -> dt.date | None:
    return _day(int(match.group(3)), month_names().get(match.group(1).casefold(), 0), int(match.group(2)), around)


ORDERS = (
    (YEAR_FIRST, _year_first),
    (DAY_NAMED, _day_named),
    (MONTH_NAMED, _month_named),
    (DIGITS, _digits),
    (EAST_ASIAN, _east_asian),
)
ANY_DAY = Surroundings(dt.date.min, dt.date.max, day_first=True)


def _day(year: int, month: int, day: int, around: Surroundings) -> dt.date | None:
    try:
        value = dt.date(year, month, day)
    except ValueError:
        return None
    return value if around.allow(value) else None


def _whole_iso(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _with_time(found: _Found, text: str) -> str:
    """Return the found day with the time that stands right behind or right before it."""
    match = TIME.search(text, found.end, found.end + 50) or TIME.search(text, max(0, found.start - 30), found.start)
    if not match:
        return found.day.isoformat()
    hour = int(match["hour"])
    half = (match["half"] or "").lower()
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour % 24
    time = dt.time(hour, int(match["minute"]), int(match["second"] or 0), tzinfo=_zone(match["zone"]))
    return dt.datetime.combine(found.day, time).isoformat()


def _zone(text: str | None) -> dt.timezone | None:
    label = re.sub(r"\s", "", text or "").upper().replace("−", "-")
    numeric = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", label)
    if numeric:
        minutes = int(numeric.group(2)) * 60 + int(numeric.group(3) or 0)
        signed = minutes if numeric.group(1) == "+" else -minutes
        return dt.timezone(dt.timedelta(minutes=signed)) if minutes < 24 * 60 else None
    return dt.timezone(dt.timedelta(minutes=ZONES[label])) if label in ZONES else None


def month_first(language: str | None, declared: str | None, url: str | None) -> bool:
    """Tell whether 04/03 is April 3: in American English alone. `declared` is the page's language tag."""
    if language not in {None, "en"}:
        return False
    tag = (declared or "").replace("_", "-").lower()
    if "-" in tag:
        return tag in {"en-us", "en-ph"}
    host = host_of(url) or ""
    return not host.endswith(DAY_FIRST_HOSTS)
