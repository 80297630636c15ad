"""The language of a page: its choice, its texts, and its formats of numbers, days and names of countries."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import after_this_request, g, request
from markupsafe import Markup, escape

from api.site import formats
from search import territories
from search.calendars import parse_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask, Response

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ar": "العربية"}
"""Code -> name of the language in that language."""

DEFAULT = "en"
FOLDER = Path(__file__).parents[1] / "texts"
PARAMETER = COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 60 * 60

SHORT_NAMES = {
    "de": {"FK": "Falklandinseln (Malwinen)", "HK": "Hongkong", "MO": "Macau", "PS": "Palästina"},
    "fr": {"FK": "Îles Malouines (Îles Falkland)", "HK": "Hong Kong", "MO": "Macao", "PS": "Palestine"},
    "es": {"FK": "Islas Malvinas (Islas Falkland)", "HK": "Hong Kong", "MO": "Macao", "PS": "Palestina"},
    "ar": {"FK": "جزر فوكلاند - جزر مالفيناس", "HK": "هونغ كونغ", "MO": "مكاو", "PS": "فلسطين"},
}
"""CLDR's short names of countries, which Babel does not have. Browsers, and so the search box, show these."""

_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_AGAINST = {"ltr": ("R", "AL"), "rtl": ("L",)}
"""Direction of a text -> Unicode's classes of letters with the opposite direction."""

Text = str | dict[str, str]
"""The value of a key: a text, or one text for each plural category."""


def chosen() -> str:
    """Return the language of this request: from the parameter, else from the cookie, else from the browser."""
    if "language" not in g:
        after_this_request(_remember)
        g.language = requested() or _known(request.cookies.get(COOKIE)) or _negotiated()
    language: str = g.language
    return language


def requested() -> str | None:
    """Return the `lang` parameter if supported, else None."""
    return _known(request.args.get(PARAMETER))


def _known(code: str | None) -> str | None:
    return code if code in LANGUAGES else None


def _negotiated() -> str:
    tags = [tag.lower() for tag, quality in request.accept_languages if quality > 0]
    return next((code for tag in tags if (code := tag.partition("-")[0]) in LANGUAGES), DEFAULT)


@cache
def texts(code: str) -> dict[str, Text]:
    """Return all texts of a language by key, `section.name`. Missing texts are in English."""
    sections = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    own_texts = {f"{section}.{name}": text for section, named in sections.items() for name, text in named.items()}
    return own_texts if code == DEFAULT else texts(DEFAULT) | own_texts


def say(code: str, key: str, values: Mapping[str, Any]) -> Markup:
    """Return a text of a language as HTML, in the plural form for `n`.

    Numbers are formatted for the language. Other values are escaped unless they are Markup.

    Raises:
        KeyError: The text does not exist, or a placeholder has no value.
    """
    text = texts(code)[key]
    if isinstance(text, dict):
        text = text.get(formats.plural(code, values["n"]), text["other"])
    return escape(text).format_map({name: _value(code, value) for name, value in values.items()})


def _value(code: str, value: Any) -> Any:
    if isinstance(value, int | float):
        return number(value, code)
    return value if isinstance(value, Markup) else isolated(str(value), formats.direction(code))


def isolated(text: str, around: str) -> str:
    """Return a text, with Unicode's isolates around it if letters in it run against the direction `around`."""
    against = _AGAINST[around]
    foreign = any(unicodedata.bidirectional(letter) in against for letter in text)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if foreign else text


def t(key: str, **values: Any) -> Markup:
    """Return a text in the language of the request, as `say` does."""
    return say(chosen(), key, values)


def number(value: float, code: str = "") -> str:
    """Return a number formatted for a language, by default the language of the request. Digits are 0 to 9."""
    return formats.number(code or chosen(), value)


def day(published: str | dt.date | None) -> str:
    """Return the day of a date, or of an ISO date or date-time, in words; empty for None."""
    if not published:
        return ""
    return formats.day(chosen(), dt.date.fromisoformat(str(published)[:10]))


def span(value: str) -> str:
    """Return the days of a bar of the histogram in words. `value` is 2024, 2024-01, 2024-W03 or 2024-01-21."""
    if week := _WEEK.fullmatch(value):
        monday = dt.date.fromisocalendar(int(week[1]), int(week[2]), 1)
        return formats.days(chosen(), monday, monday + dt.timedelta(days=6))
    first = parse_day(value, last=False)
    if first is None or len(value) == len("2024"):
        return value
    if len(value) == len("2024-01"):
        return formats.month(chosen(), first)
    return day(first)


def territory(code: str, label: str = "") -> str:
    """Return the name of a country in the language of the request.

    In English, or if CLDR has no name in that language, return `label`, or the English name if `label` is empty.
    """
    language = chosen()
    known_name = None
    if language != DEFAULT:
        known_name = SHORT_NAMES[language].get(code) or formats.country(language, code)
    return known_name or label or territories.name(code)


def register(app: Flask) -> None:
    """Give templates the language of the page, its texts and its formats."""
    app.jinja_env.globals.update(t=t, languages=LANGUAGES)
    app.jinja_env.filters.update(day=day, number=number, span=span, territory=territory)
    app.context_processor(lambda: {"language": chosen(), "direction": formats.direction(chosen())})


def _remember(response: Response) -> Response:
    """Add `Vary` for the language to an HTML answer. Store the `lang` parameter of the address in a cookie."""
    if response.mimetype != "text/html":
        return response
    response.vary.update(("Accept-Language", "Cookie"))
    if requested():
        response.set_cookie(
            COOKIE, chosen(), max_age=COOKIE_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax"
        )
        response.headers["Cache-Control"] = "private, no-cache"  # the cookie belongs to one reader
    return response
