"""Names of months and days in the languages of most news, and the digits of their scripts."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from typing import Any

from index.tables.read import FOLDER

LANGUAGES = [
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ru", "uk", "sv", "da", "nb", "fi", "cs", "ro", "hu", "el",
    "ar", "id", "hr", "bs", "sr", "sr_Latn", "sl", "sk", "bg", "mk", "be", "lt", "lv", "et", "is", "ca", "sq",
    "ka", "hy", "az", "fa", "he", "hi", "bn", "ur", "th", "ms", "ar_LB", "ar_DZ",
]  # fmt: skip
"""Languages whose month names are known. Chinese, Japanese, Korean and Vietnamese number their months.

Only Croatian has names that mean another month elsewhere: `listopad` is October in Croatian, but November in Polish and
Czech. So on a Croatian page the Croatian names are looked up first.
"""

OWN_NAMES = frozenset({"hr"})
"""Languages with month names that are looked up before the names of all languages."""

MORE_MONTHS = {
    "sept": 9, "setiembre": 9, "jänner": 1, "feber": 2, "mrz": 3, "mär": 3, "okt": 10, "dez": 12, "agu": 8, "maa": 3,
    "juill": 7, "avg": 8, "januar": 1, "februar": 2, "novembar": 11, "decembar": 12, "oktobar": 10, "septembar": 9,
    "জানুয়ারি": 1, "ফেব্রুয়ারি": 2, "फरवरी": 2, "सितम्बर": 9, "अक्तूबर": 10, "नवम्बर": 11, "दिसम्बर": 12, "ابريل": 4,
    "إبريل": 4, "اغسطس": 8, "اكتوبر": 10,
}  # fmt: skip
"""Names in use that CLDR does not have."""

BIDI_MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BLANKS = "\u00a0\u2007\u2009\u202f\u3000"
PLAIN: dict[int, str | None] = {
    **dict.fromkeys(map(ord, BIDI_MARKS)),
    **dict.fromkeys(map(ord, BLANKS), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2212"), "-"),
    **{ord(sign): plain for sign, plain in (("،", ","), ("／", "/"), ("．", "."), ("：", ":"), ("，", ","))},
    **{
        zero + digit: str(digit)
        for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10)
        if unicodedata.decimal(chr(zero)) == 0
        for digit in range(10)
    },
}
"""Translation of the digits of other scripts, unusual spaces and unusual hyphens to ASCII."""


def plain(text: str) -> str:
    """Return `text` with ASCII digits, spaces and hyphens, and without marks of text direction."""
    return text if text.isascii() else text.translate(PLAIN)


def month_of(name: str, language: str | None = None) -> int:
    """Return the number of a month by its name or abbreviation, from 1 to 12, or 0 if it is unknown."""
    key = month_key(name)
    month = _months_of(language).get(key) if language in OWN_NAMES else None
    return month or month_names().get(key) or month_names().get(key[1:] if key[:1] in {"ב", "و"} else "", 0)


@cache
def month_names() -> dict[str, int]:
    """Return the month names and abbreviations of all languages in lower case, with and without accents."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for name, month in _months_of(language).items():
            names.setdefault(name, month)
    for name, month in MORE_MONTHS.items():
        names.setdefault(month_key(name), month)
    for name, month in list(names.items()):
        names.setdefault(_bare(name), month)
    return names


@cache
def day_names() -> frozenset[str]:
    """Return the names of the days of the week of all languages in lower case."""
    return frozenset(_names()["weekdays"])


@cache
def _names() -> dict[str, Any]:
    """Return the names in CLDR; `make tables` writes them."""
    return json.loads((FOLDER / "dates.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _months_of(language: str) -> dict[str, int]:
    months: dict[str, int] = _names()["months"][language]
    return months


def month_key(name: str) -> str:
    """Return the key of a name: lower case, without the dot above that Turkish capitals leave behind."""
    name = name.casefold().strip(". ")
    return name if name.isascii() else unicodedata.normalize("NFC", name.replace("i\u0307", "i"))


def _bare(name: str) -> str:
    """Return a name without accents. French, Spanish, Greek and Turkish often omit them in capitals."""
    if name[:1] >= "\u0400":
        return name
    parts = unicodedata.normalize("NFD", name.replace("ı", "i"))
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")
