"""Completion of words: ranked entries are found by a prefix of any of their words, with one typo if needed.

A table has the entries of the base and, after writes, those of the delta. The base was ranked when it was written. Each
entry of the delta knows how many entries of the base come before it, so both are merged without comparing scores.

For typos, all strings at one edit are generated (Norvig, "How to write a spelling corrector") and looked up in one
binary search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from search.lexicon.layer import Layer, Ranges
from search.lexicon.letters import cut, edits, script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from search.lexicon.entries import Entry
    from search.storage.mapped_arrays import Array

FEW_LETTERS: Final = 64
"""Maximum letters of an alphabet that is tried completely. Larger alphabets are Chinese, or Hangul by syllables."""

FEW_WORDS: Final = 512
"""If at most this many words have the prefix, only the letters that follow it in these words are tried."""

MOST_LETTERS: Final = 200
"""If more words have the prefix, this many of the most frequent letters are tried."""

SHIFT: Final = 32
LAST: Final = (1 << SHIFT) - 1
"""The number of an entry of two layers has, in its high bits, a number of the base. Its low bits are `LAST` for this
entry itself. For an entry of the delta that comes just before it, they are the number in the delta.
"""

Condition: TypeAlias = tuple[Ranges, ...]
"""The ranges of words in each layer."""


class Completion:
    """The entries of a table: `base`, and `delta` with the arrays `changed` if there were writes."""

    def __init__(
        self, base: Layer, alphabet: Mapping[str, str], delta: Layer | None, changed: Mapping[str, Array] | None
    ) -> None:
        self._alphabet = alphabet
        self._base, self._delta = base, delta
        self._before = changed["before"] if changed is not None else None
        self.layers = (base,) if delta is None else (base, delta)
        self._width = max(layer.words.dtype.itemsize for layer in self.layers)
        self.top = max(layer.top for layer in self.layers)
        """The highest number of articles of a word. In other tables it means nothing."""

    def entry(self, number: int) -> Entry:
        """Return the entry with this number, without its words."""
        if self._delta is None:
            return self._base.entry(number)
        low = number & LAST
        return self._base.entry(number >> SHIFT) if low == LAST else self._delta.entry(low)

    def keys(self, words: Iterable[str]) -> Array:
        """Return words as keys for the binary search in a layer."""
        return np.array([word.encode(errors="replace") for word in words], f"S{self._width}")

    def whole(self, word: str) -> Condition:
        """Return the range of one word; no range for an unknown word."""
        keys = self.keys([cut(word)])
        return tuple(layer.whole(keys) for layer in self.layers)

    def prefix(self, word: str) -> Condition:
        """Return the range of all words with this prefix."""
        return self._prefixes([cut(word)])

    def _prefixes(self, prefixes: Sequence[str]) -> Condition:
        """Return the ranges of words with any of the prefixes, except empty ranges and ranges inside another one."""
        encoded = [prefix.encode(errors="replace") for prefix in prefixes]
        first = np.array(encoded, f"S{self._width}")
        last = np.array([prefix + b"\xff" for prefix in encoded], f"S{self._width}")
        return tuple(layer.between(first, last) for layer in self.layers)

    def near(self, word: str, *, whole: bool = False) -> Condition:
        """Return the ranges of words that equal (`whole`) or start with any string within one edit of `word`."""
        tried = sorted({cut(string) for string in self.neighbours(cut(word)) if string})
        if not whole:
            return self._prefixes(tried)
        keys = self.keys(tried)
        return tuple(layer.whole(keys) for layer in self.layers)

    def neighbours(self, word: str) -> set[str]:
        """Return all strings within one edit of a word.

        Inserted and substituted letters belong to the word's scripts and occur in the stored words.
        """
        scripts = dict.fromkeys(script(letter) for letter in word)
        alphabet = "".join(self._alphabet.get(name, "") for name in scripts)
        if len(alphabet) <= FEW_LETTERS:
            return edits(word, lambda _: alphabet)
        return edits(word, lambda place: self._next_letters(word[:place], alphabet))

    def _next_letters(self, prefix: str, alphabet: str) -> str:
        """Return the letters that follow the prefix in some word; the most frequent letters if many words have it."""
        condition = self.prefix(prefix)
        if sum(int((high - low).sum()) for low, high in condition) > FEW_WORDS:
            return alphabet[:MOST_LETTERS]
        place = len(prefix)
        following = {
            word.decode(errors="replace")[place : place + 1]
            for layer, ranges in zip(self.layers, condition, strict=True)
            for bounds in zip(*ranges, strict=True)
            for word in layer.words[slice(*bounds)]
        }
        return "".join(sorted(following))

    def best(self, conditions: Sequence[Condition], wanted: int) -> list[int]:
        """Return the numbers of the best entries. An entry needs, for each condition, a word in one of its ranges."""
        if self._delta is None:
            return self._base.best([condition[0] for condition in conditions], wanted)
        base = self._base.best([condition[0] for condition in conditions], wanted)
        return self._merged(base, self._delta.best([condition[1] for condition in conditions], wanted))[:wanted]

    def every(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the numbers of all entries that meet the conditions, as in `best`, the best first."""
        base = self._base.every([condition[0] for condition in conditions])
        if self._delta is None:
            return base
        return self._merged(base, self._delta.every([condition[1] for condition in conditions]))

    def _merged(self, base: list[int], delta: list[int]) -> list[int]:
        assert self._before is not None
        numbers = [number << SHIFT | LAST for number in base]
        if delta:
            before = self._before[delta].tolist()
            numbers += [first << SHIFT | number for first, number in zip(before, delta, strict=True)]
            numbers.sort()
        return numbers
