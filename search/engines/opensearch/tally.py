"""Exact numbers of articles with each term of a generation. OpenSearch 2.x itself counts deleted articles, too.

Counts are updated while writing and stored with the generation, so the next write can continue from them. A write keeps
only its own changes in memory, and merges them with the file of the generation before.
"""

from __future__ import annotations

from collections import Counter
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from search.storage import mapped_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from search.storage.mapped_arrays import Array

FILE: Final = "tally.bin"

STREAMS: Final = ("title_words", "body_words", "text", "person_words")
"""Fields that contain tokens, joined by spaces."""

VALUES: Final = ("country", "person")
FIELDS: Final = (*STREAMS, *VALUES)

MOST_CHANGES: Final = 1_000_000
"""Changed terms in memory, after which a build writes its counts to a file. They need 150 MB."""

CHUNK: Final = 10_000
"""Terms that are decoded together."""


class Tally:
    """Changes of the number of articles, by field and term."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}

    def __len__(self) -> int:
        return sum(map(len, self.counts.values()))

    def add(self, document: Mapping[str, Any]) -> None:
        """Count an article. `document` comes from `fields.fields_of` or `mapping.document`."""
        for field, terms in _terms(document):
            self.counts[field].update(terms)

    def subtract(self, document: Mapping[str, Any]) -> None:
        """Remove an article from the counts."""
        for field, terms in _terms(document):
            self.counts[field].subtract(terms)

    def merge(self, other: Tally) -> None:
        """Add the counts of another tally, which may be negative."""
        for field, counter in self.counts.items():
            counter.update(other.counts[field])

    def write(self, path: Path, before: Table | None = None) -> None:
        """Write the counts to a file, added to those of the table `before`. Terms that are in no article are left out.

        Memory is needed for the bytes of the file and for the tally, but not for each term of the table.
        """
        arrays: dict[str, Array] = {}
        for field, counter in self.counts.items():
            changes = sorted((term.encode(errors="surrogatepass"), count) for term, count in counter.items() if count)
            terms, ends, counts = _merged(field, before, changes)
            arrays |= {f"{field}.terms": terms, f"{field}.ends": ends, f"{field}.counts": counts}
        mapped_arrays.write(path, arrays, {})

    @classmethod
    def read(cls, path: Path) -> Tally:
        """Return the tally in a file. Raises `IndexDamagedError` if it cannot be read."""
        tally, table = cls(), Table(path)
        for field, counter in tally.counts.items():
            counter.update(dict(table.items(field)))
        return tally


class Table:
    """The counts in a file of `Tally.write`, mapped into memory. It is safe to share between threads.

    Raises:
        IndexDamagedError: The file is missing or truncated.
    """

    def __init__(self, path: Path) -> None:
        self._arrays, _ = mapped_arrays.read(path)
        self.fields = frozenset(field for field in FIELDS if f"{field}.ends" in self._arrays)
        """The fields that are counted. Schema 5 did not count `person`."""

    def arrays(self, field: str) -> tuple[Array, Array, Array]:
        """Return the bytes of all sorted terms of a field, the end of each, and the counts."""
        terms, ends, counts = (self._arrays[f"{field}.{name}"] for name in ("terms", "ends", "counts"))
        return terms, ends, counts

    def count(self, field: str, term: str) -> int:
        """Return the number of articles with a term in one of `fields`."""
        encoded = term.encode(errors="surrogatepass")
        place = self._bisected(field, encoded, 0, len(self._arrays[f"{field}.ends"]))
        is_known = place < len(self._arrays[f"{field}.ends"]) and self.term(field, place) == encoded
        return int(self._arrays[f"{field}.counts"][place]) if is_known else 0

    def place(self, field: str, encoded: bytes, after: int) -> int:
        """Return the number of terms of a field before a term, at least `after`. It is fast if it is not far away."""
        most, step = len(self._arrays[f"{field}.ends"]), 1
        low = high = after
        while high < most and self.term(field, high) < encoded:
            low, high, step = high + 1, min(high + step, most), 2 * step
        return self._bisected(field, encoded, low, high)

    def _bisected(self, field: str, encoded: bytes, low: int, high: int) -> int:
        while low < high:
            middle = (low + high) // 2
            if self.term(field, middle) < encoded:
                low = middle + 1
            else:
                high = middle
        return low

    def items(self, field: str) -> Iterator[tuple[str, int]]:
        """Yield all terms of a field with their numbers of articles, in the order of the terms."""
        terms, ends, counts = self.arrays(field)
        begin = 0
        for start in range(0, len(ends), CHUNK):
            some = ends[start : start + CHUNK].tolist()
            text = terms[begin : some[-1]].tobytes()
            for end, count in zip(some, counts[start : start + CHUNK].tolist(), strict=True):
                yield text[begin - some[-1] : end - some[-1] or None].decode(errors="surrogatepass"), count
                begin = end

    def words(self) -> Iterator[tuple[str, int]]:
        """Yield each word with the number of articles with it in the title or in the body, whichever is higher."""
        both = merge(self.items("title_words"), self.items("body_words"))
        for word, same in groupby(both, key=itemgetter(0)):
            yield word, max(count for _, count in same)

    def term(self, field: str, place: int) -> bytes:
        """Return a term by its place in the order of a field's terms."""
        ends = self._arrays[f"{field}.ends"]
        start = ends[place - 1] if place else 0
        return self._arrays[f"{field}.terms"][start : ends[place]].tobytes()


class Counts:
    """The counts of a build: a table in a file, and the changes since the file was written."""

    def __init__(self, path: Path, before: Table | None) -> None:
        self._path = path
        self._table = before
        self._changes = Tally()

    def merge(self, changes: Tally) -> None:
        """Add the counts of a tally, which may be negative."""
        self._changes.merge(changes)
        if len(self._changes) > MOST_CHANGES:
            self.save()

    def save(self) -> Table:
        """Write all counts to the file, and return them."""
        self._changes.write(self._path, self._table)
        self._table, self._changes = Table(self._path), Tally()
        return self._table


def _merged(field: str, before: Table | None, changes: list[tuple[bytes, int]]) -> tuple[Array, Array, Array]:
    """Return the arrays of a field: those of the table `before` with changes, which are sorted by term."""
    if before is None or field not in before.fields:
        data = np.frombuffer(b"".join(term for term, _ in changes), np.uint8)
        ends = np.cumsum([len(term) for term, _ in changes], dtype=np.int64)
        return data, ends, np.array([count for _, count in changes], np.int32)
    data, ends, counts = before.arrays(field)
    lengths, counts = np.diff(ends, prepend=0), counts.copy()
    new: list[tuple[int, bytes, int]] = []
    gone: list[int] = []
    place = 0
    for term, count in changes:
        place = before.place(field, term, place)
        if place == len(ends) or before.term(field, place) != term:
            new.append((place, term, count))
        else:
            counts[place] += count
            if not counts[place]:
                gone.append(place)
    places = [place for place, _, _ in new]
    kept = np.ones(len(ends) + len(new), bool)
    kept[np.array(gone, np.int64) + np.searchsorted(places, gone, side="right")] = False
    lengths = np.insert(lengths, places, [len(term) for _, term, _ in new])
    counts = np.insert(counts, places, [count for _, _, count in new])
    return _spliced(data, ends, new, gone), np.cumsum(lengths[kept], dtype=np.int64), counts[kept].astype(np.int32)


def _spliced(data: Array, ends: Array, new: list[tuple[int, bytes, int]], gone: list[int]) -> Array:
    """Return the bytes of sorted terms after new ones were inserted at their places, and others removed."""
    edits = sorted([*((place, 0, term) for place, term, _ in new), *((place, 1, b"") for place in gone)])
    parts: list[bytes] = []
    done = 0
    for place, removed, term in edits:
        start = int(ends[place - 1]) if place else 0
        parts += (data[done:start].tobytes(), term)
        done = int(ends[place]) if removed else start
    return np.frombuffer(b"".join([*parts, data[done:].tobytes()]), np.uint8)


def _terms(document: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    for field in STREAMS:
        yield field, set(document[field].split())
    for field in VALUES:
        yield field, set(document[field])
