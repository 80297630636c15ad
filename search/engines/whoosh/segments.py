"""Reads the segments of a Whoosh index: terms, posting lists as arrays, and stored fields.

It uses the public parts of Whoosh's codec. The matchers of whoosh3 3.54 need about two microseconds for each posting.
Here a posting list is read in blocks and returned as numpy arrays.
"""

from __future__ import annotations

import mmap
import pickle
import struct
import sys
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import STORED_COLUMN, W3Codec, W3LeafMatcher
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import FileFormatError
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC
from whoosh.index import IndexError as WhooshIndexError
from whoosh.reading import CorruptIndexError, TermNotFound

from search.engines.whoosh import codec, schema
from search.errors import IndexDamagedError
from search.storage.mapped_arrays import REMEDY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAMAGED = (
    ValueError, LookupError, TypeError, AttributeError, NameError, ImportError, AssertionError, EOFError, MemoryError,
    OverflowError, OSError, struct.error, zlib.error, pickle.UnpicklingError, FileFormatError, WhooshIndexError,
    CorruptIndexError,
)  # fmt: skip
"""Errors that whoosh3 3.54 and its unpickling raise for damaged files."""

Numbers: TypeAlias = NDArray[np.int64]

NAME = "dateline"
"""Name of the index in Whoosh, and prefix of its files."""

STORED = "_stored"
"""Whoosh's name for the column of stored fields."""


class Postings(NamedTuple):
    """The postings of a term: the numbers of its articles in rising order, and its frequency in each.

    `places` are its positions in all articles, one after the other. They are empty for a field without positions.
    """

    articles: Numbers
    times: Numbers
    places: Numbers


NOTHING = Postings(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


class Mapped(FileStorage):  # type: ignore[misc]
    """A folder whose files are mapped into memory when opened, so they stay readable after a generation is pruned."""

    def open_file(self, name: str, **_: Any) -> StructFile:
        """Open a file."""
        with Path(self.folder, name).open("rb") as file:
            empty = not file.seek(0, 2)
            return StructFile(BytesIO() if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), name=name)


class Blocks(W3LeafMatcher):  # type: ignore[misc]
    """A posting list in Whoosh's format, read in blocks."""

    def blocks(self) -> Iterator[tuple[int, tuple[int, ...], Any, tuple[bytes, ...] | None]]:
        """Yield for each block: number of postings, steps between article numbers, weights, encoded positions."""
        while self.is_active():
            self._read_data()
            yield (self._blocklength, *self._data)
            self._next_block()


@dataclass(frozen=True, slots=True)
class Segment:
    """An open segment. `id` begins the names of its files; `deleted` are the numbers of its deleted articles.

    All methods that read raise `IndexDamagedError` if Whoosh cannot read its files.
    """

    id: str
    size: int
    deleted: frozenset[int]
    formats: dict[str, Any]
    _terms: Any
    _posts: StructFile
    _stored: Any
    _lock: Lock
    """Guards Whoosh's open files: they have a read position, which only one thread may move at a time."""

    @property
    def name(self) -> str:
        """The name of the segment in messages."""
        return f"Segment {self.id}"

    @property
    def live(self) -> range | list[int]:
        """The numbers of all articles that are not deleted."""
        numbers = range(self.size)
        return [number for number in numbers if number not in self.deleted] if self.deleted else numbers

    def stored(self, number: int) -> dict[str, Any]:
        """Return the stored fields of an article."""
        with self._reading():
            stored: dict[str, Any] = self._stored[number]
        return stored

    def postings(self, field: str, term: str) -> Postings:
        """Return the postings of a term, including those of deleted articles."""
        with self._reading():
            info = self._info(field, term)
            if info is None:
                return NOTHING
            if info.is_inlined():
                articles, times, stored = info.inlined_postings()
                return _postings([np.array(articles)], [times], stored)
            offset, length = info.extent()
            length = length[0] if isinstance(length, tuple) else length  # whoosh3 3.54 leaves the tuple of `unpack`
            return _read(self._posts.get(offset, length), self.formats[field])

    def frequency(self, field: str, term: str) -> int:
        """Return the number of articles with a term, including deleted ones."""
        with self._reading():
            info = self._info(field, term)
            return 0 if info is None else int(info.doc_frequency())

    def _info(self, field: str, term: str) -> Any:
        try:
            return self._terms.term_info(field, term.encode(errors="surrogatepass"))
        except TermNotFound:
            return None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Hold the lock of the segment, and raise `IndexDamagedError` if the block fails to read it."""
        with self._lock, damage_as_index_error(self.name):
            yield

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield the terms of a field in order, starting at the prefix, each with its `frequency`.

        No other thread may use the segment meanwhile.
        """
        for (name, term), info in self._terms.items_from(field, prefix.encode(errors="surrogatepass")):
            if name != field:
                return
            yield term.decode(), int(info.doc_frequency())

    def with_prefix(self, field: str, prefix: str) -> list[str]:
        """Return the terms of a field that start with the prefix."""
        terms = []
        with self._reading():
            for word, _ in self.words(field, prefix):
                if not word.startswith(prefix):
                    break
                terms.append(word)
        return terms


@contextmanager
def damage_as_index_error(name: str) -> Iterator[None]:
    """Turn the errors that Whoosh raises for damaged files into `IndexDamagedError`. `name` names the damaged part."""
    try:
        yield
    except DAMAGED as error:
        reason = str(error) or type(error).__name__
        raise IndexDamagedError(f"{name} of the index cannot be read: {reason}.", remedy=REMEDY) from error


def _read(data: bytes, format_: Any) -> Postings:
    articles, times, places = [], [], list[bytes]()
    for size, steps, weights, stored in Blocks(StructFile(BytesIO(data)), 0, len(data), format_).blocks():
        articles.append(np.cumsum(np.array(steps, np.int64)))
        times.append(np.full(size, weights or 1.0) if weights is None or isinstance(weights, float) else weights)
        places += stored or ()
    return _postings(articles, times, places)


def _postings(articles: list[Any], times: list[Any], places: Iterable[bytes]) -> Postings:
    return Postings(
        np.concatenate(articles).astype(np.int64),
        np.concatenate(times).astype(np.int64),
        np.frombuffer(b"".join(places), np.uint32).astype(np.int64),
    )


# Whoosh pickles its schema and the codec of each segment. Indexes of schema 5 name the modules where both were then.
sys.modules.setdefault("search.engines.whoosh_codec", codec)
sys.modules.setdefault("search.engines.whoosh_schema", schema)


def open_segments(folder: Path) -> list[Segment]:
    """Return the open segments of the last commit in a folder.

    Raises:
        IndexDamagedError: A file is missing or damaged.
    """
    storage = Mapped(str(folder), readonly=True)
    with damage_as_index_error("The list of segments"):
        toc = TOC.read(storage, NAME)
    return [_opened(storage, toc.schema, segment) for segment in toc.segments]


def _opened(storage: Mapped, fields: Any, segment: Any) -> Segment:
    with damage_as_index_error("A segment"):
        codec = segment.codec()
        return Segment(
            segment.segment_id(),
            segment.doc_count_all(),
            frozenset(segment.deleted_docs()),
            {name: field.format for name, field in fields.items()},
            codec.terms_reader(storage, segment),
            segment.open_file(storage, W3Codec.POSTS_EXT),
            codec.per_document_reader(storage, segment).column_reader(STORED, STORED_COLUMN),
            Lock(),
        )
