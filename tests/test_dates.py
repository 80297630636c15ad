"""Publication dates: reading them in many forms, and choosing among the clues of a page."""

from __future__ import annotations

import datetime as dt

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from index.clean import clean
from index.facets.dates import (
    LANGUAGES,
    Clue,
    Surroundings,
    first_date,
    is_date_line,
    month_first,
    read_date,
    text_clues,
    url_date,
)
from index.sources import RawArticle
from search.model import Article
from search.settings import Settings

AROUND = Surroundings(dt.date(1990, 1, 1), dt.date(2026, 1, 1), day_first=False)
DAY_FIRST = Surroundings(dt.date(1990, 1, 1), dt.date(2026, 1, 1), day_first=True)
BODY = "\n\n".join(f"The lake rose by {n} centimetres on Monday, the water board of the town said." for n in range(9))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-01-21", "2024-01-21"),
        ("20240121", "2024-01-21"),
        ("2024-01-21T09:15:00Z", "2024-01-21T09:15:00+00:00"),
        ("2024-01-21T09:15:00.123456+0530", "2024-01-21T09:15:00+05:30"),
        ("Date:2025-04-07 02:07:50", "2025-04-07T02:07:50"),
        ("January 21, 2024", "2024-01-21"),
        ("Published: Jan. 21st, 2024 at 6:02 p.m. EST", "2024-01-21T18:02:00-05:00"),
        ("6:02 PM EDT Mar 20, 2025", "2025-03-20T18:02:00-04:00"),
        ("12:30 a.m., 5 May 2025", "2025-05-05T00:30:00"),
        ("21 January 2024", "2024-01-21"),
        ("21 Jan 2024, 09:15 GMT", "2024-01-21T09:15:00+00:00"),
        ("Sun, 21 Jan 2024 09:15:00 +0200", "2024-01-21T09:15:00+02:00"),
        ("October 3, 2024 - 14:20 (GMT+4)", "2024-10-03T14:20:00+04:00"),
        ("04.03.2025", "2025-03-04"),
        ("Stand: 04.03.2025, 11:20 Uhr", "2025-03-04T11:20:00"),
        ("2025/3/4 7:05", "2025-03-04T07:05:00"),
        ("le 3 mars 2025 à 14h05", "2025-03-03T14:05:00"),
        ("5 de marzo de 2025", "2025-03-05"),
        ("5 марта 2025 г., 12:30", "2025-03-05T12:30:00"),
        ("2025年3月5日 10:20", "2025-03-05T10:20:00"),
        ("2025년 3월 5일", "2025-03-05"),
        ("Sept. 5, 2020", "2020-09-05"),
    ],
)
def test_forms(text: str, iso: str) -> None:
    assert read_date(text, AROUND) == iso
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
        "21 Jan 1850",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert read_date(text, AROUND) is None


def test_the_order_of_day_and_month_goes_by_the_digits_then_by_the_place() -> None:
    assert read_date("04/03/2025", AROUND) == "2025-04-03"
    assert read_date("04/03/2025", DAY_FIRST) == "2025-03-04"
    assert read_date("21/03/2025", AROUND) == read_date("03/21/2025", DAY_FIRST) == "2025-03-21"
    assert month_first("en", None, "https://news.example.com/x")
    assert not month_first("en", None, "https://news.example.co.uk/x")
    assert not month_first("en", "en-GB", "https://news.example.com/x")
    assert not month_first("de", "en-US", "https://news.example.com/x")


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2025, 12, 31)),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["d MMMM y", "d. MMMM y", "d MMM y", "MMMM d, y"]),
)
def test_every_month_is_known_in_every_language(day: dt.date, language: str, form: str) -> None:
    assert read_date(format_date(day, form, locale=language), AROUND) == day.isoformat()


@given(st.dates(dt.date(1990, 1, 1)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y"]))
def test_never_a_date_after_the_latest_day(day: dt.date, form: str) -> None:
    found = read_date(day.strftime(form), AROUND)
    assert found is None if day > AROUND.latest else found == day.isoformat()


@given(st.text(max_size=300), st.booleans())
def test_any_text_gives_a_valid_date_or_none(text: str, day_first: bool) -> None:  # noqa: FBT001
    found = read_date(text, DAY_FIRST if day_first else AROUND)
    assert found is None or AROUND.allow(dt.datetime.fromisoformat(found).date())
    assert is_date_line(text) in {True, False}


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2024/01/21/lake.html", "2024-01-21"),
        ("https://a.example/world/2024/jan/21/lake", "2024-01-21"),
        ("https://a.example/lake-20240121-b", "2024-01-21"),
        ("https://a.example/2024/01/lake", None),
        ("https://a.example/2024/13/21/lake", None),
        ("https://a.example/id/120240121", None),
        (None, None),
    ],
)
def test_dates_in_addresses(url: str | None, day: str | None) -> None:
    assert url_date(url, AROUND) == day


def test_date_lines() -> None:
    for line in (
        "January 21, 2024",
        "Posted: 6:02 PM EDT Mar 20, 2025",
        " date 2024-01-21 WORLD",
        "MONDAY, MAY 23, 2005",
    ):
        assert is_date_line(line), line
    for line in (
        "BRUSSELS 1996-08-22",
        "The treaty was signed on January 21, 2024, in the old town hall.",
        "Lake rises 2024",
    ):
        assert not is_date_line(line), line
    assert not is_date_line("It was certified gold on 13 October 1971.", sure=False)


def test_a_labelled_line_goes_before_a_near_one_and_an_update_comes_last() -> None:
    head = ["Published 3 May 2024", "Lake rises", "Updated 9 May 2024", "5 May 2024"]
    places = [read_date(clue.text, AROUND) for clue in text_clues(head, [], BODY)]
    assert places == ["2024-05-03", "2024-05-05", "2024-05-09"]
    assert first_date(text_clues(["© 2024-05-01 Lake News"], [], BODY), AROUND) is None
    assert first_date(text_clues([], [], "LISBON, March 4, 2025 (MW) — Ports met."), AROUND) == Clue(
        "dateline", "2025-03-04"
    )


def dated(**fields: str) -> tuple[str | None, str | None]:
    article = clean(RawArticle("x", "x", **fields), Settings())
    assert isinstance(article, Article)
    return article.published, article.published_from


def page(head: str = "", body: str = "") -> str:
    story = "".join(f"<p>{line}</p>" for line in BODY.split("\n\n"))
    return f"<html><head><title>Lake rises</title>{head}</head><body><h1>The lake rises</h1>{body}<article>{story}</article></body></html>"


LD = '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2024-05-03T08:00:00+02:00"}]}</script>'
META = '<meta property="article:published_time" content="2024-05-04">'
TIME = '<time datetime="2024-05-05T10:00">yesterday</time>'


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"html": page(LD + META, TIME), "published": "2 May 2024"}, ("2024-05-02", "field")),
        ({"html": page(LD + META, TIME)}, ("2024-05-03T08:00:00+02:00", "json-ld")),
        ({"html": page(META, TIME)}, ("2024-05-04", "meta")),
        ({"html": page("", TIME)}, ("2024-05-05T10:00:00", "time")),
        ({"html": page(), "url": "https://a.example/2024/05/06/lake"}, ("2024-05-06", "url")),
        ({"html": page("", "<div>Published 7 May 2024</div>")}, ("2024-05-07", "text")),
        ({"text": f"The lake rises\nPosted 8 May 2024, 10:00 GMT\n\n{BODY}"}, ("2024-05-08T10:00:00+00:00", "text")),
        ({"text": f"The lake rises\n\nTOWN, May 9, 2024 (LN) — Water rose.\n\n{BODY}"}, ("2024-05-09", "dateline")),
        ({"text": BODY, "published": "1987-02-26"}, ("1987-02-26", "field")),
        ({"text": BODY, "published": "soon"}, (None, None)),
        ({"text": BODY}, (None, None)),
    ],
)
def test_where_the_date_is_taken_from(fields: dict[str, str], expected: tuple[str | None, str | None]) -> None:
    assert dated(**fields) == expected


def test_late_at_night_in_utc_the_day_of_the_address_is_the_publishers() -> None:
    late = META.replace("2024-05-04", "2024-05-05T01:30:00Z")
    assert dated(html=page(late), url="https://a.example/2024/05/04/lake") == ("2024-05-04", "url")
    assert dated(html=page(late), url="https://a.example/2023/05/04/lake")[1] == "meta"


def test_no_date_after_the_crawl_or_after_today() -> None:
    future = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date().isoformat()
    assert dated(text=BODY, published=future) == (None, None)
    assert dated(text=BODY, published="2024-05-09", retrieved="2024-05-04T10:00:00Z") == (None, None)
    assert dated(text=BODY, published="2024-05-04", retrieved="2024-05-04T10:00:00Z")[0] == "2024-05-04"


def test_the_list_of_other_stories_gives_no_date() -> None:
    text = f"Home | News | Sport\nThe lake rises\n\n{BODY}\n\nRelated\n3 May 2024: The river falls\n4 May 2024: The pond dries"
    assert dated(text=text) == (None, None)
