"""Segments of a Whoosh index, opened by the public parts of its codec: terms, posting lists as arrays, stored fields.

Whoosh's matchers step from posting to posting, some two microseconds each; here a posting list is read by the block and
handed on as arrays of numpy.
"""

from __future__ import annotations

import mmap
import pickle
import struct
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

from search.errors import IndexDamagedError
from search.storage.mapped_arrays import REMEDY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DAMAGED = (
    ValueError, LookupError, TypeError, AttributeError, NameError, ImportError, AssertionError, EOFError, MemoryError,
    OverflowError, OSError, struct.error, zlib.error, pickle.UnpicklingError, FileFormatError, WhooshIndexError,
    CorruptIndexError,
)  # fmt: skip
"""What Whoosh, and the unpickling that it does, raise on files that are not what it wrote."""

Numbers: TypeAlias = NDArray[np.int64]

NAME = "dateline"
"""Whoosh's name for the index; its files begin with it."""

STORED = "_stored"
"""Whoosh's name for the column of stored fields."""


class Postings(NamedTuple):
    """The articles of a segment that hold a term: their numbers, rising, how often each has it, and where.

    `places` are those of all articles one after the other; empty where the field keeps none.
    """

    articles: Numbers
    times: Numbers
    places: Numbers


NOTHING = Postings(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


class Mapped(FileStorage):  # type: ignore[misc]
    """A folder whose files are mapped into memory when they are opened, so that they may be removed meanwhile."""

    def open_file(self, name: str, **_: Any) -> StructFile:
        """Open a file."""
        with Path(self.folder, name).open("rb") as file:
            empty = not file.seek(0, 2)
            return StructFile(BytesIO() if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), name=name)


class Blocks(W3LeafMatcher):  # type: ignore[misc]
    """A posting list of Whoosh's format that is read by the block."""

    def blocks(self) -> Iterator[tuple[int, tuple[int, ...], Any, tuple[bytes, ...] | None]]:
        """Yield of each block the number of postings, the steps from article to article, weights, what is stored."""
        while self.is_active():
            self._read_data()
            yield (self._blocklength, *self._data)
            self._next_block()


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment, open. `deleted` are the numbers of its articles that are deleted.

    All reading raises `IndexDamagedError` where Whoosh cannot make anything of its files.
    """

    name: str
    size: int
    deleted: frozenset[int]
    formats: dict[str, Any]
    _terms: Any
    _posts: StructFile
    _stored: Any
    _lock: Lock
    """Whoosh's files have a place where they are read next, which threads must not move at once."""

    @property
    def live(self) -> range | list[int]:
        """The numbers of its articles that are not deleted."""
        whole = range(self.size)
        return [number for number in whole if number not in self.deleted] if self.deleted else whole

    def stored(self, number: int) -> dict[str, Any]:
        """Return what is stored of an article."""
        with self._reading():
            found: dict[str, Any] = self._stored[number]
        return found

    def postings(self, field: str, term: str) -> Postings:
        """Return the articles that hold a term, deleted ones among them."""
        with self._reading():
            info = self._info(field, term)
            if info is None:
                return NOTHING
            if info.is_inlined():
                articles, times, stored = info.inlined_postings()
                return _postings([np.array(articles)], [times], stored)
            offset, length = info.extent()
            length = length[0] if isinstance(length, tuple) else length  # Whoosh 3.54 leaves it as unpacked
            return _read(self._posts.get(offset, length), self.formats[field])

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term, deleted ones among them."""
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
        """Keep other threads from the segment; raises `IndexDamagedError` where it is not what was written."""
        with self._lock, sound(self.name):
            yield

    def words(self, field: str, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield the terms of a field from the first that begins with the prefix on, each with its `frequency`.

        No other thread may ask the segment for anything meanwhile.
        """
        for (name, term), info in self._terms.items_from(field, prefix.encode(errors="surrogatepass")):
            if name != field:
                return
            yield term.decode(), int(info.doc_frequency())

    def begun(self, field: str, prefix: str) -> list[str]:
        """Return the terms of a field that begin with the prefix."""
        found = []
        with self._reading():
            for word, _ in self.words(field, prefix):
                if not word.startswith(prefix):
                    break
                found.append(word)
        return found


@contextmanager
def sound(name: str) -> Iterator[None]:
    """Raise `IndexDamagedError` for what Whoosh raises where a segment, or what lists them, is damaged."""
    try:
        yield
    except DAMAGED as error:
        told = str(error) or type(error).__name__
        raise IndexDamagedError(f"{name} of the index cannot be read: {told}.", remedy=REMEDY) from error


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


def open_segments(folder: Path) -> list[Segment]:
    """Return the segments of the newest commit to a folder.

    Raises:
        IndexDamagedError: A file is missing, or Whoosh cannot make anything of it.
    """
    storage = Mapped(str(folder), readonly=True)
    with sound("The list of segments"):
        toc = TOC.read(storage, NAME)
    return [_opened(storage, toc.schema, segment) for segment in toc.segments]


def _opened(storage: Mapped, schema: Any, segment: Any) -> Segment:
    with sound("A segment"):
        codec = segment.codec()
        return Segment(
            f"Segment {segment.segment_id()}",
            segment.doc_count_all(),
            frozenset(segment.deleted_docs()),
            {name: field.format for name, field in schema.items()},
            codec.terms_reader(storage, segment),
            segment.open_file(storage, W3Codec.POSTS_EXT),
            codec.per_document_reader(storage, segment).column_reader(STORED, STORED_COLUMN),
            Lock(),
        )
