"""Writes numbers, dates and plural forms as each language of the pages does, from CLDR's formats in formats.json."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt

UNGROUPED: Final = {"es": 10_000}
"""Language -> number below which no separator of thousands is written. From CLDR's `minimumGroupingDigits`."""
DECIMALS: Final = 3
"""Maximum number of decimal places."""
MILLION: Final = 1_000_000


@cache
def _formats() -> dict[str, Any]:
    """Return language -> its formats; `make tables` writes them."""
    return json.loads(Path(__file__).with_name("formats.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def direction(language: str) -> str:
    """Return the writing direction of a language, `ltr` or `rtl`."""
    return str(_formats()[language]["direction"])


def country(language: str, code: str) -> str | None:
    """Return CLDR's name of a country in a language other than English, or None."""
    name: str | None = _formats()[language]["countries"].get(code)
    return name


def number(language: str, value: float) -> str:
    """Return a number with the separators of the language, at most three decimals, and digits from 0 to 9."""
    formats = _formats()[language]
    text = f"{round(Decimal(str(value)), DECIMALS):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    group = formats["group"] if abs(value) >= UNGROUPED.get(language, 0) else ""
    return text.translate(str.maketrans({",": group, ".": formats["decimal"]}))


def plural(language: str, count: int) -> str:
    """Return the plural category of a count: zero, one, two, few, many or other."""
    if language == "ar":
        return _arabic_plural(count)
    if count == 1 or (language == "fr" and count == 0):
        return "one"
    if language in {"fr", "es"} and count and count % MILLION == 0:
        return "many"
    return "other"


def _arabic_plural(count: int) -> str:
    if count <= 2:
        return ("zero", "one", "two")[count]
    rest = count % 100
    if rest < 3:
        return "other"
    return "few" if rest <= 10 else "many"


def day(language: str, date: dt.date) -> str:
    """Return a date in words, such as "21 August 2024"."""
    return _written(language, _formats()[language]["day"], date)


def month(language: str, date: dt.date) -> str:
    """Return the month and the year of a date, such as "August 2024"."""
    return _written(language, _formats()[language]["month"], date)


def days(language: str, first: dt.date, last: dt.date) -> str:
    """Return a range of two or more days. A month or a year that both ends share is written once: "1 – 7 Jan 2024"."""
    field = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    begin, end = _formats()[language]["days"][field]
    return _written(language, begin, first) + _written(language, end, last)


def _written(language: str, template: str, date: dt.date) -> str:
    formats = _formats()[language]
    names = {"month": formats["months"][date.month - 1], "short_month": formats["short_months"][date.month - 1]}
    return template.format(day=date.day, year=date.year, **names)
