"""Finds page lines by what a batch alone can show: they recur over the stories of one source.

A sentence of a story may recur too: `He declined to comment.`, the background that a running story repeats, the
subheadings of a series. What sets page lines apart is where they stand. Nothing but other recurring lines stands
between them and the beginning or the end of the article, whatever the story; a background paragraph stands there only
now and then, a subheading never. In the midst of a story only a long line counts that a good part of all stories of
the source have, since a short one may be a subheading.

Stories are counted, not articles, so copies of one story keep their text. Nothing depends on the order of the articles.
Stories of which boilerplate is by far the larger part look like copies of each other; those keep it.
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
"""So many stories of a source must hold a line."""

EDGE_SHARE = 0.02
"""Of the stories of a source, for a line of the edge: 20 stories of 1,000, 4 of 200 and of fewer.

Of 0.02 and 0.05 on 4,000 news articles of 185 sources the smaller found a tenth more, all of it page lines. Of the 451
lines that fell, 21 were the subheading that opens every story of a series, and none a sentence of its story.
"""

EDGE_CONSTANCY = 0.8
"""Of the stories that hold a line of the edge, at least this share has it there."""

MIDDLE_SHARE = 0.25
"""Of the stories of a source, for a long line in the midst of them; so rarely does a running story have so large a
share. With 0.1 another tenth would fall on the same articles, all of it page lines too."""

TITLE_SHARE = 0.5
"""A title that was taken from the text and that half of all stories have is the name of the site."""

LONG_CHARS = 40
"""From so many characters on a line is no subheading."""

LONG, TITLE = 1, 2
"""The lowest bits of a line's key tell what kind of line it is."""

SLOT_BITS = 24
"""16 MiB of counters, of one byte. With a million articles of 30 lines one line in nine is taken for a candidate by
chance. Candidates are counted exactly, which takes 17 bytes for each place where one stands."""

MOST = np.iinfo(np.uint8).max
PLACE = np.dtype([("key", np.uint64), ("story", np.int32), ("source", np.int32), ("edge", np.bool)])
NO_PLACES = np.empty(0, dtype=PLACE)


class LineOwner(NamedTuple):
    """Whose lines some are: the article's source, and its story, or none where the article is no evidence."""

    source: str
    story: str | None


def keys_of(article: Article, *, own_title: bool) -> NDArray[np.uint64]:
    """Return a key for each paragraph of the body, and one for the title if it is the text's `own_title`.

    A key is 62 bits of a hash of source and text, and two that tell the kind.
    """
    source = source_of(article)
    keys = [_key(source, text) & ~3 | (LONG if len(text) >= LONG_CHARS else 0) for text in _paragraphs(article)]
    if own_title and article.title:
        keys.append(_key(source, article.title) & ~3 | TITLE)
    return np.array(keys, dtype=np.uint64)


def source_of(article: Article) -> str:
    """Return what names the site of an article: the host, else the source. Articles without either share one site."""
    return host_of(article.url) or article.source or ""


def remove(article: Article, keys: NDArray[np.uint64], boilerplate: AbstractSet[int]) -> tuple[str, str]:
    """Return title and body without page lines: long ones go wherever they stand, short ones at the edges alone."""
    lines = list(zip(_paragraphs(article), keys.tolist(), strict=False))
    top = sum(1 for _ in takewhile(lambda line: line[1] in boilerplate, lines))
    bottom = sum(1 for _ in takewhile(lambda line: line[1] in boilerplate, reversed(lines[top:])))
    inner = lines[top : len(lines) - bottom]
    kept = [text for text, key in inner if not (key & LONG and key in boilerplate)]
    has_title = len(keys) == len(lines) or int(keys[-1]) not in boilerplate
    return (article.title if has_title else ""), SEPARATOR.join(kept)


class BoilerplateCounter:
    """Counts lines while articles pass, then tells which are page lines. Keys wait in a temporary file meanwhile.

    Close it after use.
    """

    def __init__(self) -> None:
        self._counters = np.zeros(1 << SLOT_BITS, dtype=np.uint8)
        self._file: IO[bytes] = TemporaryFile(prefix="dateline-")  # noqa: SIM115 - closed by `close`
        self._sizes: list[list[int]] = []

    def close(self) -> None:
        """Drop the temporary file."""
        self._file.close()

    def add(self, chunk: Sequence[NDArray[np.uint64]]) -> None:
        """Count the lines of some articles, each line once an article."""
        self._sizes.append([len(keys) for keys in chunk])
        self._file.write(b"".join(keys.tobytes() for keys in chunk))
        if any(self._sizes[-1]):
            slots, counts = np.unique(np.concatenate([np.unique(_slots(keys)) for keys in chunk]), return_counts=True)
            self._counters[slots] = np.minimum(self._counters[slots] + counts, MOST)

    def chunks(self) -> Iterator[NDArray[np.uint64]]:
        """Yield the keys that were added together."""
        self._file.seek(0)
        for sizes in self._sizes:
            yield np.frombuffer(self._file.read(8 * sum(sizes)), dtype=np.uint64)

    def boilerplate_keys(self, line_owners: Sequence[LineOwner]) -> frozenset[int]:
        """Return the keys of page lines; `line_owners` are in the order in which their lines were added."""
        if self._counters.max() < MIN_STORIES:
            return frozenset()
        stories = {story: number for number, story in enumerate({line_owner.story for line_owner in line_owners})}
        sources = {source: number for number, source in enumerate({line_owner.source for line_owner in line_owners})}
        owners = [(stories[line_owner.story], sources[line_owner.source]) for line_owner in line_owners]
        evidence = [line_owner.story is not None for line_owner in line_owners]
        sizes = np.bincount([source for _, source in set(compress(owners, evidence))], minlength=len(sources))

        def places(is_frequent: Callable[[NDArray[np.uint64]], NDArray[np.bool]]) -> NDArray[np.void]:
            each = zip(compress(self._each(), evidence), compress(owners, evidence), strict=True)
            found = [_places(keys, is_frequent(keys), owner) for keys, owner in each]
            return _one_per_story(np.concatenate([NO_PLACES, *found]))

        candidates = places(lambda keys: self._counters[_slots(keys)] >= MIN_STORIES)
        keys, counts = np.unique(candidates["key"], return_counts=True)
        frequent = frozenset(keys[counts >= MIN_STORIES].tolist())
        return _boilerplate_keys(places(lambda keys: np.array([key in frequent for key in keys.tolist()], bool)), sizes)

    def _each(self) -> Iterator[NDArray[np.uint64]]:
        """Yield the keys of each article."""
        for keys, sizes in zip(self.chunks(), self._sizes, strict=True):
            yield from np.split(keys, np.cumsum(sizes)[:-1])


def _places(keys: NDArray[np.uint64], frequent: NDArray[np.bool], owner: tuple[int, int]) -> NDArray[np.void]:
    """Return where an article holds frequent lines; nothing but such lines parts those of the edge from it."""
    if not frequent.any():
        return NO_PLACES
    passable = frequent | _has_kind(TITLE, keys)
    edge = np.logical_and.accumulate(passable) | np.logical_and.accumulate(passable[::-1])[::-1]
    found = np.empty(int(frequent.sum()), dtype=PLACE)
    found["key"], found["edge"] = keys[frequent], edge[frequent]
    found["story"], found["source"] = owner
    return found


def _one_per_story(places: NDArray[np.void]) -> NDArray[np.void]:
    """Return one place of each line in each story, in the order of the lines: one at the edge where there is any."""
    places = places[np.lexsort((~places["edge"], places["story"], places["key"]))]
    same = (places["key"][1:] == places["key"][:-1]) & (places["story"][1:] == places["story"][:-1])
    first: NDArray[np.void] = places[np.concatenate([np.ones(min(len(places), 1), bool), ~same])]
    return first


def _boilerplate_keys(places: NDArray[np.void], sizes: NDArray[np.intp]) -> frozenset[int]:
    """Return the keys that the rules let pass; `sizes` are the stories of each source."""
    if not len(places):
        return frozenset()
    keys, first, stories = np.unique(places["key"], return_index=True, return_counts=True)
    at_edge = np.add.reduceat(places["edge"].astype(np.intp), first)
    of_source = sizes[places["source"][first]]
    edge = (at_edge >= _min_stories(EDGE_SHARE, of_source)) & (at_edge >= EDGE_CONSTANCY * stories)
    middle = _has_kind(LONG, keys) & (stories >= _min_stories(MIDDLE_SHARE, of_source))
    passing = np.where(_has_kind(TITLE, keys), stories >= _min_stories(TITLE_SHARE, of_source), edge | middle)
    return frozenset(keys[passing].tolist())


def _has_kind(kind: int, keys: NDArray[np.uint64]) -> NDArray[np.bool]:
    bits: NDArray[np.uint64] = keys & np.uint64(kind)
    return bits > 0


def _min_stories(share: float, stories: NDArray[np.intp]) -> NDArray[np.float64]:
    least: NDArray[np.float64] = np.maximum(share * stories, MIN_STORIES)
    return least


def _slots(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return keys >> np.uint64(64 - SLOT_BITS)


def _paragraphs(article: Article) -> list[str]:
    return article.body.split(SEPARATOR)


def _key(source: str, text: str) -> int:
    named = f"{source}\n{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "little")
