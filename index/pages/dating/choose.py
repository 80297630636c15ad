"""Choose the date of publication of a page among all dates that it names.

Each place that may name the date yields candidates with a score. Places that name the same day raise each other's
score. An impossible date is refused with a reason, and the next best candidate is taken.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.dates.formats import DateStyle, Printed
from index.dates.names import plain
from index.dates.printed import (
    FIRST_DAY,
    FIRST_WEB_DAY,
    Clue,
    month_first,
    read_printed,
    unarchived,
    url_date,
    url_month,
)
from index.dates.relative import relative_day
from index.pages.dating.in_text import DateMention, Evidence, lay_out, line_mentions, near_mentions, opening_mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.pages.page import Markup, Page
    from index.sources.raw import RawArticle

FIELD_SCORE = 1.0
URL_SCORE = 0.8
"""Scores of two places: the date field of the input, and a day in the URL.

A possible date in the field always wins. A URL seldom names a wrong day, but it has no time of day.
"""

SURE = 0.6
"""Minimum score of a date that decides the order of day and month in other dates.

If there is such a date, dates without a year are not read.
"""

KINDS = {"json-ld": "data", "meta": "data", "url": "url", "time": "seen", "text": "seen", "dateline": "seen"}
"""The kind of each place. Places of different kinds are more independent evidence than places of the same kind."""

AGREEING = 0.6
"""Factor on the score of another place that names the same day, if it is of another kind.

The factor is below 1 because the places of a page are not fully independent. `ALIKE` is the factor for a place of the
same kind: a page often fills both from one database field.
"""

ALIKE = 0.25
WITNESS = 0.35
"""Minimum score of a place that raises the score of others. The dates of other articles fit any recent day."""

WEST_HOURS = 12
EAST_HOURS = 14
"""Maximum hours that local time is behind UTC and ahead of UTC."""

URL_MONTH_SCORE = 0.3
"""Score of a month in the URL, as evidence for a day in that month."""

RELATIVE_SHARE = 0.6
"""Factor on the score of a relative date in an element (`3 hours ago`): the time zone of the fetch is unknown."""

LEAST = 0.15
"""Minimum score of a date. On 550 pages, as text and as HTML, 2 of 7 dates below it were right."""

MAX_WARNED = 60
"""Maximum characters of an unreadable date that a warning quotes."""

FUTURE = "in the future"
EARLY = "before 1990, when there was no page on the web"
UNPRINTED = "before 1800"
WEAK = "too little evidence"
"""Reasons why a date is refused. A warning may quote the first three."""

WARNED = frozenset({"field", "json-ld", "meta", "time", "url"})
"""Places with an explicit claim: if their date is refused, the user gets a warning."""

NAMES = {
    "field": "the field", "json-ld": "the JSON-LD", "meta": "a meta element", "time": "a marked element",
    "url": "the URL", "dateline": "the dateline", "text": "the text",
}  # fmt: skip
"""The name of each place in warnings."""

FOOTER_CHARS = 3000
"""Characters at the end of a page that are searched for a copyright year."""

COPYRIGHT_YEAR = re.compile(r"(?:©|\(c\)|copyright)\D{0,20}(?:\d{4}\s?[-–]\s?)?(20\d\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that may be the day of publication.

    `place` is where the page names it, `text` its wording, and `published` its meaning in ISO 8601. `score` is between
    0 and 1. `refused` is the reason why it is not taken, or empty.
    """

    place: str
    text: str
    published: str | None
    score: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Dating:
    """The chosen date and the place that names it, all candidates with the best first, and warnings for the user."""

    published: str | None = None
    place: str | None = None
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The last day on which a page can have been published, and the time of its fetch, if known."""

    latest: dt.date
    fetched: dt.datetime | None


def date_page(raw: RawArticle, page: Page, markup: Markup, language: str | None) -> Dating:
    """Return the date of publication of a page. Never raises an error, whatever the page says."""
    url, archived = unarchived(raw.url or markup.url)
    bounds = _bounds(raw.retrieved, archived)
    day_first = not month_first(language, markup.language or raw.language, url)
    style = DateStyle(day_first, language)
    mentions = [
        mention for clue in (*markup.dates, *markup.updates) if (mention := _parsed(clue, style, bounds.fetched))
    ]
    day_in_url = url_date(url, day_first=day_first)
    if not day_in_url and markup.url:
        markup_url = unarchived(markup.url)[0]
        day_in_url, url = url_date(markup_url, day_first=day_first), url if url_month(url) else markup_url
    if day_in_url:
        mentions.append(DateMention("url", url or "", Printed(day_in_url, 0, 0), day_in_url.isoformat(), URL_SCORE))
    layout = lay_out(raw.text if raw.html is None else None, page)
    evidence = _evidence(bounds, url)
    mentions += line_mentions(layout, style)
    mentions += opening_mentions(page.paragraphs[0] if page.paragraphs else "", style, evidence)
    if not any(mention.score >= SURE and not mention.refused for mention in mentions):
        evidence = evidence if evidence.latest else _copyright_evidence(layout.text, bounds.latest)
        mentions += near_mentions(layout, style, evidence, {mention.text for mention in mentions})
    field_date = _parsed(Clue("field", raw.published, FIELD_SCORE), style) if raw.published else None
    settled = _settled([field_date, *mentions] if field_date else mentions, bounds.latest)
    checked = [_checked(mention, bounds.latest) for mention in settled]
    return _chosen(_scored(checked, url_month(url)), raw.published)


def _parsed(clue: Clue, style: DateStyle, fetched: dt.datetime | None = None) -> DateMention | None:
    parsed = read_printed(clue.text, style)
    if parsed:
        return DateMention(clue.place, clue.text, *parsed, clue.score, clue.refused)
    day = relative_day(plain(clue.text), fetched) if fetched else None
    if day is None:
        return None
    return DateMention(
        clue.place, clue.text, Printed(day, 0, 0), day.isoformat(), clue.score * RELATIVE_SHARE, clue.refused
    )


def _bounds(retrieved: str | None, archived: dt.date | None) -> _Bounds:
    """Return the bounds of the date of publication.

    The last possible day is the day of the fetch, or today if that is unknown. One day is added for time zones.
    """
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    fetched: dt.datetime | None = dt.datetime.combine(archived, dt.time(23, 59)) if archived else None
    with suppress(ValueError):
        fetched = dt.datetime.fromisoformat(retrieved or "").replace(tzinfo=None)
    if fetched is not None and not FIRST_WEB_DAY <= fetched.date() <= now.date() + dt.timedelta(days=1):
        fetched = None
    return _Bounds((fetched or now).date() + dt.timedelta(days=1), fetched)


def _evidence(bounds: _Bounds, url: str | None) -> Evidence:
    """Return evidence for the year of dates without a year: the time of the fetch, else the date in the URL."""
    if bounds.fetched:
        return Evidence(bounds.fetched.date(), bounds.fetched)
    named = url_date(url)
    month = (named.year, named.month) if named else url_month(url)
    if not month:
        return Evidence()
    end = dt.date(month[0] + month[1] // 12, month[1] % 12 + 1, 1) - dt.timedelta(days=1)
    return Evidence(min(end, bounds.latest))


def _copyright_evidence(text: str, latest: dt.date) -> Evidence:
    """Return weaker evidence for the year: the copyright notice at the end of a page."""
    begin = max(0, len(text) - FOOTER_CHARS)
    year = COPYRIGHT_YEAR.search(text, begin) if text.find("20", begin) >= 0 else None
    return Evidence(min(dt.date(int(year.group(1)), 12, 31), latest)) if year else Evidence()


def _settled(mentions: Sequence[DateMention], latest: dt.date) -> list[DateMention]:
    """Settle the order of day and month in ambiguous dates, from the other dates of the page."""
    if not any(mention.printed.other for mention in mentions):
        return list(mentions)
    orders = [mention.printed.order for mention in mentions if mention.printed.order]
    sure = {mention.printed.day for mention in mentions if not mention.printed.other and mention.score >= SURE}
    return [_with_order(mention, sure, orders, latest) for mention in mentions]


def _with_order(mention: DateMention, sure: set[dt.date], orders: Sequence[str], latest: dt.date) -> DateMention:
    """Swap day and month of an ambiguous date if other dates of the page suggest it, or if it is in the future."""
    day, other = mention.printed.day, mention.printed.other
    if other is None or day in sure:
        return mention
    day_first = day.day == _first_number(mention)
    balance = orders.count("day") - orders.count("month")
    swap = other in sure or (day > latest >= other) or (balance > 0 and not day_first) or (balance < 0 and day_first)
    if not swap:
        return mention
    return mention._replace(
        printed=mention.printed._replace(day=other, other=day), published=other.isoformat() + mention.published[10:]
    )


def _first_number(mention: DateMention) -> int:
    match = re.search(r"\d+", mention.text[mention.printed.start :])
    return int(match.group()) if match else 0


def _checked(mention: DateMention, latest: dt.date) -> DateMention:
    """Refuse a date that cannot be a date of publication; return any other date unchanged."""
    day = mention.printed.day
    if mention.refused:
        return mention
    if day > latest:
        return mention._replace(refused=FUTURE)
    if mention.place == "field":
        return mention._replace(refused=UNPRINTED if day < FIRST_DAY else "")
    return mention._replace(refused=EARLY if day < FIRST_WEB_DAY else "")


def _scored(mentions: Sequence[DateMention], month: tuple[int, int] | None) -> list[Candidate]:
    """Return the candidates, the best first and the refused last.

    The score of a candidate rises if other places name the same day.
    """
    open_ones = [mention for mention in mentions if not mention.refused]
    days: dict[dt.date, list[DateMention]] = {}
    for mention in open_ones:
        days.setdefault(_local_day(mention, open_ones), []).append(mention)
    gains: dict[int, float] = {}
    for day, group in days.items():
        named = [mention for mention in group if mention.printed.day == day]
        gain = _joint_score(group, in_month=month == (day.year, day.month)) - max(mention.score for mention in named)
        gains.update({id(mention): gain for mention in named})
    candidates = [_candidate(mention, gains.get(id(mention), 0)) for mention in mentions]
    return sorted(candidates, key=lambda one: (bool(one.refused), -one.score, (one.published or "")[:10]))


def _candidate(mention: DateMention, gain: float) -> Candidate:
    score = round(min(1.0, mention.score + gain), 3)
    return Candidate(
        mention.place, mention.text, mention.published, score, mention.refused or (WEAK if score < LEAST else "")
    )


def _local_day(mention: DateMention, others: Iterable[DateMention]) -> dt.date:
    """Return the publisher's local day of a date in the page's data.

    A time in the data is mostly in UTC, so the local day may be the day before or after. It is that day if the URL or
    the visible page names it, and if some time zone had that day at this time.
    """
    day = mention.printed.day
    if KINDS.get(mention.place) != "data" or "T" not in mention.published:
        return day
    moment = dt.datetime.fromisoformat(mention.published)
    hour = (moment - (moment.utcoffset() or dt.timedelta())).hour
    beside = {day - dt.timedelta(days=1)} if hour < WEST_HOURS else set()
    beside |= {day + dt.timedelta(days=1)} if hour >= 24 - EAST_HOURS else set()
    for other in others:
        if other.printed.day in beside and (
            other.place == "url"
            or (KINDS.get(other.place) == "seen" and other.score >= SURE and not moment.utcoffset())
        ):
            return other.printed.day
    return day


def _joint_score(group: Sequence[DateMention], *, in_month: bool) -> float:
    """Return the joint score of a day that all of `group` name. The doubts (1 - score) are multiplied."""
    best = sorted(group, key=lambda mention: -mention.score)
    doubt = 1 - best[0].score
    kinds = {KINDS.get(best[0].place)}
    places = {best[0].place}
    for mention in best[1:]:
        if mention.score < WITNESS:
            break
        kind = KINDS.get(mention.place)
        if kind not in kinds:
            doubt *= 1 - AGREEING * mention.score
        elif mention.place not in places:
            doubt *= 1 - ALIKE * mention.score
        kinds.add(kind)
        places.add(mention.place)
    if in_month and "url" not in kinds:
        doubt *= 1 - AGREEING * URL_MONTH_SCORE
    return 1 - doubt


def _chosen(candidates: Sequence[Candidate], field: str | None) -> Dating:
    """Take the best candidate, and warn of claimed dates that were refused. `field` is the date of the input."""
    best = next((candidate for candidate in candidates if not candidate.refused), None)
    warnings = []
    outcome = f"the date of {NAMES[best.place]} was taken" if best else "no other date was found"
    if field and field.strip() and not any(candidate.place == "field" for candidate in candidates):
        warnings.append(f"The field says “{field.strip()[:MAX_WARNED]}”, which is no date; {outcome}.")
    for candidate in candidates:
        if candidate.refused in {FUTURE, EARLY, UNPRINTED} and candidate.place in WARNED:
            name = NAMES[candidate.place]
            if best is None or candidate.score > best.score or candidate.place == "field":
                day = (candidate.published or "")[:10]
                warnings.append(f"{name[0].upper()}{name[1:]} says {day}, which is {candidate.refused}; {outcome}.")
    if best is None:
        return Dating(candidates=tuple(candidates), warnings=tuple(dict.fromkeys(warnings)))
    return Dating(best.published, best.place, tuple(candidates), tuple(dict.fromkeys(warnings)))
