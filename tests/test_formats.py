"""Numbers, dates and plurals of the pages are those that Babel writes from the same data."""

from __future__ import annotations

import datetime as dt

import pytest
from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from api.site import formats
from api.site.language import LANGUAGES

LOCALES = {"en": "en_GB"}
WEEK = dt.timedelta(days=6)
languages = st.sampled_from(sorted(LANGUAGES))
dates = st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 20))


@given(languages, st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9).map(lambda one: round(one, 6)))
def test_numbers(language: str, value: float) -> None:
    grouped = abs(value) >= formats.UNGROUPED.get(language, 0)
    if round(value, 3) == 0:
        value = 0
    expected = format_decimal(
        value, locale=LOCALES.get(language, language), group_separator=grouped, numbering_system="latn"
    )
    assert formats.number(language, value) == expected


@given(languages, dates)
def test_days_and_months(language: str, date: dt.date) -> None:
    locale = LOCALES.get(language, language)
    assert formats.day(language, date) == format_date(date, "long", locale=locale)
    assert formats.month(language, date) == format_skeleton("yMMMM", date, locale=locale)


@given(languages, dates)
def test_weeks(language: str, date: dt.date) -> None:
    expected = format_interval(date, date + WEEK, "yMMMd", locale=LOCALES.get(language, language))
    assert formats.days(language, date, date + WEEK) == expected


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_plurals(language: str) -> None:
    form = Locale(language).plural_form
    counts = [*range(2300), 999_999, 1_000_000, 1_000_001, 2_000_000, 10_000_000, 3_000_103]
    assert [formats.plural(language, one) for one in counts] == [form(one) for one in counts]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_directions(language: str) -> None:
    assert formats.direction(language) == Locale(language).text_direction
