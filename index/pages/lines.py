"""Tells what a line of a page looks like on its own: prose, a date, a byline, a heading of a list, furniture."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from index.facets.dates import is_date_line
from index.pages.kinds import (
    COPYRIGHT_SIGNS,
    DIGIT,
    NOTICES,
    READER_LINE_WORDS,
    SIGNS,
    WATCHED,
    YEAR,
    Kind,
    byline,
    kind_by_signs,
    kind_by_words,
    presents_author,
    roughly_words_of,
    speaks_to_reader,
    words_of,
)
from index.pages.marks import BYLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DIGIT",
    "MARK_CHARS",
    "SIGNS",
    "Kind",
    "Line",
    "byline",
    "count_words",
    "ends_sentence",
    "line_of",
    "unwrap",
]

PROSE_WORDS = 8
"""A line of so many words that ends a sentence is prose (jusText and Kohlschütter 2010 put the bound about here)."""

SURE_WORDS = 12
"""A sentence of so many words is prose but for the few notices that are sentences."""

LONG_WORDS = 25
"""A line this long is prose without an end too, if it is running text."""

SURELY_LONG_WORDS = 60
RUNNING_SHARE = 0.4
"""Of running text at least this share of the words begins in lower case, in German too; of lists of names less."""

MARK_CHARS = 320
"""Longer lines are not looked up among the marks: no furniture is that long."""

CACHED_CHARS = 80
CACHED_LINES = 20_000
"""Short lines are mostly menus, which are the same on all pages of a site, so what they look like is remembered."""

ENDS = tuple(".!?…。！？؟।։")
CLOSERS = "\"'”’»)]】」』*›"
NOTICE_WORD_CHARS = 20
PLAIN = re.compile("[A-Za-z ]+")
LETTER = re.compile(r"[^\W\d_]")
HYPHENATED = re.compile(r"\w-\Z")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
UNSPACED_CHARS_PER_WORD = 2
SPACED_WORD_CHARS = 9
"""Scripts that write no words apart have more characters from blank to blank; where a text has fewer, it has none."""

WRAP_WIDTHS = range(40, 121)
WRAP_SHARE = 0.25
"""Text is taken for wrapped at a width where after this share of the lines that end no sentence the next begins in
lower case. Lists of headlines have next to none."""


class Line(NamedTuple):
    """A line of the page: its text without needless blanks, its words, what it looks like.

    It is `figures` if it has digits and no letters, as the cells of tables have; it is `aside` if it speaks to the
    reader about the page, or presents the author, whatever its kind.
    """

    text: str
    words: int
    kind: Kind
    figures: bool = False
    aside: bool = False


def count_words(text: str) -> int:
    """Count words; where a script writes none apart, two characters count as one."""
    return _with_unspaced(text, len(text.split()))


def _with_unspaced(text: str, words: int) -> int:
    if text.isascii() or (words > 1 and len(text) <= SPACED_WORD_CHARS * words):
        return words
    return words + len(UNSPACED.findall(text)) // UNSPACED_CHARS_PER_WORD


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends as sentences do, closing quotes and brackets aside."""
    return text.rstrip(CLOSERS).endswith(ENDS)


MARKED = frozenset({Kind.NOISE, Kind.HEADING, Kind.COMMENTS, Kind.FURNITURE, Kind.RULE})
"""Lines that are known by their words, so that they are no part of a sentence broken over lines."""


def unwrap(text: str) -> list[str]:
    """Return the lines of `text` that are not blank, those joined that were broken at a fixed width.

    A text without longer lines is taken as one; in others each block between blank lines is looked at by itself.
    """
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        bare = " ".join(line.split())
        if bare:
            blocks[-1].append(bare)
        elif blocks[-1]:
            blocks.append([])
    width = max((len(line) for block in blocks for line in block), default=0)
    if _is_wrapped(blocks, width):
        return [line for block in blocks for line in _join(block, width)]
    lines: list[str] = []
    for block in blocks:
        width = max(map(len, block), default=0)
        lines += _join(block, width) if _is_wrapped([block], width) else block
    return lines


def _is_wrapped(blocks: Sequence[Sequence[str]], width: int) -> bool:
    """Tell whether the lines of blocks, the longest of which has `width` characters, were broken at that width."""
    if width not in WRAP_WIDTHS:
        return False
    open_ends = [below for block in blocks for above, below in pairwise(block) if not ends_sentence(above)]
    return bool(open_ends) and sum(below[0].islower() for below in open_ends) >= WRAP_SHARE * len(open_ends)


def _join(lines: Sequence[str], width: int) -> list[str]:
    joined = list(lines[:1])
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
    return _short_line(text) if len(text) <= CACHED_CHARS else _line(text)


def _line(text: str) -> Line:
    words = _with_unspaced(text, text.count(" ") + 1)
    ends = ends_sentence(text)
    if words >= SURE_WORDS and (ends or len(text) > MARK_CHARS):
        return _long_line(text, words, ends=ends)
    plain = PLAIN.fullmatch(text) is not None
    if not plain and not LETTER.search(text):
        return _letterless(text, words)
    spelled = text.lower().split() if plain else words_of(text)
    watched = WATCHED.intersection(spelled)
    kind = kind_by_words(text, spelled, ends=ends) if watched else None
    if not kind and not plain:
        kind = kind_by_signs(text, words, ends=ends)
    kind = kind or _unmarked(text, words, ends=ends)
    aside = (bool(watched) and speaks_to_reader(watched, words)) or presents_author(text, words)
    return Line(text, words, kind, aside=aside)


def _long_line(text: str, words: int, *, ends: bool) -> Line:
    """Return a sentence, or a line too long to be held against the marks, with what it looks like."""
    bare = text.lstrip(SIGNS)
    if text.startswith(COPYRIGHT_SIGNS):
        return Line(text, words, Kind.FURNITURE)
    notice = (
        NOTICES.get(bare[:NOTICE_WORD_CHARS].split(" ", 1)[0].rstrip(":").lower()) if len(text) <= MARK_CHARS else None
    )
    if notice and notice.match(bare):
        return Line(text, words, Kind.NOISE)
    prose = ends or words >= SURELY_LONG_WORDS or (words >= LONG_WORDS and _is_running(text))
    to_reader = words <= READER_LINE_WORDS and speaks_to_reader(WATCHED.intersection(roughly_words_of(text)), words)
    return Line(text, words, Kind.PROSE if prose else Kind.SHORT, aside=to_reader or presents_author(text, words))


_short_line = lru_cache(CACHED_LINES)(_line)


def _letterless(text: str, words: int) -> Line:
    if text.startswith(COPYRIGHT_SIGNS):
        return Line(text, words, Kind.FURNITURE)
    if not DIGIT.search(text):
        return Line(text, words, Kind.RULE)
    dated = YEAR.search(text) and is_date_line(text)
    return Line(text, words, Kind.DATE if dated else Kind.SHORT, figures=True)


def _unmarked(text: str, words: int, *, ends: bool) -> Kind:
    if ends:
        if words >= PROSE_WORDS:
            return Kind.PROSE
        return Kind.SENTENCE if words >= 3 and _is_running(text) else Kind.SHORT
    return Kind.PROSE if words >= LONG_WORDS and _is_running(text) else Kind.SHORT


def _is_running(text: str) -> bool:
    """Tell whether a line is running text, not a list of names: half its words begin in lower case or without case."""
    words = text.split()[:60]
    return sum(not word[0].isupper() and not word[0].isdigit() for word in words) >= RUNNING_SHARE * len(words)
