"""Keeps the articles of a run in one temporary file, until the last pass reads them in order.

A chunk of articles is stored as pickles, one for each article. Beside them are the columns: values that the main
process reads again for all articles at once, such as their ids. So the process itself holds 12 bytes an article.
"""

from __future__ import annotations

import os
import pickle
from array import array
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Spool:
    """Pickled articles and their columns, by row. Close it after use."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile(prefix="dateline-")  # noqa: SIM115 - closed by `close`
        self._end = 0
        self._starts = array("Q")
        self._sizes = array("I")
        self._columns: list[list[tuple[int, int]]] = []

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()

    def __len__(self) -> int:
        return len(self._starts)

    def append(self, blobs: Sequence[bytes], columns: Sequence[bytes]) -> None:
        """Add the pickled articles of a chunk. Each column is a pickled list with a value for each of them."""
        self._columns.append([self._write(column) for column in columns])
        for blob in blobs:
            start, size = self._write(blob)
            self._starts.append(start)
            self._sizes.append(size)

    def replace(self, row: int, blob: bytes) -> None:
        """Put another article in the place of one."""
        self._starts[row], self._sizes[row] = self._write(blob)

    def column(self, number: int) -> Iterator[Any]:
        """Yield the values of a column for all rows."""
        self._file.flush()
        for places in self._columns:
            yield from unpickled(self._read(*places[number]))

    def blob(self, row: int) -> bytes:
        """Return a pickled article. Call `flush` after the last write."""
        return self._read(self._starts[row], self._sizes[row])

    def flush(self) -> None:
        """Make everything that was written readable."""
        self._file.flush()

    def _write(self, blob: bytes) -> tuple[int, int]:
        self._file.write(blob)
        start, self._end = self._end, self._end + len(blob)
        return start, len(blob)

    def _read(self, start: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, start)


def pickled(value: object) -> bytes:
    """Return the pickle of a value for a spool or for another process."""
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpickled(blob: bytes) -> Any:
    """Return the value of a pickle that `pickled` made."""
    return pickle.loads(blob)  # noqa: S301 - our own, from a file that has no name
