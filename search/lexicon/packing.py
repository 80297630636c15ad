"""Packs entries into the arrays that `search.lexicon.layer` reads.

Entries are numbered by rank, the best entry first. So the smallest numbers are the best entries, and no scores are
compared. The words of all entries are sorted, and the entries of a word are adjacent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from search.lexicon import letters
from search.lexicon.ragged import Ragged, chunks, ends_of, narrowed, take
from search.storage.mapped_arrays import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.lexicon.entries import Entries
    from search.storage.mapped_arrays import Array

    Part: TypeAlias = tuple[str, Array | Stream]

BLOCK: Final = 1024
BEST: Final = 32
"""For each block of 1,024 postings, the 32 best entries are precomputed."""

POSTINGS: Final = 250_000
"""Number of postings that are sorted at a time, to bound the memory."""

PARTS: Final = (
    *("words", "starts", "by_word", "best", "forward", "forward_starts"),
    *("kinds", "counts", "days", "scores", "labels", "labels_ends", "values", "values_ends"),
    *("letters", "letter_counts"),
)
"""The names of the arrays.

- `words`: all words, sorted
- `starts`, `by_word`: the entries of each word
- `best`: the best entries of each block of `by_word`
- `forward`, `forward_starts`: the words of each entry
- `letters`, `letter_counts`: the letters of the words, each with the number of words that contain it
- the others: the fields of each entry
"""


def packed(entries: Entries, order: Array, points: Array) -> Iterator[Part]:
    """Yield the arrays of the entries `order`, which are in rank order. `points` are their scores."""
    forward = take(entries.forward, order)
    (used,) = np.nonzero(_numbers_of_postings(forward, len(entries.words)))
    words, places = np.unique(entries.words[used], return_inverse=True)
    place_of = np.zeros(len(entries.words), np.uint32)
    place_of[used] = places
    for start in range(0, len(forward.data), POSTINGS):
        forward.data[start : start + POSTINGS] = place_of[forward.data[start : start + POSTINGS]]
    words = narrowed(words)
    yield "words", words
    yield from letter_parts(words)
    yield "forward", forward.data
    yield "forward_starts", forward.ends
    starts, by_word = _inverted(forward, len(words))
    yield "starts", starts
    yield "by_word", by_word
    yield "best", best_of_blocks(by_word)
    del forward, by_word
    yield from fields(entries, order, points)


def fields(entries: Entries, order: Array, points: Array) -> Iterator[Part]:
    """Yield the columns with the fields of the entries `order`."""
    yield "kinds", entries.kinds[order]
    yield "counts", entries.counts[order]
    yield "days", entries.days[order]
    yield "scores", points
    for name, column in (("labels", entries.labels), ("values", entries.values)):
        yield name, Stream("|u1", chunks(column, order))
        yield f"{name}_ends", ends_of(column.lengths(order))


def letter_parts(words: Array) -> Iterator[Part]:
    """Yield the letters of words, each with the number of words that contain it."""
    codes, counts = letters.counted(words)
    yield "letters", codes
    yield "letter_counts", counts


def _inverted(forward: Ragged, words: int) -> tuple[Array, Array]:
    """Return where the postings of each word start, and the numbers of the entries of each word."""
    starts = ends_of(_numbers_of_postings(forward, words))
    by_word = np.empty(len(forward.data), np.uint32)
    low = 0
    while low < words:
        high = max(int(starts.searchsorted(starts[low] + POSTINGS, side="right")) - 1, low + 1)
        (places,) = np.nonzero((forward.data >= low) & (forward.data < high))
        owners = (forward.ends.searchsorted(places, side="right") - 1).astype(np.uint64)
        keys = forward.data[places].astype(np.uint64) << np.uint64(32) | owners
        keys.sort()
        by_word[starts[low] : starts[high]] = keys & np.uint64(0xFFFFFFFF)
        low = high
    return starts, by_word


def _numbers_of_postings(forward: Ragged, words: int) -> Array:
    """Return the number of entries of each word."""
    numbers = np.zeros(words, np.int64)
    for start in range(0, len(forward.data), POSTINGS):
        numbers += np.bincount(forward.data[start : start + POSTINGS], minlength=words)
    return numbers


def best_of_blocks(by_word: Array) -> Array:
    """Return one row for each full block: its smallest distinct numbers."""
    rows = np.empty((len(by_word) // BLOCK, BEST), np.uint32)
    for row in range(len(rows)):
        rows[row] = best_of(by_word[row * BLOCK : (row + 1) * BLOCK])
    return rows


def best_of(numbers: Array) -> Array:
    """Return the smallest distinct numbers of a block. A short row repeats its last number."""
    best = np.unique(numbers)[:BEST]
    return np.pad(best, (0, BEST - len(best)), mode="edge")
