"""Counts the lines of an archive exactly, and finds those that are boilerplate by the rules of `boilerplate`.

The keys of all lines are in a temporary file, which is read once for each question. Memory holds what may be
boilerplate.
"""

from __future__ import annotations

from array import array
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from index.archive.boilerplate import MIN_STORIES, NO_KEYS, TITLE, has_kind, is_boilerplate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SLOT_BITS = 25
"""The hash table has 2^25 counters of one byte: 32 MiB.

With a million articles of 30 lines, one line in 16 becomes a candidate by chance. Candidates are then counted exactly,
which takes 8 bytes for each occurrence.
"""

MAX_COUNT = np.iinfo(np.uint8).max

BLOCK_ARTICLES = 4096
"""Articles whose lines are read from the file at a time."""


class BoilerplateCounter:
    """Counts the lines of all articles, then decides which are boilerplate. Keys are kept in a temporary file.

    First `add` all lines, then call `boilerplate_keys`. Close the counter after use.
    """

    def __init__(self) -> None:
        self._counters = np.zeros(1 << SLOT_BITS, dtype=np.uint8)
        self._file: IO[bytes] = TemporaryFile(prefix="dateline-")  # noqa: SIM115 - closed by `close`
        self._sizes = array("I")

    def close(self) -> None:
        """Delete the temporary file and the counters."""
        self._file.close()
        self._counters = np.empty(0, dtype=np.uint8)

    def add(self, keys: NDArray[np.uint64], sizes: Sequence[int]) -> None:
        """Count the lines of the next articles, each line once per article. `sizes` are their numbers of lines."""
        self._sizes.extend(sizes)
        self._file.write(keys.tobytes())
        owners = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
        once = np.unique(owners << np.uint64(SLOT_BITS) | _slots(keys))
        slots, counts = np.unique(once & np.uint64((1 << SLOT_BITS) - 1), return_counts=True)
        self._counters[slots] = np.minimum(self._counters[slots] + counts, MAX_COUNT)

    def boilerplate_keys(self, sites: NDArray[np.int32], stories: NDArray[np.int32]) -> NDArray[np.uint64]:
        """Return the keys of boilerplate, sorted.

        `sites` and `stories` are numbers from 0, one for each article in the order in which lines were added. The story
        -1 means that an article is not counted.
        """
        if self._counters.max() < MIN_STORIES:
            return NO_KEYS
        counted = [np.empty(0, np.uint64)]
        counted += [
            keys[(stories[rows] >= 0) & (self._counters[_slots(keys)] >= MIN_STORIES)] for rows, keys in self._blocks()
        ]
        candidates = _frequent(np.concatenate(counted))
        del counted
        by_story = np.unique(self._occurrences(candidates, sites, stories).packed >> np.uint64(1))
        counts = np.bincount((by_story >> np.uint64(31)).astype(np.intp), minlength=len(candidates))
        frequent = candidates[counts >= MIN_STORIES]
        has_story = stories >= 0
        pairs = np.unique(_packed(sites[has_story], stories[has_story]))
        story_counts = np.bincount((pairs >> np.uint64(31)).astype(np.intp), minlength=int(sites.max(initial=0)) + 1)
        return _boilerplate_keys(frequent, self._occurrences(frequent, sites, stories), story_counts)

    def recurring(self, keys: NDArray[np.uint64], sizes: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
        """Yield the lines of the articles that were added last if other articles probably have them, too.

        Each comes with the place of its article before it, and whether it is at the edge after it.
        """
        rows = np.repeat(np.arange(len(sizes)), sizes)
        is_frequent = self._counters[_slots(keys)] >= MIN_STORIES
        if is_frequent.any():
            edge = _at_edge(rows, is_frequent | has_kind(TITLE, keys))
            columns = (rows[is_frequent], keys[is_frequent], edge[is_frequent])
            yield from zip(*(column.tolist() for column in columns), strict=True)

    def rows_to_change(
        self, boilerplate: NDArray[np.uint64], removed: NDArray[np.uint64], others: NDArray[np.bool]
    ) -> Iterator[tuple[int, NDArray[np.uint64]]]:
        """Yield the articles whose boilerplate was not removed as it is known now, in order, with these lines.

        `removed` are the sums of the keys that were taken for boilerplate, for each article. The articles in `others`
        are yielded, too.
        """
        for first, (rows, keys) in zip(range(0, len(removed), BLOCK_ARTICLES), self._blocks(), strict=True):
            last = min(first + BLOCK_ARTICLES, len(removed))
            is_found, _ = _find(keys, boilerplate)
            starts = np.searchsorted(rows[is_found], np.arange(first, last + 1))
            found = keys[is_found]
            sums = np.cumsum(np.append(np.zeros(1, np.uint64), found))[starts]
            chosen = (np.diff(sums) != removed[first:last]) | others[first:last]
            for place in np.flatnonzero(chosen).tolist():
                yield first + place, found[starts[place] : starts[place + 1]]

    def _blocks(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint64]]]:
        """Yield the keys of all lines with the number of their article, some thousand articles at a time."""
        self._file.seek(0)
        sizes = np.array(self._sizes, dtype=np.intp)
        for start in range(0, len(sizes), BLOCK_ARTICLES):
            some = sizes[start : start + BLOCK_ARTICLES]
            keys = np.frombuffer(self._file.read(8 * int(some.sum())), dtype=np.uint64)
            yield np.repeat(np.arange(start, start + len(some)), some), keys

    def _occurrences(
        self, lines: NDArray[np.uint64], sites: NDArray[np.int32], stories: NDArray[np.int32]
    ) -> Occurrences:
        """Return the occurrences of some lines, which are sorted.

        An occurrence is at the edge if only such lines or the title stand between it and the beginning or the end.
        """
        parts = [np.empty(0, np.uint64)]
        owners = np.zeros(len(lines), np.int32)
        for rows, keys in self._blocks():
            if not len(rows):
                continue
            is_found, places = _find(keys, lines)
            edge = _at_edge(rows, is_found | has_kind(TITLE, keys))
            is_found &= stories[rows] >= 0
            counted, places = rows[is_found], places[is_found]
            owners[places] = sites[counted]
            parts.append(_packed(places, stories[counted]) << np.uint64(1) | ~edge[is_found])
        packed = np.concatenate(parts)
        packed.sort()
        return Occurrences(packed, owners)


class Occurrences(NamedTuple):
    """Occurrences of lines, sorted, and the site of each line.

    An occurrence is a number: the place of the line, 31 bits for the story, one bit that is 0 at the edge.
    """

    packed: NDArray[np.uint64]
    sites: NDArray[np.int32]


def _packed(high: NDArray[np.integer], low: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return pairs of numbers as one number each."""
    pairs: NDArray[np.uint64] = high.astype(np.uint64) << np.uint64(31) | low.astype(np.uint64)
    return pairs


def _find(keys: NDArray[np.uint64], lines: NDArray[np.uint64]) -> tuple[NDArray[np.bool], NDArray[np.intp]]:
    """Return for each key whether it is in `lines`, which are sorted, and at which place."""
    if not len(lines):
        return np.zeros(len(keys), bool), np.zeros(len(keys), np.intp)
    places = np.minimum(np.searchsorted(lines, keys), len(lines) - 1)
    return lines[places] == keys, places


def _frequent(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the keys that occur at least `MIN_STORIES` times, sorted. Sorts `keys` in place."""
    keys.sort()
    is_frequent = keys[MIN_STORIES - 1 :] == keys[: 1 - MIN_STORIES]
    frequent: NDArray[np.uint64] = np.unique(keys[MIN_STORIES - 1 :][is_frequent])
    return frequent


def _at_edge(rows: NDArray[np.intp], passable: NDArray[np.bool]) -> NDArray[np.bool]:
    """Return for each line whether only passable lines stand between it and the beginning or end of its article."""
    places = np.arange(len(rows))
    starts = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
    sizes = np.diff(starts, append=len(rows))
    first = np.repeat(np.minimum.reduceat(np.where(passable, len(rows), places), starts), sizes)
    last = np.repeat(np.maximum.reduceat(np.where(passable, -1, places), starts), sizes)
    edge: NDArray[np.bool] = (places < first) | (places > last)
    return edge


def _boilerplate_keys(
    lines: NDArray[np.uint64], occurrences: Occurrences, story_counts: NDArray[np.intp]
) -> NDArray[np.uint64]:
    """Return the lines that are boilerplate by the rules; `story_counts` are the stories of each site."""
    packed = occurrences.packed
    is_first = np.append(True, packed[1:] >> np.uint64(1) != packed[:-1] >> np.uint64(1))[: len(packed)]
    once = packed[is_first]  # of each line and story, at the edge if it ever is
    places = (once >> np.uint64(32)).astype(np.intp)
    stories = np.bincount(places, minlength=len(lines))
    at_edge = np.bincount(places[once & np.uint64(1) == 0], minlength=len(lines))
    of_site = story_counts[occurrences.sites]
    found: NDArray[np.uint64] = lines[is_boilerplate(lines, stories, at_edge, of_site)]
    return found


def _slots(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the position of each key's counter: the highest bits of the key."""
    return keys >> np.uint64(64 - SLOT_BITS)
