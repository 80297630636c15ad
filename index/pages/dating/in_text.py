"""Collect the dates printed in a page's text: around the headline, above, inside and below the main content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from index.dates.formats import DateStyle, Printed, find_dates, find_yearless, with_time
from index.dates.names import plain
from index.dates.printed import CLOCK, DIGIT, PUBLISHED, UPDATED
from index.dates.relative import relative_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator

    from index.pages.page import Page

HEADER, ABOVE, INSIDE, BELOW = "header", "above", "inside", "below"
NEAR = {
    HEADER: ((400, 0.74), (2500, 0.68)),
    ABOVE: ((150, 0.62), (500, 0.5), (1500, 0.3)),
    INSIDE: ((600, 0.6), (2000, 0.45)),
    BELOW: ((200, 0.56), (600, 0.45), (1500, 0.3)),
}
"""Score of a date by the position of its line: pairs of (maximum distance in characters, score).

The distance counts from the headline (`HEADER`, `ABOVE`), from the start of the main content (`INSIDE`) or from its
end (`BELOW`). Most pages print their date next to the headline.
"""

FAR = 0.2
"""Score of a date beyond the distances of `NEAR`."""

LABELLED = 0.14
LEAST_LABELLED = 0.5
"""The word `published` before a date adds 0.14 to its score.

Unless the date is distant, its score is first raised to at least 0.5.
"""

CHANGED = 0.6
"""Factor on the score of a date that follows the word `updated`."""

EVENT_FACTOR = 0.3
"""Factor on the score of a date that follows a word such as `until` or `deadline`."""

ROW = ((45, 1.0), (80, 0.85), (200, 0.5))
"""Factor on the score by the length of the line without its dates: pairs of (maximum characters, factor).

A line that holds only a date is more likely to be the date of publication.
"""

LONG_ROW = 0.3
"""Factor for lines that are longer than the last pair of `ROW` allows."""

CROWD = 3
CROWDED = 0.6
"""Three or more dates inside, below or far from the main content look like a list; each score is multiplied by 0.6."""

OPENING = 0.62
"""Score of the date in a dateline. It may be one day before the publication."""

YEARLESS = 0.3
RELATIVE = 0.35
"""Scores of a date next to the headline that has no year, or that counts back from the time of the fetch."""

NEAR_REACH = 1500
TAIL_REACH = 1500
HEAD_REACH = 6000
ENOUGH = 0.45
MAX_LINES = 60
MAX_LINE = 200
MAX_NEAR_LINE = 100
NEAR_LINES = 10
"""Limits of the search for dates. The `*_REACH` constants are distances in characters.

At most `MAX_LINES` lines for each century and part of the page are read, none longer than `MAX_LINE` characters.
`near_mentions` reads `NEAR_LINES` lines of at most `MAX_NEAR_LINE` characters. Text further away is searched only if
no date nearby scores `ENOUGH`.
"""

KEY_CHARS = 40
ASCII_YEARS = 2
YEARS = ("20", "19", "٢٠", "۲۰", "২০", "२०")
"""The first digits of a year, in the digits of several scripts. The first `ASCII_YEARS` of them are ASCII."""

DATELINE = re.compile(r"^.{2,80}?(?:\s[—–-]{1,2}\s|\)\s|:\s|。|）)")
COPYRIGHT = re.compile(r"©|ⓒ|\(c\)\s|\bcopyright\b|all rights reserved", re.IGNORECASE)
WROTE = re.compile(
    r"\b(?:says|said|wrote|writes|reply|replied|schrieb|schreibt|sagte?|a\sécrit|escribió|dice|ha\sscritto|"
    r"disse|diz|napisał\w*|пишет|yazdı)\b",
    re.IGNORECASE,
)
COMMENTS = re.compile(
    r"\bcomments?\b|\bkommentare?\b|\bcommentaires?\b|\bcoment[aá]rios?\b|\bcommenti\b", re.IGNORECASE
)
EVENT = re.compile(
    r"\b(?:until|till|expires?|deadline|valid|through|born|died|since|when|event|join\sus|starts?|begins?|bis|gültig|"
    r"verfügbar|seit|termin|wann|geboren|jusqu|depuis|hasta|desde|fino|dal|até|tot|sinds|od|do|kadar|до)\b\W*$",
    re.IGNORECASE,
)
RANGE = re.compile(r"\s?(?:-|–|—|to|until|bis|au|al|a|tot|do)\s?\Z", re.IGNORECASE)

LETTER = re.compile(r"[^\W\d_]")
LABEL_LINE = 45
LABEL_CHARS = 30


class DateMention(NamedTuple):
    """A date printed on a page: the fields of a `Clue`, and the date that was parsed from its text."""

    place: str
    text: str
    printed: Printed
    published: str
    score: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The text of a page, with the offsets of its headline and of its main content.

    `centuries` are those of `YEARS` that the text may contain.
    """

    text: str
    title: int
    title_end: int
    start: int
    end: int
    centuries: tuple[str, ...]


class Evidence(NamedTuple):
    """Evidence from outside the text: the last possible day of publication and the time of the fetch, if known."""

    latest: dt.date | None = None
    fetched: dt.datetime | None = None


def lay_out(text: str | None, page: Page) -> Layout:
    """Return the layout of a page. `text` is the page as it was read, or None for an HTML page."""
    if text is None:
        lines = [verdict.text for verdict in page.verdicts] or [*page.head, *page.paragraphs, *page.tail]
        text = "\n".join(lines)
    first, last = (page.paragraphs[0], page.paragraphs[-1]) if page.paragraphs else ("", "")
    second = text.find(page.paragraphs[1][:KEY_CHARS]) if len(page.paragraphs) > 1 else -1
    start = max(0, text.rfind(first[:KEY_CHARS], 0, second if second > 0 else len(text)))
    close = text.rfind(last[-KEY_CHARS // 2 :], start)
    end = (
        close + min(len(last), KEY_CHARS // 2) if close >= 0 else min(len(text), start + sum(map(len, page.paragraphs)))
    )
    title = text.rfind(page.title[:KEY_CHARS], 0, start) if page.title else -1
    if title < 0 or start - title > HEAD_REACH:
        title = title_end = start
    else:
        title_end = title + len(page.title)
    centuries = YEARS[:ASCII_YEARS] if text.isascii() else YEARS
    return Layout(text, title, min(title_end, start), start, max(end, start), centuries)


def line_mentions(layout: Layout, style: DateStyle) -> list[DateMention]:
    """Return the dates with a year: first those near the headline and the main content, then distant ones."""
    low, high, end = max(0, layout.title - NEAR_REACH), layout.start, layout.end
    head = _mentions(layout, (low, high), style)
    body = _mentions(layout, (high, min(end, high + NEAR_REACH)), style)
    below = _mentions(layout, (end, end + TAIL_REACH), style)
    near = [*head, *_unless_listed(body), *_unless_listed(below)]
    if any(mention.score >= ENOUGH and not mention.refused for mention in near):
        return near
    far = ((max(0, low - HEAD_REACH), low), (high + NEAR_REACH, end), (end + TAIL_REACH, end + HEAD_REACH))
    return [*near, *_unless_listed([mention for window in far for mention in _mentions(layout, window, style)])]


def _unless_listed(mentions: list[DateMention]) -> list[DateMention]:
    """Return the mentions, with lower scores if there are enough to look like a list of other articles."""
    if len(mentions) < CROWD:
        return mentions
    return [mention._replace(score=mention.score * CROWDED) for mention in mentions]


def _mentions(layout: Layout, window: tuple[int, int], style: DateStyle) -> list[DateMention]:
    return [mention for span in _year_lines(layout, *window) for mention in _line_mentions(layout, span, style)]


def opening_mentions(opening: str, style: DateStyle, evidence: Evidence) -> list[DateMention]:
    """Return the date in the dateline at the start of the main content, if there is one."""
    start = DATELINE.match(plain(opening[:MAX_LINE]))
    line = start.group() if start else ""
    if not DIGIT.search(line):
        return []
    dates = find_dates(line, style)[:1]
    if dates:
        return [DateMention("dateline", line, dates[0], with_time(dates[0], line), OPENING)]
    printed = find_yearless(line, style, evidence.latest) if evidence.latest else None
    return [DateMention("dateline", line, printed, printed.day.isoformat(), YEARLESS)] if printed else []


def near_mentions(layout: Layout, style: DateStyle, evidence: Evidence, seen: Collection[str]) -> list[DateMention]:
    """Return the dates next to the headline that `line_mentions` cannot read.

    These dates are relative, have no year, or have a year of two digits. Lines in `seen` are skipped: their dates are
    known already.
    """
    low = max(0, layout.title - NEAR[ABOVE][0][0])
    lines = [plain(line) for line in layout.text[low : layout.start].split("\n") if line.strip()][-NEAR_LINES:]
    mentions: list[DateMention] = []
    for line in lines:
        if len(line) > MAX_NEAR_LINE or line in seen or COPYRIGHT.search(line):
            continue
        for printed in find_dates(line, style):
            score = _with_label(NEAR[ABOVE][1][1], 1.0, line[: printed.start])
            mentions.append(DateMention("text", line, printed, with_time(printed, line), score))
        if evidence.fetched and (moment := relative_day(line, evidence.fetched)):
            mentions.append(DateMention("text", line, Printed(moment, 0, len(line)), moment.isoformat(), RELATIVE))
        elif evidence.latest and DIGIT.search(line) and (yearless := find_yearless(line, style, evidence.latest)):
            mentions.append(DateMention("text", line, yearless, yearless.day.isoformat(), YEARLESS))
    return mentions


def _year_lines(layout: Layout, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each short line that contains a year, in order."""
    text = layout.text
    spans: set[tuple[int, int]] = set()
    for century in layout.centuries:
        at, count = text.find(century, low, high), 0
        while at >= 0 and count < MAX_LINES:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            begin = text.rfind("\n", max(0, at - MAX_LINE), at) + 1
            if end - begin <= MAX_LINE and (begin or at < MAX_LINE):
                spans.add((begin, end))
                count += 1
            at = text.find(century, end, high)
    yield from sorted(spans)


def _line_mentions(layout: Layout, span: tuple[int, int], style: DateStyle) -> Iterator[DateMention]:
    begin, end = span
    line = plain(layout.text[begin:end])
    dates = find_dates(line, style)
    if not dates:
        return
    region, score = _region(layout, begin)
    beside = len(line.strip()) - sum(printed.end - printed.start for printed in dates)
    last_end = 0
    for number, printed in enumerate(dates):
        before = line[last_end : printed.start]
        label = before if number or len(before.strip()) > 1 else _line_above(layout.text, begin)
        share = next((share for chars, share in ROW if beside <= chars), LONG_ROW)
        refused = _refusal(line, before, region, dates)
        yield DateMention("text", line, printed, with_time(printed, line), _with_label(score, share, label), refused)
        last_end = printed.end


def _line_above(text: str, begin: int) -> str:
    """Return the line above, which may label the date; an empty text if it is long or has digits."""
    above = text[max(0, begin - MAX_NEAR_LINE) : max(0, begin - 1)].rstrip().rpartition("\n")[2]
    return above if len(above) <= LABEL_LINE and not DIGIT.search(above) else ""


def _with_label(score: float, share: float, label: str) -> float:
    """Return `score` times `share`, adjusted to the words in front of the date, such as `published` or `updated`."""
    if not LETTER.search(label):
        return score * share
    published = [match.start() for match in PUBLISHED.finditer(label)]
    changed = [match.start() for match in UPDATED.finditer(label)]
    if changed and (not published or changed[-1] > published[-1]):
        return score * CHANGED
    if EVENT.search(label[-LABEL_CHARS:]):
        return score * EVENT_FACTOR
    if not published:
        return score * share
    return max(score * max(share, 0.85), LEAST_LABELLED if score > FAR else 0) + LABELLED


def _refusal(line: str, before: str, region: str, dates: list[Printed]) -> str:
    """Return the reason why a date after the text `before` is not the date of publication, or an empty text."""
    if COPYRIGHT.search(before):
        return "a copyright year"
    if CLOCK.search(before):
        return "the day of the visit"
    if (region == BELOW and COMMENTS.search(line)) or (region in {INSIDE, BELOW} and WROTE.search(line)):
        return "a comment"
    if any(RANGE.fullmatch(line[a.end : b.start]) and a.day != b.day for a, b in pairwise(dates)):
        return "an event"
    return ""


def _region(layout: Layout, at: int) -> tuple[str, float]:
    """Return the part of the page at offset `at`, and the score of a date there."""
    if at < layout.title:
        region, distance = ABOVE, layout.title - at
    elif at < layout.start:
        region, distance = HEADER, at - layout.title_end
    elif at < layout.end:
        region, distance = INSIDE, at - layout.start
    else:
        region, distance = BELOW, at - layout.end
    return region, next((score for reach, score in NEAR[region] if distance <= reach), FAR)
