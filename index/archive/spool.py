"""Keeps the articles of a run in one temporary file, until the last pass reads them in order.

Each article is packed on its own. Beside them are the columns: values that the main
process reads again for all articles at once, such as their ids. So the process itself holds 12 bytes an article.
"""

from __future__ import annotations

import os
import pickle
from array import array
from dataclasses import fields
from itertools import chain
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from index.clean.steps import Rejected
from search.model import Article, Country, Mention, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


PLAIN = tuple(one.name for one in fields(Article) if one.name not in ("countries", "persons", "found"))
"""The fields of an article that are pickled unchanged."""

PLAIN_VALUES = attrgetter(*PLAIN)
PERSON_VALUES = 3
"""Number of values of a packed person. A country has four."""


class Spool:
    """Packed articles and their columns, by row. Close it after use."""

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
        """Add the packed articles of a chunk. Each column is a pickled list with a value for each of them."""
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
        """Return a packed article. Call `flush` after the last write."""
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


def packed(item: Article | Rejected) -> bytes:
    """Return an item for the spool. The mentions of a tag become one tuple, which pickles in half of the time."""
    if isinstance(item, Rejected):
        return pickled(item)
    tags = [list(map(_flat, some)) for some in (item.countries, item.persons, item.found)]
    return pickled((PLAIN_VALUES(item), tags))


def unpacked(blob: bytes) -> Article | Rejected:
    """Return the item that `packed` has packed."""
    packed_item = unpickled(blob)
    if isinstance(packed_item, Rejected):
        return packed_item
    values, tags = packed_item
    countries, persons, found = (tuple(map(_tag, some)) for some in tags)
    return Article(**dict(zip(PLAIN, values, strict=True)), countries=countries, persons=persons, found=found)


def _flat(tag: Country | Person) -> tuple[Any, ...]:
    mentions = tuple(chain.from_iterable(tag.mentions))
    return (mentions, tag.name, tag.spelled) if isinstance(tag, Person) else (mentions, tag.name, tag.code, tag.weight)


def _tag(flat: tuple[Any, ...]) -> Any:
    values = iter(flat[0])
    mentions = tuple(map(Mention._make, zip(values, values, values, values, strict=True)))
    return (
        Person(flat[1], mentions, flat[2])
        if len(flat) == PERSON_VALUES
        else Country(flat[2], flat[1], mentions, flat[3])
    )


def pickled(value: object) -> bytes:
    """Return the pickle of a value, for a column or an item."""
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpickled(blob: bytes) -> Any:
    """Return the value of a pickle that `pickled` made."""
    return pickle.loads(blob)  # noqa: S301 - our own, from a file that has no name
