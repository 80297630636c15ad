"""What the main process knows about the articles of a run, in some 40 bytes an article. The articles are in a spool."""

from __future__ import annotations

from array import array
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.archive.expected_lines import ExpectedLines
from index.archive.grouper import Grouper
from index.archive.person_labels import Tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from index.archive.line_counts import BoilerplateCounter
    from index.archive.spool import Spool

ACCEPTED, SIGNED, PENDING, SUPERSEDED, REPLACED = 1, 2, 4, 8, 16
"""Flags of an article.

- `ACCEPTED`: it was not rejected.
- `SIGNED`: it has a signature.
- `PENDING`: the second pass must look at it even if it has no boilerplate.
- `SUPERSEDED`: a later version follows in the same run.
- `REPLACED`: the second pass has replaced it.
"""

IDS, SIGNATURES, TAGS = range(3)
"""The columns of the spool."""


class Chunk(NamedTuple):
    """Cleaned articles: each packed, a pickle of each column, and what the main process needs to know of them.

    `hashes` are those of the ids. `lines` are the keys of all lines, and `sizes` their number in each article.
    `removed` are sums: of the keys of each article that were taken for boilerplate, modulo 2^64.
    """

    blobs: list[bytes]
    columns: tuple[bytes, bytes, bytes]
    flags: bytes
    hashes: list[int]
    sites: list[str]
    reasons: list[str]
    lines: NDArray[np.uint64]
    sizes: list[int]
    removed: list[int]


class Job(NamedTuple):
    """Packed articles that may lose lines, with their rows and the keys of these lines."""

    rows: list[int]
    blobs: list[bytes]
    recurring: frozenset[int]


class Collected:
    """The articles of a run, by row. First `add` all chunks, then call the other methods in their order."""

    def __init__(self, spool: Spool, counter: BoilerplateCounter) -> None:
        self._spool = spool
        self._counter = counter
        self._flags = bytearray()
        self._hashes = array("Q")
        self._sites = array("I")
        self._removed = array("Q")
        self._expected = ExpectedLines()
        self._site_numbers: dict[str, int] = {}

    def add(self, chunk: Chunk) -> None:
        """Add a chunk."""
        self._spool.append(chunk.blobs, chunk.columns)
        self._counter.add(chunk.lines, chunk.sizes)
        self._expected.add(chunk.sites, self._counter.recurring(chunk.lines, chunk.sizes))
        self._flags += chunk.flags
        self._removed.extend(chunk.removed)
        self._hashes.extend(chunk.hashes)
        numbers = self._site_numbers
        self._sites.extend(numbers.setdefault(site, len(numbers)) for site in chunk.sites)

    @property
    def expected(self) -> frozenset[int]:
        """The keys of lines that will probably turn out to be boilerplate."""
        return self._expected.keys

    def supersede(self) -> Counter[str]:
        """Find the articles with a later version. Return their number for each id."""
        self._all_flags = np.frombuffer(self._flags, np.uint8)
        accepted = np.flatnonzero(self._all_flags & ACCEPTED)
        hashes = np.array(self._hashes, dtype=np.uint64)[accepted]
        del self._hashes
        _, places, numbers = np.unique(hashes[::-1], return_index=True, return_inverse=True)
        last = accepted[::-1][places][numbers[::-1]]
        self._old, self._latest = accepted[last != accepted], last[last != accepted]
        self._all_flags[self._old] |= SUPERSEDED
        if not len(self._old):
            return Counter()
        ids = zip(self._flags, self._spool.column(IDS), strict=True)
        return Counter(article_id for flags, article_id in ids if flags & SUPERSEDED)

    def group(self) -> NDArray[np.int32]:
        """Return the story of each row: the number of a row that belongs to it."""
        with closing(Grouper()) as grouper:
            for flags, signature in zip(self._flags, self._spool.column(SIGNATURES), strict=True):
                grouper.add(b"" if flags & SUPERSEDED else signature)
            stories = grouper.group().astype(np.int32)
        stories[self._old] = stories[self._latest]
        return stories

    def jobs(self, stories: NDArray[np.int32], size: int) -> Iterator[Job]:
        """Yield the articles that may lose lines, `size` at a time.

        An article without a signature may be an unknown copy, so its lines are not counted.
        """
        counted = np.where(self._all_flags & SIGNED, stories, np.int32(-1))
        recurring = self._counter.boilerplate_keys(np.array(self._sites, dtype=np.int32), counted)
        self._spool.flush()
        rows: list[int] = []
        keys: set[int] = set()
        removed = np.array(self._removed, dtype=np.uint64)
        for row, some in self._counter.rows_to_change(recurring, removed, self._all_flags & PENDING > 0):
            rows.append(row)
            keys.update(some.tolist())
            if len(rows) == size:
                yield self._job(rows, keys)
                rows, keys = [], set()
        if rows:
            yield self._job(rows, keys)

    def _job(self, rows: list[int], keys: set[int]) -> Job:
        return Job(rows, [self._spool.blob(row) for row in rows], frozenset(keys))

    def replace(self, row: int, blob: bytes) -> None:
        """Put another article in the place of one."""
        self._spool.replace(row, blob)
        self._flags[row] |= REPLACED

    def is_written(self, row: int) -> bool:
        """Whether an article was accepted and has no later version."""
        return self._flags[row] & (ACCEPTED | SUPERSEDED) == ACCEPTED

    def tags(self) -> Iterator[Tags]:
        """Yield the tags of the articles to write, without those that were replaced."""
        for flags, tags in zip(self._flags, self._spool.column(TAGS), strict=True):
            if flags & (ACCEPTED | SUPERSEDED | REPLACED) == ACCEPTED:
                yield Tags(*tags)

    def story_ids(self, stories: NDArray[np.int32]) -> dict[int, str]:
        """Return the smallest id of each story with several articles."""
        has_copies = np.bincount(stories, minlength=len(stories)) > 1
        smallest: dict[int, str] = {}
        if has_copies.any():
            for row, article_id in enumerate(self._spool.column(IDS)):
                story = int(stories[row])
                if has_copies[story] and article_id < smallest.get(story, chr(0x10FFFF)):
                    smallest[story] = article_id
        return smallest
