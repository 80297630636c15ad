"""Columns whose items have different lengths, such as texts: the data of all items, and the end of each item."""

from __future__ import annotations

import io
import mmap
from array import array
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.storage.mapped_arrays import Array

CHUNK: Final = 16_384
"""Number of items that are copied at a time, to bound the memory."""


class Ragged(NamedTuple):
    """A column. Item `row` is `data[ends[row]:ends[row + 1]]`.

    `mapped` is the mapped file that holds the data, if its pages may leave the memory after each chunk.
    """

    data: Array
    ends: Array
    mapped: mmap.mmap | None = None

    def item(self, row: int) -> bytes:
        """Return the bytes of one item."""
        start, end = self.ends[row : row + 2].tolist()
        return self.data[start:end].tobytes()

    def lengths(self, rows: Array) -> Array:
        """Return the lengths of some items."""
        lengths: Array = self.ends[rows + 1] - self.ends[rows]
        return lengths


class Column:
    """A column that grows in a file, which may be in memory."""

    def __init__(self, kind: str, file: IO[bytes] | None = None) -> None:
        self._file = file or io.BytesIO()
        self._kind = np.dtype(kind)
        self._lengths = array("I")

    def add(self, data: bytes) -> None:
        """Add an item."""
        self._file.write(data)
        self._lengths.append(len(data) // self._kind.itemsize)

    def read(self) -> Ragged:
        """Return the column. Nothing may be added afterwards."""
        ends = ends_of(np.frombuffer(self._lengths, np.uint32))
        if isinstance(self._file, io.BytesIO):
            return Ragged(np.frombuffer(self._file.getvalue(), self._kind), ends)
        self._file.flush()
        if not ends[-1]:
            return Ragged(np.empty(0, self._kind), ends)
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return Ragged(np.frombuffer(mapped, self._kind), ends, mapped)


def ends_of(lengths: Array) -> Array:
    """Return the ends of items with these lengths, after a 0 for the start of the first item."""
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return ends


def chunks(column: Ragged, rows: Array) -> Iterator[Array]:
    """Yield the data of some items, in the order of `rows`, in chunks."""
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        lengths = column.lengths(some)
        skipped = np.cumsum(lengths) - lengths
        places = np.arange(int(lengths.sum())) + np.repeat(column.ends[some] - skipped, lengths)
        yield column.data[places]
        if column.mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            column.mapped.madvise(mmap.MADV_DONTNEED)


def take(column: Ragged, rows: Array) -> Ragged:
    """Return a column with some items, in the order of `rows`."""
    ends = ends_of(column.lengths(rows))
    data = np.empty(int(ends[-1]), column.data.dtype)
    at = 0
    for chunk in chunks(column, rows):
        data[at : at + len(chunk)] = chunk
        at += len(chunk)
    return Ragged(data, ends)


def join(one: Ragged, other: Ragged) -> Ragged:
    """Return a column with the items of two columns."""
    return Ragged(np.concatenate([one.data, other.data]), np.concatenate([one.ends, other.ends[1:] + one.ends[-1]]))


def padded(column: Ragged, rows: Array, width: int) -> Array:
    """Return some texts as an array of `width` bytes each. Longer texts are cut."""
    lengths = np.minimum(column.lengths(rows), width)
    total = int(lengths.sum())
    letters = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    matrix = np.zeros((len(rows), width), np.uint8)
    matrix[np.repeat(np.arange(len(rows)), lengths), letters] = column.data[
        np.repeat(column.ends[rows], lengths) + letters
    ]
    return matrix.reshape(-1).view(f"S{width}")


def unpadded(words: Array) -> Ragged:
    """Return an array of fixed-width texts as a column."""
    parts = [np.empty(0, np.uint8)]
    lengths = [np.empty(0, np.int64)]
    for start in range(0, len(words), CHUNK):
        some = np.ascontiguousarray(words[start : start + CHUNK])
        matrix = some.view(np.uint8).reshape(len(some), some.dtype.itemsize)
        used = matrix != 0
        parts.append(matrix[used])
        lengths.append(used.sum(axis=1))
    return Ragged(np.concatenate(parts), ends_of(np.concatenate(lengths)))


def fixed(texts: list[bytes]) -> Array:
    """Return texts as an array of fixed-width items.

    Items have one byte to spare, so that a search for the end of a range of prefixes can add a byte.
    """
    return np.array(texts, f"S{max(map(len, texts), default=0) + 1}")


def narrowed(words: Array) -> Array:
    """Return words in items of the smallest width, with one byte to spare as in `fixed`."""
    width = int(np.char.str_len(words).max(initial=0)) + 1
    return words.astype(f"S{width}", copy=False)


def fitting(keys: Array, words: Array) -> Array:
    """Return keys with the width of `words`, so that a binary search need not copy the words.

    A key that is longer than every word is cut. It is still longer than every word, so it equals none.
    """
    return keys.astype(words.dtype, copy=False)


def found(words: Array, keys: Array) -> Array:
    """Return the place of each key among sorted words, or -1 for an unknown key."""
    keys = fitting(keys, words)
    if not len(words):
        return np.full(len(keys), -1)
    places = words.searchsorted(keys)
    return np.where(words[np.minimum(places, len(words) - 1)] == keys, places, -1)


def distinct(numbers: Array) -> Array:
    """Return numbers without repeated ones, sorted. This is faster than `numpy.unique`. Sorts the array in place."""
    numbers.sort()
    first = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]
