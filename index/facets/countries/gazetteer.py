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
WORDS_KEPT: Final = 1 << 13
"""Number of recently used first words whose places are cached, for each language."""
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


class Places:
    """Places of a language by the first word of their surface, the longest surface first.

    A language adds its own places to the English ones, and replaces those with the same surface.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self.get = lru_cache(WORDS_KEPT)(self._read)

    def _read(self, word: str) -> tuple[Place, ...] | None:
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
