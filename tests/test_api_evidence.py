"""Where an article names its countries and persons, and why they were found: the marked text, the lists, the hits."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import render_template
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from api import create_app, evidence
from search import records
from search.engine import open_engine
from search.model import Article, Country, Filters, Hit, Mention, Person, Query, Snippet
from search.query import query_of
from search.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

STYLE = (Path(__file__).parent.parent / "api" / "static" / "style.css").read_text(encoding="utf-8")

TEXT = "Paris Hilton flew from Paris to Texas"
"""Title of `HOTEL`; two persons and two countries meet in its first word."""


def _mention(text: str, words: str, rule: str, number: int = 0) -> Mention:
    start = [match.start() for match in re.finditer(re.escape(words), text)][number]
    return Mention(words, start, start + len(words), rule)


WHOLE = f"{TEXT}\n\nHilton, an heiress, stayed in Texas.\n\n“Bonjour, France”, said Hilton."
HOTEL = Article(
    "hotel",
    TEXT,
    WHOLE.removeprefix(TEXT + "\n\n"),
    story="hotel",
    countries=(
        Country("FR", "France", (_mention(WHOLE, "Paris", "city"), _mention(WHOLE, "Paris", "city", 1)), 0.25),
        Country("US", "United States", (_mention(WHOLE, "Texas", "state"), _mention(WHOLE, "Texas", "state", 1)), 0.75),
    ),
    persons=(
        Person("Anne Other", (_mention(WHOLE, "heiress", "role"),)),
        Person(
            "Paris Whitney Hilton",
            (
                _mention(WHOLE, "Paris Hilton", "full name"),
                _mention(WHOLE, "Hilton", "family name", 1),
                _mention(WHOLE, "Hilton", "family name", 2),
            ),
            "Paris Hilton",
        ),
    ),
)

NASTY = st.lists(
    st.sampled_from(["a", "Kim", " ", "\n\n", "<b>", "</span>", "</p>", '"', "'", "&amp;", "{{ x }}", "é", "北", "🎉"])
).map("".join)


@st.composite
def _articles(draw: st.DrawFn) -> Article:
    """Make an article of hostile text whose mentions stand anywhere, over each other and over ends of paragraphs."""
    title, body = draw(NASTY), draw(NASTY)
    text = f"{title}\n\n{body}"

    def mentions() -> tuple[Mention, ...]:
        ends = [sorted(pair) for pair in draw(st.lists(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))]
        return tuple(Mention(text[a:b], a, b, draw(NASTY)) for a, b in sorted(ends))

    countries = tuple(Country(code, draw(NASTY), mentions()) for code in draw(st.sampled_from(["", ("RU",), "AB"])))
    persons = tuple(Person(name, mentions(), draw(NASTY)) for name in draw(st.lists(NASTY, max_size=2)))
    return Article("x", title, body, story="x", countries=countries, persons=persons)


def _kept(article: Article) -> list[str]:
    """Return what the page shall show: the title, then the paragraphs that are not blank."""
    return [article.title, *(paragraph for paragraph in article.body.split("\n\n") if paragraph.strip())]


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Return a client of an archive of `HOTEL` alone."""
    url = f"tantivy://{tmp_path_factory.mktemp('hotel')}/index"
    open_engine(url).rebuild([HOTEL], keep=1)
    return create_app(Settings(index=url)).test_client()


@pytest.fixture(scope="module")
def page(hotel: FlaskClient) -> html.HtmlElement:
    """Return the page of `HOTEL`."""
    return html.fromstring(hotel.get("/articles/hotel").text)


class TestJson:
    def test_each_mention_has_its_rule_and_place(self, hotel: FlaskClient) -> None:
        found = hotel.get("/v1/articles/hotel").json
        assert [(one["code"], one["weight"]) for one in found["countries"]] == [("FR", 0.25), ("US", 0.75)]
        assert [(one["name"], one["spelled"]) for one in found["persons"]] == [
            ("Anne Other", "Anne Other"),
            ("Paris Whitney Hilton", "Paris Hilton"),
        ]
        assert found == records.to_record(HOTEL)
        given = [one.mentions for one in (*HOTEL.countries, *HOTEL.persons)]
        answered = [one["mentions"] for one in found["countries"] + found["persons"]]
        assert answered == [[mention._asdict() for mention in mentions] for mentions in given]


class TestPieces:
    @given(_articles())
    def test_joined_they_are_the_text_and_each_has_the_kinds_of_its_mentions(self, article: Article) -> None:
        found = evidence.paragraphs(article)
        assert ["".join(piece.text for piece in pieces) for pieces in found] == _kept(article)
        pieces = [piece for paragraph in found for piece in paragraph]
        assert all(one.start + len(one.text) <= other.start for one, other in pairwise(pieces))
        for kind, tagged in (("country", article.countries), ("person", article.persons)):
            marked = {place for one in tagged for m in one.mentions for place in range(m.start, m.end)}
            for piece in pieces:
                places = range(piece.start, piece.start + len(piece.text))
                assert piece.text == article.text[places.start : places.stop]
                assert {place in marked for place in places} == {kind in piece.kinds}

    def test_a_part_of_two_names_tells_of_both(self) -> None:
        title, *_ = evidence.paragraphs(HOTEL)
        assert [(piece.text, piece.kinds, piece.why) for piece in title[:2]] == [
            ("Paris", ("country", "person"), "Country: France · city\nPerson: Paris Whitney Hilton · full name"),
            (" Hilton", ("person",), "Person: Paris Whitney Hilton · full name"),
        ]

    @pytest.mark.timing
    @pytest.mark.usefixtures("no_collector")
    def test_time_is_in_proportion_to_the_text(self) -> None:
        def seconds(count: int) -> float:
            mentions = tuple(Mention("Kim", 2 + 12 * n, 5 + 12 * n) for n in range(count))
            body = "\n\n".join(["Kim spoke."] * count)
            article = Article("x", "", body, story="x", persons=(Person("Kim", mentions),))
            times = []
            for _ in range(3):
                start = time.process_time()
                found = evidence.paragraphs(article)
                times.append(time.process_time() - start)
            assert sum(bool(piece.kinds) for paragraph in found for piece in paragraph) == count
            return min(times)

        assert seconds(8_000) < 9 * seconds(2_000)  # 16 times where it grows with the square


class TestArticlePage:
    @given(_articles())
    def test_the_text_is_the_articles_and_nothing_of_it_is_markup(self, app: Flask, article: Article) -> None:
        with app.test_request_context():
            made = render_template(
                "article.html",
                article=article,
                paragraphs=evidence.paragraphs(article),
                tags={"Countries": evidence.countries(article), "People": evidence.persons(article)},
            )
        page = html.fromstring(made)
        story = page.get_element_by_id("main")
        shown = [story.find("h1"), *story.findall("p")[1:]]
        expected = _kept(article)
        assert [element.text_content() for element in shown] == [expected[0] or article.headline, *expected[1:]]
        assert {element.tag for element in story.iter()} <= {"main", "h1", "p", "span", "a"}
        for span in story.iter("span"):
            assert list(span.attrib) == ["class", "id", "tabindex", "data-why"]
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        listed = page.xpath("//aside//span[@class='label']")
        tags = [*evidence.countries(article), *evidence.persons(article)]
        assert [label.text_content() for label in listed] == [tag.label for tag in tags]

    def test_each_mention_in_the_lists_leads_to_its_place(self, page: html.HtmlElement) -> None:
        links = page.xpath("//aside//details//a/@href")
        mentions = [m for one in (*HOTEL.countries, *HOTEL.persons) for m in one.mentions]
        assert sorted(links) == sorted(f"#at-{mention.start}" for mention in mentions)
        for mention in mentions:
            assert mention.text.startswith(page.get_element_by_id(f"at-{mention.start}").text)

    def test_lists_tell_weight_rule_and_the_spelling_of_the_article(self, page: html.HtmlElement) -> None:
        entries = [
            " ".join(entry.text_content().split()) for entry in page.xpath("//aside//ul[@class='facet tags']/li")
        ]
        assert entries == [
            "United States 0.75 2 mentions of United States Texas state 2",
            "France 0.25 2 mentions of France Paris city 2",
            "Paris Whitney Hilton 3 mentions of Paris Whitney Hilton Here Paris Hilton Paris Hilton full name Hilton family name 2",
            "Anne Other 1 mention of Anne Other heiress role",
        ]

    def test_marks_are_no_stops_of_the_tab_key(self, page: html.HtmlElement) -> None:
        spans = page.xpath("//main//span[@id]")
        assert len(spans) == 8
        assert {span.get("tabindex") for span in spans} == {"-1"}

    def test_long_lists_are_folded(self, app: Flask) -> None:
        people = tuple(Person(f"Person {n}") for n in range(30))
        with app.test_request_context():
            article = Article("x", "T", "B", story="x", persons=people)
            made = render_template(
                "article.html",
                article=article,
                paragraphs=evidence.paragraphs(article),
                tags={"People": evidence.persons(article)},
            )
        page = html.fromstring(made)
        folded = page.xpath("//details[@class='rest']")[0]
        assert folded.find("summary").text == f"{len(folded.find_class('label'))} more"
        assert len(page.find_class("label")) == 30
        assert len(folded.find_class("label")) < 30


class TestHits:
    @staticmethod
    def _query(**filters: tuple[str, ...]) -> Query:
        return query_of("a", filters=Filters(**filters))

    def test_weight_and_number_of_mentions_decide(self) -> None:
        assert [tag.label for tag, _ in evidence.leading(self._query(), HOTEL)] == [
            *("United States", "France"),
            *("Paris Whitney Hilton", "Anne Other"),
        ]

    def test_those_of_the_filters_come_first_and_the_only_one_is_no_link(self) -> None:
        query = self._query(countries=("FR",), persons=("Anne Other", "X"))
        assert [(tag.value, href) for tag, href in evidence.leading(query, HOTEL)] == [
            ("FR", ""),
            ("US", "?q=a&country=US&person=Anne+Other&person=X"),
            ("Anne Other", "?q=a&country=FR&person=Anne+Other"),
            ("Paris Whitney Hilton", "?q=a&country=FR&person=Paris+Whitney+Hilton"),
        ]

    def test_a_click_narrows_the_search(self, client: FlaskClient) -> None:
        page = html.fromstring(client.get("/?q=treaty").text)
        links = page.xpath("//article//ul[@class='about']//a")
        assert {link.get("class") for link in links} == {"country", "person"}
        for link in links:
            label = link.text
            found = html.fromstring(client.get("/" + link.get("href")).text)
            hits = found.xpath("//article[@class='hit']")
            assert 0 < len(hits) < 4
            assert all(label in hit.xpath(".//ul[@class='about']//a/text()") for hit in hits)
            assert {a.text for a in found.xpath("//article//a[@aria-current]")} == {label}

    def test_what_does_not_fit_is_counted(self, app: Flask) -> None:
        many = Article("x", "T", "B", story="x", persons=tuple(Person(f"P{n}") for n in range(5)))
        with app.test_request_context():
            template = app.jinja_env.get_template("_hit.html")
            made = template.render(
                hit=Hit(many, 0, Snippet("T")),
                level=2,
                about=lambda article: evidence.leading(self._query(), article),
            )
        assert html.fromstring(made).find_class("others")[0].text == "+2"


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_of_marks_have_contrast(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", block))
    for kind in ("country", "person"):
        assert _contrast(colours["ink"], colours[f"{kind}-soft"]) >= 7
        assert _contrast(colours["ground"], colours[kind]) >= 4.5
