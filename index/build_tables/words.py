"""The entries of the table of words: what each capitalised word may be in a name of a person.

Given names, family names and common English words come from faker. The ranks of names in the United States come from
the census of 1990, in the package names. All other words are in index/facets/persons/persons.toml.
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

from index.facets.persons.words import PERSONS, ROLES
from index.facets.words import KNOWN_BITS, RANK_BITS, SIZE, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def _parts(values: Collection[Any]) -> Iterable[str]:
    """Yield the words of names in faker. A Japanese name is a tuple of its spellings."""
    for value in values:
        for name in value if isinstance(value, tuple) else (value,):
            yield from name.replace("’", "'").replace("-", " ").split()


def _is_capitalised(name: str) -> bool:
    return name[0].isupper() and len(name) > 1


@cache
def names_of_persons() -> tuple[frozenset[str], frozenset[str]]:
    """Return all given names and all family names of faker, in all scripts."""
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
    """Return the rank of each name in the United States census of 1990, as 1 + the natural logarithm, rounded down.

    The lowest `RANK_BITS` bits are for family names, the next `RANK_BITS` bits for given names; 0 means no such name.
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


def entries() -> Iterator[tuple[str, bytes]]:
    """Yield each known capitalised word with its flags and ranks as bytes."""
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
