"""Makes the signature of an article, from which its copies are found.

Candidates for copies are found by MinHash with banding (Broder 1997, resemblance and containment of documents;
Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3). The rule looks at two articles only. They are
candidates if at least one of these is true:

- Their signatures are equal.
- They share at least `MIN_BANDS` of their `BANDS` band keys.
- They share at least `MIN_OPENING` of the `OPENING_VALUES` values of their openings.

A key that more than `CROWD` articles have is ignored. `index.archive.links` then decides which candidates are copies.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rensa import RMinHash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SHINGLE = 5
"""Words per sequence (shingle). Copies share nearly all sequences of five words, reports on one event only a few."""

MIN_SHINGLES = 32
"""Minimum sequences of a copy. Two shorter texts may be equal by chance, or be the same quotation."""

BANDS = 40
ROWS = 3
"""MinHash bands and the rows in each band."""

MIN_BANDS = 2
"""Minimum band keys that candidates share.

Copies that are not cut share at least 48 % of their sequences (`MIN_CONTAINED` and `MIN_SHARE` in
`index.archive.links`). Of the pairs that share 48 %, 94 % become candidates; at 55 %, 99 %; at 60 %, all but one in
1,000. One key is often shared by chance. On 24,972 signatures (news and Reuters), 1 and 2 give the same links.
"""

OPENING = 50
"""Words in the opening of an article. Copies are cut and extended at the end; round-ups quote a report further down."""

OPENING_VALUES = 32
"""MinHash values of the opening. They find candidates that were cut to a short part of the article."""

MIN_OPENING = 3
"""Minimum values that the openings share, for candidates and for a copy that is a small part of the article.

99 % of copies have them if a paragraph was left out after 25 words. With another headline above, one copy in 10,000
does not have them.
"""

CROWD = 1000
"""Ignore a key that more articles have. It belongs to a line that a site adds to all its articles."""

SKETCH = 256
"""Hashes of sequences that a signature keeps, the smallest ones. These are all hashes of an article of up to 260 words.

The estimated overlap has a standard deviation of 0.025 (95 % of 400 words found in 1,200). That is a third of the
distance to `MIN_CONTAINED` in `index.archive.links`.
"""

SEED = 1
FORMAT = 0x5302_0000 + RMinHash.ALGORITHM_VERSION
"""First number of a signature. Signatures of another format or another MinHash algorithm are not compared."""

SIZE = 0
"""Columns of a record: the number of distinct sequences, the band keys, the values of the opening, the sketch."""
BAND_KEYS = slice(1, 1 + BANDS)
OPENING_KEYS = slice(BAND_KEYS.stop, BAND_KEYS.stop + OPENING_VALUES)
SKETCH_HASHES = slice(OPENING_KEYS.stop, OPENING_KEYS.stop + SKETCH)

RECORD_BYTES = 4 * SKETCH_HASHES.stop
FILLER = np.uint32(0xFFFF_FFFF)
"""Fills the sketch of a short article in its record. This value is never counted as a common hash."""

_FIXED = 1 + OPENING_KEYS.stop
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""The golden ratio as a 64-bit integer: multiplying by it spreads differences over the upper bits."""


class Keys(NamedTuple):
    """Terms by which an index finds the candidates of an article: ASCII, at most 12 characters, all different.

    Attributes:
        same: `s` and a hash of the whole signature. Articles with an equal signature have an equal term.
        bands: `b`, the position and the value of each band key.
        opening: `o`, the position and the value of each value of the opening.
    """

    same: str = ""
    bands: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()


def signature(words: str) -> bytes:
    """Return the signature of an article; empty for a short one. `words` are the words of its body, joined by spaces.

    A signature consists of little-endian integers of four bytes, up to 1,320 bytes in all:

    - `FORMAT`
    - the number of distinct sequences
    - a key for each band
    - the MinHash values of the opening
    - the `SKETCH` smallest hashes of sequences, ascending
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


def is_valid(one: bytes) -> bool:
    """Whether this is a signature of this format; an index may have signatures of an older version."""
    if len(one) < 4 * (_FIXED + MIN_SHINGLES):
        return False
    version, size = map(int, np.frombuffer(one, "<u4", 2))
    return version == FORMAT and len(one) == 4 * (_FIXED + min(size, SKETCH))


def keys(one: bytes) -> Keys:
    """Return the terms by which an index finds the candidates of a signature; no terms for one that is not valid."""
    if not is_valid(one):
        return Keys()
    values = np.frombuffer(one, "<u4", BANDS + OPENING_VALUES, offset=8).tolist()
    bands = tuple(f"b{place:02}{value:08x}" for place, value in enumerate(values[:BANDS]))
    opening = tuple(f"o{place:02}{value:08x}" for place, value in enumerate(values[BANDS:]))
    return Keys(f"s{fingerprint(one) >> 20:011x}", bands, opening)


def fingerprint(one: bytes) -> int:
    """Return a 64-bit hash of a signature. Signatures with an equal hash are taken as equal."""
    return int.from_bytes(hashlib.blake2b(one, digest_size=8).digest(), "little")


def record(one: bytes) -> bytes:
    """Return a valid signature as a record of `RECORD_BYTES`, without its format."""
    return one[4:].ljust(RECORD_BYTES, b"\xff")


def table(records: Iterable[bytes]) -> NDArray[np.uint32]:
    """Return a table with a row for each record."""
    rows: NDArray[np.uint32] = np.frombuffer(b"".join(records), "<u4").reshape(-1, SKETCH_HASHES.stop)
    return rows


def mix(mixed: NDArray[np.uint64], values: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return the hashes of sequences of numbers, each longer by one number."""
    mixed = (mixed ^ values.astype(np.uint64)) * _ODD
    return mixed ^ (mixed >> np.uint64(29))


def _sequences(tokens: list[str]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each sequence of words, in order of the text. Its upper 32 bits are a good hash, too."""
    hashes = np.array(RMinHash.hash_token_sets([tokens])[0], dtype=np.uint64)
    mixed = np.zeros(max(len(tokens) - SHINGLE + 1, 0), dtype=np.uint64)
    for start in range(SHINGLE if len(mixed) else 0):
        mixed = mix(mixed, hashes[start : start + len(mixed)])
    return mixed


def _minhash(*sets: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return a row of MinHash values for each set of hashes."""
    offsets = np.cumsum([0, *map(len, sets)]).tolist()
    flat = np.concatenate(sets).tolist()
    digests = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, num_perm=BANDS * ROWS, seed=SEED)
    return np.array(digests.to_rows(), dtype=np.uint32)
