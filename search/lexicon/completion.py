"""Completion of words: ranked entries are found by a prefix of any of their words, with one typo if needed.

Entries are numbered by rank, the best entry first. So the smallest numbers are the best entries, and no scores are
compared. The words of all entries are sorted. A prefix is a range of words, found by binary search, and the entries of
a range are adjacent. For typos, all strings at one edit are generated (Norvig, "How to write a spelling corrector") and
looked up in one binary search.
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
"""For each block of 1,024 postings, the 32 best entries are precomputed."""

MANY: Final = 65_536
"""If the rarest condition has more postings than this, only the best entries of each block are candidates."""

CHUNK: Final = 2048
"""Candidates that are checked at a time, until enough entries match."""

FEW_LETTERS: Final = 64
"""Maximum letters of an alphabet that is tried completely. Larger alphabets are Chinese, or Hangul by syllables."""

FEW_WORDS: Final = 512
"""If at most this many words have the prefix, only the letters that follow it in these words are tried."""

MOST_LETTERS: Final = 200
"""If more words have the prefix, this many of the most frequent letters are tried."""

PARTS: Final = (
    *("words", "starts", "by_word", "best", "forward", "forward_starts"),
    *("kinds", "counts", "labels", "labels_ends", "values", "values_ends"),
)
"""The names of the arrays.

- `words`: all words, sorted
- `starts`, `by_word`: the entries of each word
- `best`: the best entries of each block of `by_word`
- `forward`, `forward_starts`: the words of each entry
- the others: the fields of each entry
"""

Ranges: TypeAlias = tuple[Array, Array]
"""Half-open ranges of words: their starts and their ends."""


class Entry(NamedTuple):
    """An entry, found by its words.

    `words` are folded and joined by spaces. The caller defines the meaning of `kind`.
    """

    kind: int
    value: str
    label: str
    articles: int
    words: str


def pack(entries: Iterable[Entry]) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays and the alphabets that `Completion` needs. `entries` are sorted, the best first."""
    labels, values, kinds, counts = _TextColumn(), _TextColumn(), bytearray(), array("I")
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
    words = sorted(numbers)  # by code points; UTF-8 has the same order
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


class _TextColumn:
    """A column of texts: their UTF-8 bytes in one array, and the end of each text."""

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
    """Return words as an array of bytes.

    Items have one byte to spare, so that `_prefixes` can search for range ends.
    """
    encoded = [word.encode() for word in words]
    return np.array(encoded, f"S{max(map(len, encoded), default=0) + 1}")


def _ends(lengths: Array) -> Array:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _best_of_blocks(by_word: Array) -> Array:
    """Return one row for each block: its smallest distinct numbers. Short rows repeat their last number."""
    rows = np.empty((len(by_word) // BLOCK, BEST), np.uint32)
    for row in range(len(rows)):
        best = np.unique(by_word[row * BLOCK : (row + 1) * BLOCK])[:BEST]
        rows[row] = np.pad(best, (0, BEST - len(best)), mode="edge")
    return rows


class Completion:
    """The entries in the arrays that `pack` returned. The constructor raises KeyError if an array is missing."""

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
        """Return the entry with this rank, without its words."""
        label, value = self._text("labels", number), self._text("values", number)
        return Entry(int(self._arrays["kinds"][number]), value or label, label, int(self.counts[number]), "")

    def _text(self, name: str, number: int) -> str:
        start, end = self._arrays[f"{name}_ends"][number : number + 2]
        return bytes(self._arrays[name][start:end]).decode(errors="replace")

    def owner(self, place: int) -> int:
        """Return the number of the best entry with the word at this place."""
        return int(self._by_word[self._starts[place]])

    def find(self, words: Sequence[str]) -> Array:
        """Return the place of each word among the sorted words, or -1 for an unknown word."""
        keys = np.array([word.encode(errors="replace") for word in words], self.words.dtype)
        places = self.words.searchsorted(keys)
        known = places < len(self.words)
        known[known] = self.words[places[known]] == keys[known]
        return np.where(known, places, -1)

    def whole(self, word: str) -> Ranges:
        """Return the range of one word; no range for an unknown word."""
        places = self.find([cut(word)])
        places = places[places >= 0]
        return places, places + 1

    def prefix(self, word: str) -> Ranges:
        """Return the range of all words with this prefix."""
        return self._prefixes([cut(word).encode(errors="replace")])

    def _prefixes(self, prefixes: Sequence[bytes]) -> Ranges:
        """Return the ranges of words with any of the prefixes, except empty ranges and ranges inside another one."""
        width = self.words.dtype
        low = self.words.searchsorted(np.array(prefixes, width))
        high = self.words.searchsorted(np.array([prefix + b"\xff" for prefix in prefixes], width))
        filled = high > low
        low, high = low[filled], high[filled]
        order = np.lexsort((-high, low))
        low, high = low[order], high[order]
        reached = np.maximum.accumulate(np.concatenate([[0], high]))[:-1]
        return low[high > reached], high[high > reached]

    def near(self, word: str, *, whole: bool = False) -> Ranges:
        """Return the ranges of words that equal (`whole`) or start with any string within one edit of `word`."""
        tried = sorted({cut(string) for string in self.neighbours(cut(word)) if string})
        if not whole:
            return self._prefixes([string.encode(errors="replace") for string in tried])
        places = self.find(tried)
        places = places[places >= 0]
        return places, places + 1

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
        low, high = self.prefix(prefix)
        if int((high - low).sum()) > FEW_WORDS:
            return alphabet[:MOST_LETTERS]
        place = len(prefix)
        following = (
            word.decode(errors="replace")[place : place + 1]
            for bounds in zip(low, high, strict=True)
            for word in self.words[slice(*bounds)]
        )
        return "".join(sorted(set(following)))

    def best(self, conditions: Sequence[Ranges], wanted: int) -> list[int]:
        """Return the numbers of the best entries. An entry needs, for each condition, a word in one of its ranges."""
        sizes = [int((self._starts[high] - self._starts[low]).sum()) for low, high in conditions]
        if not sizes or not min(sizes) or wanted <= 0:
            return []
        rarest = sizes.index(min(sizes))
        others = [condition for place, condition in enumerate(conditions) if place != rarest]
        if not others:
            best: list[int] = self._entries(conditions[rarest], blocks=wanted <= BEST)[:wanted].tolist()
            return best
        candidates = self._entries(conditions[rarest], blocks=min(sizes) > MANY)
        numbers: list[int] = []
        for chunk in (candidates[start : start + CHUNK] for start in range(0, len(candidates), CHUNK)):
            for low, high in others:
                chunk = self._having(chunk, low, high)  # noqa: PLW2901
            numbers += chunk[: wanted - len(numbers)].tolist()
            if len(numbers) >= wanted:
                break
        return numbers

    def every(self, conditions: list[Ranges]) -> list[int]:
        """Return the numbers of all entries that meet the conditions, as in `best`, the best first."""
        sizes = [int((self._starts[high] - self._starts[low]).sum()) for low, high in conditions]
        if not sizes or not min(sizes):
            return []
        rarest = sizes.index(min(sizes))
        numbers = self._entries(conditions[rarest], blocks=False)
        for low, high in conditions[:rarest] + conditions[rarest + 1 :]:
            numbers = self._having(numbers, low, high)
        matches: list[int] = numbers.tolist()
        return matches

    def _entries(self, ranges: Ranges, *, blocks: bool) -> Array:
        """Return the numbers of all entries with a word in the ranges, the best first.

        With `blocks`, only the best entries of each full block are returned.
        """
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
        """Return the entries among `numbers` with a word in one of the ranges, which are sorted and disjoint."""
        starts = self._arrays["forward_starts"]
        first, lengths = starts[numbers], starts[numbers + 1] - starts[numbers]
        ends = np.cumsum(lengths)
        words = self._arrays["forward"][np.arange(int(lengths.sum())) + np.repeat(first - ends + lengths, lengths)]
        below = low.searchsorted(words, side="right") - 1
        inside = (below >= 0) & (words < high[below])
        return numbers[np.logical_or.reduceat(inside, ends - lengths)] if len(numbers) else numbers
