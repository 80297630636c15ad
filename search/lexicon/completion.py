"""Entries in the order of their rank, found by the beginning of any of their words, with one typo if need be.

Entries are numbered by rank: the smallest number is the best entry, so the best of a thousand are found without a look
at the others. The words of all entries stand sorted; a prefix is a range of them (binary search), and the entries of a
range stand side by side. A typo is looked for by trying all that is one edit away (Norvig, "How to write a spelling
corrector"), in one binary search.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from search.lexicon.letters import alphabets, cut, edits, script
from search.storage.mapped_arrays import Array

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BLOCK: Final = 1024
BEST: Final = 32
"""Of each block of so many places in the list of entries by words, the best so many are kept ready."""

MANY: Final = 65_536
"""Where more entries than this have a word, no more than the best of each block are compared with the other words."""

CHUNK: Final = 2048
FEW_LETTERS: Final = 64
"""Scripts with more letters than this (Hangul, by syllables) are not tried letter by letter."""

FEW_WORDS: Final = 512
MOST_LETTERS: Final = 200
"""Instead, the letters are tried that follow in some word; so many most frequent ones where more words begin so."""

PARTS: Final = (
    *("words", "starts", "by_word", "best", "forward", "forward_starts"),
    *("kinds", "counts", "labels", "labels_ends", "values", "values_ends"),
)
"""The arrays: words in order; the entries of each word, and the best of each block of them; the words of each entry."""

Ranges: TypeAlias = tuple[Array, Array]
"""Where ranges of words begin and end, half-open."""


class Entry(NamedTuple):
    """Something to be found by its words, which are folded and joined by spaces; what `kind` means is the caller's."""

    kind: int
    value: str
    label: str
    articles: int
    words: str


def pack(entries: Iterable[Entry]) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays and the alphabets that `Completion` works on; entries come best first."""
    labels, values, kinds, counts = _Texts(), _Texts(), bytearray(), array("I")
    numbers: dict[str, int] = {}
    forward, lengths = array("I"), array("I")
    for entry in entries:
        labels.add(entry.label)
        values.add("" if entry.value == entry.label else entry.value)
        kinds.append(entry.kind)
        counts.append(entry.articles)
        own = dict.fromkeys(word for word in map(cut, entry.words.split()) if word)
        forward.extend(numbers.setdefault(word, len(numbers)) for word in own)
        lengths.append(len(own))
    words = sorted(numbers)  # by code points, which is the order of their UTF-8, too
    place = np.empty(len(words), np.uint32)
    place[[numbers[word] for word in words]] = np.arange(len(words), dtype=np.uint32)
    by_entry = place[np.frombuffer(forward, np.uint32)] if forward else place
    widths = np.array(lengths, np.int64)
    owners = np.repeat(np.arange(len(lengths), dtype=np.uint32), widths)
    by_word = owners[np.argsort(by_entry, kind="stable")]
    arrays = {
        "words": _sorted_words(words),
        "starts": _ends(np.bincount(by_entry, minlength=len(words))),
        "by_word": by_word,
        "best": _best_of_blocks(by_word),
        "forward": by_entry,
        "forward_starts": _ends(widths),
        "kinds": np.frombuffer(bytes(kinds), np.uint8),
        "counts": np.array(counts, np.uint32),
        **labels.arrays("labels"),
        **values.arrays("values"),
    }
    return arrays, alphabets(words)


class _Texts:
    """Texts, one after the other."""

    def __init__(self) -> None:
        self._data, self._lengths = bytearray(), [0]

    def add(self, text: str) -> None:
        data = text.encode(errors="replace")
        self._data += data
        self._lengths.append(len(data))

    def arrays(self, name: str) -> dict[str, Array]:
        ends = np.cumsum(np.array(self._lengths, np.int64))
        return {name: np.frombuffer(bytes(self._data), np.uint8), f"{name}_ends": ends}


def _sorted_words(words: Iterable[str]) -> Array:
    """Return words as an array whose items have a byte to spare, so that the end of a range can be looked for."""
    encoded = [word.encode() for word in words]
    return np.array(encoded, f"S{max(map(len, encoded), default=0) + 1}")


def _ends(lengths: Array) -> Array:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _best_of_blocks(by_word: Array) -> Array:
    """Return a row for each block: its smallest numbers, each once, the last repeated where there are fewer."""
    rows = np.empty((len(by_word) // BLOCK, BEST), np.uint32)
    for row in range(len(rows)):
        found = np.unique(by_word[row * BLOCK : (row + 1) * BLOCK])[:BEST]
        rows[row] = np.pad(found, (0, BEST - len(found)), mode="edge")
    return rows


class Completion:
    """Entries as `pack` laid them out. Raises KeyError where an array is missing."""

    def __init__(self, arrays: Mapping[str, Array], alphabet: Mapping[str, str]) -> None:
        for name in PARTS:
            arrays[name]
        self._arrays = arrays
        self._alphabet = alphabet
        self.words = arrays["words"]
        self._starts = arrays["starts"]
        self._by_word = arrays["by_word"]
        self.counts = arrays["counts"]

    def entry(self, number: int) -> Entry:
        """Return an entry by its rank; without its words."""
        label, value = self._text("labels", number), self._text("values", number)
        return Entry(int(self._arrays["kinds"][number]), value or label, label, int(self.counts[number]), "")

    def _text(self, name: str, number: int) -> str:
        start, end = self._arrays[f"{name}_ends"][number : number + 2]
        return bytes(self._arrays[name][start:end]).decode(errors="replace")

    def owner(self, place: int) -> int:
        """Return the number of the best entry that has the word at a place."""
        return int(self._by_word[self._starts[place]])

    def find(self, words: Sequence[str]) -> Array:
        """Return the place of each word among all words, -1 where it is not there."""
        keys = np.array([word.encode(errors="replace") for word in words], self.words.dtype)
        places = self.words.searchsorted(keys)
        there = places < len(self.words)
        there[there] = self.words[places[there]] == keys[there]
        return np.where(there, places, -1)

    def whole(self, word: str) -> Ranges:
        """Return the range of one word, or of none."""
        places = self.find([cut(word)])
        places = places[places >= 0]
        return places, places + 1

    def prefix(self, word: str) -> Ranges:
        """Return the range of the words that begin so."""
        return self._prefixes([cut(word).encode(errors="replace")])

    def _prefixes(self, prefixes: Sequence[bytes]) -> Ranges:
        """Return the ranges that are not inside another, without the empty ones."""
        width = self.words.dtype
        low = self.words.searchsorted(np.array(prefixes, width))
        high = self.words.searchsorted(np.array([prefix + b"\xff" for prefix in prefixes], width))
        some = high > low
        low, high = low[some], high[some]
        order = np.lexsort((-high, low))
        low, high = low[order], high[order]
        reached = np.maximum.accumulate(np.concatenate([[0], high]))[:-1]
        return low[high > reached], high[high > reached]

    def near(self, word: str, *, whole: bool = False) -> Ranges:
        """Return the ranges of the words that are, or begin with, what is at most one edit from a word."""
        tried = sorted({cut(one) for one in self.neighbours(cut(word)) if one})
        if not whole:
            return self._prefixes([one.encode(errors="replace") for one in tried])
        places = self.find(tried)
        places = places[places >= 0]
        return places, places + 1

    def neighbours(self, word: str) -> set[str]:
        """Return what is one edit from a word, with the letters of its scripts that occur in the entries' words."""
        scripts = dict.fromkeys(script(letter) for letter in word)
        alphabet = "".join(self._alphabet.get(name, "") for name in scripts)
        if len(alphabet) <= FEW_LETTERS:
            return edits(word, lambda _: alphabet)
        return edits(word, lambda place: self._next_letters(word[:place], alphabet))

    def _next_letters(self, prefix: str, alphabet: str) -> str:
        """Return the letters that follow a prefix in some word; the most frequent ones where many words have it."""
        low, high = self.prefix(prefix)
        if int((high - low).sum()) > FEW_WORDS:
            return alphabet[:MOST_LETTERS]
        place = len(prefix)
        following = (
            word.decode(errors="replace")[place : place + 1]
            for one in zip(low, high, strict=True)
            for word in self.words[slice(*one)]
        )
        return "".join(sorted(set(following)))

    def best(self, conditions: Sequence[Ranges], wanted: int) -> list[int]:
        """Return the numbers of the best entries that have a word in one of the ranges of each condition."""
        sizes = [int((self._starts[high] - self._starts[low]).sum()) for low, high in conditions]
        if not sizes or not min(sizes) or wanted <= 0:
            return []
        rarest = sizes.index(min(sizes))
        others = [one for place, one in enumerate(conditions) if place != rarest]
        if not others:
            best: list[int] = self._entries(conditions[rarest], blocks=wanted <= BEST)[:wanted].tolist()
            return best
        candidates = self._entries(conditions[rarest], blocks=min(sizes) > MANY)
        found: list[int] = []
        for chunk in (candidates[start : start + CHUNK] for start in range(0, len(candidates), CHUNK)):
            for low, high in others:
                chunk = self._having(chunk, low, high)  # noqa: PLW2901
            found += chunk[: wanted - len(found)].tolist()
            if len(found) >= wanted:
                break
        return found

    def every(self, conditions: list[Ranges]) -> list[int]:
        """Return the numbers of all entries that have a word in one of the ranges of each condition, best first."""
        sizes = [int((self._starts[high] - self._starts[low]).sum()) for low, high in conditions]
        if not sizes or not min(sizes):
            return []
        rarest = sizes.index(min(sizes))
        found = self._entries(conditions[rarest], blocks=False)
        for low, high in conditions[:rarest] + conditions[rarest + 1 :]:
            found = self._having(found, low, high)
        numbers: list[int] = found.tolist()
        return numbers

    def _entries(self, ranges: Ranges, *, blocks: bool) -> Array:
        """Return the numbers of the entries of ranges, best first; of long ones the best of each block if so wanted."""
        parts = []
        for start, end in zip(self._starts[ranges[0]].tolist(), self._starts[ranges[1]].tolist(), strict=True):
            first, last = -(-start // BLOCK), end // BLOCK
            if blocks and first < last:
                parts.append(self._arrays["best"][first:last].ravel())
                parts += [self._by_word[start : first * BLOCK], self._by_word[last * BLOCK : end]]
            else:
                parts.append(self._by_word[start:end])
        return np.unique(np.concatenate(parts))

    def _having(self, numbers: Array, low: Array, high: Array) -> Array:
        """Return those of the entries that have a word in one of the ranges, which are sorted and apart."""
        starts = self._arrays["forward_starts"]
        first, lengths = starts[numbers], starts[numbers + 1] - starts[numbers]
        ends = np.cumsum(lengths)
        words = self._arrays["forward"][np.arange(int(lengths.sum())) + np.repeat(first - ends + lengths, lengths)]
        below = low.searchsorted(words, side="right") - 1
        inside = (below >= 0) & (words < high[below])
        return numbers[np.logical_or.reduceat(inside, ends - lengths)] if len(numbers) else numbers
