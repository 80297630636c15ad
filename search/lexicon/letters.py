"""The letters of words: the stored length, the letters of each script in the archive, and single edits."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from search.lexicon.ragged import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from search.storage.mapped_arrays import Array

MAX_LETTERS: Final = 24
MAX_BYTES: Final = 48
"""Maximum letters and UTF-8 bytes stored of a word. Words are stored in an array of fixed-width items."""

RARE_LETTER: Final = 20_000
"""A letter is rare, and left out, if the most frequent letter is in this many times as many words, or more."""


def cut(word: str) -> str:
    """Return the stored part of a word: at most `MAX_LETTERS` letters and `MAX_BYTES` bytes."""
    word = word[:MAX_LETTERS]
    return word if word.isascii() else word.encode(errors="replace")[:MAX_BYTES].decode(errors="ignore")


def counted(words: Array) -> tuple[Array, Array]:
    """Return the code points of the letters of words, and for each the number of words that contain it."""
    counts: Counter[int] = Counter()
    for codes in _matrices(words):
        codes.sort(axis=1)
        first = np.ones(codes.shape, bool)
        first[:, 1:] = codes[:, 1:] != codes[:, :-1]
        letters, numbers = np.unique(codes[first & (codes != 0)], return_counts=True)
        counts.update(dict(zip(letters.tolist(), numbers.tolist(), strict=True)))
    ordered = sorted(counts.items())
    return np.array([code for code, _ in ordered], np.uint32), np.array([count for _, count in ordered], np.uint32)


def bags_and_lengths(words: Array) -> tuple[Array, Array]:
    """Return the letter set of each word, as `letter_bits` does, and its number of letters."""
    bags, lengths = [np.empty(0, np.uint64)], [np.empty(0, np.uint8)]
    for codes in _matrices(words):
        bits = np.uint64(1) << (codes & 63).astype(np.uint64)
        bits[codes == 0] = 0
        bags.append(np.bitwise_or.reduce(bits, axis=1))
        lengths.append((codes != 0).sum(axis=1).astype(np.uint8))
    return np.concatenate(bags), np.concatenate(lengths)


def letter_bits(word: str) -> int:
    """Return the set of a word's letters as 64 bits. One edit changes at most two bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits


def _matrices(words: Array) -> Iterator[Array]:
    """Yield the code points of words in chunks: a row for each word, padded with zeros."""
    for start in range(0, len(words), CHUNK):
        some = np.char.decode(words[start : start + CHUNK], "utf-8", "replace")
        if some.dtype.itemsize:
            yield some.view(np.uint32).reshape(len(some), some.dtype.itemsize // 4)


def alphabets(codes: Iterable[int], counts: Iterable[int]) -> dict[str, str]:
    """Return the letters of each script, most frequent first, from the words that each is in.

    Rare letters are left out.
    """
    counted_letters = [(chr(code), count) for code, count in zip(codes, counts, strict=True) if count > 0]
    most = max((count for _, count in counted_letters), default=0)
    letters: dict[str, str] = {}
    for letter, count in sorted(counted_letters, key=lambda item: (-item[1], item[0])):
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
