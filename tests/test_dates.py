"""Dates as they are printed, in URLs, and relative to the time of the fetch."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from index.dates.formats import DateStyle, find_dates, find_yearless
from index.dates.names import LANGUAGES, plain
from index.dates.printed import is_date_line, month_first, read_printed, unarchived, url_date, url_month
from index.dates.relative import relative_day

MONTH_FIRST = DateStyle(day_first=False)
DAY_FIRST = DateStyle(day_first=True)
FORMS = ("short", "medium", "long", "full")
NUMBERING = ["zh", "zh_Hant", "ja", "vi", "ko"]
REGIONAL = ["en_GB", "fr_CA", "es_MX", "pt_PT", "de_AT", "de_CH", "ar_EG", "ar_SA"]


def read_date(text: str, style: DateStyle) -> str | None:
    result = read_printed(text, style)
    return result[1] if result else None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-01-21", "2024-01-21"),
        ("20240121", "2024-01-21"),
        ("2024-01-21T09:15:00Z", "2024-01-21T09:15:00+00:00"),
        ("2024-01-21T09:15:00.123456+0530", "2024-01-21T09:15:00+05:30"),
        ("2022-01-10T22:06:08:684Z", "2022-01-10T22:06:08+00:00"),
        ("1700000000", "2023-11-14T22:13:20+00:00"),
        ("1700000000000", "2023-11-14T22:13:20+00:00"),
        ("Date:2025-04-07 02:07:50", "2025-04-07T02:07:50"),
        ("January 21, 2024", "2024-01-21"),
        ("Published: Jan. 21st, 2024 at 6:02 p.m. EST", "2024-01-21T18:02:00-05:00"),
        ("6:02 PM EDT Mar 20, 2025", "2025-03-20T18:02:00-04:00"),
        ("12:30 a.m., 5 May 2025", "2025-05-05T00:30:00"),
        ("Mar 5, 2024 at 7pm", "2024-03-05T19:00:00"),
        ("21 January 2024", "2024-01-21"),
        ("28 April, 2017", "2017-04-28"),
        ("21 Jan 2024, 09:15 GMT", "2024-01-21T09:15:00+00:00"),
        ("Sun, 21 Jan 2024 09:15:00 +0200", "2024-01-21T09:15:00+02:00"),
        ("Thu Mar 05 10:20:00 UTC 2020", "2020-03-05"),
        ("October 3, 2024 - 14:20 (GMT+4)", "2024-10-03T14:20:00+04:00"),
        ("20-Jun-24", "2024-06-20"),
        ("By Jane Roe2020-02-20 13:52:51 UTC", "2020-02-20T13:52:51+00:00"),
        ("Mental HealthDECEMBER 22, 2022Updated", "2022-12-22"),
        ("04.03.2025", "2025-03-04"),
        ("Stand: 04.03.2025, 11:20 Uhr", "2025-03-04T11:20:00"),
        ("5. März 2024, 14 Uhr", "2024-03-05T14:00:00"),
        ("5. Jänner 2024", "2024-01-05"),
        ("2025/3/4 7:05", "2025-03-04T07:05:00"),
        ("le 3 mars 2025 à 14h05", "2025-03-03T14:05:00"),
        ("Publié le 1er août 2024", "2024-08-01"),
        ("5 FEVRIER 2024", "2024-02-05"),
        ("5 de marzo de 2025", "2025-03-05"),
        ("Setiembre 5, 2020", "2020-09-05"),
        ("1º de março de 2024, às 14h30", "2024-03-01T14:30:00"),
        ("3 dicembre 2023 alle 08:45", "2023-12-03T08:45:00"),
        ("dinsdag 5 maart 2024, 10.30 uur", "2024-03-05T10:30:00"),
        ("wtorek, 5 marca 2024, 7:05", "2024-03-05T07:05:00"),
        ("11 listopada 2023", "2023-11-11"),
        ("5 Mart 2024 Salı 16:40", "2024-03-05T16:40:00"),
        ("5 марта 2025 г., 12:30", "2025-03-05T12:30:00"),
        ("5 БЕРЕЗНЯ 2024", "2024-03-05"),
        ("٥ مارس ٢٠٢٤", "2024-03-05"),
        ("الثلاثاء، 5 آذار 2024", "2024-03-05"),
        ("12 تشرين الثاني 2023", "2023-11-12"),
        ("۵ مارس ۲۰۲۴", "2024-03-05"),
        ("৫ মার্চ, ২০২৪", "2024-03-05"),
        ("2025年3月5日 10:20", "2025-03-05T10:20:00"),
        ("2024年3月5日 下午3:20", "2024-03-05T15:20:00"),
        ("2025년 3월 5일", "2025-03-05"),
        ("2024년 3월 5일 오후 3:20", "2024-03-05T15:20:00"),
        ("입력 2024. 3. 5. 09:15", "2024-03-05T09:15:00"),
        ("Thứ Ba, 5 tháng 3, 2024", "2024-03-05"),
        ("2024 m. kovo 5 d.", "2024-03-05"),
        ("2024. március 5.", "2024-03-05"),
        ("5. ožujka 2024.", "2024-03-05"),
        ("5. mart 2024.", "2024-03-05"),
        ("Sept. 5, 2020", "2020-09-05"),
    ],
)
def test_forms(text: str, iso: str) -> None:
    assert read_date(text, MONTH_FIRST) == iso
    assert read_date(text, DAY_FIRST) == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no date",
        "31 February 2024",
        "13/25/2024",
        "Version 2.24.2024.1",
        "May 2024",
        "2024",
        "1 Foo 2024",
        "12345678901",
        "0000-00-00",
        "555-20-2024",
        "In 2024 the 5 lakes rose",
    ],
)
def test_texts_without_a_date(text: str) -> None:
    assert read_date(text, MONTH_FIRST) is None


def test_a_croatian_name_means_another_month() -> None:
    assert read_date("11. listopada 2023.", DateStyle(day_first=True, language="hr")) == "2023-10-11"
    assert read_date("11 listopada 2023", DateStyle(day_first=True, language="pl")) == "2023-11-11"


def test_the_order_of_day_and_month_follows_the_digits_then_the_place() -> None:
    assert read_date("04/03/2025", MONTH_FIRST) == "2025-04-03"
    assert read_date("04/03/2025", DAY_FIRST) == "2025-03-04"
    assert read_date("21/03/2025", MONTH_FIRST) == read_date("03/21/2025", DAY_FIRST) == "2025-03-21"
    assert month_first("en", None, "https://news.example.com/x")
    assert month_first(None, None, None)
    assert not month_first("en", None, "https://news.example.co.uk/x")
    assert not month_first("en", None, "https://news.example.com/en-gb/x")
    assert not month_first("en", "en-GB", "https://news.example.com/x")
    assert not month_first("de", "en-US", "https://news.example.com/x")


def test_both_readings_of_a_date_in_digits_are_kept() -> None:
    result = find_dates("04/03/2025, 21/03/2025, 03.04.2025", DAY_FIRST)
    assert [(printed.day.isoformat(), str(printed.other), printed.order) for printed in result] == [
        ("2025-03-04", "2025-04-03", ""),
        ("2025-03-21", "None", "day"),
        ("2025-04-03", "None", ""),
    ]


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2029, 12, 31)),
    st.sampled_from([*LANGUAGES, *NUMBERING, *REGIONAL]),
    st.sampled_from(FORMS),
)
def test_dates_that_babel_writes_are_read(day: dt.date, locale: str, form: str) -> None:
    text = format_date(day, form, locale=locale)
    if (locale, form) == ("ko", "short"):
        return  # `24. 3. 5.` may mean three different days
    if str(day.year) not in plain(text) and day.year < 2000:
        return  # a year of two digits is in this century
    style = DateStyle(day_first=locale != "en", language=locale[:2])
    assert [printed.day for printed in find_dates(plain(text), style)] == [day]


@given(st.text(max_size=300), st.booleans())
def test_any_text_gives_a_valid_date_or_none(text: str, day_first: bool) -> None:  # noqa: FBT001
    result = read_date(text, DateStyle(day_first))
    assert result is None or dt.datetime.fromisoformat(result)
    assert is_date_line(text) in {True, False}
    assert url_date(text) is None or isinstance(url_date(text), dt.date)
    assert find_yearless(plain(text), MONTH_FIRST, dt.date(2024, 3, 6)) is None or text


@given(st.text(alphabet="0123456789./-: JanMay年月日,hT+", max_size=80))
def test_any_parts_of_dates_give_a_valid_date_or_none(text: str) -> None:
    result = read_date(text, DAY_FIRST)
    assert result is None or dt.datetime.fromisoformat(result)


@pytest.mark.timing
@pytest.mark.parametrize("unit", ["20", "2024 ", "1/2/", "May ", "5 May ", "(12) ", "١٢ ", "a" * 30 + "5 "])
def test_time_is_linear(unit: str) -> None:
    def seconds(chars: int) -> float:
        text = unit * (chars // len(unit))
        start = time.process_time()
        find_dates(text, DAY_FIRST)
        return time.process_time() - start

    seconds(1000)
    assert min(seconds(40_000) for _ in range(3)) < 12 * max(min(seconds(10_000) for _ in range(3)), 0.002)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("March 6", "2024-03-06"),
        ("6 Mar, 10:20", "2024-03-06"),
        ("Posted 7 March", "2023-03-07"),
        ("29 February", "2024-02-29"),
        ("3月5日", "2024-03-05"),
        ("5 марта", "2024-03-05"),
        ("March 40", None),
        ("6 lakes", None),
        ("May 10:20", None),
    ],
)
def test_days_without_a_year_are_the_last_such_days(text: str, day: str | None) -> None:
    result = find_yearless(plain(text), MONTH_FIRST, dt.date(2024, 3, 6))
    assert (result.day.isoformat() if result else None) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 hours ago", "2024-03-06"),
        ("Posted 12 hours ago", "2024-03-05"),
        ("2 days ago", "2024-03-04"),
        ("Yesterday, 10:20", "2024-03-05"),
        ("vor 2 Tagen", "2024-03-04"),
        ("gestern", "2024-03-05"),
        ("il y a 3 jours", "2024-03-03"),
        ("hace 1 semana", "2024-02-28"),
        ("2 giorni fa", "2024-03-04"),
        ("há 20 minutos", "2024-03-06"),
        ("2 dagen geleden", "2024-03-04"),
        ("2 dni temu", "2024-03-04"),
        ("2 gün önce", "2024-03-04"),
        ("2 дня назад", "2024-03-04"),
        ("منذ 2 أيام", "2024-03-04"),
        ("2天前", "2024-03-04"),
        ("2日前", "2024-03-04"),
        ("2일 전", "2024-03-04"),
        ("3 lakes ago", None),
        ("The water board met yesterday and chose a new head for the lake.", None),
    ],
)
def test_relative_dates(text: str, day: str | None) -> None:
    result = relative_day(text, dt.datetime(2024, 3, 6, 11, 0))  # noqa: DTZ001 - the time zone of a page is unknown
    assert (result.isoformat() if result else None) == day


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2024/01/21/lake.html", "2024-01-21"),
        ("https://a.example/2024/1/2/lake.html", "2024-01-02"),
        ("https://a.example/world/2024/jan/21/lake", "2024-01-21"),
        ("https://a.example/lake-20240121-b", "2024-01-21"),
        ("https://a.example/press/21-01-2024", "2024-01-21"),
        ("https://a.example/2024/01/lake", None),
        ("https://a.example/2024/13/21/lake", None),
        ("https://a.example/id/120240121", None),
        (None, None),
    ],
)
def test_dates_in_urls(url: str | None, day: str | None) -> None:
    result = url_date(url)
    assert (result.isoformat() if result else None) == day


def test_months_in_urls_and_archived_urls() -> None:
    assert url_month("https://a.example/2024/01/lake") == (2024, 1)
    assert url_month("https://a.example/2024/13/lake") is None
    assert unarchived("https://web.archive.org/web/20130217080612/http://a.example/x") == (
        "http://a.example/x",
        dt.date(2013, 2, 17),
    )
    assert unarchived("http://a.example/x") == ("http://a.example/x", None)


def test_date_lines() -> None:
    for line in (
        "January 21, 2024",
        "Posted: 6:02 PM EDT Mar 20, 2025",
        " date 2024-01-21 WORLD",
        "MONDAY, MAY 23, 2005",
        "28 September 2025: a short list entry",
    ):
        assert is_date_line(line), line
    for line in (
        "BRUSSELS 1996-08-22",
        "The treaty was signed on January 21, 2024, in the old town hall.",
        "Lake rises 2024",
    ):
        assert not is_date_line(line), line
    assert not is_date_line("It was certified gold on 13 October 1971.", sure=False)
