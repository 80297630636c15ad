"""Tells what a line of a page looks like on its own: prose, a date, a byline, a heading of a list, furniture."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from index.dates.printed import is_date_line
from index.pages.lines.kinds import (
    COPYRIGHT_SIGNS,
    DIGIT,
    FIRST_WORDS,
    MARK_WORDS,
    NOTICES,
    READER_LINE_WORDS,
    READERS,
    SIGNS,
    TELLING_WORDS,
    YEAR,
    Kind,
    is_numbered,
    is_telling,
    kind_by_signs,
    kind_by_words,
    presents_author,
    roughly_words_of,
    speaks_to_reader,
    spell,
    words_of,
)
from index.pages.lines.vocabulary import BYLINE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

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
LAST_ENDS, LAST_CLOSERS = frozenset(ENDS), frozenset(CLOSERS)
LETTER = re.compile(r"[^\W\d_]")
HYPHENATED = re.compile(r"(\w+)-\Z")
LEAST_PART, LONGEST_PART = 2, 40
FIRST_LETTERS = re.compile(r"[^\W\d_]+")
COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
KEEP_HYPHEN = frozenset({
    "all", "anti", "co", "cross", "ex", "far", "five", "four", "half", "high", "long", "low", "mid", "non", "one",
    "part", "post", "pre", "pro", "self", "semi", "six", "so", "ten", "three", "two", "vice", "well",
})  # fmt: skip
"""First parts of words that are written with a hyphen more often than they end a line."""

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
UNSPACED_CHARS_PER_WORD = 2
SPACED_WORD_CHARS = 9
"""Scripts that write no words apart have more characters from blank to blank; where a text has fewer, it has none."""

ASCII_BLANKS = "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"
BLANKS = ASCII_BLANKS + "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""A text is rid of needless blanks as a whole, since to part and join each line takes ten times as long."""

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


KNOWN_LINES: dict[str, Line] = {}
"""Short lines seen before: a table outdoes `lru_cache`, as what is known of a line can be handed on where it is new."""

NEW = tuple.__new__
"""Makes a `Line` without the call of its own `__new__`, which takes longer than all else about a short line."""

SHORT = Kind.SHORT


def count_words(text: str) -> int:
    """Count words; where a script writes none apart, two characters count as one."""
    return _with_unspaced(text, len(text.split()))


def _with_unspaced(text: str, words: int) -> int:
    if text.isascii() or (words > 1 and len(text) <= SPACED_WORD_CHARS * words):
        return words
    return words + len(UNSPACED.findall(text)) // UNSPACED_CHARS_PER_WORD


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends as sentences do, closing quotes and brackets aside."""
    last = text[-1:]
    return last in LAST_ENDS or (last in LAST_CLOSERS and text.rstrip(CLOSERS).endswith(ENDS))


MARKED = frozenset({Kind.NOISE, Kind.HEADING, Kind.COMMENTS, Kind.BOILERPLATE, Kind.RULE})
"""Lines that are known by their words, so that they are no part of a sentence broken over lines."""


def unwrap(text: str) -> list[str]:
    """Return the lines of `text` that are not blank, those joined that were broken at a fixed width.

    A text without longer lines is taken as one; in others each block between blank lines is looked at by itself.
    """
    text = _with_single_blanks(text)
    blocks = [block.split("\n") for block in text.split("\n\n") if block]
    seen = frozenset(COMPOUND.findall(text.lower())) if "-\n" in text else frozenset()
    width = max((max(map(len, block)) for block in blocks), default=0)
    if _is_wrapped(blocks, width):
        return [line for block in blocks for line in _join(block, width, seen)]
    lines: list[str] = []
    for block in blocks:
        width = max(map(len, block)) if len(block) > 1 else 0
        lines += _join(block, width, seen) if _is_wrapped([block], width) else block
    return lines


def _with_single_blanks(text: str) -> str:
    """Return the text with one space for blanks in a row, none at the ends of lines, one empty line for many."""
    for blank in BLANKS if not text.isascii() else ASCII_BLANKS:
        text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.replace(" \n", "\n").replace("\n ", "\n").strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _is_wrapped(blocks: Sequence[Sequence[str]], width: int) -> bool:
    """Tell whether the lines of blocks, the longest of which has `width` characters, were broken at that width."""
    if width not in WRAP_WIDTHS:
        return False
    open_ends = [below for block in blocks for above, below in pairwise(block) if not ends_sentence(above)]
    return bool(open_ends) and sum(below[0].islower() for below in open_ends) >= WRAP_SHARE * len(open_ends)


def _join(lines: Sequence[str], width: int, seen: AbstractSet[str]) -> list[str]:
    joined: list[str] = []
    pieces = list(lines[:1])
    for above, below in pairwise(lines):
        full = len(above) + len(below.split(" ", 1)[0]) >= width
        flows = full or (below[0].islower() and not ends_sentence(above) and len(above) > width // 2)
        if not flows or BYLINE.match(below) or line_of(below).kind in MARKED or line_of(above).kind in MARKED:
            joined.append("".join(pieces))
            pieces = [below]
            continue
        parted = HYPHENATED.search(above[-LONGEST_PART:])
        if parted and _is_one_word(parted[1], below, seen):
            pieces[-1] = pieces[-1][:-1]
        pieces += ["" if parted else " ", below]
    return [*joined, "".join(pieces)]


def _is_one_word(first: str, below: str, seen: AbstractSet[str]) -> bool:
    """Tell whether a hyphen only parts a word at the end of a line; `seen` are the words of the text, which know."""
    rest = FIRST_LETTERS.match(below)
    if not rest or not below[0].islower() or not first.isalpha() or len(first) < LEAST_PART:
        return False
    first, second = first.lower(), rest[0].lower()
    return f"{first}-{second}" not in seen and (f"{first}{second}" in seen or first not in KEEP_HYPHEN)


def lines_of(texts: Sequence[str]) -> list[Line]:
    """Return the lines with what each looks like; all at once take much less time than one by one."""
    spelled, signs = spell("\n".join(texts))
    if len(spelled) != len(texts):
        return [line_of(text) for text in texts]
    return [
        KNOWN_LINES.get(text) or _look(text, words, telling)
        for text, words, telling in zip(texts, spelled, signs, strict=True)
    ]


def line_of(text: str) -> Line:
    """Return the line with what it looks like."""
    line = KNOWN_LINES.get(text)
    if line:
        return line
    spelled, signs = spell(text.replace("\n", " "))
    return _look(text, spelled[0], signs[0])


def _look(text: str, spelled: str, signs: bytes) -> Line:
    """Return the line with what it looks like. Most are short and have no word or sign that makes them more."""
    words = text.count(" ") + 1
    if not spelled.isascii():
        spelled = spelled.lower()
    if words >= SURE_WORDS:
        return _long_line(text, words, spelled, signs)
    known = spelled.split()
    if not signs and text[-1:].isalnum() and known[0] not in FIRST_WORDS and TELLING_WORDS.isdisjoint(known):
        line = NEW(Line, (text, words, SHORT, False, False))
    else:
        line = _line(text, words, known, signs)
    if len(text) <= CACHED_CHARS:
        if len(KNOWN_LINES) >= CACHED_LINES:
            KNOWN_LINES.clear()
        KNOWN_LINES[text] = line
    return line


def _line(text: str, words: int, known: list[str], signs: bytes) -> Line:
    """Return a line that may be anything. `known` are its words if it is ASCII."""
    if not text.isascii():
        words, known = _with_unspaced(text, words), words_of(text)
        if words >= SURE_WORDS > text.count(" ") + 1 and (ends_sentence(text) or len(text) > MARK_CHARS):
            return _sentence(text, words, known, ends=ends_sentence(text))
    if (signs or not known or known[0][0] == "'") and not LETTER.search(text):
        return _letterless(text, words)
    ends = ends_sentence(text)
    kind = None
    if known and (known[0] in FIRST_WORDS or not MARK_WORDS.isdisjoint(known)):
        kind = kind_by_words(text, known, ends=ends)
    if not kind and (signs or text[0] == "(") and not is_numbered(text, signs):
        kind = kind_by_signs(text, words, ends=ends)
    if not kind:
        kind = _unmarked(text, words, ends=ends) if ends or words >= LONG_WORDS else SHORT
    aside = (is_telling(known, words) or b"@" in signs) and _is_aside(text, words, known)
    return NEW(Line, (text, words, kind, False, aside))


def _is_aside(text: str, words: int, known: list[str]) -> bool:
    return speaks_to_reader(READERS.intersection(known), words) or presents_author(text, words)


def _long_line(text: str, words: int, spelled: str, signs: bytes) -> Line:
    """Return a line of many words, which is a sentence if it ends like one, or is too long for the marks."""
    ends = ends_sentence(text)
    if not ends and len(text) <= MARK_CHARS:
        return _line(text, words, spelled.split(), signs)
    if not signs.isascii():
        words = _with_unspaced(text, words)
    known = spelled.split() if words <= READER_LINE_WORDS else spelled.split(None, 1)
    return _sentence(text, words, known, ends=ends)


def _sentence(text: str, words: int, known: list[str], *, ends: bool) -> Line:
    """Return a sentence, or a line too long to be held against the marks, with what it looks like."""
    if text.startswith(COPYRIGHT_SIGNS):
        return Line(text, words, Kind.BOILERPLATE)
    if known and known[0] in NOTICES and len(text) <= MARK_CHARS:
        bare = text.lstrip(SIGNS)
        notice = NOTICES.get(bare.split(" ", 1)[0].rstrip(":").lower())
        if notice and notice.match(bare):
            return Line(text, words, Kind.NOISE)
    prose = ends or words >= SURELY_LONG_WORDS or (words >= LONG_WORDS and _is_running(text))
    aside = (
        (is_telling(known, words) or "@" in text) and _is_aside(text, words, roughly_words_of(text))
        if words <= READER_LINE_WORDS
        else presents_author(text, words)
    )
    return NEW(Line, (text, words, Kind.PROSE if prose else SHORT, False, aside))


def _letterless(text: str, words: int) -> Line:
    if text.startswith(COPYRIGHT_SIGNS):
        return Line(text, words, Kind.BOILERPLATE)
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
