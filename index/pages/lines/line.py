"""Classify a line of a page on its own: prose, a date, a byline, a heading of a list, boilerplate."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from index.dates.printed import is_date_line
from index.pages.lines.kinds import (
    ADDRESSING_WORDS,
    COPYRIGHT_SIGNS,
    DIGIT,
    FIRST_WORDS,
    LATE_WORDS,
    NOTICES,
    READER_LINE_WORDS,
    SIGNIFICANT_WORDS,
    SIGNS,
    YEAR,
    Kind,
    addresses_reader,
    is_numbered,
    kind_by_signs,
    kind_by_words,
    may_be_significant,
    presents_author,
    rough_words_of,
    spell,
    words_of,
)
from index.pages.lines.vocabulary import BYLINE, BYLINE_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

PROSE_WORDS = 8
"""A sentence with at least 8 words is prose. Kohlschütter et al. (2010) and jusText use similar limits."""

SURE_WORDS = 12
"""A sentence with at least 12 words is prose, except for a few notices that are whole sentences."""

LONG_WORDS = 25
"""Running text with at least 25 words is prose even if it does not end a sentence."""

SURELY_LONG_WORDS = 60
RUNNING_SHARE = 0.4
"""A line with at least 60 words is always prose.

In running text at least 40 % of the words begin in lower case, in German too. Lists of names have fewer.
"""

BOILERPLATE_CHARS = 320
"""Maximum characters of boilerplate. Longer lines are not compared with the boilerplate patterns."""

CACHED_CHARS = 80
CACHED_LINES = 20_000
"""Lines of at most 80 characters are cached, up to 20,000 of them.

Most are menus, which recur on all pages of a site.
"""

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
"""Prefixes that are mostly written with a hyphen: a hyphen after them at the end of a line is kept."""

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
UNSPACED_CHARS_PER_WORD = 2
SPACED_WORD_CHARS = 9
"""In scripts that do not separate words, two characters count as a word.

If a text has at most 9 characters between spaces on average, its script separates words.
"""

ASCII_BLANKS = "\t\r\x0b\x0c\x1c\x1d\x1e\x1f"
BLANKS = ASCII_BLANKS + "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""Spaces to normalize.

They are replaced in the whole text at once, because splitting and joining each line is ten times slower.
"""

WRAP_WIDTHS = range(40, 121)
WRAP_SHARE = 0.25
"""Widths in characters at which text is wrapped, and the minimum share of wrapped lines.

The share is taken of the lines that do not end a sentence. A line is wrapped if the next line begins in lower case.
Lists of headlines have almost no such lines.
"""


class Line(NamedTuple):
    """A line of a page: its text with normalized spaces, its number of words, its kind.

    `figures` is true if it has digits and no letters, like a cell of a table. `aside` is true if it addresses the
    reader or presents the author, whatever its kind.
    """

    text: str
    words: int
    kind: Kind
    figures: bool = False
    aside: bool = False


KNOWN_LINES: dict[str, Line] = {}
"""Cache of short lines. `lru_cache` would be slower, because a miss could not use the result of `spell`."""

NEW = tuple.__new__
"""Creates a `Line` without calling `Line.__new__`, which would take most of the time of a short line."""

SHORT = Kind.SHORT


def count_words(text: str) -> int:
    """Count the words. In scripts that do not separate words, two characters count as one word."""
    return _with_unspaced(text, len(text.split()))


def _with_unspaced(text: str, words: int) -> int:
    if text.isascii() or (words > 1 and len(text) <= SPACED_WORD_CHARS * words):
        return words
    return words + len(UNSPACED.findall(text)) // UNSPACED_CHARS_PER_WORD


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends a sentence. Closing quotes and brackets are ignored."""
    last = text[-1:]
    return last in LAST_ENDS or (last in LAST_CLOSERS and text.rstrip(CLOSERS).endswith(ENDS))


BOILERPLATE_KINDS = frozenset({Kind.NOISE, Kind.HEADING, Kind.COMMENTS, Kind.BOILERPLATE, Kind.RULE})
"""Kinds that are recognized by their words. Such a line is never part of a wrapped sentence."""


def unwrap(text: str) -> list[str]:
    """Return the lines of `text` that are not blank. Wrapped lines are joined.

    If the text as a whole is wrapped at one width, all its blocks are joined. Otherwise each block between blank lines
    is checked on its own.
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
    """Collapse spaces to one, remove them at the ends of lines, and collapse blank lines to one."""
    for blank in BLANKS if not text.isascii() else ASCII_BLANKS:
        text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.replace(" \n", "\n").replace("\n ", "\n").strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _is_wrapped(blocks: Sequence[Sequence[str]], width: int) -> bool:
    """Tell whether the lines of blocks are wrapped. `width` is the length of the longest line."""
    if width not in WRAP_WIDTHS:
        return False
    open_ends = [below for block in blocks for above, below in pairwise(block) if not ends_sentence(above)]
    return bool(open_ends) and sum(below[0].islower() for below in open_ends) >= WRAP_SHARE * len(open_ends)


def _join(lines: Sequence[str], width: int, seen: AbstractSet[str]) -> list[str]:
    """Join wrapped lines. `seen` has the words of the text, to decide on hyphens at the ends of lines."""
    if len(lines) == 1:
        return list(lines)
    joined: list[str] = []
    pieces = list(lines[:1])
    alone = [line.kind in BOILERPLATE_KINDS for line in lines_of(lines)]
    for (above, below), is_alone in zip(pairwise(lines), pairwise(alone), strict=True):
        first = below.split(" ", 1)[0]
        full = len(above) + len(first) >= width
        flows = full or (below[0].islower() and not ends_sentence(above) and len(above) > width // 2)
        if not flows or any(is_alone) or (first.rstrip(":").casefold() in BYLINE_WORDS and BYLINE.match(below)):
            joined.append("".join(pieces))
            pieces = [below]
            continue
        hyphenated = HYPHENATED.search(above[-LONGEST_PART:])
        if hyphenated and _is_one_word(hyphenated[1], below, seen):
            pieces[-1] = pieces[-1][:-1]
        pieces += ["" if hyphenated else " ", below]
    return [*joined, "".join(pieces)]


def _is_one_word(first: str, below: str, seen: AbstractSet[str]) -> bool:
    """Tell whether a hyphen at the end of a line splits one word.

    `first` is the part before the hyphen, `below` the next line, and `seen` has the words of the whole text.
    """
    rest = FIRST_LETTERS.match(below)
    if not rest or not below[0].islower() or not first.isalpha() or len(first) < LEAST_PART:
        return False
    first, second = first.lower(), rest[0].lower()
    return f"{first}-{second}" not in seen and (f"{first}{second}" in seen or first not in KEEP_HYPHEN)


def lines_of(texts: Sequence[str]) -> list[Line]:
    """Classify many lines, which takes much less time than one call for each line."""
    spelled, signs = spell("\n".join(texts))
    if len(spelled) != len(texts):
        return [line_of(text) for text in texts]
    return [
        KNOWN_LINES.get(text) or _classified(text, words, line_signs)
        for text, words, line_signs in zip(texts, spelled, signs, strict=True)
    ]


def line_of(text: str) -> Line:
    """Classify a single line."""
    line = KNOWN_LINES.get(text)
    if line:
        return line
    spelled, signs = spell(text.replace("\n", " "))
    return _classified(text, spelled[0], signs[0])


def _classified(text: str, spelled: str, signs: bytes) -> Line:
    """Classify a line. Most lines are short and contain no word or sign that could make them anything else."""
    words = text.count(" ") + 1
    if not spelled.isascii():
        spelled = spelled.lower()
    if words >= SURE_WORDS:
        return _long_line(text, words, spelled, signs)
    folded = spelled.split()
    if not signs and text[-1:].isalnum() and folded[0] not in FIRST_WORDS and SIGNIFICANT_WORDS.isdisjoint(folded):
        line = NEW(Line, (text, words, SHORT, False, False))
    else:
        line = _short_line(text, words, folded, signs)
    if len(text) <= CACHED_CHARS:
        if len(KNOWN_LINES) >= CACHED_LINES:
            KNOWN_LINES.clear()
        KNOWN_LINES[text] = line
    return line


def _short_line(text: str, words: int, folded: list[str], signs: bytes) -> Line:
    """Classify a short line of any kind. `folded` are its words if it is ASCII."""
    if not text.isascii():
        words, folded = _with_unspaced(text, words), words_of(text)
        if words >= SURE_WORDS > text.count(" ") + 1 and (ends_sentence(text) or len(text) > BOILERPLATE_CHARS):
            return _sentence(text, words, folded, ends=ends_sentence(text))
    if (signs or not folded or folded[0][0] == "'") and not LETTER.search(text):
        return _letterless(text, words)
    ends = ends_sentence(text)
    kind = None
    if folded and (folded[0] in FIRST_WORDS or not LATE_WORDS.isdisjoint(folded)):
        kind = kind_by_words(text, folded, ends=ends)
    if not kind and (signs or text[0] == "(") and not is_numbered(text, signs):
        kind = kind_by_signs(text, words, ends=ends)
    if not kind:
        kind = _kind_by_length(text, words, ends=ends) if ends or words >= LONG_WORDS else SHORT
    aside = (may_be_significant(folded, words) or b"@" in signs) and _is_aside(text, words, folded)
    return NEW(Line, (text, words, kind, False, aside))


def _is_aside(text: str, words: int, folded: list[str]) -> bool:
    return addresses_reader(ADDRESSING_WORDS.intersection(folded), words) or presents_author(text, words)


def _long_line(text: str, words: int, spelled: str, signs: bytes) -> Line:
    """Classify a line of many words: it is a sentence if it ends like one or is too long for boilerplate."""
    ends = ends_sentence(text)
    if not ends and len(text) <= BOILERPLATE_CHARS:
        return _short_line(text, words, spelled.split(), signs)
    if not signs.isascii():
        words = _with_unspaced(text, words)
    folded = spelled.split() if words <= READER_LINE_WORDS else spelled.split(None, 1)
    return _sentence(text, words, folded, ends=ends)


def _sentence(text: str, words: int, folded: list[str], *, ends: bool) -> Line:
    """Classify a sentence, or a line that is too long for the boilerplate patterns."""
    if text.startswith(COPYRIGHT_SIGNS):
        return Line(text, words, Kind.BOILERPLATE)
    if folded and folded[0] in NOTICES and len(text) <= BOILERPLATE_CHARS:
        bare = text.lstrip(SIGNS)
        notice = NOTICES.get(bare.split(" ", 1)[0].rstrip(":").lower())
        if notice and notice.match(bare):
            return Line(text, words, Kind.NOISE)
    prose = ends or words >= SURELY_LONG_WORDS or (words >= LONG_WORDS and _is_running(text))
    aside = (
        (may_be_significant(folded, words) or "@" in text) and _is_aside(text, words, rough_words_of(text))
        if words <= READER_LINE_WORDS
        else presents_author(text, words)
    )
    return NEW(Line, (text, words, Kind.PROSE if prose else SHORT, False, aside))


def _letterless(text: str, words: int) -> Line:
    """Classify a line without letters."""
    if text.startswith(COPYRIGHT_SIGNS):
        return Line(text, words, Kind.BOILERPLATE)
    if not DIGIT.search(text):
        return Line(text, words, Kind.RULE)
    dated = YEAR.search(text) and is_date_line(text)
    return Line(text, words, Kind.DATE if dated else Kind.SHORT, figures=True)


def _kind_by_length(text: str, words: int, *, ends: bool) -> Kind:
    """Return the kind of a line that no word or sign identifies."""
    if ends:
        if words >= PROSE_WORDS:
            return Kind.PROSE
        return Kind.SENTENCE if words >= 3 and _is_running(text) else Kind.SHORT
    return Kind.PROSE if words >= LONG_WORDS and _is_running(text) else Kind.SHORT


def _is_running(text: str) -> bool:
    """Tell whether a line is running text, not a list of names.

    At least 40 % of its first 60 words do not begin with a capital or a digit.
    """
    words = text.split()[:60]
    return sum(not word[0].isupper() and not word[0].isdigit() for word in words) >= RUNNING_SHARE * len(words)
