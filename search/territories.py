"""Names of countries: the English name of an ISO 3166-1 code, and the code of a name that a user types."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

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
"""Names that newsrooms print where CLDR has another ("Congo - Kinshasa", "Hong Kong SAR China")."""

ABBREVIATIONS = {"usa": "US", "uk": "GB", "uae": "AE", "drc": "CD", "england": "GB", "britain": "GB", "america": "US"}
"""Short names that CLDR does not list, as `fold` returns them."""


@cache
def _english() -> dict[str, str]:
    """Return code -> name in CLDR; `make tables` writes the file."""
    names: dict[str, str] = json.loads(Path(__file__).with_name("territories.json").read_text(encoding="utf-8"))
    return names


@cache
def names() -> dict[str, str]:
    """Return code -> name of the 249 countries and territories of ISO 3166-1, and of Kosovo (XK)."""
    return _english() | PRESS_NAMES


@cache
def codes() -> dict[str, str]:
    """Return name -> code. The names are folded and have no full stops; codes count as names."""
    codes_by_name = {fold(name): code for code, name in _english().items()}
    codes_by_name |= {fold(name): code for code, name in names().items()}
    codes_by_name |= {code.casefold(): code for code in names()}
    return codes_by_name | ABBREVIATIONS


def name(code: str) -> str:
    """Return the English name that newsrooms use. An unknown code is returned unchanged."""
    return names().get(code, code)


def code(text: str) -> str | None:
    """Return the code of a country by its code or English name, ignoring case, accents and full stops; else None."""
    return codes().get(" ".join(fold(text.replace(".", "")).split()))
