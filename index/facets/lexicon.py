"""The words of which persons' names are made, and the words that stand around them.

Given and family names come from faker, ranks of names in the United States from names, common English words from faker
too; persons.toml beside this file holds what no package has. Built at first use, once a process.
"""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from collections.abc import Collection
from enum import IntFlag
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

import names
from faker.providers import person as faker_person
from faker.providers.lorem.en_US import Provider as EnglishWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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


def load(name: str) -> dict[str, Any]:
    """Return the data file `name` of this package."""
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


PERSONS: Final = load("persons.toml")
ROLES: Final = frozenset(PERSONS["roles"].split())
SPEECH: Final = frozenset(PERSONS["speech"].split())
ACTS: Final = frozenset(PERSONS["acts"].split())
NAMESAKES: Final = frozenset(name.strip() for name in PERSONS["namesakes"].split(";"))
KEPT: Final = frozenset(name.strip() for name in PERSONS["kept"].split(";"))


def _parts(values: Collection[Any]) -> Iterable[str]:
    """Yield the words of faker's names; Japanese ones come as tuples of their spellings."""
    for value in values:
        for name in value if isinstance(value, tuple) else (value,):
            yield from name.replace("’", "'").replace("-", " ").split()


def _is_capitalised(name: str) -> bool:
    return name[0].isupper() and len(name) > 1


@cache
def names_of_persons() -> tuple[frozenset[str], frozenset[str]]:
    """Return all given names and all family names of faker's person providers, in whatever script they are."""
    given: set[str] = set()
    family: set[str] = set()
    for module in iter_modules(faker_person.__path__):
        provider = import_module(f"{faker_person.__name__}.{module.name}").Provider
        for attribute in vars(provider):
            target = given if attribute.startswith("first_") else family if attribute.startswith("last_") else None
            values = getattr(provider, attribute)
            if target is not None and isinstance(values, Collection):
                target.update(_parts(values))
    return frozenset(filter(_is_capitalised, given)), frozenset(filter(_is_capitalised, family))


@cache
def ranks() -> Mapping[str, int]:
    """Return how common names are in the United States, by the census of 1990: the logarithm of the rank, from 1.

    That of a family name is in the lowest `RANK_BITS` bits, that of a given name above it.
    """
    table: defaultdict[str, int] = defaultdict(int)
    for file, shift in (("last", 0), ("first:female", RANK_BITS), ("first:male", RANK_BITS)):
        for line in Path(names.FILES[file]).read_text(encoding="ascii").splitlines():
            name, _, _, rank = line.split()
            word = name.capitalize()
            own = min(1 + int(math.log(int(rank))), (1 << RANK_BITS) - 1)
            other = table[word] >> shift & (1 << RANK_BITS) - 1
            if not other or own < other:
                table[word] += (own - other) << shift
    return table


@cache
def words() -> Mapping[str, int]:
    """Return what each known capitalised word may be: `Word` flags, and above them its ranks as a name."""
    given, family = names_of_persons()
    people = given | family
    table: defaultdict[str, int] = defaultdict(int)
    for flag, known in (
        (Word.GIVEN, given),
        (Word.FAMILY, family),
        (Word.EASTERN, PERSONS["eastern"].split()),
        (Word.TITLE, PERSONS["titles"].split()),
        (Word.HONORIFIC | Word.TITLE, PERSONS["honorifics"].split()),
        (Word.SUFFIX, PERSONS["suffixes"].split()),
        (Word.ORGANISATION, PERSONS["organisations"].split()),
        (Word.STOP, PERSONS["stops"].split()),
        (Word.OPENER, PERSONS["openers"].split()),
        (Word.KNOWN, PERSONS["known"].split()),
        (Word.TITLE, (role.capitalize() for role in ROLES if role.capitalize() not in people)),
        (Word.STOP, (word.capitalize() for word in EnglishWords.word_list if word.capitalize() not in people)),
    ):
        for word in known:
            table[word] |= int(flag)
    for word, rank in ranks().items():
        table[word] |= rank << KNOWN_BITS
    return dict(table)
