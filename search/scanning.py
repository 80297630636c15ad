"""Where in a text a word of a query may stand: one regular expression that misses none and is often wrong.

Analyzing a whole article for each hit is what costs most of a snippet. A word keeps its first letters in folding and
stemming, so most of a text is passed over by these alone; what is left is then analyzed as anywhere else.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from search import analysis

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = (range(0x80, 0x530), range(0x1E00, 0x2000))
"""Latin, Greek and Cyrillic: one by one it is known what their letters fold to."""

_ODD = (
    "\u0600-\u06ff\u1c80-\u1dbf\u2070-\u218f\u2460-\u24ff\u2c60-\u2c7f\u3038-\u303a\u309b-\u309c\u3190-\u319f"
    "\u3200-\u33ff\ua640-\ua7ff\uab30-\uab6f\uf900-\ufdff\ufe70-\ufefc"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc\U00010000-\U0010ffff"
)
"""Where other letters are that fold or stem to one of `_PLAIN`, ASCII or Han: numerals, letters of other shapes."""

_OTHER = "\\x80-\U0010ffff"
_GAP = f"['.,{_OTHER}]"
"""What may stand between the letters of a word, or for one of them; behind it nothing is certain."""

_INSIDE = "(?<![A-Za-z][A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
"""No word begins with a letter that follows a plain one."""


def head_of_stem(stem: str) -> str:
    """Return the letters with which each word of a stem begins.

    Snowball's English algorithm changes the last letter of a stem at most (`city`, `citi`), but for `dying`, `die`. The
    others keep the first letter of a word, and `scanner` trusts no more of what is not ASCII; Arabic words, which lose
    their beginning, it always finds.
    """
    if stem[1:] == "ie":
        return stem[:1]
    return stem[:2] if len(stem) == 3 else stem[:3]


def parting(text: str) -> str:
    """Return a character that parts a text into many pieces and is in no token: a space, where words have spaces."""
    return " " if text.count(" ") * 16 >= len(text) else max(" \n，。、", key=text.count)


def scanner(heads: Iterable[str], part: str) -> re.Pattern[str]:
    """Return what finds each word that begins with one of the heads, folded; an empty head is any word's.

    A match begins in the piece between two `part` in which the word is, and ends where that ends.
    """
    wanted = {head[:3] for head in heads}
    if "" in wanted:
        return re.compile(f"[^{part}]++")
    firsts = "".join(sorted({_spellings(head[0]) for head in wanted}))
    alone = "".join(sorted({_spellings(head[0]) for head in wanted if not head[1:2].isascii() or len(head) == 1}))
    nexts: dict[str, set[str]] = {}
    for head in wanted:
        if len(head) > 1 and head[1].isascii():
            nexts.setdefault(head[1], set()).add(head[2:])
    branches = [_GAP, f"(?<=[{_OTHER}])", *([f"(?<=[{alone}])"] if alone else [])]
    for second, thirds in sorted(nexts.items()):
        sure = all(third and third.isascii() for third in thirds)
        rest = f"['.,{_OTHER}{''.join(map(_cases, sorted(thirds)))}]" if sure else ""
        branches.append(f"[{_cases(second)}]{rest}")
    return re.compile(f"[{firsts}{_ODD}]{_INSIDE}(?:{'|'.join(branches)})[^{part}]*+")


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
