"""Evidence of tags: mentions, rules and matches in the JSON, in the text of the article page, in lists and hits."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import render_template
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from api import create_app
from api.site import evidence, links
from search import answers, territories
from search.engine import open_engine
from search.model import Article, Country, Filters, Mention, Person, Query
from search.query.parsing import query_of
from search.results import Hit, Matches, Snippet
from search.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

STYLE = (Path(__file__).parent.parent / "api" / "static" / "style.css").read_text(encoding="utf-8")

TEXT = "Paris Hilton flew from Paris to Texas"
"""Title of `HOTEL`. Its first word is part of mentions of two persons and two countries."""


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
    """Draw an article with hostile text and random mentions, which overlap each other and cross paragraphs."""
    title, body = draw(NASTY), draw(NASTY)
    text = f"{title}\n\n{body}"

    def mentions() -> tuple[Mention, ...]:
        ends = [sorted(pair) for pair in draw(st.lists(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))]
        return tuple(Mention(text[a:b], a, b, draw(NASTY)) for a, b in sorted(ends))

    countries = tuple(Country(code, draw(NASTY), mentions()) for code in draw(st.sampled_from(["", ("RU",), "AB"])))
    persons = tuple(Person(name, mentions(), draw(NASTY)) for name in draw(st.lists(NASTY, max_size=2)))
    return Article("x", title, body, story="x", countries=countries, persons=persons)


@st.composite
def _matched(draw: st.DrawFn) -> tuple[Article, tuple[tuple[int, int], ...]]:
    """Draw such an article, and matches in it that are ordered, not empty and do not overlap."""
    article = draw(_articles())
    ends = sorted(draw(st.sets(st.integers(0, len(article.text)), max_size=8)))
    return article, tuple(pairwise(ends))[:: draw(st.sampled_from([1, 2]))]


def _kept(article: Article) -> list[str]:
    """Return the texts that the page must show: the title and the paragraphs that are not blank."""
    return [article.title, *(paragraph for paragraph in article.body.split("\n\n") if paragraph.strip())]


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Return a client of an archive with the single article `HOTEL`."""
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
        assert found == answers.ARTICLE.write(HOTEL)
        given = [one.mentions for one in (*HOTEL.countries, *HOTEL.persons)]
        answered = [one["mentions"] for one in found["countries"] + found["persons"]]
        assert answered == [[mention._asdict() for mention in mentions] for mentions in given]


class TestPieces:
    @given(_matched())
    def test_joined_pieces_are_the_text_and_each_has_the_kinds_of_its_mentions(
        self, given: tuple[Article, tuple[tuple[int, int], ...]]
    ) -> None:
        article, matches = given
        found = evidence.paragraphs(article, matches)
        assert ["".join(piece.text for piece in pieces) for pieces in found] == _kept(article)
        pieces = [piece for paragraph in found for piece in paragraph]
        assert all(one.start + len(one.text) <= other.start for one, other in pairwise(pieces))
        marks = {
            "country": [(m.start, m.end) for one in article.countries for m in one.mentions],
            "person": [(m.start, m.end) for one in article.persons for m in one.mentions],
            "match": list(matches),
        }
        for kind, ranges in marks.items():
            marked = {place for start, end in ranges for place in range(start, end)}
            for piece in pieces:
                places = range(piece.start, piece.start + len(piece.text))
                assert piece.text == article.text[places.start : places.stop]
                assert {place in marked for place in places} == {kind in piece.kinds}
        assert all({one.kind for one in piece.reasons} == {*piece.kinds} - {"match"} for piece in pieces)
        opened = {piece.opens: piece.start for piece in pieces if piece.opens}
        starts = {piece.start for piece in pieces}
        assert opened == {n: start for n, (start, _) in enumerate(matches, 1) if start in starts}

    def test_a_piece_in_two_names_and_a_match_has_all_three(self) -> None:
        title, *_ = evidence.paragraphs(HOTEL, [(2, 12)])
        assert evidence.Piece("ris", 2, ("country", "person", "match"), title[1].reasons, 1) == title[1]
        assert [(piece.text, piece.kinds, piece.opens) for piece in title[:4]] == [
            ("Pa", ("country", "person"), 0),
            ("ris", ("country", "person", "match"), 1),
            (" Hilton", ("person", "match"), 0),
            (" flew from ", (), 0),
        ]
        assert (
            title[0].reasons
            == title[1].reasons
            == (
                ("country", "FR", "France", "city"),
                ("person", "Paris Whitney Hilton", "Paris Whitney Hilton", "full name"),
            )
        )

    @pytest.mark.timing
    @pytest.mark.usefixtures("no_collector")
    def test_time_grows_linearly_with_the_text(self) -> None:
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

        assert seconds(8_000) < 9 * seconds(2_000)  # quadratic growth would be 16 times


class TestArticlePage:
    @settings(deadline=None)  # the first page compiles the templates
    @given(_matched())
    def test_shows_the_whole_text_and_no_text_becomes_markup(
        self, app: Flask, given: tuple[Article, tuple[tuple[int, int], ...]]
    ) -> None:
        article, matches = given
        with app.test_request_context():
            made = render_template(
                "article.html",
                article=article,
                matches=Matches("<b>", matches),
                paragraphs=evidence.paragraphs(article, matches),
                tags={"country": evidence.countries(article), "person": evidence.persons(article)},
            )
        page = html.fromstring(made)
        story = page.get_element_by_id("main")
        elements = [story.find("h1"), *story.findall("p")[2:]]
        expected = _kept(article)
        assert [element.text_content() for element in elements] == [expected[0] or article.headline, *expected[1:]]
        assert {element.tag for element in story.iter()} <= {"main", "h1", "p", "span", "a", "mark", "q"}
        for span in story.xpath(".//span[@id]"):
            assert list(span.attrib) == ["class", "id", "tabindex", "data-why"]
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        listed = page.xpath("//aside//bdi[@class='label']")
        tags = [*evidence.countries(article), *evidence.persons(article)]
        assert [label.text_content() for label in listed] == [
            tag.label or (territories.name(tag.value) if tag.kind == "country" else "") for tag in tags
        ]

    def test_each_mention_in_the_lists_links_to_its_place_in_the_text(self, page: html.HtmlElement) -> None:
        links = page.xpath("//aside//details//a/@href")
        mentions = [m for one in (*HOTEL.countries, *HOTEL.persons) for m in one.mentions]
        assert sorted(links) == sorted(f"#at-{mention.start}" for mention in mentions)
        for mention in mentions:
            assert mention.text.startswith(page.get_element_by_id(f"at-{mention.start}").text)

    def test_lists_show_weight_rule_and_the_spelling_of_the_article(self, page: html.HtmlElement) -> None:
        entries = [" ".join(entry.text_content().split()) for entry in page.xpath("//aside//ul[@class='tags']/li")]
        assert entries == [
            "United States 0.75 2 mentions of United States Texas state 2",
            "France 0.25 2 mentions of France Paris city 2",
            "Paris Whitney Hilton 3 mentions of Paris Whitney Hilton Here: Paris Hilton Paris Hilton full name Hilton family name 2",
            "Anne Other 1 mention of Anne Other heiress role",
        ]

    def test_the_tab_key_skips_highlights(self, page: html.HtmlElement) -> None:
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
                tags={"person": evidence.persons(article)},
            )
        page = html.fromstring(made)
        folded = page.xpath("//details[@class='rest']")[0]
        assert folded.find("summary").text == f"{len(folded.find_class('label'))} more"
        assert len(page.find_class("label")) == 30
        assert len(folded.find_class("label")) < 30


class TestHits:
    HIT = Hit(HOTEL, 0, Snippet(HOTEL.title))

    @staticmethod
    def _query(**filters: tuple[str, ...]) -> Query:
        return query_of("a", filters=Filters(**filters), collapse=True)

    def test_weight_and_number_of_mentions_decide(self) -> None:
        assert [tag.label for tag in links.about(self._query(), self.HIT)] == [
            *("United States", "France"),
            *("Paris Whitney Hilton", "Anne Other"),
        ]

    def test_filtered_values_come_first_and_a_single_one_is_not_a_link(self) -> None:
        query = self._query(countries=("FR",), persons=("Anne Other", "X"))
        assert [(tag.value, tag.href) for tag in links.about(query, self.HIT)] == [
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
            assert all(label in hit.xpath(".//ul[@class='about']//text()") for hit in hits)
            assert {a.text for a in found.xpath("//article//span[@aria-current]")} == {label}

    def test_tags_that_do_not_fit_are_counted(self, app: Flask) -> None:
        many = Article("x", "T", "B", story="x", persons=tuple(Person(f"P{n}") for n in range(5)))
        with app.test_request_context():
            template = app.jinja_env.get_template("_hit.html")
            made = template.render(
                hit=Hit(many, 0, Snippet("T")),
                text="",
                about=lambda hit: links.about(self._query(), hit),
            )
        assert html.fromstring(made).find_class("others")[0].text == "+2"


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("kind", "under"), [("country", "soft"), ("person", "person")])
def test_colours_of_highlights_have_contrast(kind: str, under: str, scheme: int) -> None:
    pair = r": light-dark\((#\w{6}), (#\w{6})\)"
    colours = {name: pair[scheme] for name, *pair in re.findall(rf"--([\w-]+){pair}", STYLE)}
    own = re.findall(rf"\.named\.{kind}\b.*--own{pair}; --under: var\(--{under}\)", STYLE)[0][scheme]
    assert _contrast(colours["ink"], colours[under]) >= 7
    assert _contrast(colours["ground"], own) >= 4.5
