"""What is known of places and their countries, ready to be looked up, and the rules that countries.toml states.

Built at first use, once a process.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import pycountry
from babel import Locale, UnknownLocaleError
from countryinfo import all_countries

from index.facets.english_names import english as english_names
from index.facets.english_names import spellings
from index.facets.foreign_names import forms
from index.facets.lexicon import load
from index.facets.places import Kind, Place, Rule
from index.facets.tokens import first_word
from index.facets.word_lists import names_of_persons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LANGUAGES_KEPT: Final = 4
UNSPACED: Final = frozenset(["ja", "zh", "yue", "th", "lo", "km", "my"])
"""Languages that put no spaces between words."""
OTHER_WORDS: Final = frozenset(["مالی"])
"""Names in scripts without capitals that are more often another word: Mali is "financial" in Persian."""
PREFIXES: Final = {"ar": "[وفبلك]", "fa": "[و]", "ur": "[و]", "he": "[והבכלמש]"}
"""Letters that stand for "and", "in", "to" and the like before a word, without a space."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Typed rules on the neighbours of names; countries.toml says what each is."""

    trades: frozenset[str]
    forces: frozenset[str]
    kinds: frozenset[str]
    surnames: frozenset[str]
    clubs: frozenset[str]
    teams: frozenset[str]
    civic: frozenset[str]
    streets: frozenset[str]
    locatives: frozenset[str]
    settlements: frozenset[str]
    namesakes: frozenset[str]
    locals: frozenset[str]
    indigenous: frozenset[str]
    parts: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by the first word of their surface, the longest surface first.

    `lower` are adjectives in lower case and their countries; `caseless` finds, as its first group, names in scripts
    without capitals, where there are no tokens to look up, and `caseless_codes` says what they name.
    """

    by_first: Mapping[str, tuple[Place, ...]]
    lower: Mapping[str, str] = field(default_factory=dict)
    caseless: re.Pattern[str] | None = None
    caseless_codes: Mapping[str, tuple[str, Rule]] = field(default_factory=dict)


@cache
def neighbours() -> Mapping[str, frozenset[str]]:
    """Return code -> codes of the countries that it borders on."""
    alpha_2 = {country.alpha_3: country.alpha_2 for country in pycountry.countries}
    return {one.iso(2): frozenset(alpha_2.get(border, "") for border in one.borders()) for one in all_countries()}


@cache
def rules() -> Rules:
    """Return the typed rules of countries.toml that look at a name's neighbours."""
    data = load("countries.toml")
    others = {name: frozenset(typed.split()) for name, typed in data["words"].items()}
    return Rules(**others, parts={name: frozenset(codes) for name, codes in data["parts"].items()})


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
    own = forms(locale)
    given, _ = names_of_persons()
    english, fresh = english_names(), dict[str, Place]()
    for kind, table in (
        (Kind.NAME, own.names),
        (Kind.DEMONYM, own.adjectives),
        (Kind.METONYM, own.seats),
        (Kind.CITY, own.towns),
    ):
        for name, code in table.items():
            for surface in spellings(name):
                known = english.get(surface)
                if surface not in fresh and (known is None or (known.kind >= Kind.CITY and kind < Kind.CITY)):
                    weak = surface in given and kind in (Kind.NAME, Kind.CITY)
                    fresh[surface] = Place.of(surface, Kind.WEAK if weak else kind, code)
    fresh.setdefault("English", Place.of("English", Kind.OTHER))  # a link to a translation
    fresh |= {town: english[town]._replace(kind=Kind.WEAK, rule=Rule.TOWN) for town in own.weak if town in english}
    by_first = dict(_english_gazetteer().by_first)
    for first, places in _index(fresh.values()).items():
        surfaces = {place.surface for place in places}
        rest = tuple(place for place in by_first.get(first, ()) if place.surface not in surfaces)
        by_first[first] = tuple(sorted(places + rest, key=lambda one: -len(one.surface)))
    rules = ((Rule.CITY, own.towns), (Rule.NAME, own.names))
    caseless = {
        name: (code, rule) for rule, table in rules for name, code in table.items() if name.lower() == name.upper()
    }
    return Gazetteer(by_first, own.lower, _caseless(caseless, locale.language), caseless)


def _caseless(names: Iterable[str], language: str) -> re.Pattern[str] | None:
    """Return what finds the names of a script without capitals, as its first group; None where there are none.

    A name begins where a word does, save in scripts that put no spaces between words. Arabic and Hebrew write small
    words together with the next, but end a name where the word ends ("Mali" is not in "financial").
    """
    longest_first = sorted(
        (name for name in names if len(name) > 1 and name not in OTHER_WORDS), key=lambda name: -len(name)
    )
    if not longest_first:
        return None
    name = f"({'|'.join(map(re.escape, longest_first))})"
    if language in UNSPACED:
        return re.compile(name)
    before = PREFIXES.get(language)
    return re.compile(rf"(?<!\w)(?:{before}){{0,2}}{name}(?!\w)" if before else rf"(?<!\w){name}")


@cache
def _english_gazetteer() -> Gazetteer:
    return Gazetteer(_index(english_names().values()))
