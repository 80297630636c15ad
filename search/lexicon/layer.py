"""One layer of a table of the lexicon: the ranked entries of one file, found by a prefix of any of their words.

A prefix is a range of words, found by binary search. Entries are numbered by rank, so the smallest numbers are the best
entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from search.lexicon import packing
from search.lexicon.entries import Entry, entries_of
from search.lexicon.ragged import distinct, fitting, found
from search.storage.mapped_arrays import Array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MANY: Final = 65_536
"""If the rarest condition has more postings than this, only the best entries of each block are candidates."""

CHUNK: Final = 2048
"""Candidates that are checked at a time, until enough entries match."""

Ranges: TypeAlias = tuple[Array, Array]
"""Half-open ranges of words: their starts and their ends."""

NOWHERE: Final[Ranges] = (np.empty(0, np.int64), np.empty(0, np.int64))


class Layer:
    """The entries in the arrays that `packing.packed` yields. The constructor raises KeyError if an array is missing.

    `changed` has the entries that a newer layer hides (`hidden`), and the new best entries (`rows`) of some `blocks`.
    """

    def __init__(self, arrays: Mapping[str, Array], changed: Mapping[str, Array] | None = None) -> None:
        for name in packing.PARTS:
            arrays[name]
        self.arrays = arrays
        self.words = arrays["words"]
        self.starts = arrays["starts"]
        self.by_word = arrays["by_word"]
        self.counts = arrays["counts"]
        self.best_of_blocks = arrays["best"]
        self.hidden: Any = None
        if changed is not None and len(changed["hidden"]):
            self.hidden = np.zeros(len(self.counts), bool)
            self.hidden[changed["hidden"]] = True
            if len(changed["blocks"]):
                self.best_of_blocks = self.best_of_blocks.copy()
                self.best_of_blocks[changed["blocks"]] = changed["rows"]
        self._entries = entries_of(arrays)

    @property
    def top(self) -> int:
        """The number of articles of the best entry; 0 without entries."""
        if self.hidden is None:
            return int(self.counts[0]) if len(self.counts) else 0
        first = int(self.hidden.argmin())
        return 0 if self.hidden[first] else int(self.counts[first])

    def entry(self, number: int) -> Entry:
        """Return the entry with this rank, without its words."""
        entries = self._entries
        label = entries.labels.item(number).decode(errors="replace")
        value = entries.values.item(number).decode(errors="replace") or label
        return Entry(int(entries.kinds[number]), value, label, int(self.counts[number]), "", int(entries.days[number]))

    def rank(self, point: float, key: tuple[bytes, ...]) -> int:
        """Return the number of entries, hidden ones included, with a better score, or a smaller key at this score."""
        scores, low, high = self.arrays["scores"], 0, len(self.counts)
        while low < high:
            middle = (low + high) // 2
            other = scores[middle]
            if other > point or (other == point and self._entries.key(middle) < key):
                low = middle + 1
            else:
                high = middle
        return low

    def owner(self, place: int) -> int:
        """Return the number of the best entry with the word at this place."""
        return int(self.by_word[self.starts[place]])

    def shown(self, places: Array) -> Array:
        """Return the places among these whose best entry is not hidden."""
        if self.hidden is None:
            return places
        some: Array = places[~self.hidden[self.by_word[self.starts[places]]]]
        return some

    def find(self, keys: Array) -> Array:
        """Return the place of each key among the sorted words, or -1 for an unknown word."""
        return found(self.words, keys)

    def whole(self, keys: Array) -> Ranges:
        """Return the ranges of single words; no range for an unknown word."""
        places = self.find(keys)
        places = places[places >= 0]
        return places, places + 1

    def between(self, first: Array, last: Array) -> Ranges:
        """Return the ranges of words from a key in `first` to the key in `last`.

        Empty ranges and ranges inside another one are left out.
        """
        low = self.words.searchsorted(fitting(first, self.words))
        high = self.words.searchsorted(fitting(last, self.words))
        filled = high > low
        if not filled.any():
            return NOWHERE
        low, high = low[filled], high[filled]
        if len(low) == 1:
            return low, high
        order = np.lexsort((-high, low))
        low, high = low[order], high[order]
        reached = np.maximum.accumulate(np.concatenate([[0], high]))[:-1]
        return low[high > reached], high[high > reached]

    def best(self, conditions: Sequence[Ranges], wanted: int) -> list[int]:
        """Return the numbers of the best entries. An entry needs, for each condition, a word in one of its ranges."""
        sizes = self._sizes(conditions)
        if not sizes or not min(sizes) or wanted <= 0:
            return []
        rarest = sizes.index(min(sizes))
        others = [condition for place, condition in enumerate(conditions) if place != rarest]
        few = wanted <= packing.BEST if not others else min(sizes) > MANY
        candidates = self._numbers(conditions[rarest], blocks=few)
        size = CHUNK if others else wanted
        numbers: list[int] = []
        for start in range(0, len(candidates), size):
            chunk = self._visible(candidates[start : start + size])
            for low, high in others:
                chunk = self._having(chunk, low, high)
            numbers += chunk[: wanted - len(numbers)].tolist()
            if len(numbers) >= wanted:
                break
        return numbers

    def every(self, conditions: Sequence[Ranges]) -> list[int]:
        """Return the numbers of all entries that meet the conditions, as in `best`, the best first."""
        sizes = self._sizes(conditions)
        if not sizes or not min(sizes):
            return []
        rarest = sizes.index(min(sizes))
        numbers = self._visible(self._numbers(conditions[rarest], blocks=False))
        for place, (low, high) in enumerate(conditions):
            if place != rarest:
                numbers = self._having(numbers, low, high)
        matches: list[int] = numbers.tolist()
        return matches

    def _sizes(self, conditions: Sequence[Ranges]) -> list[int]:
        """Return the number of postings of each condition."""
        return [int((self.starts[high] - self.starts[low]).sum()) if len(low) else 0 for low, high in conditions]

    def _visible(self, numbers: Array) -> Array:
        return numbers if self.hidden is None else numbers[~self.hidden[numbers]]

    def _numbers(self, ranges: Ranges, *, blocks: bool) -> Array:
        """Return the numbers of all entries with a word in the ranges, hidden ones included, the best first.

        With `blocks`, only the best entries of each full block are returned.
        """
        parts = []
        for start, end in zip(self.starts[ranges[0]].tolist(), self.starts[ranges[1]].tolist(), strict=True):
            first, last = -(-start // packing.BLOCK), end // packing.BLOCK
            if blocks and first < last:
                parts.append(self.best_of_blocks[first:last].ravel())
                parts += [self.by_word[start : first * packing.BLOCK], self.by_word[last * packing.BLOCK : end]]
            else:
                parts.append(self.by_word[start:end])
        return distinct(np.concatenate(parts))

    def _having(self, numbers: Array, low: Array, high: Array) -> Array:
        """Return the entries among `numbers` with a word in one of the ranges, which are sorted and disjoint."""
        starts = self.arrays["forward_starts"]
        first, lengths = starts[numbers], starts[numbers + 1] - starts[numbers]
        ends = np.cumsum(lengths)
        words = self.arrays["forward"][np.arange(int(lengths.sum())) + np.repeat(first - ends + lengths, lengths)]
        below = low.searchsorted(words, side="right") - 1
        inside = (below >= 0) & (words < high[below])
        return numbers[np.logical_or.reduceat(inside, ends - lengths)] if len(numbers) else numbers
