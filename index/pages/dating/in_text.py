"""Gathers the dates that stand in the text of a page: around the headline, above the story, in it and below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from index.dates.formats import Custom, Printed, find_dates, find_yearless, with_time
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
"""Where a line stands and at most how many characters away from the headline (header, above) or from the story's
beginning (inside) and end (below): what a date there is worth. The headline has its date next to it."""

FAR = 0.2
LABELLED = 0.14
LEAST_LABELLED = 0.5
"""What `published` before a date adds, and the least it adds that to unless the date is far off."""

CHANGED = 0.6
"""What is left of it behind `updated`."""

ROW = ((45, 1.0), (80, 0.85), (200, 0.5))
"""What is left where so many characters stand beside the date: a line that is nothing else is surer."""

CROWD = 3
CROWDED = 0.6
"""Of so many dates in the story, below it, or far from it, each is worth less: they are a list."""

OPENING = 0.62
"""What the date of a dateline is worth; it may be a day before that of the publication."""

YEARLESS = 0.3
RELATIVE = 0.35
"""A date next to the headline without a year, or counted back from the day of the fetching, is worth so much."""

NEAR_REACH = 1500
TAIL_REACH = 1500
HEAD_REACH = 6000
ENOUGH = 0.45
MAX_LINES = 60
MAX_LINE = 200
MAX_NEAR_LINE = 100
NEAR_LINES = 10
"""How far from the story and in how many lines of how many characters dates are looked for: further off only where
nothing near is worth `ENOUGH`."""

KEY_CHARS = 40
YEARS = ("20", "19", "٢٠", "۲۰", "২০", "२०")
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
    """A date that stands in the text of a page: what `Clue` tells, and the date as it was read."""

    place: str
    text: str
    printed: Printed
    published: str
    score: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The text of a page, and where in it the headline begins and ends and where the story does."""

    text: str
    title: int
    title_end: int
    start: int
    end: int


class Known(NamedTuple):
    """What is known beside the page: the last day it can be of, if there is evidence, and when it was fetched."""

    latest: dt.date | None = None
    fetched: dt.datetime | None = None


def lay_out(text: str | None, page: Page) -> Layout:
    """Return where things stand. `text` is the page as it came, or None where it came as HTML."""
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
    return Layout(text, title, min(title_end, start), start, max(end, start))


def line_mentions(layout: Layout, custom: Custom) -> list[DateMention]:
    """Return the dates with a year in the lines of a page, in their order."""
    low, high, end = max(0, layout.title - NEAR_REACH), layout.start, layout.end
    head = _mentions(layout, (low, high), custom)
    body = _mentions(layout, (high, min(end, high + NEAR_REACH)), custom)
    below = _mentions(layout, (end, end + TAIL_REACH), custom)
    near = [*head, *_fewer(body), *_fewer(below)]
    if any(mention.score >= ENOUGH and not mention.refused for mention in near):
        return near
    far = ((max(0, low - HEAD_REACH), low), (high + NEAR_REACH, end), (end + TAIL_REACH, end + HEAD_REACH))
    return [*near, *_fewer([mention for window in far for mention in _mentions(layout, window, custom)])]


def _fewer(mentions: list[DateMention]) -> list[DateMention]:
    """Return the mentions, worth less where there are so many that they are a list of other stories."""
    if len(mentions) < CROWD:
        return mentions
    return [mention._replace(score=mention.score * CROWDED) for mention in mentions]


def _mentions(layout: Layout, window: tuple[int, int], custom: Custom) -> list[DateMention]:
    return [mention for span in _dated_lines(layout.text, *window) for mention in _line(layout, span, custom)]


def opening_mentions(opening: str, custom: Custom, known: Known) -> list[DateMention]:
    """Return the date of the dateline with which a story begins."""
    start = DATELINE.match(plain(opening[:MAX_LINE]))
    line = start.group() if start else ""
    if not DIGIT.search(line):
        return []
    found = find_dates(line, custom)[:1]
    if found:
        return [DateMention("dateline", line, found[0], with_time(found[0], line), OPENING)]
    printed = find_yearless(line, custom, known.latest) if known.latest else None
    return [DateMention("dateline", line, printed, printed.day.isoformat(), YEARLESS)] if printed else []


def near_mentions(layout: Layout, custom: Custom, known: Known, seen: Collection[str]) -> list[DateMention]:
    """Return dates of the lines next to the headline that need more to be read: no year, two digits of it, relative.

    Lines that were `seen` have given what they hold.
    """
    low = max(0, layout.title - NEAR[ABOVE][0][0])
    lines = [plain(line) for line in layout.text[low : layout.start].split("\n") if line.strip()][-NEAR_LINES:]
    mentions: list[DateMention] = []
    for line in lines:
        if len(line) > MAX_NEAR_LINE or line in seen or COPYRIGHT.search(line):
            continue
        for printed in find_dates(line, custom):
            score = _labelled(NEAR[ABOVE][1][1], 1.0, line[: printed.start])
            mentions.append(DateMention("text", line, printed, with_time(printed, line), score))
        if known.fetched and (moment := relative_day(line, known.fetched)):
            mentions.append(DateMention("text", line, Printed(moment, 0, len(line)), moment.isoformat(), RELATIVE))
        elif known.latest and DIGIT.search(line) and (yearless := find_yearless(line, custom, known.latest)):
            mentions.append(DateMention("text", line, yearless, yearless.day.isoformat(), YEARLESS))
    return mentions


def _dated_lines(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end that hold a year and are short enough, in their order."""
    found: set[tuple[int, int]] = set()
    for century in YEARS:
        at, count = text.find(century, low, high), 0
        while at >= 0 and count < MAX_LINES:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            begin = text.rfind("\n", max(0, at - MAX_LINE), at) + 1
            if end - begin <= MAX_LINE and (begin or at < MAX_LINE):
                found.add((begin, end))
                count += 1
            at = text.find(century, end, high)
    yield from sorted(found)


def _line(layout: Layout, span: tuple[int, int], custom: Custom) -> Iterator[DateMention]:
    begin, end = span
    line = plain(layout.text[begin:end])
    found = find_dates(line, custom)
    if not found:
        return
    region, worth = _worth(layout, begin)
    beside = len(line.strip()) - sum(printed.end - printed.start for printed in found)
    behind = 0
    for at, printed in enumerate(found):
        before = line[behind : printed.start]
        label = before if at or len(before.strip()) > 1 else _line_above(layout.text, begin)
        share = next((share for chars, share in ROW if beside <= chars), 0.3)
        refused = _refusal(line, before, region, found)
        yield DateMention("text", line, printed, with_time(printed, line), _labelled(worth, share, label), refused)
        behind = printed.end


def _line_above(text: str, begin: int) -> str:
    above = text[max(0, begin - MAX_NEAR_LINE) : max(0, begin - 1)].rstrip().rpartition("\n")[2]
    return above if len(above) <= LABEL_LINE and not DIGIT.search(above) else ""


def _labelled(worth: float, share: float, label: str) -> float:
    if not LETTER.search(label):
        return worth * share
    published = [match.start() for match in PUBLISHED.finditer(label)]
    changed = [match.start() for match in UPDATED.finditer(label)]
    if changed and (not published or changed[-1] > published[-1]):
        return worth * CHANGED
    if EVENT.search(label[-LABEL_CHARS:]):
        return worth * 0.3
    if not published:
        return worth * share
    return max(worth * max(share, 0.85), LEAST_LABELLED if worth > FAR else 0) + LABELLED


def _refusal(line: str, before: str, region: str, found: list[Printed]) -> str:
    if COPYRIGHT.search(before):
        return "a copyright year"
    if CLOCK.search(before):
        return "the day of the visit"
    if (region == BELOW and COMMENTS.search(line)) or (region in {INSIDE, BELOW} and WROTE.search(line)):
        return "a comment"
    if any(RANGE.fullmatch(line[a.end : b.start]) and a.day != b.day for a, b in pairwise(found)):
        return "an event"
    return ""


def _worth(layout: Layout, at: int) -> tuple[str, float]:
    if at < layout.title:
        region, distance = ABOVE, layout.title - at
    elif at < layout.start:
        region, distance = HEADER, at - layout.title_end
    elif at < layout.end:
        region, distance = INSIDE, at - layout.start
    else:
        region, distance = BELOW, at - layout.end
    return region, next((worth for reach, worth in NEAR[region] if distance <= reach), FAR)
