"""Finds the story in the plain text of a page: title, paragraphs, and the lines around them.

A story is prose: long lines that end a sentence. What surrounds it is short lines without an end. So each line gets a
weight, and the story is the run of lines with the greatest sum (one pass); lines inside it that are known for furniture
are dropped. Text that shows no sign of a page around it is taken whole. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from index.page import Page
from index.page_lines import DIGIT, MARK_CHARS, SIGNS, Kind, Line, byline, count_words, line_of, unwrap
from index.page_marks import DATELINE, SOURCE_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_WEIGHT = 50
WEIGHTS = {
    Kind.SENTENCE: 2.0,
    Kind.SHORT: -4.0,
    Kind.DATE: -4.0,
    Kind.BYLINE: -4.0,
    Kind.NOISE: -4.0,
    Kind.FURNITURE: -4.0,
    Kind.HEADING: -100.0,
    Kind.COMMENTS: -250.0,
    Kind.RULE: 0.0,
}
"""Weights of lines in words of prose; prose weighs its own words, at most `MOST_WEIGHT`.

What a heading of a list costs, the story behind it must outweigh; it costs no more than half of the story so far, or
the opening above a list of links would be lost. Of -2, -3, -4, -6 and -8 for a short line, -4 served
news of 2008 and mixed pages of 2025 best together; of -30 to -150 for a heading likewise -100.
"""

HEAD_KINDS = frozenset({Kind.DATE, Kind.BYLINE, Kind.NOISE, Kind.FURNITURE})
TITLE_KINDS = frozenset({Kind.SHORT, Kind.SENTENCE, Kind.PROSE})
DROPPED = HEAD_KINDS | {Kind.RULE}

PAGE_MARKS = {Kind.FURNITURE: 2, Kind.HEADING: 2, Kind.COMMENTS: 2, Kind.NOISE: 1}
ENOUGH_MARKS = 3
"""Two signs of a page, not both of them mere notices, such as a wire story has too."""

MENU_RUN = 6
LISTED_DATES = 2
"""So many dated lines below the last sentence are a list of other stories."""

LABEL_WORDS = 4
"""A section's or an author's name that stands above the prose of an HTML story has at most so many words."""

MENU_WORDS = 4
"""So many lines in a row of so few words, none with a digit, before the first prose are a menu; tables have digits."""

MAX_TITLE_WORDS = 40
TITLE_REACH = 40
"""How many lines above the story its headline is looked for."""

SHORT_SENTENCE = 12
"""Of a text without a page around it the first line may be the headline if it has at most so many words."""

HEAD_LINES = 8
"""How many lines date, byline and summary may take between the headline and the story."""

EDGE = 4


def read_page(text: str, title: str | None = None, *, is_page: bool = False) -> Page:
    """Return the story of a page's text.

    `title` is the title where it is known from elsewhere. Whether there is a page around the story is found out unless
    it `is_page` for sure.
    """
    lines = [line_of(line) for line in unwrap(text)]
    is_page = is_page or _is_page(lines)
    first, last = _story(lines) if is_page else (0, _list_at_end(lines))
    found, first = _title(lines, first, title, is_page=is_page)
    first = _skip_head(lines, first, last)
    head, tail = lines[:first], lines[last:]
    body = _without_furniture(lines[first:last], title or found, is_page=is_page)
    return Page(
        title=title or found,
        paragraphs=tuple(line.text for line in body),
        head=tuple(line.text for line in head),
        tail=tuple(line.text for line in tail),
        author=_author(head) or _author(lines[first:last]),
        source=_source(tail) or _source(lines[first:last]) or _agency(body),
    )


def trim(paragraphs: Sequence[str], title: str | None) -> tuple[str, ...]:
    """Return the paragraphs that an HTML extractor took for the story, without the furniture that it let pass."""
    lines = [line_of(text) for text in paragraphs]
    edges = range(EDGE, len(lines) - EDGE)
    kept = [
        line
        for index, line in enumerate(lines[: _list_at_end(lines)])
        if line.kind not in DROPPED or (line.kind is Kind.FURNITURE and index in edges) or line.text.startswith("|")
    ]
    return tuple(line.text for line in kept[_labels_above(kept) :] if not (title and _same(line.text, title)))


def _labels_above(lines: Sequence[Line]) -> int:
    """Return how many lines above the first prose are a section's name, an author's or the like."""
    for index, line in enumerate(lines):
        if line.kind is not Kind.SHORT or line.words > LABEL_WORDS:
            return index
    return 0


def _is_page(lines: Sequence[Line]) -> bool:
    """Tell whether there is a page around the story: marks of one, or a menu before the first prose."""
    if sum(PAGE_MARKS.get(line.kind, 0) for line in lines) >= ENOUGH_MARKS:
        return True
    run = 0
    for line in lines:
        if line.kind is Kind.PROSE:
            break
        run = run + 1 if line.words <= MENU_WORDS and line.kind is Kind.SHORT and not DIGIT.search(line.text) else 0
        if run >= MENU_RUN:
            return any(line.kind is Kind.PROSE for line in lines)
    return False


def _story(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the run of lines with the greatest sum of weights; the whole where nothing weighs."""
    best = total = 0.0
    first = start = last = 0
    for index, line in enumerate(lines):
        if total <= 0:
            total, start = 0.0, index
        if line.kind is Kind.PROSE:
            total += min(line.words, MOST_WEIGHT)
        elif line.kind is Kind.HEADING:
            total -= min(-WEIGHTS[Kind.HEADING], total / 2)
        else:
            total += WEIGHTS[line.kind]
        if total > best:
            best, first, last = total, start, index + 1
    return (first, last) if last else (0, len(lines))


def _list_at_end(lines: Sequence[Line]) -> int:
    """Return where the lists of other stories begin that end a text, or its length."""
    told = next((at for at in range(len(lines), 0, -1) if lines[at - 1].kind in {Kind.PROSE, Kind.SENTENCE}), 1)
    below = [line.kind for line in lines[told:]]
    if below.count(Kind.DATE) >= LISTED_DATES:
        return told
    return next((told + at for at, kind in enumerate(below) if kind in {Kind.HEADING, Kind.COMMENTS}), len(lines))


def _title(lines: Sequence[Line], first: int, known: str | None, *, is_page: bool) -> tuple[str, int]:
    """Return the headline and where the story begins behind it."""
    if known:
        at = next((i for i, line in enumerate(lines[: first + 3]) if _same(line.text, known)), None)
        return known, max(first, at + 1) if at is not None and at + 1 < len(lines) else first
    if is_page:
        return _best_title(lines, first, first)
    first = next(
        (i for i, line in enumerate(lines[:HEAD_LINES]) if i and line.kind is Kind.PROSE), min(1, len(lines) - 1)
    )
    if lines and lines[0].kind is Kind.PROSE and lines[0].words > SHORT_SENTENCE:
        return "", 0
    title, start = _best_title(lines, first, 0)
    rest = sum(line.words for line in lines[start:])
    return (title, start) if rest > count_words(title) else ("", 0)


def _best_title(lines: Sequence[Line], first: int, start: int) -> tuple[str, int]:
    """Return the likeliest headline among the lines above `first`, and where the story begins: at `start` or behind it.

    A headline shares words with the opening of its story, has several words, stands near it, often twice, and often
    above a date or a name.
    """
    opening = " ".join(line.text for line in lines[first : first + 4])
    story_words = set(re.findall(r"\w{3,}", opening.casefold()))
    seen = Counter(line.text.casefold() for line in lines[:first])
    best, best_score = -1, 0.0
    for index in range(first - 1, max(-1, first - 1 - TITLE_REACH), -1):
        line = lines[index]
        if line.kind not in TITLE_KINDS or not 2 <= line.words <= MAX_TITLE_WORDS:
            continue
        words = set(re.findall(r"\w{3,}", line.text.casefold()))
        score = (
            len(words & story_words) / (len(words) + 1) + min(line.words, 8) / 16 - (first - 1 - index) / TITLE_REACH
        )
        score += 0.2 * (seen[line.text.casefold()] > 1) + 0.2 * (lines[index + 1].kind in {Kind.DATE, Kind.BYLINE})
        score += 0.15 * (index + 1 < first and lines[index + 1].kind in TITLE_KINDS)
        if score > best_score:
            best, best_score = index, score
    return (lines[best].text.strip(), max(start, best + 1)) if best >= 0 else ("", start)


def _skip_head(lines: Sequence[Line], first: int, last: int) -> int:
    """Return where the story begins behind date and byline, and behind the summary between the title and them."""
    summaries, start, passed = 0, first, first
    for index in range(first, min(first + HEAD_LINES, last)):
        line = lines[index]
        if line.kind in {Kind.DATE, Kind.BYLINE}:
            start = index + 1
        elif line.kind is Kind.PROSE:
            summaries += 1
            if summaries > 1 or first == 0 or DATELINE.match(line.text[:150]):
                break
        passed = index
    while start < last and start <= passed and lines[start].kind in HEAD_KINDS:
        start += 1
    rest = sum(line.words for line in lines[start:last] if line.kind is Kind.PROSE)
    skipped = sum(line.words for line in lines[first:start] if line.kind is Kind.PROSE)
    return start if rest > 2 * skipped else first


def _without_furniture(lines: Sequence[Line], title: str, *, is_page: bool) -> list[Line]:
    kept, in_list = [], False
    for line in lines:
        if line.kind in {Kind.HEADING, Kind.COMMENTS}:
            in_list = True
        elif line.kind is Kind.PROSE:
            in_list = False
        if in_list and is_page:
            continue
        if line.kind in DROPPED or (title and abs(len(line.text) - len(title)) < 5 and _same(line.text, title)):
            continue
        kept.append(line)
    return kept or [line for line in lines if line.kind in {Kind.PROSE, Kind.SENTENCE}]


def _same(text: str, other: str) -> bool:
    return text.casefold().strip(SIGNS + ".") == other.casefold().strip(SIGNS + ".")


def _author(lines: Sequence[Line]) -> str | None:
    return next((byline(line.text) for line in lines if line.kind is Kind.BYLINE), None)


def _source(lines: Sequence[Line]) -> str | None:
    for line in lines:
        match = SOURCE_LINE.match(line.text) if len(line.text) <= MARK_CHARS else None
        if match:
            return match["name"].strip()
    return None


def _agency(lines: Sequence[Line]) -> str | None:
    match = DATELINE.match(lines[0].text[:150]) if lines else None
    return match["agency"] if match else None
