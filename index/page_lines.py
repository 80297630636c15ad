"""Tells what a line of a page looks like on its own: prose, a date, a byline, a heading of a list, furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, auto
from itertools import pairwise

from index.facets.dates import is_date_line
from index.page_marks import (
    BYLINE,
    COMMENTS,
    CREDIT,
    CREDIT_CHARS,
    FURNITURE,
    LIST_HEADING,
    MENU,
    NOISE,
    NOTICE,
)

PROSE_WORDS = 8
"""A line of so many words that ends a sentence is prose (jusText and Kohlschütter 2010 put the bound about here)."""

SURE_WORDS = 12
"""A sentence of so many words is prose but for the few notices that are sentences."""

LONG_WORDS = 25
"""A line this long is prose without an end too, if it is running text."""

RUNNING_SHARE = 0.4
"""Of running text at least this share of the words begins in lower case, in German too; of lists of names less."""

MARK_CHARS = 320
"""Longer lines are not looked up among the marks: no furniture is that long."""

HEADING_WORDS = 12
ENDS = tuple(".!?…。！？؟।։")
CLOSERS = "\"'”’»)]】」』*›"
SIGNS = " \t-–—•·*>»›▪◦●■□►▶+|_=#~→↑↓^<«‹[]{}()"
"""What stands around lines of menus and lists."""

ROW_SIGNS = ("|", " > ", "»", "·", "•", " / ", "] [")
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[^\W\d_]")
HYPHENATED = re.compile(r"\w-\Z")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
UNSPACED_CHARS_PER_WORD = 2

WRAP_WIDTHS = range(40, 121)
WRAP_SHARE = 0.25
"""Text is taken for wrapped at a width where after this share of the lines that end no sentence the next begins in
lower case. Lists of headlines have next to none."""


class Kind(IntEnum):
    """What a line looks like on its own."""

    PROSE = auto()
    SENTENCE = auto()
    SHORT = auto()
    DATE = auto()
    BYLINE = auto()
    NOISE = auto()
    HEADING = auto()
    COMMENTS = auto()
    FURNITURE = auto()
    RULE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page: its text without needless blanks, its words, what it looks like."""

    text: str
    words: int
    kind: Kind


def count_words(text: str) -> int:
    """Count words; where a script writes none apart, two characters count as one."""
    unspaced = 0 if text.isascii() else len(UNSPACED.findall(text))
    return len(text.split()) + unspaced // UNSPACED_CHARS_PER_WORD


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends as sentences do, closing quotes and brackets aside."""
    return text.rstrip(CLOSERS).endswith(ENDS)


MARKED = frozenset({Kind.NOISE, Kind.HEADING, Kind.COMMENTS, Kind.FURNITURE, Kind.RULE})
"""Lines that are known by their words, so that they are no part of a sentence broken over lines."""


def unwrap(text: str) -> list[str]:
    """Return the lines of `text` that are not blank, those joined that were broken at a fixed width."""
    lines: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        block_lines = [" ".join(line.split()) for line in block.split("\n")]
        lines += _join([line for line in block_lines if line])
    return lines


def _join(lines: list[str]) -> list[str]:
    width = max(map(len, lines), default=0)
    if len(lines) < 2 or width not in WRAP_WIDTHS:
        return lines
    open_ends = [below for above, below in pairwise(lines) if not ends_sentence(above)]
    lower = sum(below[0].islower() for below in open_ends)
    if not open_ends or lower < WRAP_SHARE * len(open_ends):
        return lines
    joined = [lines[0]]
    for above, below in pairwise(lines):
        full = len(above) + len(below.split(" ", 1)[0]) >= width
        flows = below[0].islower() and not ends_sentence(above) and len(above) > width // 2
        apart = BYLINE.match(below) or line_of(below).kind in MARKED or line_of(above).kind in MARKED
        if apart or not (full or flows):
            joined.append(below)
        else:
            joined[-1] += below if HYPHENATED.search(above) else f" {below}"
    return joined


def line_of(text: str) -> Line:
    """Return the line with what it looks like."""
    words = count_words(text)
    return Line(text, words, _kind(text, words))


def _kind(text: str, words: int) -> Kind:
    ends = ends_sentence(text)
    if ends and words >= SURE_WORDS:
        return Kind.NOISE if len(text) <= MARK_CHARS and NOTICE.match(text.lstrip(SIGNS)) else Kind.PROSE
    if len(text) <= MARK_CHARS:
        marked = _mark(text, words, ends=ends)
        if marked:
            return marked
    if ends:
        if words >= PROSE_WORDS:
            return Kind.PROSE
        return Kind.SENTENCE if words >= 3 and _is_running(text) else Kind.SHORT
    return Kind.PROSE if words >= LONG_WORDS and _is_running(text) else Kind.SHORT


def _mark(text: str, words: int, *, ends: bool) -> Kind | None:  # noqa: PLR0911 - a test for each kind, in order
    bare = text.strip(SIGNS).rstrip(":").rstrip()
    if not LETTER.search(bare) and not FURNITURE.match(bare):
        return (Kind.DATE if is_date_line(text) else None) if DIGIT.search(bare) else Kind.RULE
    if words <= HEADING_WORDS and not (ends and words > 5):
        if COMMENTS.match(bare):
            return Kind.COMMENTS
        if LIST_HEADING.match(bare):
            return Kind.HEADING
    if NOISE.match(bare) or NOTICE.match(bare) or (not ends and CREDIT.search(text[-CREDIT_CHARS:])):
        return Kind.NOISE
    if FURNITURE.match(bare) or (not ends and (MENU.match(bare) or _is_row(text, words))):
        return Kind.FURNITURE
    if is_date_line(text, sure=not ends):
        return Kind.DATE
    return Kind.BYLINE if not ends and byline(bare) else None


def byline(text: str) -> str | None:
    """Return the name in a byline such as `By Jane Doe, Staff writer`, or None if `text` is none."""
    match = BYLINE.match(text.strip(SIGNS))
    if not match or sum(word.islower() for word in match["name"].split()) > 2:
        return None
    return match["name"].strip()


def _is_row(text: str, words: int) -> bool:
    """Tell whether a line is a row of links: `News | Sport | Weather`, `Home > World > Asia`, `[ News ] [ Sport ]`."""
    parts = sum(map(text.count, ROW_SIGNS)) or (text.count(">") if text.count(">") > 1 else 0)
    few_words = words <= 6 * (parts + 1) and (parts > 1 or words <= 10)
    return parts >= 1 and few_words and "<" not in text and ("|" in text or not DIGIT.search(text))


def _is_running(text: str) -> bool:
    """Tell whether a line is running text, not a list of names: half its words begin in lower case or without case."""
    words = text.split()[:60]
    return sum(not word[0].isupper() and not word[0].isdigit() for word in words) >= RUNNING_SHARE * len(words)
