"""Find the headline of a plain-text page, and the first line below headline, summary, date and byline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.pages.lines.kinds import SIGNS, Kind
from index.pages.lines.line import Line, count_words
from index.pages.lines.vocabulary import DATELINE

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD_KINDS = frozenset({Kind.DATE, Kind.BYLINE, Kind.NOISE, Kind.BOILERPLATE})
TITLE_KINDS = frozenset({Kind.SHORT, Kind.SENTENCE, Kind.PROSE})
MAX_TITLE_WORDS = 40
TITLE_REACH = 40
"""How many lines above the main content are searched for the headline."""

OPENING_LINES = 4
SHORT_SENTENCE = 12
"""Maximum words of a headline that is prose, in the first line of a text without a page around it."""

HEAD_LINES = 8
"""Maximum lines of date, byline and summary between the headline and the first paragraph."""

DATELINE_CHARS = 150
WORD = re.compile(r"\w{3,}")


def find_title(lines: Sequence[Line], first: int, known: str | None, *, is_page: bool) -> tuple[str, int]:
    """Return the headline and the index of the first line after it. `known` is the title if the input gives one."""
    if known:
        at = next((i for i, line in enumerate(lines[: first + 3]) if is_same(line.text, known)), None)
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
    """Return the most likely headline above `first`, and the index of the first content line.

    A headline has several words, shares words with the first lines of the content, and stands close to them. It often
    occurs twice, and often stands above a date or a name. The returned index is at least `start`.
    """
    opening = " ".join(line.text for line in lines[first : first + OPENING_LINES])
    content_words = set(WORD.findall(opening.casefold()))
    seen = [line.text for line in lines[:first]]
    best, best_score = -1, 0.0
    for index in range(first - 1, max(-1, first - 1 - TITLE_REACH), -1):
        line = lines[index]
        if line.kind not in TITLE_KINDS or not 2 <= line.words <= MAX_TITLE_WORDS:
            continue
        score = min(line.words, 8) / 16 - (first - 1 - index) / TITLE_REACH
        score += 0.2 * (seen.count(line.text) > 1) + 0.2 * (lines[index + 1].kind in {Kind.DATE, Kind.BYLINE})
        score += 0.15 * (index + 1 < first and lines[index + 1].kind in TITLE_KINDS)
        if score + 1 <= best_score:  # even equal words could not make it the best
            continue
        words = set(WORD.findall(line.text.casefold()))
        score += len(words & content_words) / (len(words) + 1)
        if score > best_score:
            best, best_score = index, score
    return (lines[best].text.strip(), max(start, best + 1)) if best >= 0 else ("", start)


def skip_head(lines: Sequence[Line], first: int, last: int) -> int:
    """Return the first line after the date and the byline. A summary may stand between the title and them."""
    summaries, start, passed = 0, first, first
    for index in range(first, min(first + HEAD_LINES, last)):
        line = lines[index]
        if line.kind in {Kind.DATE, Kind.BYLINE}:
            start = index + 1
        elif line.kind is Kind.PROSE:
            summaries += 1
            if summaries > 1 or first == 0 or DATELINE.match(line.text[:DATELINE_CHARS]):
                break
        passed = index
    while start < last and start <= passed and lines[start].kind in HEAD_KINDS:
        start += 1
    rest = sum(line.words for line in lines[start:last] if line.kind is Kind.PROSE)
    skipped = sum(line.words for line in lines[first:start] if line.kind is Kind.PROSE)
    return start if rest > 2 * skipped else first


def is_same(text: str, other: str) -> bool:
    """Tell whether two lines are equal, ignoring case and the signs around them."""
    return text.casefold().strip(SIGNS + ".") == other.casefold().strip(SIGNS + ".")
