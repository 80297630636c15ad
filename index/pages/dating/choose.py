"""Gathers what a page says about when it was published, weighs it, and chooses.

Every place that may name the date gives candidates with a score. Places that name the same day strengthen each other;
what cannot be the date is refused with the reason, and the next best is taken.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.dates.formats import Custom, Printed
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
from index.pages.dating.in_text import DateMention, Known, lay_out, line_mentions, near_mentions, opening_mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.pages.page import Markup, Page
    from index.sources.raw import RawArticle

FIELD_SCORE = 1.0
URL_SCORE = 0.8
"""The input's own field is believed where it can be true. An address seldom names another day, but has no time."""

SURE = 0.6
"""With such a score a date settles the order of day and month in others, and lines without a year are not read."""

KINDS = {"json-ld": "data", "meta": "data", "url": "url", "time": "seen", "text": "seen", "dateline": "seen"}
AGREEING = 0.6
"""Of what one more kind of place says, this share counts: the page's own data often come from one field.

Two of a kind strengthen each other by `ALIKE` alone.
"""

ALIKE = 0.25
WITNESS = 0.35
"""What scores less is no witness: the dates of other stories fit any recent day."""

WEST_HOURS = 12
EAST_HOURS = 14
"""How many hours local time is behind UTC and before it at most."""

URL_MONTH_SCORE = 0.3
RELATIVE_SHARE = 0.6
"""What is left of an element's score where it counts back from the fetching, whose time zone is not known."""

LEAST = 0.15
"""A date that scores less is not taken. Of those below, on 550 pages as text and as HTML, 2 of 7 were right."""

MAX_WARNED = 60
FUTURE = "in the future"
EARLY = "before 1990, when there was no page on the web"
UNPRINTED = "before 1800"
WEAK = "too little evidence"
WARNED = frozenset({"field", "json-ld", "meta", "time", "url"})
NAMES = {
    "field": "the field", "json-ld": "the JSON-LD", "meta": "a meta element", "time": "a marked element",
    "url": "the URL", "dateline": "the dateline", "text": "the text",
}  # fmt: skip
FOOTER_CHARS = 3000
COPYRIGHT_YEAR = re.compile(r"(?:©|\(c\)|copyright)\D{0,20}(?:\d{4}\s?[-–]\s?)?(20\d\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that was found: where, in which words, what it means in ISO 8601, how likely it is, why it was refused."""

    place: str
    text: str
    published: str | None
    score: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Dating:
    """When a page was published and where that was found; all candidates, the best first; what the user should know."""

    published: str | None = None
    place: str | None = None
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The days between which a page of the web can have been published, and when it was fetched, where known."""

    latest: dt.date
    fetched: dt.datetime | None


def date_page(raw: RawArticle, page: Page, markup: Markup, language: str | None) -> Dating:
    """Return when a page was published. Raises nothing, whatever the page says."""
    url, archived = unarchived(raw.url or markup.url)
    bounds = _bounds(raw.retrieved, archived)
    day_first = not month_first(language, markup.language or raw.language, url)
    custom = Custom(day_first, language)
    mentions = [
        mention for clue in (*markup.dates, *markup.updates) if (mention := _read(clue, custom, bounds.fetched))
    ]
    named = url_date(url, day_first=day_first)
    if not named and markup.url:
        own = unarchived(markup.url)[0]
        named, url = url_date(own, day_first=day_first), url if url_month(url) else own
    if named:
        mentions.append(DateMention("url", url or "", Printed(named, 0, 0), named.isoformat(), URL_SCORE))
    layout = lay_out(raw.text if raw.html is None else None, page)
    known = _known(bounds, url)
    mentions += line_mentions(layout, custom)
    mentions += opening_mentions(page.paragraphs[0] if page.paragraphs else "", custom, known)
    if not any(mention.score >= SURE and not mention.refused for mention in mentions):
        known = known if known.latest else _copyrighted(layout.text, bounds.latest)
        mentions += near_mentions(layout, custom, known, {mention.text for mention in mentions})
    given = _read(Clue("field", raw.published, FIELD_SCORE), custom) if raw.published else None
    settled = _settled([given, *mentions] if given else mentions, bounds.latest)
    checked = [_checked(mention, bounds.latest) for mention in settled]
    return _chosen(_scored(checked, url_month(url)), raw.published)


def _read(clue: Clue, custom: Custom, fetched: dt.datetime | None = None) -> DateMention | None:
    found = read_printed(clue.text, custom)
    if found:
        return DateMention(clue.place, clue.text, *found, clue.score, clue.refused)
    day = relative_day(plain(clue.text), fetched) if fetched else None
    if day is None:
        return None
    return DateMention(
        clue.place, clue.text, Printed(day, 0, 0), day.isoformat(), clue.score * RELATIVE_SHARE, clue.refused
    )


def _bounds(retrieved: str | None, archived: dt.date | None) -> _Bounds:
    """Return the last day a page can be of: when it was fetched, or today, anywhere on earth."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    fetched: dt.datetime | None = dt.datetime.combine(archived, dt.time(23, 59)) if archived else None
    with suppress(ValueError):
        fetched = dt.datetime.fromisoformat(retrieved or "").replace(tzinfo=None)
    if fetched is not None and not FIRST_WEB_DAY <= fetched.date() <= now.date() + dt.timedelta(days=1):
        fetched = None
    return _Bounds((fetched or now).date() + dt.timedelta(days=1), fetched)


def _known(bounds: _Bounds, url: str | None) -> Known:
    """Return the evidence for the year of dates that have none: when the page was fetched, its address."""
    if bounds.fetched:
        return Known(bounds.fetched.date(), bounds.fetched)
    named = url_date(url)
    month = (named.year, named.month) if named else url_month(url)
    if not month:
        return Known()
    end = dt.date(month[0] + month[1] // 12, month[1] % 12 + 1, 1) - dt.timedelta(days=1)
    return Known(min(end, bounds.latest))


def _copyrighted(text: str, latest: dt.date) -> Known:
    """Return the weaker evidence of a copyright notice at the end of a page."""
    year = COPYRIGHT_YEAR.search(text, max(0, len(text) - FOOTER_CHARS))
    return Known(min(dt.date(int(year.group(1)), 12, 31), latest)) if year else Known()


def _settled(mentions: Sequence[DateMention], latest: dt.date) -> list[DateMention]:
    """Return the dates with day and month in the order that others on the page show, where it is open."""
    if not any(mention.printed.other for mention in mentions):
        return list(mentions)
    orders = [mention.printed.order for mention in mentions if mention.printed.order]
    sure = {mention.printed.day for mention in mentions if not mention.printed.other and mention.score >= SURE}
    return [_turned(mention, sure, orders, latest) for mention in mentions]


def _turned(mention: DateMention, sure: set[dt.date], orders: Sequence[str], latest: dt.date) -> DateMention:
    day, other = mention.printed.day, mention.printed.other
    if other is None or day in sure:
        return mention
    day_first = day.day == _first_number(mention)
    shown = orders.count("day") - orders.count("month")
    turn = other in sure or (day > latest >= other) or (shown > 0 and not day_first) or (shown < 0 and day_first)
    if not turn:
        return mention
    return mention._replace(
        printed=mention.printed._replace(day=other, other=day), published=other.isoformat() + mention.published[10:]
    )


def _first_number(mention: DateMention) -> int:
    match = re.search(r"\d+", mention.text[mention.printed.start :])
    return int(match.group()) if match else 0


def _checked(mention: DateMention, latest: dt.date) -> DateMention:
    """Return the date with the reason why it cannot be that of a publication, if there is one."""
    day = mention.printed.day
    if mention.refused:
        return mention
    if day > latest:
        return mention._replace(refused=FUTURE)
    if mention.place == "field":
        return mention._replace(refused=UNPRINTED if day < FIRST_DAY else "")
    return mention._replace(refused=EARLY if day < FIRST_WEB_DAY else "")


def _scored(mentions: Sequence[DateMention], month: tuple[int, int] | None) -> list[Candidate]:
    """Return the candidates, the best first and the refused last, strengthened by those that name the same day."""
    open_ones = [mention for mention in mentions if not mention.refused]
    days: dict[dt.date, list[DateMention]] = {}
    for mention in open_ones:
        days.setdefault(_own_day(mention, open_ones), []).append(mention)
    gains: dict[int, float] = {}
    for day, group in days.items():
        named = [mention for mention in group if mention.printed.day == day]
        gain = _together(group, in_month=month == (day.year, day.month)) - max(mention.score for mention in named)
        gains.update({id(mention): gain for mention in named})
    candidates = [_candidate(mention, gains.get(id(mention), 0)) for mention in mentions]
    return sorted(candidates, key=lambda found: (bool(found.refused), -found.score, (found.published or "")[:10]))


def _candidate(mention: DateMention, gain: float) -> Candidate:
    score = round(min(1.0, mention.score + gain), 3)
    return Candidate(
        mention.place, mention.text, mention.published, score, mention.refused or (WEAK if score < LEAST else "")
    )


def _own_day(mention: DateMention, others: Iterable[DateMention]) -> dt.date:
    """Return the day that a moment in the page's data stands for.

    Mostly it is in UTC: where the address or the page shows the day beside it, and it was that day somewhere on earth,
    that is the publisher's own.
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


def _together(group: Sequence[DateMention], *, in_month: bool) -> float:
    """Return how likely a day is that all of `group` name: doubts multiply, as those of independent witnesses do."""
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
    best = next((candidate for candidate in candidates if not candidate.refused), None)
    warnings = []
    taken = f"the date of {NAMES[best.place]} was taken" if best else "no other date was found"
    if field and field.strip() and not any(candidate.place == "field" for candidate in candidates):
        warnings.append(f"The field says “{field.strip()[:MAX_WARNED]}”, which is no date; {taken}.")
    for candidate in candidates:
        if candidate.refused in {FUTURE, EARLY, UNPRINTED} and candidate.place in WARNED:
            name = NAMES[candidate.place]
            if best is None or candidate.score > best.score or candidate.place == "field":
                day = (candidate.published or "")[:10]
                warnings.append(f"{name[0].upper()}{name[1:]} says {day}, which is {candidate.refused}; {taken}.")
    if best is None:
        return Dating(candidates=tuple(candidates), warnings=tuple(dict.fromkeys(warnings)))
    return Dating(best.published, best.place, tuple(candidates), tuple(dict.fromkeys(warnings)))
