"""Finds boilerplate that one page alone cannot show: lines that recur in many stories of one source.

Lines of the main content recur, too: `He declined to comment.`, a background paragraph, the subheadings of a series.
Boilerplate differs in its place:

- Boilerplate stands at the edge: only other recurring lines stand between it and the beginning or end of the article.
  A background paragraph is there only sometimes, and a subheading never is.
- Between paragraphs of the main content, only long lines are boilerplate, and only if a large share of the source's
  stories have them. A short line there may be a subheading.

Stories are counted, not articles, so copies of one story keep their text. The order of the articles does not matter.
Articles that consist mostly of the same boilerplate are grouped as copies of one story, and therefore keep it.
"""

from __future__ import annotations

import hashlib
from itertools import compress, takewhile
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from index.sources.ids import host_of
from search.model import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from search.model import Article

MIN_STORIES = 4
"""Minimum stories of a source that have a boilerplate line."""

EDGE_SHARE = 0.02
"""Minimum share of the source's stories that have a line at the edge: 20 of 1,000 stories, 4 of 200 or fewer.

Chosen on 4,000 news articles of 185 sources: 0.02 removes a tenth more lines than 0.05, all of them boilerplate. Of the
451 lines that were removed, 21 were a subheading that opens every story of a series. None was a sentence of its story.
"""

EDGE_CONSTANCY = 0.8
"""Of the stories that contain a line, at least this share must have it at the edge."""

MIDDLE_SHARE = 0.25
"""Minimum share of the source's stories that have a long line between paragraphs of the main content.

A running story rarely reaches this share. On the same articles, 0.1 would remove a tenth more lines, all of them
boilerplate, too.
"""

TITLE_SHARE = 0.5
"""A title that was taken from the text is the site's name if at least this share of the source's stories have it."""

LONG_CHARS = 40
"""Minimum characters of a long line. Longer lines are not subheadings."""

LONG, TITLE = 1, 2
"""Flags in the two lowest bits of a line's key: the line is long, the line is a title."""

SLOT_BITS = 24
"""The hash table has 2^24 counters of one byte: 16 MiB.

With a million articles of 30 lines, one line in nine becomes a candidate by chance. Candidates are then counted
exactly, which takes 17 bytes for each occurrence.
"""

MAX_COUNT = np.iinfo(np.uint8).max
OCCURRENCE = np.dtype([("key", np.uint64), ("story", np.int32), ("source", np.int32), ("edge", np.bool)])
NO_OCCURRENCES = np.empty(0, dtype=OCCURRENCE)


class LineOwner(NamedTuple):
    """Source and story of an article whose lines are counted. An article without a story is not counted."""

    source: str
    story: str | None


def keys_of(article: Article, *, own_title: bool) -> NDArray[np.uint64]:
    """Return a key for each paragraph of the body, and one for the title if it was taken from the text (`own_title`).

    A key has 62 bits of a hash of source and text, and two bits for the kind of line.
    """
    source = source_of(article)
    keys = [_key(source, text) & ~3 | (LONG if len(text) >= LONG_CHARS else 0) for text in _paragraphs(article)]
    if own_title and article.title:
        keys.append(_key(source, article.title) & ~3 | TITLE)
    return np.array(keys, dtype=np.uint64)


def source_of(article: Article) -> str:
    """Return the site of an article: its host, else its source. Articles without either share one site."""
    return host_of(article.url) or article.source or ""


def remove(article: Article, keys: NDArray[np.uint64], boilerplate: AbstractSet[int]) -> tuple[str, str]:
    """Return title and body without boilerplate: long lines are removed anywhere, short lines only at the edges."""
    lines = list(zip(_paragraphs(article), keys.tolist(), strict=False))
    top = sum(1 for _ in takewhile(lambda line: line[1] in boilerplate, lines))
    bottom = sum(1 for _ in takewhile(lambda line: line[1] in boilerplate, reversed(lines[top:])))
    inner = lines[top : len(lines) - bottom]
    kept = [text for text, key in inner if not (key & LONG and key in boilerplate)]
    has_title = len(keys) == len(lines) or int(keys[-1]) not in boilerplate
    return (article.title if has_title else ""), SEPARATOR.join(kept)


class BoilerplateCounter:
    """Counts the lines of all articles, then decides which are boilerplate. Keys are kept in a temporary file.

    First `add` all lines, then call `boilerplate_keys`. Close the counter after use.
    """

    def __init__(self) -> None:
        self._counters = np.zeros(1 << SLOT_BITS, dtype=np.uint8)
        self._file: IO[bytes] = TemporaryFile(prefix="dateline-")  # noqa: SIM115 - closed by `close`
        self._sizes: list[list[int]] = []

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()

    def add(self, chunk: Sequence[NDArray[np.uint64]]) -> None:
        """Count the lines of a chunk of articles, each line once per article."""
        self._sizes.append([len(keys) for keys in chunk])
        self._file.write(b"".join(keys.tobytes() for keys in chunk))
        if any(self._sizes[-1]):
            slots, counts = np.unique(np.concatenate([np.unique(_slots(keys)) for keys in chunk]), return_counts=True)
            self._counters[slots] = np.minimum(self._counters[slots] + counts, MAX_COUNT)

    def chunks(self) -> Iterator[NDArray[np.uint64]]:
        """Yield the keys of each chunk, in the order in which they were added."""
        self._file.seek(0)
        for sizes in self._sizes:
            yield np.frombuffer(self._file.read(8 * sum(sizes)), dtype=np.uint64)

    def boilerplate_keys(self, owners: Sequence[LineOwner]) -> frozenset[int]:
        """Return the keys of boilerplate; `owners` are the articles in the order in which their lines were added."""
        if self._counters.max() < MIN_STORIES:
            return frozenset()
        stories = {story: number for number, story in enumerate({owner.story for owner in owners})}
        sources = {source: number for number, source in enumerate({owner.source for owner in owners})}
        numbers = [(stories[owner.story], sources[owner.source]) for owner in owners]
        counted = [owner.story is not None for owner in owners]
        story_counts = np.bincount([source for _, source in set(compress(numbers, counted))], minlength=len(sources))

        def occurrences(is_frequent: Callable[[NDArray[np.uint64]], NDArray[np.bool]]) -> NDArray[np.void]:
            articles = zip(compress(self._keys_by_article(), counted), compress(numbers, counted), strict=True)
            by_article = [_occurrences(keys, is_frequent(keys), owner) for keys, owner in articles]
            return _one_per_story(np.concatenate([NO_OCCURRENCES, *by_article]))

        candidates = occurrences(lambda keys: self._counters[_slots(keys)] >= MIN_STORIES)
        keys, counts = np.unique(candidates["key"], return_counts=True)
        frequent = frozenset(keys[counts >= MIN_STORIES].tolist())
        exact = occurrences(lambda keys: np.array([key in frequent for key in keys.tolist()], bool))
        return _boilerplate_keys(exact, story_counts)

    def _keys_by_article(self) -> Iterator[NDArray[np.uint64]]:
        """Yield the keys of each article."""
        for keys, sizes in zip(self.chunks(), self._sizes, strict=True):
            yield from np.split(keys, np.cumsum(sizes)[:-1])


def _occurrences(keys: NDArray[np.uint64], frequent: NDArray[np.bool], owner: tuple[int, int]) -> NDArray[np.void]:
    """Return the frequent lines of an article as `OCCURRENCE` records; `owner` are its story and source.

    A line is at the edge if only frequent lines or the title stand between it and the beginning or the end.
    """
    if not frequent.any():
        return NO_OCCURRENCES
    passable = frequent | _has_kind(TITLE, keys)
    edge = np.logical_and.accumulate(passable) | np.logical_and.accumulate(passable[::-1])[::-1]
    occurrences = np.empty(int(frequent.sum()), dtype=OCCURRENCE)
    occurrences["key"], occurrences["edge"] = keys[frequent], edge[frequent]
    occurrences["story"], occurrences["source"] = owner
    return occurrences


def _one_per_story(occurrences: NDArray[np.void]) -> NDArray[np.void]:
    """Return one occurrence per line and story, sorted by line; prefer an occurrence at the edge."""
    by_key = occurrences[np.lexsort((~occurrences["edge"], occurrences["story"], occurrences["key"]))]
    same = (by_key["key"][1:] == by_key["key"][:-1]) & (by_key["story"][1:] == by_key["story"][:-1])
    first: NDArray[np.void] = by_key[np.concatenate([np.ones(min(len(by_key), 1), bool), ~same])]
    return first


def _boilerplate_keys(occurrences: NDArray[np.void], story_counts: NDArray[np.intp]) -> frozenset[int]:
    """Return the keys of lines that are boilerplate by the rules; `story_counts` are the stories of each source."""
    if not len(occurrences):
        return frozenset()
    keys, first, stories = np.unique(occurrences["key"], return_index=True, return_counts=True)
    at_edge = np.add.reduceat(occurrences["edge"].astype(np.intp), first)
    of_source = story_counts[occurrences["source"][first]]
    edge = (at_edge >= _min_stories(EDGE_SHARE, of_source)) & (at_edge >= EDGE_CONSTANCY * stories)
    middle = _has_kind(LONG, keys) & (stories >= _min_stories(MIDDLE_SHARE, of_source))
    is_boilerplate = np.where(_has_kind(TITLE, keys), stories >= _min_stories(TITLE_SHARE, of_source), edge | middle)
    return frozenset(keys[is_boilerplate].tolist())


def _has_kind(kind: int, keys: NDArray[np.uint64]) -> NDArray[np.bool]:
    """Return for each key whether it has the bit `LONG` or `TITLE`."""
    bits: NDArray[np.uint64] = keys & np.uint64(kind)
    return bits > 0


def _min_stories(share: float, stories: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the minimum stories that have a line: a share of all stories of its source, at least `MIN_STORIES`."""
    least: NDArray[np.float64] = np.maximum(share * stories, MIN_STORIES)
    return least


def _slots(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the position of each key's counter: the highest bits of the key."""
    return keys >> np.uint64(64 - SLOT_BITS)


def _paragraphs(article: Article) -> list[str]:
    return article.body.split(SEPARATOR)


def _key(source: str, text: str) -> int:
    """Return a 64-bit hash of a source and one of its lines."""
    content = f"{source}\n{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")
