"""The lists of places that gazetteers are compiled from: English names, and those of another language over them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import pycountry
from babel import Locale
from countryinfo import all_countries

from index.facets.countries import english as english_names
from index.facets.countries.english import spellings
from index.facets.countries.foreign import forms
from index.facets.countries.gazetteer import ADJECTIVES, BORDERS, UNCASED, encoded
from index.facets.countries.places import Kind, Place, Rule
from index.facets.persons.lists import names_of_persons
from index.facets.tokens import first_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from index.facets.countries.foreign import Forms


def english(_: str) -> Iterator[tuple[str, bytes]]:
    """Yield each first word with its places, and the borders of countries."""
    for first, places in _index(english_names.english().values()).items():
        yield first, encoded(places)
    yield BORDERS, _json({code: sorted(borders) for code, borders in _neighbours().items()})


def foreign(language: str) -> Iterator[tuple[str, bytes]]:
    """Yield the first words whose places differ from English, and what the language has besides."""
    own = forms(Locale.parse(language))
    by_first = _index(english_names.english().values())
    for first, places in _index(_fresh(own).values()).items():
        surfaces = {place.surface for place in places}
        rest = tuple(place for place in by_first.get(first, ()) if place.surface not in surfaces)
        yield first, encoded(sorted(places + rest, key=lambda one: -len(one.surface)))
    yield ADJECTIVES, _json(own.lower)
    uncased = {
        name: (name, code, rule)
        for rule, names in ((Rule.CITY, own.towns), (Rule.NAME, own.names))
        for name, code in names.items()
        if name.lower() == name.upper()
    }
    yield UNCASED, _json(list(uncased.values()))


def _fresh(own: Forms) -> dict[str, Place]:
    """Return what a language calls places that English does not, or otherwise."""
    given, _ = names_of_persons()
    known, fresh = english_names.english(), dict[str, Place]()
    for kind, names in (
        (Kind.NAME, own.names),
        (Kind.DEMONYM, own.adjectives),
        (Kind.METONYM, own.seats),
        (Kind.CITY, own.towns),
    ):
        for name, code in names.items():
            for surface in spellings(name):
                there = known.get(surface)
                if surface not in fresh and (there is None or (there.kind >= Kind.CITY and kind < Kind.CITY)):
                    weak = surface in given and kind in (Kind.NAME, Kind.CITY)
                    fresh[surface] = Place.of(surface, Kind.WEAK if weak else kind, code)
    fresh.setdefault("English", Place.of("English", Kind.OTHER))  # a link to a translation
    return fresh | {town: known[town]._replace(kind=Kind.WEAK, rule=Rule.TOWN) for town in own.weak if town in known}


def _neighbours() -> Mapping[str, frozenset[str]]:
    alpha_2 = {country.alpha_3: country.alpha_2 for country in pycountry.countries}
    return {one.iso(2): frozenset(alpha_2.get(border, "") for border in one.borders()) for one in all_countries()}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _index(places: Iterable[Place]) -> dict[str, tuple[Place, ...]]:
    by_first: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_first[first_word(place.surface)].append(place)
    by_first.pop("", None)
    for found in by_first.values():
        found.sort(key=lambda one: -len(one.surface))
    return {first: tuple(found) for first, found in by_first.items()}
