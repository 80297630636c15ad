"""Names and formats of CLDR, read through Babel: countries, months, weekdays, and the formats of the search page."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from babel import Locale
from babel.dates import get_day_names, get_month_names

from index.dates.names import LANGUAGES, month_key

NOT_COUNTRIES: Final = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Two-letter codes of CLDR that are parts of countries, groups of countries, or for private use."""
WIDTHS: Final = ("wide", "abbreviated")
SITE: Final = {"en": "en_GB", "de": "de", "fr": "fr", "es": "es", "ar": "ar"}
"""Language of the search page -> locale of its formats. British English writes the day before the month."""
PATTERN: Final = re.compile(r"'([^']+)'|([A-Za-z]+)|([^A-Za-z']+)")
"""A part of a date pattern: a quoted text, a field, or any other text."""
FIELDS: Final = {"d": "day", "MMMM": "month", "LLLL": "month", "MMM": "short_month", "LLL": "short_month", "y": "year"}
"""Field of a date pattern -> placeholder. `LLLL` and `LLL` are months without a day; they get the names of `MMMM`."""


@cache
def names_of_countries(locale: Locale) -> dict[str, str]:
    """Return code -> name of the 249 countries and territories of ISO 3166-1, and of Kosovo (XK)."""
    return {
        code: name
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
    }


def english_names() -> dict[str, str]:
    """Return code -> English name of each country."""
    return names_of_countries(Locale("en"))


def date_names() -> dict[str, Any]:
    """Return language -> its month names with their numbers, and the weekday names of all languages."""
    return {"months": {language: _months(language) for language in LANGUAGES}, "weekdays": sorted(_weekdays())}


def _months(language: str) -> dict[str, int]:
    return {
        month_key(name): month
        for context in ("format", "stand-alone")
        for width in WIDTHS
        for month, name in get_month_names(width, context, language).items()
    }


def _weekdays() -> set[str]:
    return {
        name.casefold().strip(". ")
        for language in LANGUAGES
        for width in WIDTHS
        for name in get_day_names(width, "format", language).values()
    }


def formats() -> dict[str, Any]:
    """Return the formats of numbers and dates and the names of countries, for each language of the search page."""
    return {language: _formats(Locale.parse(tag)) for language, tag in SITE.items()}


def _formats(locale: Locale) -> dict[str, Any]:
    signs = locale.number_symbols["latn"]
    return {
        "direction": locale.text_direction,
        "decimal": signs["decimal"],
        "group": signs["group"],
        "months": list(locale.months["format"]["wide"].values()),
        "short_months": list(locale.months["format"]["abbreviated"].values()),
        "day": _template(locale.date_formats["long"].pattern),
        "month": _template(locale.datetime_skeletons["yMMMM"].pattern),
        "days": {
            field: [_template(part) for part in locale.interval_formats["yMMMd"][field]] for field in ("y", "M", "d")
        },
        "countries": {} if locale.language == "en" else names_of_countries(locale),  # English: search/territories.json
    }


def _template(pattern: str) -> str:
    """Return a date pattern of CLDR as a template for `str.format`: "d. MMMM y" is "{day}. {month} {year}".

    Raises:
        ValueError: The pattern has a field that the pages cannot fill in.
    """
    parts = []
    for quoted, field, text in PATTERN.findall(pattern):
        if field and field not in FIELDS:
            raise ValueError(f"The field {field} of the date pattern {pattern} is not known.")
        parts.append(quoted or (f"{{{FIELDS[field]}}}" if field else text))
    return "".join(parts)
