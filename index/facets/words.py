"""Flags of capitalised words: what a word may be in a name of a person, and how common it is as a name."""

from __future__ import annotations

from enum import IntFlag
from functools import lru_cache
from typing import Final

from index.tables.read import table


class Word(IntFlag):
    """What a capitalised word may be."""

    GIVEN = 1
    FAMILY = 2
    EASTERN = 4
    TITLE = 8
    HONORIFIC = 16
    SUFFIX = 32
    ORGANISATION = 64
    STOP = 128
    PLACE = 256
    NATION = 512
    OPENER = 1024
    KNOWN = 2048


KNOWN_BITS: Final = 12
"""Number of bits of `Word`. Above them stand two ranks of the word: as a family name, then as a given name."""
RANK_BITS: Final = 4
"""Number of bits of each rank."""
SIZE: Final = 3
"""Bytes of the flags and ranks of a word in the table."""
WORDS_KEPT: Final = 1 << 14
"""Number of recently used words whose flags are cached."""


@lru_cache(maxsize=WORDS_KEPT)
def flags(word: str) -> int:
    """Return the `Word` flags of a capitalised word, with its ranks above them; 0 for an unknown word."""
    return int.from_bytes(table("words").get(word) or b"")
