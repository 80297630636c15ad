"""The choice of the date of publication among all dates of a page."""

from __future__ import annotations

import datetime as dt
import time

import lxml.etree
import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates.printed import Clue
from index.pages.dating.choose import Dating, date_page
from index.pages.dating.in_markup import markup_clues
from index.pages.page import Markup, Page, Verdict
from index.sources.raw import RawArticle

STORY = tuple(f"The lake rose by {n} centimetres on Monday, the water board of the town said." for n in range(9))
LD = Clue("json-ld", "2024-05-03T08:00:00+02:00", 0.9)
META = Clue("meta", "2024-05-04", 0.85)
TIME = Clue("time", "2024-05-05T10:00", 0.7)


def date_text(above: str = "", below: str = "", *, language: str = "en", **fields: str) -> Dating:
    """Date a plain-text page."""
    lines = ["Home", "The lake rises", *above.split("\n"), *STORY, *below.split("\n")]
    raw = RawArticle("x", "x", text="\n".join(lines), **fields)
    return date_page(raw, Page("The lake rises", STORY), Markup(), language)


def date_html(*clues: Clue, above: tuple[str, ...] = (), language: str = "en", **fields: str) -> Dating:
    """Date an HTML page with the given `clues` in its markup."""
    lines = (Verdict("The lake rises"), *map(Verdict, above), *map(Verdict, STORY))
    raw = RawArticle("x", "x", html="<p>", **fields)
    return date_page(raw, Page("The lake rises", STORY, verdicts=lines), Markup(dates=clues), language)


def element_clues(body: str) -> list[tuple[str, str]]:
    """Return the dates of a page's elements, the best first, with the reason for each refusal."""
    tree = lxml.html.document_fromstring(f"<html><body>{body}</body></html>")
    dates, _ = markup_clues(tree, {}, [])
    return [(clue.text, clue.refused) for clue in sorted(dates, key=lambda clue: (bool(clue.refused), -clue.score))]


def day(dating: Dating) -> str | None:
    return dating.published[:10] if dating.published else None


@pytest.mark.parametrize(
    ("dating", "expected"),
    [
        (date_html(LD, META, TIME, published="2 May 2024"), ("2024-05-02", "field")),
        (date_html(LD, META, TIME), ("2024-05-03T08:00:00+02:00", "json-ld")),
        (date_html(META, TIME), ("2024-05-04", "meta")),
        (date_html(TIME), ("2024-05-05T10:00:00", "time")),
        (date_html(url="https://a.example/2024/05/06/lake"), ("2024-05-06", "url")),
        (date_html(above=("Published 7 May 2024",)), ("2024-05-07", "text")),
        (date_text("Posted 8 May 2024, 10:00 GMT"), ("2024-05-08T10:00:00+00:00", "text")),
        (date_text(published="1987-02-26"), ("1987-02-26", "field")),
        (date_text(published="1714557600"), ("2024-05-01T10:00:00+00:00", "field")),
        (date_text(), (None, None)),
    ],
)
def test_the_place_of_the_chosen_date(dating: Dating, expected: tuple[str | None, str | None]) -> None:
    assert (dating.published, dating.place) == expected


def test_a_dateline_has_the_date() -> None:
    story = ("TOWN, May 9, 2024 (LN) — Water rose.", *STORY)
    dating = date_page(RawArticle("x", "x", text="\n".join(story)), Page("", story), Markup(), "en")
    assert (dating.published, dating.place) == ("2024-05-09", "dateline")


def test_agreeing_places_beat_one_with_a_higher_score() -> None:
    assert day(date_html(LD, META)) == "2024-05-03"
    assert day(date_html(LD, META, above=("4 May 2024",), url="https://a.example/2024/05/04/x")) == "2024-05-04"


def test_candidates_are_listed_best_first_and_refused_last() -> None:
    dating = date_html(TIME, LD, Clue("time", "2024-05-01", 0.4, "a comment"), above=("4 May 2024",))
    assert {candidate.place for candidate in dating.candidates} == {"json-ld", "time", "text"}
    assert [candidate.refused for candidate in dating.candidates] == ["", "", "", "a comment"]
    assert dating.candidates[0].place == dating.place == "json-ld"
    scores = [candidate.score for candidate in dating.candidates[:3]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_the_day_in_the_url_beats_a_time_in_utc_near_midnight() -> None:
    late = Clue("meta", "2024-05-05T01:30:00Z", 0.85)
    assert date_html(late, url="https://a.example/2024/05/04/lake").published == "2024-05-04"
    assert day(date_html(late, above=("May 4, 2024",))) == "2024-05-04"
    assert day(date_html(late, url="https://a.example/2023/05/04/lake")) == "2024-05-05"
    midday = Clue("meta", "2024-05-05T13:30:00Z", 0.85)
    assert day(date_html(midday, above=("May 4, 2024",))) == "2024-05-05"


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ("Published 3 May 2024\nUpdated 9 May 2024", "2024-05-03"),
        ("Updated 9 May 2024\nPublished 3 May 2024", "2024-05-03"),
        ("Updated: 9 May 2024 | Published: 3 May 2024", "2024-05-03"),
        ("Veröffentlicht am\n3. Mai 2024", "2024-05-03"),
        ("Aktualisiert am 9.5.2024\n3.5.2024", "2024-05-03"),
        ("By Jane Roe | May 3, 2024", "2024-05-03"),
        ("© 2024-05-03 Lake News", None),
        ("Exhibition: 3 May 2024 - 9 May 2024", None),
        ("Current date: 3 May 2024", None),
    ],
)
def test_the_lines_below_the_headline(above: str, expected: str | None) -> None:
    assert day(date_text(above)) == expected


def test_dates_inside_or_below_the_content_are_not_chosen() -> None:
    assert day(date_text(below="Jane Roe says:\n3 May 2024 at 10:00, Ann wrote")) is None
    assert day(date_text("3 May 2024", below="Related\n5 May 2024: The river falls\n6 May 2024: The pond dries")) == (
        "2024-05-03"
    )
    story = (*STORY, "The dam had been opened on 13 October 1971, and then again on 4 June 1999, by the water board.")
    dating = date_page(RawArticle("x", "x", text="\n".join(story)), Page("", story), Markup(), "en")
    assert dating.published != "1971-10-13"


def test_other_dates_of_the_page_decide_the_order_of_day_and_month() -> None:
    assert day(date_text("04/03/2024")) == "2024-04-03"
    assert day(date_text("04/03/2024", language="de")) == "2024-03-04"
    assert day(date_text("04/03/2024", url="https://a.example.co.uk/x")) == "2024-03-04"
    assert day(date_text("04/03/2024", below="Updated 21/03/2024")) == "2024-03-04"
    assert day(date_text("04/03/2024", below="Updated 03/21/2024", language="de")) == "2024-04-03"
    assert day(date_text("04/03/2024", url="https://a.example/2024/03/04/x")) == "2024-03-04"
    assert day(date_text("04/03/2024", retrieved="2024-03-10T10:00:00Z")) == "2024-03-04"


def test_days_without_a_year_need_evidence_for_the_year() -> None:
    assert day(date_text("March 6")) is None
    assert day(date_text("March 6", retrieved="2024-03-10T10:00:00Z")) == "2024-03-06"
    assert day(date_text("December 6", retrieved="2024-03-10T10:00:00Z")) == "2023-12-06"
    assert day(date_text("March 6", url="https://a.example/2022/03/lake")) == "2022-03-06"
    assert day(date_text("March 6", below="© 2021 Lake News")) == "2021-03-06"


def test_relative_dates_need_the_time_of_the_fetch() -> None:
    assert date_text("3 hours ago").published is None
    assert date_text("3 hours ago", retrieved="2024-03-10T10:00:00Z").published == "2024-03-10"
    assert day(date_html(Clue("time", "yesterday", 0.7), retrieved="2024-03-10T10:00:00Z")) == "2024-03-09"
    archived = "https://web.archive.org/web/20240310100000/https://a.example/x"
    assert day(date_text("yesterday", url=archived)) == "2024-03-09"


def test_a_day_in_the_future_is_refused_with_a_warning() -> None:
    year = dt.datetime.now(dt.UTC).year + 5
    dating = date_text(published=f"{year}-05-01", url="https://a.example/2024/05/06/lake")
    assert (dating.published, dating.place) == ("2024-05-06", "url")
    assert dating.warnings == (f"The field says {year}-05-01, which is in the future; the date of the URL was taken.",)
    assert [c.refused for c in dating.candidates if c.place == "field"] == ["in the future"]
    assert date_text(published="2024-05-09", retrieved="2024-05-04T10:00:00Z").published is None
    assert date_text(published="2024-05-04", retrieved="2024-05-04T10:00:00Z").published == "2024-05-04"
    assert date_text("3 May 2024", published="2024-05-02").warnings == ()


def test_a_day_before_the_web_is_refused_unless_the_input_gives_it() -> None:
    dating = date_html(Clue("meta", "1970-01-01T00:00:00Z", 0.85), TIME)
    assert (day(dating), len(dating.warnings)) == ("2024-05-05", 1)
    assert dating.warnings[0].startswith("A meta element says 1970-01-01, which is before 1990")
    assert date_text(published="1703-01-12").published is None
    assert "before 1800" in date_text(published="1703-01-12").warnings[0]


def test_a_field_without_a_date_gives_a_warning() -> None:
    assert date_text(published="soon").warnings == (
        "The field says “soon”, which is no date; no other date was found.",
    )
    assert date_text("3 May 2024", published="soon").warnings == (
        "The field says “soon”, which is no date; the date of the text was taken.",
    )
    assert date_text(published="  ").warnings == ()


def test_elements_below_the_headline_beat_those_of_other_articles() -> None:
    head = '<h1>The lake rises</h1><span class="post-date">3 May 2024</span>'
    assert element_clues(head)[0] == ("3 May 2024", "")
    assert element_clues(f'<time datetime="2024-05-09">x</time>{head}')[0] == ("3 May 2024", "")
    assert element_clues(f"{head}<time>9 May 2024</time>")[0] == ("3 May 2024", "")
    assert element_clues("<h1>The lake</h1><div>3 May 2024</div>") == [("3 May 2024", "")]
    assert element_clues('<h1>The lake</h1><p class="validate">no date</p>') == []
    assert element_clues('<div class="comments"><time>3 May 2024</time></div>') == [("3 May 2024", "a comment")]
    assert element_clues('<div class="related-posts"><time>3 May 2024</time></div>') == [
        ("3 May 2024", "another story")
    ]
    assert element_clues("<aside><time>3 May 2024</time></aside>") == [("3 May 2024", "beside the story")]
    assert element_clues("<h1>The lake</h1><article><footer><time>3 May 2024</time></footer></article>")[0][1] == ""
    assert element_clues(f'<div class="comments">{head}</div>')[0][1] == ""


def test_visible_text_with_published_beats_the_attribute() -> None:
    assert element_clues('<time datetime="2024-05-09">Published 3 May 2024</time>')[0][0] == "Published 3 May 2024"
    assert element_clues('<time datetime="2024-05-09">yesterday</time>')[0][0] == "2024-05-09"


def test_scripts_are_read_only_without_other_dates() -> None:
    script = '<script>var page = {"publishedAt": "2024-05-03T10:00:00Z"}</script>'
    assert element_clues(script) == [("2024-05-03T10:00:00Z", "")]
    assert element_clues(f'{script}<meta itemprop="datePublished" content="2024-05-04">') == [("2024-05-04", "")]


@given(st.text(max_size=400), st.text(max_size=30), st.text(max_size=60))
def test_any_page_is_accepted(text: str, field: str, url: str) -> None:
    raw = RawArticle("x", "x", text=text, published=field, url=url, retrieved=field)
    lines = tuple(line for line in text.split("\n") if line)
    dating = date_page(raw, Page(lines[0] if lines else "", lines[1:]), Markup(dates=(Clue("meta", text),)), None)
    assert dating.published is None or dt.datetime.fromisoformat(dating.published)
    assert (dating.published is None) == (dating.place is None)


@pytest.mark.timing
@pytest.mark.parametrize("unit", ["2024 ", "5 May 2024\n", "20", "x\n", "\n", "1/2/2024 "])
def test_time_is_linear_in_the_text(unit: str) -> None:
    def seconds(chars: int) -> float:
        text = unit * (chars // len(unit))
        raw, page = RawArticle("x", "x", text=text), Page(text[:100], tuple(text.split("\n")) or ("",))
        start = time.process_time()
        date_page(raw, page, Markup(), "en")
        return time.process_time() - start

    seconds(1000)
    assert min(seconds(400_000) for _ in range(2)) < 12 * max(min(seconds(100_000) for _ in range(2)), 0.002)


@pytest.mark.timing
def test_time_is_linear_in_the_markup() -> None:
    def seconds(depth: int) -> float:
        parser = lxml.etree.HTMLParser(huge_tree=True)
        tree = lxml.etree.fromstring('<div class="date">' * depth + "5 May 2024", parser)
        start = time.process_time()
        markup_clues(tree, {}, [])
        return time.process_time() - start

    seconds(100)
    assert min(seconds(8000) for _ in range(2)) < 12 * max(min(seconds(2000) for _ in range(2)), 0.002)
