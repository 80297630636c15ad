"""How many articles of a generation hold each word: what OpenSearch itself tells only with the deleted ones.

It is counted as articles are written, kept in the companion of the generation, and gone on with by the next write.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from search.storage import mapped_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from search.storage.mapped_arrays import Array

FILE: Final = "tally.bin"

STREAMS: Final = ("title_words", "body_words", "text", "person_words")
"""Fields of tokens that are joined by spaces."""

FIELDS: Final = (*STREAMS, "country")


class Tally:
    """Numbers of articles, by field and term, that are still changed."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}

    def add(self, document: Mapping[str, Any]) -> None:
        """Count an article, of `documents.fields_of` or `opensearch_mapping.document`."""
        for field, terms in _terms(document):
            self.counts[field].update(terms)

    def subtract(self, document: Mapping[str, Any]) -> None:
        """Count an article no more that was counted."""
        for field, terms in _terms(document):
            self.counts[field].subtract(terms)

    def merge(self, other: Tally) -> None:
        """Count what another tally has counted, too; its numbers may be below zero."""
        for field, counter in self.counts.items():
            counter.update(other.counts[field])

    def words(self) -> dict[str, int]:
        """Return the words with the number of articles that hold each in title or body, whichever is more."""
        titles, bodies = self.counts["title_words"], self.counts["body_words"]
        found = {word: max(count, titles[word]) for word, count in bodies.items()}
        found.update((word, count) for word, count in titles.items() if word not in found)
        return {word: count for word, count in found.items() if count > 0}

    def write(self, path: Path) -> None:
        """Write it to a file. Terms that no article holds are left out."""
        arrays: dict[str, Array] = {}
        for field, counter in self.counts.items():
            kept = sorted((term.encode(errors="surrogatepass"), count) for term, count in counter.items() if count)
            arrays[f"{field}.terms"] = np.frombuffer(b"".join(term for term, _ in kept), np.uint8)
            arrays[f"{field}.ends"] = np.cumsum([len(term) for term, _ in kept], dtype=np.int64)
            arrays[f"{field}.counts"] = np.array([count for _, count in kept], np.int32)
        mapped_arrays.write(path, arrays, {})

    @classmethod
    def read(cls, path: Path) -> Tally:
        """Return the tally in a file. Raises `IndexDamagedError` where it cannot be read."""
        tally, table = cls(), Table(path)
        for field, counter in tally.counts.items():
            counter.update(dict(table.items(field)))
        return tally


class Table:
    """The numbers in a file that `Tally.write` wrote, mapped into memory. Threads may share one.

    Raises:
        IndexDamagedError: It is missing or cut off.
    """

    def __init__(self, path: Path) -> None:
        self._arrays, _ = mapped_arrays.read(path)

    def count(self, field: str, term: str) -> int:
        """Return how many articles hold a term in a field of `FIELDS`."""
        wanted = term.encode(errors="surrogatepass")
        ends = self._arrays[f"{field}.ends"]
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._term(field, middle) < wanted:
                low = middle + 1
            else:
                high = middle
        found = low < len(ends) and self._term(field, low) == wanted
        return int(self._arrays[f"{field}.counts"][low]) if found else 0

    def items(self, field: str) -> Iterator[tuple[str, int]]:
        """Yield all terms of a field with the numbers of their articles, by term."""
        terms, ends = self._arrays[f"{field}.terms"].tobytes(), self._arrays[f"{field}.ends"].tolist()
        starts = [0, *ends[:-1]]
        for start, end, count in zip(starts, ends, self._arrays[f"{field}.counts"].tolist(), strict=False):
            yield terms[start:end].decode(errors="surrogatepass"), count

    def _term(self, field: str, place: int) -> bytes:
        ends = self._arrays[f"{field}.ends"]
        start = ends[place - 1] if place else 0
        return self._arrays[f"{field}.terms"][start : ends[place]].tobytes()


def _terms(document: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    for field in STREAMS:
        yield field, set(document[field].split())
    yield "country", set(document["country"])
