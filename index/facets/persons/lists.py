"""The lists of words that the lexicon is compiled from.

Given and family names come from faker, ranks of names in the United States from names, common English words from faker;
persons.toml beside this file holds what no package has.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import names
from faker.providers import person as faker_person
from faker.providers.lorem.en_US import Provider as EnglishWords

from index.facets.persons.words import KNOWN_BITS, PERSONS, RANK_BITS, ROLES, SIZE, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


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


def words(_: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield each known capitalised word, and its flags and ranks as bytes."""
    given, family = names_of_persons()
    people = given | family
    known: defaultdict[str, int] = defaultdict(int)
    for flag, alike in (
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
        for word in alike:
            known[word] |= int(flag)
    for word, rank in ranks().items():
        known[word] |= rank << KNOWN_BITS
    for word, value in known.items():
        yield word, value.to_bytes(SIZE)
