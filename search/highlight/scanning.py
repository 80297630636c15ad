"""Builds a regular expression that finds candidates for the words of a query. It misses none and finds too many.

Analyzing a whole article for each hit would take most of the time of a snippet. Folding and stemming keep the first
letters of a word, so the expression skips most of a text by these letters. The rest is analyzed.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from search import analysis

_PLAIN = (range(0x80, 0x530), range(0x1E00, 0x2000))
"""Code points of Latin, Greek and Cyrillic. `_folding_to` maps folded letters to these letters."""

_ODD = (
    "\u0600-\u06ff\u1c80-\u1dbf\u2070-\u218f\u2460-\u24ff\u2c60-\u2c7f\u3038-\u303a\u309b-\u309c\u3190-\u319f"
    "\u3200-\u33ff\ua640-\ua7ff\uab30-\uab6f\uf900-\ufdff\ufe70-\ufefc"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc\U00010000-\U0010ffff"
)
"""Blocks of other characters that fold or stem to ASCII, `_PLAIN` or Han, such as numerals and full-width letters."""

_OTHER = "\\x80-\U0010ffff"
_MARKS = "'.,"
"""ASCII punctuation inside words. After it, or after a character beyond ASCII, the next letters are not checked."""

_NO_QUOTE = "(?![\u2010-\u2027])"
"""Excludes dashes, quotation marks and ellipses. No word begins with one, and they are frequent in English texts."""

_INSIDE = "(?<![A-Za-z][A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff])"
"""Excludes letters in the middle of a Latin word."""


@lru_cache(maxsize=1_000)
def scanner(heads: frozenset[str], part: str) -> re.Pattern[str]:
    """Return an expression that finds each word whose folded form begins with one of the heads.

    Texts are cut into pieces at `part`. A match begins in the piece that contains the word, and ends at the end of that
    piece. An empty head finds every word.
    """
    starts = {head[:3] for head in heads}
    if "" in starts:
        return re.compile(f"[^{part}]++")
    spelled = "".join(sorted({_spellings(head[0]) for head in starts}))
    alone = "".join(sorted({_cases(head[0]) for head in starts if head.isascii() and not head[1:]}))
    nexts: dict[str, set[str]] = {}
    for head in starts:
        if head[1:2] and head[1].isascii():
            nexts.setdefault(head[1], set()).add(head[2:])
    branches = [_or_other(_MARKS), f"(?<={_or_other(alone)})"]
    for second, thirds in sorted(nexts.items()):
        sure = all(third and third.isascii() for third in thirds)
        rest = _or_other(_MARKS + "".join(map(_both, sorted(thirds)))) if sure else ""
        branches.append(f"[{_cases(second)}]{rest}")
    branches += [f"(?<=[{_cases(head[0])}])" for head in starts if head[1:2] and not head[1].isascii()]
    # A class of single letters beyond Latin takes 1 ms to compile. For ASCII heads, all of them are accepted instead.
    first = _latin(spelled) if all(head.isascii() for head in starts) else f"[{spelled}{_ODD}]"
    return re.compile(f"{first}{_INSIDE}(?:{'|'.join(branches)})[^{part}]*+")


def _or_other(letters: str) -> str:
    """Return a character class of these ASCII characters and all characters beyond ASCII."""
    return _without(letters, 0x80)


def _latin(letters: str) -> str:
    """Return a character class of these Latin letters and all characters beyond U+00FF."""
    return _NO_QUOTE + _without(letters, 0x100)


def _without(letters: str, end: int) -> str:
    """Return a character class of these letters and all characters from `end` on. Its ranges compile fast."""
    kept = sorted({ord(letter) for letter in letters if ord(letter) < end})
    ranges = zip([0, *(point + 1 for point in kept)], [*kept, end], strict=True)
    return "[^" + "".join(rf"\x{low:02x}-\x{high - 1:02x}" for low, high in ranges if low < high) + "]"


def _both(letter: str) -> str:
    return letter + letter.upper()


def _cases(letter: str) -> str:
    """Return both cases of an ASCII character, for a character class."""
    return re.escape(letter) + (letter.upper() if letter.isalpha() else "")


def _spellings(letter: str) -> str:
    """Return the first characters of all words whose folded form begins with `letter`, for a character class."""
    if letter.isascii():
        return _cases(letter) + _folding_to().get(letter, "")
    return letter if "\u3400" <= letter <= "\u9fff" else _folding_to().get(letter, _OTHER)


@cache
def _folding_to() -> dict[str, str]:
    """Return a map from the first letter of a folded form to the letters of `_PLAIN` that fold to it."""
    found: dict[str, str] = {}
    for point in (point for block in _PLAIN for point in block):
        surface = chr(point)
        first = analysis.form.__wrapped__(surface).word[:1] if analysis.surfaces(surface) else ""
        if first:
            found[first] = found.get(first, "") + surface
    return found
