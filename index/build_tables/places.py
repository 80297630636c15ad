"""The entries of the table of places: English names, and the names of each other language of CLDR."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import locale_identifiers

from index.build_tables import english
from index.build_tables.english import spellings
from index.build_tables.foreign import forms
from index.build_tables.words import names_of_persons
from index.facets.countries.gazetteer import ADJECTIVES, BORDERS, ENGLISH, UNCASED, encode, key
from index.facets.countries.places import Kind, Place, Rule
from index.facets.tokens import first_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.build_tables.foreign import Forms


def entries() -> Iterator[tuple[str, bytes]]:
    """Yield each key of the table and its value, for all languages."""
    for first, places in _by_first_word(english.english().values()).items():
        yield key(ENGLISH, first), encode(places)
    yield key(ENGLISH, BORDERS), _json(english.borders())
    for language, locale in _languages().items():
        for word, value in _foreign(locale):
            yield key(language, word), value


def _languages() -> dict[str, Locale]:
    """Return language code -> locale for all languages except English. Older codes such as "iw" are included."""
    codes = {code for code in (*locale_identifiers(), *get_global("language_aliases")) if code.isalpha()}
    locales = {code: Locale.parse(code) for code in sorted(codes) if _is_known(code)}
    return {code: locale for code, locale in locales.items() if locale.language != ENGLISH}


def _is_known(code: str) -> bool:
    try:
        return Locale.parse(code) is not None
    except (UnknownLocaleError, ValueError):
        return False


def _foreign(locale: Locale) -> Iterator[tuple[str, bytes]]:
    """Yield the entries of a language, without the English ones."""
    foreign = forms(locale)
    for first, places in _by_first_word(_additions(foreign).values()).items():
        yield first, encode(places)
    yield ADJECTIVES, _json(foreign.lower)
    uncased = {
        name: (name, code, rule)
        for rule, names in ((Rule.CITY, foreign.towns), (Rule.NAME, foreign.names))
        for name, code in names.items()
        if name.lower() == name.upper()
    }
    yield UNCASED, _json(list(uncased.values()))


def _additions(foreign: Forms) -> dict[str, Place]:
    """Return the places that a language adds to the English ones.

    A country, nation or seat of government replaces an English place of the same name that is a city or less certain.
    """
    given, _ = names_of_persons()
    known, added = english.english(), dict[str, Place]()
    for kind, names in (
        (Kind.NAME, foreign.names),
        (Kind.DEMONYM, foreign.adjectives),
        (Kind.METONYM, foreign.seats),
        (Kind.CITY, foreign.towns),
    ):
        for name, code in names.items():
            for surface in spellings(name):
                known_place = known.get(surface)
                if surface not in added and (
                    known_place is None or (known_place.kind >= Kind.CITY and kind < Kind.CITY)
                ):
                    weak = surface in given and kind in (Kind.NAME, Kind.CITY)
                    added[surface] = Place.of(surface, Kind.WEAK if weak else kind, code)
    added.setdefault("English", Place.of("English", Kind.OTHER))  # a link to a translation
    return added | {
        town: known[town]._replace(kind=Kind.WEAK, rule=Rule.TOWN) for town in foreign.weak if town in known
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _by_first_word(places: Iterable[Place]) -> dict[str, tuple[Place, ...]]:
    by_first: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_first[first_word(place.surface)].append(place)
    by_first.pop("", None)
    return {first: tuple(sorted(same, key=lambda one: -len(one.surface))) for first, same in by_first.items()}
