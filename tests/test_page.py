"""The HTML pages, as a browser without JavaScript gets them."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from api import create_app
from api.site import histogram, links
from search.answers import to_html
from search.model import Filters, Query
from search.query.parsing import query_of
from search.results import DateBucket, FacetCount, Results, Snippet
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from search.model import Article

PAGES = [
    "/",
    "/?q=treaty&country=KP&from=2023",
    "/?q=zzzz",
    "/?page=0",
    "/articles/hostile",
    "/articles/seoul",
    "/docs",
]


def _page(client: FlaskClient, address: str, status: int = 200) -> html.HtmlElement:
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == status
    assert response.mimetype == "text/html"
    return html.fromstring(response.text)


def _total(page: html.HtmlElement) -> int:
    words = page.find_class("count")[0].text_content().split()
    return 0 if words[0] == "No" else int(words[0].replace(",", ""))


def _titles(page: html.HtmlElement) -> list[str]:
    return [headline.text_content() for headline in page.find_class("headline")]


def _link(page: html.HtmlElement, words: str) -> str:
    """Return the address of the only link whose text begins with `text`, outside of hits and mentions."""
    links = page.xpath(
        "//a[@href][not(ancestor::article or ancestor::details or ancestor::ul[@class='similar copied'])]"
    )
    (found,) = [a for a in links if a.text_content().strip().startswith(words)]
    return "/" + found.get("href").removeprefix("/")


@st.composite
def _snippets(draw: st.DrawFn) -> Snippet:
    text = draw(st.text(st.sampled_from("<>&\"'/mark b;é北🎉"), max_size=30))
    ends = draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True).map(sorted))
    return Snippet(text, tuple(zip(ends[::2], ends[1::2], strict=False)))


class TestHighlight:
    @given(_snippets())
    def test_only_highlights_are_markup(self, snippet: Snippet) -> None:
        made = to_html(snippet)
        assert unescape(re.sub("</?mark>", "", made)) == snippet.text
        assert not re.search("[<>\"']", re.sub("</?mark>", "", made))
        marked = [unescape(inner) for inner in re.findall("<mark>(.*?)</mark>", made, re.DOTALL)]
        assert marked == [snippet.text[start:end] for start, end in snippet.ranges]

    def test_markup_in_the_text_is_escaped(self) -> None:
        assert to_html(Snippet("a <b> & c", ((2, 5),))) == "a <mark>&lt;b&gt;</mark> &amp; c"


class TestSearchPage:
    def test_shows_the_newest_without_a_query(self, client: FlaskClient, news: tuple[Article, ...]) -> None:
        page = _page(client, "/")
        assert _total(page) == len(news)
        assert _titles(page)[0] == "Seoul watches the treaty with care"

    def test_shows_hits_with_snippets(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty")
        assert _total(page) == 4
        assert len(_titles(page)) == 3  # one hit represents its copy, too
        assert {mark.text for mark in page.iter("mark")} == {"treaty"}
        assert page.get_element_by_id("q").value == "treaty"
        assert page.findtext(".//title") == "treaty – Dateline"

    def test_each_facet_link_gives_the_number_that_it_shows(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty&from=2023")
        links = [a for facet in page.find_class("facet") for a in facet.iter("a")]
        assert len(links) > 4
        for link in links:
            found = _page(client, "/" + link.get("href"))
            assert _total(found) == int(link.find_class("number")[0].text), link.text_content()

    def test_facets_are_multi_select_and_chips_remove_them(self, client: FlaskClient) -> None:
        first = _page(client, _link(_page(client, "/"), "Russia"))
        assert _total(first) == 2
        both = _page(client, _link(first, "Turkey"))
        assert _total(both) == 3
        assert [a.text_content().split(" ×")[0] for a in both.find_class("chips")[0].iter("a")] == [
            "Russia",
            "Turkey",
            "Clear all",
        ]
        chip = next(a for a in both.find_class("chips")[0].iter("a") if "Russia" in a.text_content())
        assert _total(_page(client, "/" + chip.get("href"))) == 1
        selected = [a.find_class("label")[0].text for a in both.find_class("on")]
        assert selected == ["Russia", "Turkey"]

    def test_each_bar_gives_the_number_that_it_shows(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty")
        bars = list(page.find_class("chart")[0].iter("a"))
        assert len(bars) == 4
        for bar in bars:
            (count,) = re.findall(r": (\d+) articles?$", bar.findtext("title"))
            assert _total(_page(client, "/" + bar.get("href"))) == int(count)

    def test_bars_outside_of_the_selected_dates_are_faint(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty&from=2024-02-01")
        bars = page.find_class("bar")
        assert ["off" in bar.get("class") for bar in bars] == [True] * (len(bars) - 1) + [False]

    def test_forms_keep_the_filters(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty&country=KP&person=Kim+Jong+Un&from=2024&sort=oldest")
        top, dates = page.forms
        assert top.form_values() == [
            ("q", "treaty"),
            ("country", "KP"),
            ("person", "Kim Jong Un"),
            ("from", "2024-01-01"),
            ("sort", "oldest"),
        ]
        kept = [pair for pair in top.form_values() if pair[0] != "from"]
        assert dates.form_values() == [*kept, ("from", "2024-01-01"), ("to", "")]

    def test_page_links_lead_through_all_hits(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=harbour&per_page=5")
        seen = _titles(page)
        while following := page.xpath("//a[@rel='next']"):
            page = _page(client, "/" + following[0].get("href"))
            seen += _titles(page)
        assert len(seen) == len(set(seen)) == 12
        assert page.xpath("//a[@rel='prev']")

    def test_copies_are_folded_by_default(self, client: FlaskClient) -> None:
        folded = _page(client, "/?q=treaty")
        (copies,) = folded.find_class("copies")
        assert copies.text == "also published by 1 other"
        assert len(_titles(_page(client, "/" + copies.get("href").removeprefix("/")))) == 2
        unfolded = _page(client, "/?q=treaty&collapse=none")
        assert len(_titles(unfolded)) == 4
        assert ("collapse", "none") in unfolded.forms[0].form_values()
        assert len(_titles(_page(client, _link(unfolded, "Oldest")))) == 4

    def test_a_story_filter_unfolds_its_copies(self, client: FlaskClient) -> None:
        story = _page(client, "/?q=treaty&story=envoy-1")
        assert len(_titles(story)) == 2
        (chip,) = [a for a in story.find_class("chips")[0].iter("a") if "copies of one story" in a.text_content()]
        assert len(_titles(_page(client, "/" + chip.get("href")))) == 3
        assert len(_titles(_page(client, "/?story=envoy-1&collapse=story"))) == 1

    def test_order_can_be_changed(self, client: FlaskClient) -> None:
        oldest = _page(client, _link(_page(client, "/?q=treaty"), "Oldest"))
        assert _titles(oldest)[0].startswith("<img")
        assert oldest.xpath("//nav[@aria-label='Order']/a[@aria-current]")[0].text == "Oldest"

    def test_no_results_offers_alternatives(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty&country=PT")
        assert _total(page) == 0
        (way,) = page.xpath("//div[@class='alternatives']//a[starts-with(., 'Without')]")
        assert _total(_page(client, "/" + way.get("href"))) == 4
        assert way.text_content() == "Without Portugal: 4 articles"

    def test_a_correction_and_what_was_typed_are_one_click_away(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treety")
        assert _total(page) == 4
        assert _total(_page(client, _link(page, "treaty"))) == 4
        assert _total(_page(client, _link(page, "Search for treety as typed"))) == 0

    def test_names_the_words_that_results_may_lack(self, client: FlaskClient) -> None:
        assert "harbour" in _page(client, "/?q=harbour+lisbon").find_class("note")[0].text_content()

    def test_help_beside_the_field_has_examples_that_work(self, client: FlaskClient) -> None:
        page = _page(client, _link(_page(client, "/"), "How to search"))
        examples = page.xpath("//table//a/@href")
        assert len(examples) > 15
        for example in examples:
            found = _page(client, "/" + example.removeprefix("/"))
            assert not [note for note in found.find_class("note") if "ignored" in note.text_content()], example

    def test_warnings_are_shown(self, client: FlaskClient) -> None:
        assert "quotation mark" in _page(client, "/?q=%22treaty").find_class("note")[0].text_content()

    def test_unknown_parameters_are_ignored_and_named(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=treaty&utm_source=letter")
        assert _total(page) == 4
        assert "utm_source" in page.find_class("note")[0].text

    @pytest.mark.parametrize(
        ("query", "field"),
        [("from=x", "from"), ("page=0", "page"), ("sort=best", "sort"), ("country=Atlantis", "country")],
    )
    def test_bad_input_is_an_error_on_the_page(self, client: FlaskClient, query: str, field: str) -> None:
        page = _page(client, f"/?q=treaty&{query}", status=400)
        (fault,) = page.find_class("faults")[0]
        assert fault.findtext("code") == field
        assert page.get_element_by_id("q").value == "treaty"

    def test_page_after_the_last(self, client: FlaskClient) -> None:
        assert not _titles(_page(client, "/?q=treaty&page=9"))

    def test_no_index_yet_says_what_to_run(self, tmp_path: Path) -> None:
        client = create_app(Settings(index=f"tantivy://{tmp_path}/none")).test_client()
        page = _page(client, "/", status=503)
        assert "dateline reindex" in page.get_element_by_id("main").text_content()
        _page(client, "/articles/a", status=503)

    def test_results_beyond_the_limit_have_a_note(self, news_url: str) -> None:
        client = create_app(Settings(index=news_url, max_results=10)).test_client()
        page = _page(client, "/?per_page=5")
        assert [a.text for a in page.find_class("pages")[0].iter("a")] == ["1", "2", "Next"]
        assert "cannot be shown" in page.find_class("pages")[0].text_content()


class TestLinks:
    """The pure functions: numbers of pages, links, positions of bars."""

    @staticmethod
    def _query(**more: Any) -> Query:
        return query_of("a", **more)

    @pytest.mark.parametrize(
        ("collapse", "page", "limit", "expected", "capped"),
        [
            (False, 1, 1000, ["1", "2", "3", None, "10"], False),
            (False, 5, 1000, ["1", None, "3", "4", "5", "6", "7", None, "10"], False),
            (False, 10, 1000, ["1", None, "8", "9", "10"], False),
            (True, 1, 1000, ["1", "2", "3"], False),
            (False, 1, 20, ["1", "2", "3", "4"], True),
            (True, 1, 12, ["1", "2"], True),
        ],
    )
    def test_numbers_of_pages(
        self, *, collapse: bool, page: int, limit: int, expected: list[str | None], capped: bool
    ) -> None:
        query = self._query(collapse=collapse, page=page, per_page=5)
        found = links.paging(Results(query, total=50, stories=12, hits=()), limit)
        assert [number and number.label for number in found.numbers] == expected
        assert found.capped is capped
        assert [number.label for number in found.numbers if number and number.on] == [str(page)]
        assert (found.previous is None) == (page == 1)
        assert (found.following is None) == (expected[-1] == str(page))

    @pytest.mark.parametrize(
        ("story", "collapse", "written"),
        [(None, True, None), (None, False, "none"), ("a", False, None), ("a", True, "story")],
    )
    def test_links_name_folding_only_if_it_is_not_the_default(
        self, *, story: str | None, collapse: bool, written: str | None
    ) -> None:
        pairs = links.parameters(self._query(filters=Filters(story=story), collapse=collapse))
        assert dict(pairs).get("collapse") == written

    def test_links_name_the_parameter_that_they_change(self) -> None:
        filters = Filters(("KP",), ("Ann Lee",), ("Coast Daily",), dt.date(2024, 1, 1), dt.date(2024, 2, 1), "b")
        query = self._query(filters=filters)
        assert [(chip.kind, chip.value, chip.label) for chip in links.chips(query)] == [
            ("country", "KP", "North Korea"),
            ("person", "Ann Lee", "Ann Lee"),
            ("source", "Coast Daily", "Coast Daily"),
            ("story", "b", "b"),
            ("from", "2024-01-01", "2024-01-01"),
            ("to", "2024-02-01", "2024-02-01"),
        ]
        assert [(order.kind, order.value) for order in links.sorts(query)] == [
            ("sort", "relevance"),
            ("sort", "newest"),
            ("sort", "oldest"),
        ]
        (value,) = links.facet_links(query, "person", [FacetCount("Ann Lee", "Ann Lee", 2, selected=True)])
        assert (value.kind, value.value, value.on) == ("person", "Ann Lee", True)
        assert "person" not in value.href

    def test_bars_are_placed_by_their_days(self) -> None:
        day = dt.date(2024, 1, 1)
        buckets = [
            DateBucket(str(n), day + dt.timedelta(n), day + dt.timedelta(n), count) for n, count in ((0, 8), (9, 2))
        ]
        first, last = histogram.bars(self._query(), tuple(buckets))
        slot = histogram.WIDTH / 10
        assert first.x + first.width / 2 == pytest.approx(slot / 2, abs=0.01)
        assert last.x + last.width / 2 == pytest.approx(slot * 9.5, abs=0.01)
        assert first.width == last.width == pytest.approx(slot, abs=2)
        assert (first.height, last.height) == (histogram.HEIGHT, histogram.HEIGHT / 4)
        assert (first.y, last.y) == (0, histogram.HEIGHT * 3 / 4)

    def test_each_bar_is_visible(self) -> None:
        days = [dt.date(1990, 1, 1) + dt.timedelta(n) for n in range(4000)]
        made = histogram.bars(self._query(), tuple(DateBucket(str(d), d, d, 1 + 9999 * (d == days[0])) for d in days))
        assert all(bar.width > 0 and bar.height >= histogram.MIN_HEIGHT for bar in made)
        assert histogram.bars(self._query(), ()) == []
        (empty,) = histogram.bars(self._query(), (DateBucket("a", days[0], days[0], 0),))
        assert empty.height == 0


class TestArticlePage:
    def test_whole_article_with_its_tags(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/envoy-1")
        story = page.get_element_by_id("main")
        assert story.find("h1").text_content() == "North Korea and Russia sign a port treaty"
        assert [p.text_content() for p in story.findall("p")][1:] == [
            "Kim Jong Un and Vladimir Putin put their names to a treaty on Tuesday.",
            "The treaty opens a port in North Korea to ships from Russia.",
        ]
        assert page.xpath("//time")[0].text == "21 January 2024"
        assert page.xpath("//a[text()='Original']/@href") == ["https://gazette.example/treaty"]
        for label in ("North Korea", "Kim Jong Un", "Harbour Gazette"):
            assert _total(_page(client, _link(page, label))) > 0
        similar = page.find_class("similar")[-1].findall("li/a")
        assert similar[0].text_content() == "Seoul watches the treaty with care"
        _page(client, similar[0].get("href"))

    def test_hit_links_to_its_article_with_any_id(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=ankara")
        target = page.find_class("headline")[0].find("a").get("href")
        assert _page(client, target).find(".//h1").text_content() == "Ankara prepares an election"

    def test_unknown_article(self, client: FlaskClient) -> None:
        assert "nope" in _page(client, "/articles/nope", status=404).text_content()


class TestSafety:
    @pytest.mark.parametrize("address", PAGES)
    def test_has_no_inline_script_or_style_and_loads_only_own_files(self, client: FlaskClient, address: str) -> None:
        response = client.get(address, headers={"Accept": "text/html"})
        page = html.fromstring(response.text)
        for element in page.iter():
            assert not {name for name in element.attrib if name.startswith("on") or name == "style"}
        assert not page.xpath("//style | //script[not(@src)] | //img | //iframe")
        sources = page.xpath("//script/@src | //link[@rel='stylesheet' or @rel='icon']/@href | //form/@action")
        assert sources
        assert all(re.match(r"/(?!/)", source) for source in sources)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        "address", ["/?q=treaty", "/articles/hostile", "/?person=Zo%C3%A9+%3Ci%3EO%27Brien%3C%2Fi%3E"]
    )
    def test_hostile_article_stays_text(self, client: FlaskClient, address: str) -> None:
        page = _page(client, address)
        assert "<img src=x onerror=" in page.get_element_by_id("main").text_content()
        assert not page.xpath("//main//img | //main//script | //main//b | //main//u | //main//i")
        assert not [href for href in page.xpath("//@href") if "javascript" in href.lower()]

    def test_query_stays_text(self, client: FlaskClient) -> None:
        page = _page(client, "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&country=%3Cimg%3E", status=400)
        assert page.get_element_by_id("q").value == '"><script>alert(1)</script>'
        assert not page.xpath("//script[not(@src)] | //img")

    @pytest.mark.parametrize("address", PAGES)
    def test_page_has_language_title_headings_and_labels(self, client: FlaskClient, address: str) -> None:
        page = html.fromstring(client.get(address, headers={"Accept": "text/html"}).text)
        assert page.get("lang") == "en"
        assert len(page.xpath("//main")) == len(page.xpath("//h1")) == 1
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for field in page.xpath("//input[not(@type='hidden')]"):
            assert page.xpath(f"//label[@for='{field.get('id')}']") or field.getparent().tag == "label"
        for link in page.xpath("//a"):
            assert link.text_content().strip() or link.get("aria-label")
        assert page.get_element_by_id(page.find_class("skip")[0].get("href")[1:]) is not None


class TestFiles:
    def test_search_box_is_served_as_a_module(self, client: FlaskClient) -> None:
        response = client.get("/search-box.js")
        assert response.mimetype == "text/javascript"
        assert "innerHTML" not in response.text
        assert "insertAdjacentHTML" not in response.text
