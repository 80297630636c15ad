"""Looks up places: the gazetteer of each language, and the rules of rules.toml on the words around a name.

The places are in a compiled table; index/build_tables says where they come from.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.facets.countries.places import Kind, Place, Rule
from index.tables.read import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ENGLISH: Final = "en"
ADJECTIVES, UNCASED, BORDERS = "<adjectives>", "<uncased>", "<borders>"
"""Keys of other data of a language in the table. All other keys are first words of places."""
WORDS_KEPT: Final = 1 << 14
"""Number of recently used tokens whose places are cached, for each language."""
LONGEST_ACRONYM: Final = 3
"""Maximum letters of a word in capitals that is only looked up as it is: "MALI" may be "Mali", "LAO" is not "Lao"."""
LANGUAGES_KEPT: Final = 16
"""Number of recently used languages whose gazetteers are cached."""
UNSPACED: Final = frozenset(["ja", "zh", "yue", "th", "lo", "km", "my"])
"""Languages that put no spaces between words."""
OTHER_WORDS: Final = frozenset(["مالی"])
"""Names in scripts without capitals that are more often another word: Mali is "financial" in Persian."""
PREFIXES: Final = {"ar": "[وفبلك]", "fa": "[و]", "ur": "[و]", "he": "[והבכלמש]"}
"""Letters that mean "and", "in" or "to" and are written before a word without a space."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules on the words around a name; rules.toml explains each."""

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


class Surfaces:
    """The places that may begin at a token, by surface.

    `offset` is the position of their surface in the token: 2 for "L'Allemagne". `in_capitals` says that the token is in
    capitals, so the surfaces are put in capitals, too.
    """

    __slots__ = ("_by_surface", "_lengths", "offset")

    def __init__(self, places: Iterable[Place], offset: int, *, in_capitals: bool) -> None:
        self.offset = offset
        self._by_surface: dict[str, Place] = {}
        for place in places:
            surface = place.surface.upper() if in_capitals else place.surface
            if len(surface) == len(place.surface):  # "Straße" has no capitals of the same length
                self._by_surface.setdefault(surface, place)
        self._lengths = sorted({len(surface) for surface in self._by_surface}, reverse=True)

    def at(self, text: str, start: int) -> Place | None:
        """Return the place with the longest surface that stands at `start` and ends where a word ends."""
        for length in self._lengths:
            end = start + length
            place = self._by_surface.get(text[start:end])
            if place is not None and not text[end : end + 1].isalnum():
                return place
        return None


class Places:
    """Places of a language by the first word of their surface, the longest surface first.

    A language adds its own places to the English ones, and replaces those with the same surface.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self.of_token = lru_cache(WORDS_KEPT)(self._surfaces)

    def _surfaces(self, word: str) -> Surfaces | None:
        """Return the places that may begin at a token, or None: as it is, in capitals, or beside an apostrophe."""
        places, in_capitals, offset = self.get(word), False, 0
        if places is None and len(word) > LONGEST_ACRONYM and word.isupper():
            places, in_capitals = self.get(word.capitalize()), True
        if places is None and "'" in word:
            head, _, tail = word.rpartition("'")
            places = self.get(head)  # "Türkiye'nin"
            if places is None:
                places, offset = self.get(tail), len(head) + 1  # "L'Allemagne"
        return None if places is None else Surfaces(places, offset, in_capitals=in_capitals)

    def get(self, word: str) -> tuple[Place, ...] | None:
        """Return the places with this first word in the gazetteer; None if there are none."""
        english = _value(ENGLISH, word)
        own_places = None if self._language == ENGLISH else _value(self._language, word)
        if own_places is None:
            return None if english is None else decode(english)
        places = decode(own_places)
        if english is None:
            return places
        surfaces = {place.surface for place in places}
        rest = tuple(place for place in decode(english) if place.surface not in surfaces)
        return tuple(sorted(places + rest, key=lambda place: -len(place.surface)))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The places of a language.

    `lower` maps adjectives in lower case to their countries. `caseless` finds names in scripts without capitals, which
    have no tokens to look up. Its first group is the name; `caseless_codes` maps the name to its country and rule.
    """

    by_first: Places
    lower: Mapping[str, str] = field(default_factory=dict)
    caseless: re.Pattern[str] | None = None
    caseless_codes: Mapping[str, tuple[str, Rule]] = field(default_factory=dict)


@cache
def neighbours() -> Mapping[str, frozenset[str]]:
    """Return the codes of the neighbours of each country, by its code."""
    codes = json.loads(_value(ENGLISH, BORDERS) or b"{}")
    return {code: frozenset(borders) for code, borders in codes.items()}


@cache
def rules() -> Rules:
    """Return the rules of rules.toml."""
    data = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))
    words = {name: frozenset(listed.split()) for name, listed in data["words"].items()}
    return Rules(**words, parts={name: frozenset(codes) for name, codes in data["parts"].items()})


def key(language: str, word: str) -> str:
    """Return the key of a first word of a language in the table of places."""
    return f"{language}/{word}"


def _value(language: str, word: str) -> bytes | None:
    return table("places").get(key(language, word))


def encode(places: Iterable[Place]) -> bytes:
    """Return places as a value of the table."""
    return json.dumps(list(places), ensure_ascii=False, separators=(",", ":")).encode()


def decode(data: bytes) -> tuple[Place, ...]:
    """Return the places in a value of the table."""
    return tuple(
        Place(surface, Kind(kind), tuple(codes), tuple(also), Rule(rule), large)
        for surface, kind, codes, also, rule, large in json.loads(data)
    )


@lru_cache(maxsize=LANGUAGES_KEPT)
def gazetteer(language: str | None) -> Gazetteer:
    """Return the places for articles in `language`: English names, and its own if the table has the language.

    `language` is a BCP 47 tag. Only its language part counts: "pt-BR" is Portuguese. None means English.
    """
    code = (language or ENGLISH).replace("_", "-").partition("-")[0].lower()
    adjectives = _value(code, ADJECTIVES)
    if adjectives is None:
        return _english()
    uncased = {name: (country, Rule(rule)) for name, country, rule in json.loads(_value(code, UNCASED) or b"[]")}
    return Gazetteer(Places(code), json.loads(adjectives), _caseless(uncased, code), uncased)


@cache
def _english() -> Gazetteer:
    return Gazetteer(Places(ENGLISH))


def _caseless(names: Iterable[str], language: str) -> re.Pattern[str] | None:
    """Return a pattern that finds names in a script without capitals, as its first group; None without any names.

    A name begins where a word begins, except in scripts without spaces. Arabic and Hebrew may join a short word to the
    beginning of a name, but the name ends with its word: Mali (مالي) is not found in "financial" (المالية).
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
