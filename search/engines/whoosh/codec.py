"""Writes Whoosh's own format by the term: postings are gathered by term and written by the block.

Whoosh's writer sorts one tuple a posting and hands each on alone through four calls. What is written is the same.
"""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3PostingsWriter
from whoosh.filedb.structfile import StructFile

from search.engines.whoosh.schema import PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTINGS_A_BLOCK = 1024
"""Whoosh's 128 suit a search that skips blocks; ours reads whole lists."""

COMPRESSION = 1
"""Of zlib. Over 1,000 news stories 3, which is Whoosh's own, took 8 % longer for 1 % less; 0 made 28 % more."""


INLINED = 8
"""Terms of fewer articles have their postings in the dictionary; that is most of them."""


class Gathered(NamedTuple):
    """The postings of a term: articles, how often each has it, and where, the places of all in one array."""

    articles: array[int]
    times: array[int]
    places: array[int]


class Pool:
    """The postings of a segment that is written, by field and term; takes the place of Whoosh's own pool."""

    def __init__(self) -> None:
        self.size = 0
        self._fields: dict[str, dict[bytes, Gathered]] = {}

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Take in a posting; those of a term come by article."""
        field, term, article, weight, stored = item
        terms = self._fields.setdefault(field, {})
        found = terms.get(term)
        if found is None:
            found = terms[term] = Gathered(array("I"), array("I"), array(PLACE))
        found.articles.append(article)
        found.times.append(int(weight))
        if stored:  # Whoosh gives None or a text where a field keeps no places
            found.places.frombytes(stored)
        self.size += 1

    def iter_postings(self) -> Iterator[tuple[str, Iterator[tuple[bytes, Gathered]]]]:
        """Yield the fields, each with its terms, in order; each term is forgotten when it was yielded."""
        for field in sorted(self._fields):
            terms = self._fields.pop(field)
            yield field, ((term, terms.pop(term)) for term in sorted(terms))

    def cleanup(self) -> None:
        """Forget all."""
        self._fields.clear()


class BlockWriter(W3PostingsWriter):  # type: ignore[misc]
    """Writes the postings of a term by the block."""

    _terminfo: Any

    def add_all(self, found: Gathered) -> None:
        """Add all postings of the term."""
        values = _values(found) if found.places else []
        for start in range(0, len(found.articles), self._blocklimit):
            if len(self):
                self._write_block()
            part = slice(start, start + self._blocklimit)
            self._ids = found.articles[part]
            self._weights = array("f", found.times[part])
            self._maxweight = max(self._weights)
            self._values = values[part]

    def finish_postings(self) -> Any:
        """Return where the postings of the term are, or what they are; Whoosh's own fails on the latter."""
        if self.written() or len(self) >= self._inlinelimit:
            return super().finish_postings()
        info, self._terminfo = self._terminfo, None
        info.add_block(self)
        info.set_inlined(self._ids, self._weights, self._values)
        return info


def _values(found: Gathered) -> list[bytes]:
    """Return the places as each article stores them."""
    data, ends, end = found.places.tobytes(), [0], 0
    size = found.places.itemsize
    for times in found.times:
        end += times * size
        ends.append(end)
    return [data[start:stop] for start, stop in pairwise(ends)]


class Counting:
    """A file that is written from the start on and knows how far without asking the system, as each term asks twice."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._size = 0

    def write(self, data: bytes) -> None:
        """Write at the end."""
        self._size += len(data)
        self._file.write(data)

    def tell(self) -> int:
        """Return the number of bytes."""
        return self._size

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class FieldWriter(W3FieldWriter):  # type: ignore[misc]
    """Writes what a `Pool` yields."""

    def _create_file(self, ext: str) -> StructFile:
        return StructFile(Counting(super()._create_file(ext)), name=ext)

    def add_postings(self, schema: Any, _: Any, items: Iterator[tuple[str, Iterator[tuple[bytes, Gathered]]]]) -> None:
        """Write all fields."""
        for field, terms in items:
            self.start_field(field, schema[field])
            for term, found in terms:
                self.start_term(term)
                self._postwriter.add_all(found)
                self.finish_term()
            self.finish_field()


class Codec(W3Codec):  # type: ignore[misc]
    """Whoosh's format of today."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=POSTINGS_A_BLOCK, compression=COMPRESSION, inlinelimit=INLINED)

    def field_writer(self, storage: Any, segment: Any) -> FieldWriter:
        """Return what writes the terms of a segment."""
        return FieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> BlockWriter:  # noqa: FBT001, FBT002 - Whoosh's own
        """Return what writes the postings of a term."""
        return BlockWriter(
            dbfile,
            blocklimit=self._blocklimit,
            byteids=byteids,
            compression=self._compression,
            inlinelimit=self._inlinelimit,
        )
