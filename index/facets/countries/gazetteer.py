"""What is known of places and their countries, ready to be looked up, and the rules that countries.toml states.

The places are compiled from the lists of place_lists.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError

from index.facets.compiled import table
from index.facets.countries.places import Kind, Place, Rule
from index.facets.persons.words import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from index.facets.compiled import Table

LISTS: Final = "index.facets.countries.lists"
ADJECTIVES, UNCASED, BORDERS = "<adjectives>", "<uncased>", "<borders>"
"""Under which words a table keeps what is not looked up by a word."""
WORDS_KEPT: Final = 1 << 13
"""First words whose places are kept, the ones used last."""
LANGUAGES_KEPT: Final = 16
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


class Places:
    """Places by the first word of their surface, the longest surface first; of the tables, the first that has it."""

    def __init__(self, *tables: Table) -> None:
        self._tables = tables
        self.get = lru_cache(WORDS_KEPT)(self._read)

    def _read(self, word: str) -> tuple[Place, ...] | None:
        for one in self._tables:
            if (found := one.get(word)) is not None:
                return decoded(found)
        return None


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The places of a language.

    `lower` are adjectives in lower case and their countries; `caseless` finds, as its first group, names in scripts
    without capitals, where there are no tokens to look up, and `caseless_codes` says what they name.
    """

    by_first: Places
    lower: Mapping[str, str] = field(default_factory=dict)
    caseless: re.Pattern[str] | None = None
    caseless_codes: Mapping[str, tuple[str, Rule]] = field(default_factory=dict)


@cache
def neighbours() -> Mapping[str, frozenset[str]]:
    """Return code -> codes of the countries that it borders on."""
    codes = json.loads(table(f"{LISTS}:english").get(BORDERS) or b"{}")
    return {code: frozenset(borders) for code, borders in codes.items()}


@cache
def rules() -> Rules:
    """Return the typed rules of countries.toml that look at a name's neighbours."""
    data = load("countries/countries.toml")
    others = {name: frozenset(typed.split()) for name, typed in data["words"].items()}
    return Rules(**others, parts={name: frozenset(codes) for name, codes in data["parts"].items()})


def _locale(language: str | None) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_")) if language else None
    except (UnknownLocaleError, ValueError):
        return None


def encoded(places: Iterable[Place]) -> bytes:
    """Return what a table keeps of places."""
    return json.dumps(list(places), ensure_ascii=False, separators=(",", ":")).encode()


def decoded(data: bytes) -> tuple[Place, ...]:
    """Return the places of which `encoded` made this."""
    return tuple(
        Place(surface, Kind(kind), tuple(codes), tuple(also), Rule(rule), large)
        for surface, kind, codes, also, rule, large in json.loads(data)
    )


@lru_cache(maxsize=LANGUAGES_KEPT)
def gazetteer(language: str | None) -> Gazetteer:
    """Return the places for articles in `language` (BCP 47; None or unknown is English): English names and its own."""
    locale = _locale(language)
    english = table(f"{LISTS}:english")
    if locale is None or locale.language == "en":
        return _english()
    own = table(f"{LISTS}:foreign", str(locale))
    lower = json.loads(own.get(ADJECTIVES) or b"{}")
    uncased = {name: (code, Rule(rule)) for name, code, rule in json.loads(own.get(UNCASED) or b"[]")}
    return Gazetteer(Places(own, english), lower, _caseless(uncased, locale.language), uncased)


@cache
def _english() -> Gazetteer:
    return Gazetteer(Places(table(f"{LISTS}:english")))


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
