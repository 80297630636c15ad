"""Names of countries: CLDR's English names by ISO 3166-1 code, and back from what a user types."""

from __future__ import annotations

from functools import cache

from babel import Locale

from search.analysis import fold

PRESS_NAMES = {
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "CI": "Ivory Coast",
    "HK": "Hong Kong",
    "MM": "Myanmar",
    "MO": "Macao",
    "PS": "Palestine",
    "TR": "Turkey",
}
"""Where CLDR's name is not the one that newsrooms print ("Congo - Kinshasa", "Hong Kong SAR China")."""

ABBREVIATIONS = {"usa": "US", "uk": "GB", "uae": "AE", "drc": "CD", "england": "GB", "britain": "GB", "america": "US"}
"""Short forms that CLDR does not list; folded."""


@cache
def names() -> dict[str, str]:
    """Return code -> name of all countries and territories (249 of ISO 3166-1, and Kosovo's XK)."""
    found = {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
    }
    return found | PRESS_NAMES


NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Two-letter codes in CLDR that are parts, groups or private use."""


@cache
def _codes() -> dict[str, str]:
    english = Locale("en").territories
    table = {fold(english[code]): code for code in names()}
    table |= {fold(name): code for code, name in names().items()}
    table |= {code.casefold(): code for code in names()}
    return table | ABBREVIATIONS


def name(code: str) -> str:
    """Return the English name that newsrooms use, or the code itself where it is none of ISO 3166-1."""
    return names().get(code, code)


def code(text: str) -> str | None:
    """Return the code that a code or an English name means, whatever its case and accents; else None."""
    return _codes().get(" ".join(fold(text.replace(".", "")).split()))
