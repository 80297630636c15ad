"""Groups copies of one story: word for word, cut, lightly edited, under another headline; not other reports of it.

MinHash (Broder 1997, resemblance and containment of documents) with banding finds candidates (Leskovec, Rajaraman,
Ullman: Mining of Massive Datasets, chapter 3); each is then verified on the word sequences themselves, or on the
least of their hashes where there are many. The result depends on the set of articles alone, not on their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rensa import RMinHash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SHINGLE = 5
"""Words in a sequence: two reports on one event share few of so many words in a row, copies nearly all."""

MIN_SHINGLES = 32
"""An article with fewer sequences is no copy of anything: less than a paragraph is shared by chance, or quoted."""

BANDS = 40
ROWS = 3
"""Articles that share 0.48 of their sequences become candidates with 99 %, and 0.6 with all but one of 10,000.

The first is the least that `MIN_CONTAINED` and `MIN_SHARE` leave possible.
"""

OPENING = 50
"""Words that an article opens with. A desk cuts from the end and an outlet adds there; a round-up quotes inside."""

OPENING_VALUES = 32
"""MinHash values of the opening: what makes candidates of a text and a short part of it."""

SKETCH = 256
"""Hashes of sequences kept of an article, the least: all of one of 260 words. The share found in another article is
off by 0.025 (one standard deviation, for 0.95 of 400 words in 1,200), a third of what `MIN_CONTAINED` leaves.
"""

MIN_SAMPLE = 16
"""Sequences of the shorter article that are looked for, at least: the sketch of a far longer one says little of it."""

MIN_CONTAINED = 0.85
"""Share of the shorter article's sequences that the longer has if they are copies. An edit takes 5, a cut takes 4.

On 1,500 news articles with 300 edited copies, these have 0.9 or more and all other pairs less than 0.3. Of 490 reports,
many on one event, nine pairs are copies word for word and have 0.94 or more, two are edited in ten places and more and
have 0.89 and 0.84, and those rewritten from one agency report have less than 0.8.
"""

BRIEF = 64
"""A shorter article with fewer sequences must stand in the longer but for `SHINGLE` - 1, which a cut takes: one figure
is all that the briefs of two days on one market may differ in. Seen on 19,779 stories of Reuters.
"""

MIN_SHARE = 0.52
"""Share of the longer article's sequences from which on both are copies of each other, wherever it stands.

More than half: two unrelated reports are never both copies of the round-up that holds them.
"""

MIN_OPENING = 3
"""Values that the openings must have in common for a smaller part of an article to be a cut of it.

99 % have so many where a paragraph was left out after 25 words, and all but one of 10,000 with another headline above.
"""

NEIGHBOURS = 3
"""Articles that agree in a key are compared with so many before them, beside the first of them all."""

CROWD = 64
"""With more articles in a key, two of them must agree in the next one, too."""

SEED = 1
FORMAT = 0x5302_0000 + RMinHash.ALGORITHM_VERSION
"""First number of a signature; another one's is not compared, nor one that another algorithm made."""

_HEAD = 2
_KEYS = _HEAD + BANDS
_FIXED = _KEYS + OPENING_VALUES
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio as a number of 64 bits: multiplying by it spreads what differs over the upper ones."""


class Link(NamedTuple):
    """Two articles, as rows, of which the one is a copy of the other: `share` of the longer is in the shorter."""

    shorter: int
    longer: int
    share: float


def signature(words: str) -> bytes:
    """Return the signature of a body's words, joined by spaces; empty where there are too few of them.

    It holds, as little-endian numbers of four bytes: `FORMAT`, the number of distinct sequences, a key for each band,
    the MinHash of the opening, and the `SKETCH` least hashes of sequences, ascending. That is up to 1,320 bytes.
    """
    hashes = _sequences(words.split(" "))
    distinct = np.sort((hashes >> np.uint64(32)).astype(np.uint32))
    distinct = distinct[np.diff(distinct, prepend=~distinct[:1]) != 0]
    if len(distinct) < MIN_SHINGLES:
        return b""
    whole, opening = _minhash(hashes, hashes[: OPENING - SHINGLE + 1])
    keys = np.zeros(BANDS, dtype=np.uint64)
    for row in range(ROWS):
        keys = (keys ^ whole[row::ROWS]) * _ODD
    head = np.array([FORMAT, len(distinct)], dtype=np.uint32)
    parts = (head, (keys >> np.uint64(32)).astype(np.uint32), opening[:OPENING_VALUES], distinct[:SKETCH])
    return np.concatenate(parts).astype("<u4").tobytes()


def group(signatures: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Return id -> story for articles given as (id, signature); a story is named by its least id.

    Articles that share most of their text are one story, and so are those that share it with these. A cut joins one
    story of those that hold it, the one that it is the largest part of: two reports that open with the same brief stay
    two. Articles without a signature, or with one of another format, stay alone. Time and memory grow with the number
    of articles, not with the number of pairs.
    """
    given = sorted(signatures)
    first: dict[bytes, str] = {}
    for article_id, one in given:
        if _is_valid(one):
            first.setdefault(one, article_id)
    ids, rows = list(first.values()), list(first)
    roots = _stories(len(rows), _links(rows))
    story = {one: ids[root] for one, root in zip(rows, roots, strict=True)}
    return {article_id: story.get(one, article_id) for article_id, one in given}


def _sequences(tokens: list[str]) -> NDArray[np.uint64]:
    """Return a hash of each sequence of words, in their order; of eight bytes, whose upper four are as good as all."""
    hashes = np.array(RMinHash.hash_token_sets([tokens])[0], dtype=np.uint64)
    mixed = np.zeros(max(len(tokens) - SHINGLE + 1, 0), dtype=np.uint64)
    for start in range(SHINGLE if len(mixed) else 0):
        mixed = (mixed ^ hashes[start : start + len(mixed)]) * _ODD
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _minhash(*sets: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the MinHash of each set, as rows."""
    offsets = np.cumsum([0, *map(len, sets)]).tolist()
    flat = np.concatenate(sets).tolist()
    digests = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, num_perm=BANDS * ROWS, seed=SEED)
    return np.array(digests.to_rows(), dtype=np.uint32)


def _is_valid(one: bytes) -> bool:
    """Whether it is a signature of this format; an index may hold some that an older version made."""
    if len(one) < 4 * (_FIXED + MIN_SHINGLES):
        return False
    made, size = map(int, np.frombuffer(one, "<u4", _HEAD))
    return made == FORMAT and len(one) == 4 * (_FIXED + min(size, SKETCH))


def _links(rows: Sequence[bytes]) -> list[Link]:
    """Return which of the rows, all of them different, are copies of which."""
    if not rows:
        return []
    heads = np.frombuffer(b"".join(row[: 4 * _FIXED] for row in rows), "<u4").reshape(len(rows), _FIXED)
    sizes, openings = heads[:, 1], heads[:, _KEYS:]
    found = np.union1d(_candidates(heads[:, _HEAD:_KEYS]), _candidates(openings))
    left, right = np.divmod(found, len(rows))
    swap = sizes[left] > sizes[right]
    shorter, longer = np.where(swap, right, left), np.where(swap, left, right)
    alike = (openings[shorter] == openings[longer]).sum(axis=1) >= MIN_OPENING
    least = np.where(sizes < BRIEF, 1 - (SHINGLE - 1) / sizes, MIN_CONTAINED)[shorter]
    links = []
    for low, high, same, bound in zip(*(side.tolist() for side in (shorter, longer, alike, least)), strict=True):
        contained, share = overlap(rows[low], rows[high])
        if contained >= bound and (same or share >= MIN_SHARE):
            links.append(Link(low, high, share))
    return links


def _candidates(keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return pairs of rows that agree in a column, each as one number: the smaller row times their number, the larger.

    All rows of a bucket need not be compared with all others: copies agree in many columns. So each is compared with
    the first and with those next to it, after they were sorted by two more columns, which brings copies together. In a
    crowd, two that differ in the next column are left out: a line that a page adds to all articles makes one.
    """
    count, columns = keys.shape
    ranks = np.arange(count)
    found = []
    for column in range(columns):
        key, second, third = (keys[:, (column + step) % columns] for step in range(3))
        order = np.lexsort((third, second, key))
        key, second = key[order], second[order]
        starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        sizes = np.diff(np.append(starts, count))
        first, crowded = np.repeat(starts, sizes), np.repeat(sizes > CROWD, sizes)
        for other in (first, *(np.maximum(ranks - step, 0) for step in range(1, NEIGHBOURS + 1))):
            pairs = np.flatnonzero((first <= other) & (other < ranks) & (~crowded | (second == second[other])))
            found.append((order[pairs], order[other[pairs]]))
    one, two = (np.concatenate(side).astype(np.int64) for side in zip(*found, strict=True))
    return np.unique(np.minimum(one, two) * count + np.maximum(one, two))


def overlap(shorter: bytes, longer: bytes) -> tuple[float, float]:
    """Return what share of the shorter article's sequences both have, and of the longer's; of a few, zero.

    Exact where the signatures hold all of them, else estimated on those below the least bound of the two sketches.
    """
    sketches = [np.frombuffer(one, "<u4", offset=4 * _FIXED) for one in (shorter, longer)]
    full = [sketch[-1] for sketch in sketches if len(sketch) == SKETCH]
    if full:
        bound = min(full)
        sketches = [sketch[: np.searchsorted(sketch, bound, side="right")] for sketch in sketches]
    if len(sketches[0]) < MIN_SAMPLE:
        return 0.0, 0.0
    both = np.concatenate(sketches)
    both.sort()
    common = int(np.count_nonzero(both[1:] == both[:-1]))
    return common / len(sketches[0]), common / len(sketches[1])


def _stories(count: int, links: Sequence[Link]) -> list[int]:
    """Return the least row of the story that each row belongs to."""
    parent = list(range(count))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    def join(one: int, other: int) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    for link in links:
        if link.share >= MIN_SHARE:
            join(link.shorter, link.longer)
    best: dict[int, Link] = {}
    for link in links:
        story = root(link.shorter)
        if story != root(link.longer):
            best[story] = min(best.get(story, link), link, key=lambda one: (-one.share, one.longer, one.shorter))
    for link in best.values():
        join(link.shorter, link.longer)
    return [root(row) for row in range(count)]
