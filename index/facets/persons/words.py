"""What is known of the words of which persons' names are made, and of the words that stand around them.

persons.toml beside this file holds what no package has; word_lists.py says where the rest comes from.
"""

from __future__ import annotations

import tomllib
from enum import IntFlag
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from index.facets.compiled import table


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
"""Bits of `Word`; above them stand the ranks of a word among family names and given names, `RANK_BITS` each."""
RANK_BITS: Final = 4
SIZE: Final = 3
"""Bytes of all these."""
WORDS_KEPT: Final = 1 << 14
"""Words whose flags are kept, the ones used last."""


def load(name: str) -> dict[str, Any]:
    """Return the data file at the path `name` in index/facets."""
    return tomllib.loads(resources.files("index.facets").joinpath(name).read_text(encoding="utf-8"))


PERSONS: Final = load("persons/persons.toml")
ROLES: Final = frozenset(PERSONS["roles"].split())
SPEECH: Final = frozenset(PERSONS["speech"].split())
ACTS: Final = frozenset(PERSONS["acts"].split())
NAMESAKES: Final = frozenset(name.strip() for name in PERSONS["namesakes"].split(";"))
SHORT_TITLES: Final = frozenset(PERSONS["short_titles"].split())
OF_THINGS: Final = frozenset(PERSONS["of_things"].split())
OWNED: Final = frozenset(PERSONS["owned"].split())
KEPT: Final = frozenset(name.strip() for name in PERSONS["kept"].split(";"))


@lru_cache(maxsize=WORDS_KEPT)
def flags(word: str) -> int:
    """Return what a capitalised word may be: `Word` flags, and above them its ranks as a name; 0 where unknown."""
    return int.from_bytes(table("index.facets.persons.lists:words").get(word) or b"")
