"""Exact numbers of articles with each term of a generation. OpenSearch 2.x itself counts deleted articles, too.

Counts are updated while writing and stored with the generation, so the next write can continue from them.
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
"""Fields that contain tokens, joined by spaces."""

VALUES: Final = ("country", "person")
FIELDS: Final = (*STREAMS, *VALUES)


class Tally:
    """The number of articles by field and term, while it is still changing."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}

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

    def words(self) -> dict[str, int]:
        """Return for each word the number of articles with it in the title or in the body, whichever is higher."""
        titles, bodies = self.counts["title_words"], self.counts["body_words"]
        counts = {word: max(count, titles[word]) for word, count in bodies.items()}
        counts.update((word, count) for word, count in titles.items() if word not in counts)
        return {word: count for word, count in counts.items() if count > 0}

    def write(self, path: Path) -> None:
        """Write the tally to a file, without terms that are in no article."""
        arrays: dict[str, Array] = {}
        for field, counter in self.counts.items():
            kept = sorted((term.encode(errors="surrogatepass"), count) for term, count in counter.items() if count)
            arrays[f"{field}.terms"] = np.frombuffer(b"".join(term for term, _ in kept), np.uint8)
            arrays[f"{field}.ends"] = np.cumsum([len(term) for term, _ in kept], dtype=np.int64)
            arrays[f"{field}.counts"] = np.array([count for _, count in kept], np.int32)
        mapped_arrays.write(path, arrays, {})

    @classmethod
    def read(cls, path: Path) -> Tally:
        """Return the tally in a file. Raises `IndexDamagedError` if it cannot be read."""
        return Table(path).tally()


class Table:
    """The counts in a file of `Tally.write`, mapped into memory. It is safe to share between threads.

    Raises:
        IndexDamagedError: The file is missing or truncated.
    """

    def __init__(self, path: Path) -> None:
        self._arrays, _ = mapped_arrays.read(path)

    def count(self, field: str, term: str) -> int:
        """Return the number of articles with a term in a field of `FIELDS`."""
        encoded = term.encode(errors="surrogatepass")
        ends = self._arrays[f"{field}.ends"]
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._term(field, middle) < encoded:
                low = middle + 1
            else:
                high = middle
        is_known = low < len(ends) and self._term(field, low) == encoded
        return int(self._arrays[f"{field}.counts"][low]) if is_known else 0

    def tally(self) -> Tally:
        """Return the counts as a tally that can be changed."""
        tally = Tally()
        for field, counter in tally.counts.items():
            counter.update(dict(self.items(field)))
        return tally

    def items(self, field: str) -> Iterator[tuple[str, int]]:
        """Yield all terms of a field with their numbers of articles, in the order of the terms."""
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
    for field in VALUES:
        yield field, set(document[field])
