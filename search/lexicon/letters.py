"""Words as letters: how much of a word is kept, which letters a script has in an archive, what one edit makes."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LETTERS: Final = 24
MAX_BYTES: Final = 48
"""Words are cut to this many letters and bytes of UTF-8: they stand in an array whose items are all as wide."""

RARE_LETTER: Final = 20_000
"""A letter that less than one of so many words has is not tried."""


def cut(word: str) -> str:
    """Return the word as it is kept: at most `MAX_LETTERS` letters and `MAX_BYTES` bytes."""
    word = word[:MAX_LETTERS]
    return word if word.isascii() else word.encode(errors="replace")[:MAX_BYTES].decode(errors="ignore")


def alphabets(words: Iterable[str]) -> dict[str, str]:
    """Return script -> the letters of it that occur in the words, most frequent first."""
    counts = Counter(letter for word in words for letter in set(word))
    most = max(counts.values(), default=0)
    found: dict[str, str] = {}
    for letter, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        name = script(letter)
        if name and count * RARE_LETTER > most:
            found[name] = found.get(name, "") + letter
    return found


@lru_cache(maxsize=4096)
def script(letter: str) -> str:
    """Return the first word of a letter's Unicode name, which is its script; empty for what is no letter."""
    if unicodedata.category(letter)[0] not in "LM":
        return ""
    return unicodedata.name(letter, "").partition(" ")[0]


def edits(word: str, letters: Callable[[int], str]) -> set[str]:
    """Return all that is one deletion, transposition, substitution or insertion away, and the word itself.

    `letters` tells which letters to put in at a place.
    """
    found = {word}
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        new = letters(place)
        found.update(head + letter + tail for letter in new)
        if tail:
            found.add(head + tail[1:])
            found.update(head + letter + tail[1:] for letter in new)
        if len(tail) > 1:
            found.add(head + tail[1] + tail[0] + tail[2:])
    return found
