"""Where in a text a word of a query may stand: one regular expression that misses none and is often wrong.

Analyzing a whole article for each hit is what costs most of a snippet. A word keeps its first letters in folding and
stemming, so most of a text is passed over by these alone; what is left is then analyzed as anywhere else.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from search import analysis

_PLAIN = (range(0x80, 0x530), range(0x1E00, 0x2000))
"""Latin, Greek and Cyrillic: one by one it is known what their letters fold to."""

_ODD = (
    "\u0600-\u06ff\u1c80-\u1dbf\u2070-\u218f\u2460-\u24ff\u2c60-\u2c7f\u3038-\u303a\u309b-\u309c\u3190-\u319f"
    "\u3200-\u33ff\ua640-\ua7ff\uab30-\uab6f\uf900-\ufdff\ufe70-\ufefc"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc\U00010000-\U0010ffff"
)
"""Where other letters are that fold or stem to one of `_PLAIN`, ASCII or Han: numerals, letters of other shapes."""

_OTHER = "\\x80-\U0010ffff"
_MARKS = "'.,"
"""What of ASCII may stand between the letters of a word; behind it, or another character, nothing is certain."""

_NO_QUOTE = "(?![\u2010-\u2027])"
"""Dashes, quotation marks, ellipses: no word begins with one, and printed English is full of them."""

_INSIDE = "(?<![A-Za-z][A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff])"
"""No word begins with a letter that follows a plain one."""


@lru_cache(maxsize=1_000)
def scanner(heads: frozenset[str], part: str) -> re.Pattern[str]:
    """Return what finds each word that begins with one of the heads, folded; an empty head is any word's.

    A match begins in the piece between two `part` in which the word is, and ends where that ends.
    """
    wanted = {head[:3] for head in heads}
    if "" in wanted:
        return re.compile(f"[^{part}]++")
    spelled = "".join(sorted({_spellings(head[0]) for head in wanted}))
    alone = "".join(sorted({_cases(head[0]) for head in wanted if head.isascii() and not head[1:]}))
    nexts: dict[str, set[str]] = {}
    for head in wanted:
        if head[1:2] and head[1].isascii():
            nexts.setdefault(head[1], set()).add(head[2:])
    branches = [_or_other(_MARKS), f"(?<={_or_other(alone)})"]
    for second, thirds in sorted(nexts.items()):
        sure = all(third and third.isascii() for third in thirds)
        rest = _or_other(_MARKS + "".join(map(_both, sorted(thirds)))) if sure else ""
        branches.append(f"[{_cases(second)}]{rest}")
    branches += [f"(?<=[{_cases(head[0])}])" for head in wanted if head[1:2] and not head[1].isascii()]
    # A class of letters beyond Latin takes a millisecond to compile: queries that need none have all of those instead.
    first = _latin(spelled) if all(head.isascii() for head in wanted) else f"[{spelled}{_ODD}]"
    return re.compile(f"{first}{_INSIDE}(?:{'|'.join(branches)})[^{part}]*+")


def _or_other(letters: str) -> str:
    """Return a class of some ASCII characters and all that are not ASCII."""
    return _without(letters, 0x80)


def _latin(letters: str) -> str:
    """Return a class of some Latin letters and all characters beyond U+00FF."""
    return _NO_QUOTE + _without(letters, 0x100)


def _without(letters: str, end: int) -> str:
    """Return a class of all characters but those below `end` that are not among some; as ranges, quickly compiled."""
    kept = sorted({ord(letter) for letter in letters if ord(letter) < end})
    ranges = zip([0, *(point + 1 for point in kept)], [*kept, end], strict=True)
    return "[^" + "".join(rf"\x{low:02x}-\x{high - 1:02x}" for low, high in ranges if low < high) + "]"


def _both(letter: str) -> str:
    return letter + letter.upper()


def _cases(letter: str) -> str:
    """Return an ASCII character in both cases, for a character class."""
    return re.escape(letter) + (letter.upper() if letter.isalpha() else "")


def _spellings(letter: str) -> str:
    """Return the characters that may begin a word that begins with a letter when folded, for a character class."""
    if letter.isascii():
        return _cases(letter) + _folding_to().get(letter, "")
    return letter if "\u3400" <= letter <= "\u9fff" else _folding_to().get(letter, _OTHER)


@cache
def _folding_to() -> dict[str, str]:
    """Return the letters of `_PLAIN` by the first letter of what they fold to."""
    found: dict[str, str] = {}
    for point in (point for block in _PLAIN for point in block):
        surface = chr(point)
        first = analysis.form.__wrapped__(surface).word[:1] if analysis.surfaces(surface) else ""
        if first:
            found[first] = found.get(first, "") + surface
    return found
