"""The letters of words: the stored length, the letters of each script in the archive, and single edits."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LETTERS: Final = 24
MAX_BYTES: Final = 48
"""Maximum letters and UTF-8 bytes stored of a word. Words are stored in an array of fixed-width items."""

RARE_LETTER: Final = 20_000
"""A letter is rare, and left out, if the most frequent letter is in this many times as many words, or more."""


def cut(word: str) -> str:
    """Return the stored part of a word: at most `MAX_LETTERS` letters and `MAX_BYTES` bytes."""
    word = word[:MAX_LETTERS]
    return word if word.isascii() else word.encode(errors="replace")[:MAX_BYTES].decode(errors="ignore")


def alphabets(words: Iterable[str]) -> dict[str, str]:
    """Return for each script the letters that occur in the words, most frequent first. Rare letters are left out."""
    counts = Counter(letter for word in words for letter in set(word))
    most = max(counts.values(), default=0)
    letters: dict[str, str] = {}
    for letter, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        name = script(letter)
        if name and count * RARE_LETTER > most:
            letters[name] = letters.get(name, "") + letter
    return letters


@lru_cache(maxsize=4096)
def script(letter: str) -> str:
    """Return the first word of a letter's Unicode name, which is its script. Return "" for any other character."""
    if unicodedata.category(letter)[0] not in "LM":
        return ""
    return unicodedata.name(letter, "").partition(" ")[0]


def edits(word: str, letters: Callable[[int], str]) -> set[str]:
    """Return the word and all strings one deletion, transposition, substitution or insertion away.

    `letters(place)` returns the letters to insert or substitute at a place.
    """
    edited = {word}
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        new = letters(place)
        edited.update(head + letter + tail for letter in new)
        if tail:
            edited.add(head + tail[1:])
            edited.update(head + letter + tail[1:] for letter in new)
        if len(tail) > 1:
            edited.add(head + tail[1] + tail[0] + tail[2:])
    return edited
