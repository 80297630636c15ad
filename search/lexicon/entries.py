"""Entries of a table of the lexicon in columns, and their rank.

    score = log(1 + count) * (1 + 2 ** (-age / HALF_LIFE)) / 2

`age` is the number of days from the last article about the entry to the newest date in the archive. For an entry
without a date it is infinite. Old names keep half of their score, so freshness decides between names of similar
frequency. Words are ranked by their number of articles alone.
"""

from __future__ import annotations

from array import array
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import numpy as np

from search.lexicon.letters import cut
from search.lexicon.ragged import CHUNK, Column, Ragged, fixed, join, padded, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from search.storage.mapped_arrays import Array

HALF_LIFE: Final = 30.0
"""Half-life, in days, of an entry's freshness bonus after the last article that mentions it."""

PERSON, COUNTRY, HEADLINE, WORD = range(4)
"""The kinds of entries."""

PREFIX: Final = 8
"""Bytes of a label that are compared at once when entries with the same score are ordered."""


class Entry(NamedTuple):
    """An entry, found by its words.

    `words` are folded and joined by spaces. `day` is the ordinal of its last day, or 0.
    """

    kind: int
    value: str
    label: str
    articles: int
    words: str
    day: int = 0


class Entries(NamedTuple):
    """Entries in columns. `values` is empty where it equals the label. `forward` has the numbers of the words."""

    kinds: Array
    counts: Array
    days: Array
    labels: Ragged
    values: Ragged
    words: Array
    forward: Ragged

    def key(self, row: int) -> tuple[bytes, ...]:
        """Return the key that orders entries with the same score."""
        label = self.labels.item(row)
        value = self.values.item(row) or label
        return (value,) if self.kinds[row] == WORD else (label, value, bytes([self.kinds[row]]))


class Collector:
    """Collects entries in columns. `file` opens the files that hold texts; by default they are in memory."""

    def __init__(self, file: Callable[[], IO[bytes]] | None = None) -> None:
        self._kinds, self._counts, self._days = bytearray(), array("I"), array("i")
        self._labels, self._values, self._ids = (Column(kind, file() if file else None) for kind in ("u1", "u1", "u4"))
        self._numbers: dict[str, int] = {}

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        numbers = self._numbers
        self._labels.add(entry.label.encode(errors="replace"))
        self._values.add(b"" if entry.value == entry.label else entry.value.encode(errors="replace"))
        self._kinds.append(entry.kind)
        self._counts.append(entry.articles)
        self._days.append(entry.day)
        own = dict.fromkeys(entry.words.split())
        self._ids.add(array("I", [numbers.setdefault(word, len(numbers)) for word in own]).tobytes())

    def entries(self) -> Entries:
        """Return the columns. Nothing may be added afterwards. The words are in the order of their first use."""
        return Entries(
            np.frombuffer(self._kinds, np.uint8),
            np.frombuffer(self._counts, np.uint32),
            np.frombuffer(self._days, np.int32),
            self._labels.read(),
            self._values.read(),
            fixed([cut(word).encode() for word in self._numbers]),
            self._ids.read(),
        )

    def uses(self, entries: Entries, rows: Array, amounts: Array) -> tuple[Array, Array]:
        """Return the words of some entries, sorted, with the sum of the amounts of their entries.

        Words that are too long to be stored are left out.
        """
        sums = np.zeros(len(self._numbers), np.int64)
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            weights = np.repeat(amounts[start : start + CHUNK], entries.forward.lengths(some))
            own = np.bincount(take(entries.forward, some).data, weights, minlength=len(sums))
            sums += own.astype(np.int64)
        whole = np.fromiter((cut(word) == word for word in self._numbers), bool, len(self._numbers))
        (used,) = np.nonzero(whole & (sums > 0))
        order = used[np.argsort(entries.words[used])]
        return entries.words[order], sums[order]

    def clear(self) -> None:
        """Forget the words, to save memory. The entries that were returned stay."""
        self._numbers.clear()


def joined(one: Entries, other: Entries) -> Entries:
    """Return the entries of both."""
    own = Ragged(other.forward.data + np.uint32(len(one.words)), other.forward.ends)
    return Entries(
        np.concatenate([one.kinds, other.kinds]),
        np.concatenate([one.counts, other.counts]),
        np.concatenate([one.days, other.days]),
        join(one.labels, other.labels),
        join(one.values, other.values),
        np.concatenate([one.words, other.words]),
        join(one.forward, own),
    )


def entries_of(arrays: Mapping[str, Array]) -> Entries:
    """Return the entries of a table in a file."""
    return Entries(
        arrays["kinds"],
        arrays["counts"],
        arrays["days"],
        Ragged(arrays["labels"], arrays["labels_ends"]),
        Ragged(arrays["values"], arrays["values_ends"]),
        arrays["words"],
        Ragged(arrays["forward"], arrays["forward_starts"]),
    )


def scores(counts: Array, days: Array, newest: int) -> Array:
    """Return the scores of entries; the top of this file has the formula.

    Days are ordinals, or 0 for an entry without a date. A day after `newest` counts as `newest`.
    """
    known = np.minimum(days.astype(np.float64), newest)
    freshness = np.where(known > 0, 2.0 ** ((known - newest) / HALF_LIFE), 0.0)
    points: Array = np.log1p(counts.astype(np.float64)) * (1 + freshness) / 2
    return points.astype(np.float32)


def score(count: int, last: int, newest: int) -> float:
    """Return the score of one entry; see `scores`."""
    return float(scores(np.array([count]), np.array([last]), newest)[0])


def newest_day(days: Iterable[Array]) -> int:
    """Return the newest of all days, or 0."""
    return max((int(some.max(initial=0)) for some in days), default=0)


def ranked(entries: Entries, rows: Array, points: Array) -> Array:
    """Return the places of `rows` in their rank order; `points` are their scores.

    Entries with the same score are ordered by `Entries.key`. The first bytes of the labels are compared in arrays.
    Only labels that begin with the same bytes are compared one by one.
    """
    order = np.lexsort((_prefixes(entries.labels, rows), -points))
    starts = _prefixes(entries.labels, rows[order])
    same = (points[order][1:] == points[order][:-1]) & (starts[1:] == starts[:-1])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    for first, last in edges.reshape(-1, 2).tolist():
        group = order[first : last + 1].tolist()
        order[first : last + 1] = sorted(group, key=lambda place: entries.key(int(rows[place])))
    return order


def _prefixes(labels: Ragged, rows: Array) -> Array:
    parts = [np.empty(0, np.uint64)]
    for start in range(0, len(rows), CHUNK):
        texts = padded(labels, rows[start : start + CHUNK], PREFIX)
        parts.append(texts.view(">u8").astype(np.uint64))
    return np.concatenate(parts)
