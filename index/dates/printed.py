"""Read dates in fields, URLs and lines of text.

A date keeps the time and the UTC offset that the page gives. Nothing is added that the page does not say.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from index.dates.formats import YEAR, DateStyle, Printed, find_dates, read_iso, with_time
from index.dates.names import day_names, month_of, plain
from index.sources.ids import host_of

DAY_FIRST_HOSTS = (
    ".uk", ".ie", ".au", ".nz", ".in", ".za", ".ng", ".ke", ".gh", ".ug", ".tz", ".zm", ".zw", ".sg", ".my", ".hk",
    ".pk", ".bd", ".lk", ".np", ".eu", ".de", ".fr", ".at", ".ch", ".nl", ".be", ".it", ".es", ".pt", ".pl", ".dk",
    ".se", ".no", ".fi", ".ru", ".tr", ".gr", ".il", ".ae", ".sa", ".qa", ".eg", ".jm", ".tt", ".mt", ".cy",
)  # fmt: skip
"""English pages under these domains write the day first. Pages under other domains are taken as American."""

URL_EDITION = re.compile(r"/en[-_]([a-z]{2})(?:/|\Z)", re.IGNORECASE)
MONTH_FIRST_TAGS = frozenset({"en-us", "en-ph"})
FIRST_DAY = dt.date(1800, 1, 1)
FIRST_WEB_DAY = dt.date(1990, 1, 1)
"""The earliest possible date in a field of the input, and on a web page.

An earlier date on a page belongs to the subject of the article. A field may describe an older, printed article.
"""

ARCHIVE = re.compile(r"https?://web\.archive\.org/web/(\d{4})(\d\d)(\d\d)\d*[a-z_]*/(.+)", re.IGNORECASE | re.DOTALL)
URL_DATE = re.compile(
    rf"[/_.=-](?:(?P<year>{YEAR})(?P<dash>[/_.-]?)(?P<month>\d\d|[a-z]{{3,9}})(?P=dash)(?P<day>\d\d)"
    rf"|(?P<year1>{YEAR})/(?P<month1>\d)/(?P<day1>\d\d?)|(?P<year2>{YEAR})/(?P<month2>\d\d)/(?P<day2>\d)"
    rf"|(?P<first>\d\d)[_.-](?P<second>\d\d)[_.-](?P<year3>{YEAR}))(?=[/_.-]|\Z)"
)
URL_MONTH = re.compile(rf"/({YEAR})/(\d\d)(?=/)")
EPOCH = re.compile(r"1?\d{9}(?:\d{3})?\Z")

PUBLISHED = re.compile(
    r"\b(?:published|posted|publish(?:ed)?\s+(?:date|on)|date(?:\s+posted)?|issued|created|pub\s?date|"
    r"veröffentlicht|erstellt|erschienen|erscheinungsdatum|publikationsdatum|datum|publié|mis\s+en\s+ligne|"
    r"publication|paru|publicad[oa]|creado|fecha|pubblicato|pubblicazione|data(?=\s?:|\sd)|gepubliceerd|geplaatst|opublikowano|"
    r"dodano|publikacja|publicerad|publisert|publiceret|udgivet|julkaistu|yayınlan\w+|yayın\w*|eklenme|giriş\s+tarihi|"
    r"tarih\w*|опубликовано|дата|размещено|опубліковано|objavljeno|publikováno|vydáno|publikované|közzétéve|megjelent|"
    r"publicat|diterbitkan|δημοσιεύ\w+|نشر\w*|تاريخ|প্রকাশ\w*|প্রকাশিত|发布|发表|時間|时间|公開|掲載|配信|投稿|입력|등록|승인)\b",
    re.IGNORECASE,
)
UPDATED = re.compile(
    r"\b(?:updated?|last\s+updated|last\s+modified|modified|revised|edited|reviewed|aktualisiert|"
    r"aktualisierung|stand|geändert|zuletzt|mis\s+à\s+jour|mise\s+à\s+jour|modifié\w*|actualizad[oa]|actualización|"
    r"modificado|aggiorna\w+|bijgewerkt|gewijzigd|güncelle\w+|aktualizacja|aktualizowano|atualizad[oa]|обновлено|"
    r"изменено|оновлено|oppdatert|uppdaterad|opdateret|päivitetty|aktualizováno|تحديث|更新|수정)\b",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"\b(?:current\s(?:date|time)|(?:today|it)\s(?:is|now)|aktuelle[sr]?\s(?:datum|uhrzeit|zeit)|heute\sist|"
    r"nous\ssommes\sle|hoy\ses|oggi\sè|hoje\sé|сегодня)\b",
    re.IGNORECASE,
)
"""Words before the date of the visit, which some pages display."""

LABEL = re.compile(r"\W*(?:" + PUBLISHED.pattern + "|" + UPDATED.pattern + ")", re.IGNORECASE)
DIGIT = re.compile(r"\d")
PLACE = re.compile(r"([A-Z]{3,})[^\d:|]{0,40}\Z")

MAX_TEXT = 200
"""Characters of a field that are searched for a date."""

SENTENCE_LIMIT = 12
NOT_DATE_LIMIT = 45
"""Limits of a date line, in characters without its date.

A line with at most `NOT_DATE_LIMIT` other characters is a date line: it may have a label, a time, a place or a weekday.
If the line may be a sentence, the limit is `SENTENCE_LIMIT`.
"""

LABEL_CHARS = 20
LONGEST_DATE = 30
"""Characters that a label such as `published` adds to the limit, and characters of the longest date."""

DAY_FIRST = DateStyle(day_first=True)


@dataclass(frozen=True, slots=True)
class Clue:
    """A text that may name the date of publication.

    `place` is where it was found (see `published_from`). `score` is the trust in such a place, from 0 to 1. `refused`
    is the reason why it cannot be the date, such as `another story`.
    """

    place: str
    text: str
    score: float = 0.5
    refused: str = ""


def read_printed(text: str, style: DateStyle) -> tuple[Printed, str] | None:
    """Return the first date in `text`, and the same date in ISO 8601, with its time and offset if it has them."""
    text = plain(text[:MAX_TEXT].strip())
    whole = read_iso(text) or _epoch(text)
    if whole:
        return Printed(dt.date.fromisoformat(whole[:10]), 0, len(text)), whole
    date = next(iter(find_dates(text, style)), None)
    return (date, with_time(date, text)) if date else None


def _epoch(text: str) -> str | None:
    """Return the time for a number of seconds or milliseconds since 1970, or None if it is before 1990."""
    if not EPOCH.match(text):
        return None
    seconds = int(text) / (1000 if len(text) > len("1588388400") else 1)
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return moment.isoformat(timespec="seconds") if moment.date() >= FIRST_WEB_DAY else None


def unarchived(url: str | None) -> tuple[str | None, dt.date | None]:
    """Return the original URL of a page in the Wayback Machine, and the day when it was archived."""
    match = ARCHIVE.match(url or "")
    if not match:
        return url, None
    try:
        day = dt.date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    except ValueError:
        day = None
    return match.group(4), day


def url_date(url: str | None, *, day_first: bool = True) -> dt.date | None:
    """Return the day in the path of `url`, or None."""
    for match in URL_DATE.finditer((url or "")[:500].lower()):
        if match["first"]:
            first, second, year = match["first"], match["second"], match["year3"]
            orders = [(second, first), (first, second)]
            readings = [(year, *order) for order in (orders if day_first else reversed(orders))]
        else:
            readings = [
                (
                    match["year"] or match["year1"] or match["year2"],
                    match["month"] or match["month1"] or match["month2"],
                    match["day"] or match["day1"] or match["day2"],
                )
            ]
        for year, month, day in readings:
            try:
                return dt.date(int(year), int(month) if month.isdecimal() else month_of(month), int(day))
            except ValueError:
                continue
    return None


def url_month(url: str | None) -> tuple[int, int] | None:
    """Return the year and month in the path of `url`, or None."""
    match = URL_MONTH.search((url or "")[:500])
    if not match or not 1 <= int(match.group(2)) <= 12:
        return None
    return int(match.group(1)), int(match.group(2))


def is_date_line(line: str, *, sure: bool = True) -> bool:
    """Tell whether `line` is little more than a date. `BRUSSELS 1996-08-22` is not, because it also has a place.

    If `sure` is false, the line may be a sentence, and almost no other text may stand beside the date.
    """
    if len(line) > NOT_DATE_LIMIT + LABEL_CHARS + LONGEST_DATE or not DIGIT.search(line):
        return False
    line = plain(line)
    date = next(iter(find_dates(line, DAY_FIRST)), None)
    if date is None:
        return False
    beside = len(line) - (date.end - date.start)
    if beside > SENTENCE_LIMIT:
        limit = NOT_DATE_LIMIT if sure or LABEL.match(line) else SENTENCE_LIMIT
        if beside > limit + (LABEL_CHARS if sure and PUBLISHED.search(line) else 0):
            return False
    if date.end < len(line):
        return True
    place = PLACE.match(line[: date.start])
    return not place or place.group(1).casefold() in day_names() or LABEL.match(line) is not None


def month_first(language: str | None, declared: str | None, url: str | None) -> bool:
    """Tell whether 04/03 is April 3, as in American English. `declared` is the page's language tag."""
    if language not in {None, "en"}:
        return False
    tag = (declared or "").replace("_", "-").lower()
    if "-" in tag:
        return tag in MONTH_FIRST_TAGS
    edition = URL_EDITION.search((url or "")[:500])
    if edition:
        return f"en-{edition.group(1).lower()}" in MONTH_FIRST_TAGS
    host = host_of(url) or ""
    return not host.endswith(DAY_FIRST_HOSTS)
