"""Groups the copies of a whole archive in bounded memory: signatures wait in a temporary file.

The candidates are found column by column: rows that have the same key in a column form a bucket, and all pairs of a
bucket are tested. Three facts keep this fast:

- A pair is compared only in the first column in which it agrees.
- Rows that share links connect already need no comparison, because another link would not change the stories.
- Rows with the same opening are tested once, not in each column of the opening.
"""

from __future__ import annotations

import os
from array import array
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import numpy as np

from index.archive.links import LINK, Forest, count_true, is_share_link, join_cuts, links
from index.archive.signatures import (
    BAND_KEYS,
    BANDS,
    CROWD,
    MIN_BANDS,
    MIN_OPENING,
    OPENING_KEYS,
    OPENING_VALUES,
    RECORD_BYTES,
    fingerprint,
    is_valid,
    mix,
    record,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

COLUMNS = BANDS + OPENING_VALUES
SLICE = 8192
"""Rows read at a time, and pairs tested at a time."""

RECENT = 4
"""Columns kept in memory, so that most pairs that agreed in one of them are skipped without reading their records."""


class Grouper:
    """Collects the signatures of articles, then finds their stories. Close it after use.

    `add` each signature in order, then call `group` once. It needs some 60 bytes of memory for each article, and a
    temporary file with 1,600 bytes for each.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile(prefix="dateline-")  # noqa: SIM115 - closed by `close`
        self._columns: IO[bytes] = TemporaryFile(prefix="dateline-")  # noqa: SIM115 - closed by `close`
        self._count = 0
        self._rows = array("I")
        self._fingerprints = array("Q")

    def close(self) -> None:
        """Delete the temporary files."""
        self._file.close()
        self._columns.close()

    def add(self, signature: bytes) -> None:
        """Add the next article."""
        if is_valid(signature):
            self._file.write(record(signature))
            self._rows.append(self._count)
            self._fingerprints.append(fingerprint(signature))
        self._count += 1

    def group(self) -> NDArray[np.int64]:
        """Return for each article, in the order of `add`, the number of the first article of its story."""
        self._file.flush()
        rows, fingerprints = np.array(self._rows, dtype=np.uint32), np.array(self._fingerprints, dtype=np.uint64)
        stories = np.arange(self._count)
        if len(rows):
            places, articles, numbers = _distinct(fingerprints)
            search = _Search(self._file.fileno(), self._columns.fileno(), places, articles)
            roots = search.stories(fingerprints[places])
            stories[rows] = rows[places[roots[numbers]]]
        return stories


class _Search:
    """The search for links among different signatures. `places` are their positions in the file of records."""

    def __init__(self, records: int, columns: int, places: NDArray[np.int32], articles: NDArray[np.int32]) -> None:
        self._records, self._columns = records, columns
        self._places, self._articles = places, articles
        self._forest = Forest(len(places))
        self._recent: dict[int, NDArray[np.uint32]] = {}
        self._openings = np.zeros(len(places), dtype=np.uint64)
        self._crowded = np.zeros((len(places), -(-COLUMNS // 8)), dtype=np.uint8)

    def stories(self, fingerprints: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return for each signature the first signature of its story."""
        self._transpose()
        for column in range(COLUMNS):
            self._mark_crowds(column)
        with TemporaryFile(prefix="dateline-") as cuts:
            for column in range(BANDS):
                self._find(cuts, self._column(column), column)
            self._find(cuts, self._openings, None)
            self._recent.clear()
            for column in range(BANDS, COLUMNS):
                self._find(cuts, self._column(column), column)
            join_cuts(self._forest, _chunks(cuts), fingerprints)
        return self._forest.roots()

    def _transpose(self) -> None:
        """Write the keys column by column, and hash the openings."""
        for start in range(0, len(self._places), SLICE):
            block = self._read(np.arange(start, min(start + SLICE, len(self._places))))
            keys = block[:, BAND_KEYS.start : OPENING_KEYS.stop].T
            for column, values in enumerate(keys):
                os.pwrite(self._columns, values.tobytes(), 4 * (column * len(self._places) + start))
                if column >= BANDS:
                    part = self._openings[start : start + SLICE]
                    part[:] = mix(part, values)

    def _column(self, column: int) -> NDArray[np.uint32]:
        size = 4 * len(self._places)
        return np.frombuffer(os.pread(self._columns, size, column * size), "<u4")

    def _read(self, rows: NDArray[np.integer]) -> NDArray[np.uint32]:
        """Return the records of some rows as a table."""
        places = self._places[rows].tolist()
        return table(os.pread(self._records, RECORD_BYTES, RECORD_BYTES * place) for place in places)

    def _buckets(
        self, values: NDArray[np.unsignedinteger]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool]]:
        """Return all rows, sorted into buckets of the same value; the size of each bucket; whether it is crowded."""
        order = np.argsort(values)
        ordered = values[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        articles = np.add.reduceat(self._articles[order], starts)
        return order, np.diff(starts, append=len(order)), articles > CROWD

    def _mark_crowds(self, column: int) -> None:
        order, sizes, crowded = self._buckets(self._column(column))
        self._crowded[order[np.repeat(crowded, sizes)], column >> 3] |= 0x80 >> (column & 7)

    def _find(self, cuts: IO[bytes], values: NDArray[np.unsignedinteger], column: int | None) -> None:
        """Find the links within the buckets of a column, or of equal openings if `column` is None.

        Share links join the sets of the forest, and cut links are written to a file.
        """
        by_opening = column is not None and column >= BANDS
        order, sizes, crowded = self._buckets(values)
        keep = (sizes > 1) & ~crowded
        rows, sizes = order[np.repeat(keep, sizes)].astype(np.int32), sizes[keep]
        rows, sizes = _mixed(rows, sizes, self._forest.roots(rows))
        if by_opening:
            rows, sizes = _mixed(rows, sizes, self._openings[rows])
        for left, right in _pairs(sizes):
            one, other = rows[left], rows[right]
            apart = self._forest.roots(one) != self._forest.roots(other)
            if by_opening:
                apart &= self._openings[one] != self._openings[other]
            if column is not None:
                apart &= ~self._agree_before(one, other)
            if not apart.any():
                continue
            found = self._links(one[apart], other[apart], column)
            by_share = is_share_link(found)
            self._forest.join(found["shorter"][by_share], found["longer"][by_share])
            cuts.write(found[~by_share].tobytes())
        if column is not None:
            self._recent[column] = self._column(column)
            self._recent.pop(column - RECENT, None)

    def _agree_before(self, one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.bool]:
        """Return for each pair whether it agrees in a recent column. This saves reading most records again."""
        agree = np.zeros(len(one), dtype=bool)
        for column, values in self._recent.items():
            usable = self._crowded[one, column >> 3] & (0x80 >> (column & 7)) == 0
            agree |= usable & (values[one] == values[other])
        return agree

    def _links(self, one: NDArray[np.int32], other: NDArray[np.int32], column: int | None) -> NDArray[np.void]:
        """Return the links among pairs that are candidates, and agree in `column` first."""
        rows, places = np.unique(np.concatenate([one, other]), return_inverse=True)
        left, right = np.split(places, 2)
        block = self._read(rows)
        is_band = column is not None and column < BANDS
        part, first = (BAND_KEYS, 0) if is_band else (OPENING_KEYS, BANDS)
        usable = (
            np.unpackbits(self._crowded[rows], axis=1, count=COLUMNS)[:, first : first + part.stop - part.start] == 0
        )
        same = (block[left, part] == block[right, part]) & usable[left]
        is_candidate = count_true(same) >= (MIN_BANDS if is_band else MIN_OPENING)
        if column is not None:
            is_candidate &= same.argmax(axis=1) == column - first
        found = links(block, left[is_candidate], right[is_candidate])
        found["shorter"], found["longer"] = rows[found["shorter"]], rows[found["longer"]]
        return found


def _distinct(fingerprints: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return the first place and the count of each different fingerprint, by place; and the number of each place's one.

    The order by place makes the root of a set, its smallest number, the first article of the story.
    """
    _, first, same, counts = np.unique(fingerprints, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    numbers = np.empty(len(order), dtype=np.int32)
    numbers[order] = np.arange(len(order))
    return first[order].astype(np.int32), counts[order].astype(np.int32), numbers[same]


def _mixed(
    rows: NDArray[np.int32], sizes: NDArray[np.intp], kinds: NDArray[np.integer]
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Leave out the buckets in which all rows are of one kind."""
    if not len(sizes):
        return rows, sizes
    starts = np.cumsum(sizes) - sizes
    keep = np.minimum.reduceat(kinds, starts) != np.maximum.reduceat(kinds, starts)
    return rows[np.repeat(keep, sizes)], sizes[keep]


def _pairs(sizes: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield all pairs of positions within the buckets, in slices of about `SLICE` pairs."""
    later = np.repeat(np.cumsum(sizes), sizes) - np.arange(1, sizes.sum() + 1)
    total = np.cumsum(later)
    start = 0
    while start < len(later):
        before = total[start] - later[start]
        stop = max(int(np.searchsorted(total, before + SLICE, side="right")), start + 1)
        counts = later[start:stop]
        left = np.repeat(np.arange(start, stop), counts)
        nth = np.arange(len(left)) - np.repeat(total[start:stop] - counts - before, counts)
        yield left, left + 1 + nth
        start = stop


def _chunks(file: IO[bytes]) -> Iterator[NDArray[np.void]]:
    """Yield the links in a file."""
    file.seek(0)
    while data := file.read(SLICE * LINK.itemsize):
        yield np.frombuffer(data, dtype=LINK)
