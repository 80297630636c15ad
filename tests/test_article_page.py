"""The page of an article: highlighted matches, copies, and evidence by mouse, touch and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from conftest import served
from lxml import html

from api import create_app
from api.site.pages import COPIES
from search.engine import open_engine
from search.model import Article, Country, Mention, Person
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

FURTHER = 3
WORD = "Donaudampfschifffahrtsgesellschaft"


def _article(article_id: str, title: str, body: str, **more: object) -> Article:
    """Make an article about Egypt and Anne Lee, with all mentions of their English and Arabic names."""
    text = f"{title}\n\n{body}"

    def mentions(*names: str) -> tuple[Mention, ...]:
        places = ((name, text.find(name)) for name in names)
        return tuple(Mention(name, at, at + len(name), "name") for name, at in places if at >= 0)

    return Article(
        article_id,
        title,
        body,
        countries=(Country("EG", "Egypt", mentions("Egypt", "مصر"), 0.5),),
        persons=(Person("Anne Lee", mentions("Anne Lee", "آن لي")),),
        **{"story": article_id, "digest": article_id, **more},  # type: ignore[arg-type]
    )


ARTICLES = (
    _article(
        "plain",
        "Egypt opens a harbour",
        "Anne Lee opened the harbours of Egypt.\n\n" + "The sea was calm. " * 60 + "\n\nA treaty for the port treaty.",
        published="2024-01-21",
        source="Coast Daily",
        author="Bo Ek",
        language="en",
        url="https://coast.example/harbour",
    ),
    *(
        _article(
            f"copy-{number:02}",
            f"Egypt opens harbour, edition {number}",
            "Anne Lee opened the harbours of Egypt.",
            published=f"2024-02-{number:02}",
            source=f"Paper {number}",
            language="en",
            story="plain",
        )
        for number in range(1, COPIES + FURTHER + 1)
    ),
    _article(
        "arabic", "مصر تفتح ميناء", "قالت آن لي إن الميناء في مصر كبير. Egypt", language="ar", published="2024-03-01"
    ),
    _article(
        "hostile",
        f"<img src=x onerror=alert(1)> \u202e{WORD * 300}"[:10_000],
        f"</script><b>Egypt</b> {WORD * 20} \u202eAnne Lee",
        author="</title>\u202e" + "x" * 300,
        source='"><script>alert(1)</script>' + "y" * 300,
        url="javascript:alert(1)",
    ),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    url = f"tantivy://{tmp_path_factory.mktemp('articles')}/index"
    open_engine(url).rebuild(ARTICLES, keep=1)
    return create_app(Settings(index=url))


def _page(client: FlaskClient, address: str) -> html.HtmlElement:
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 200
    return html.fromstring(response.text)


def _marks(page: html.HtmlElement) -> list[str]:
    return [mark.text_content() for mark in page.xpath("//main//mark")]


class TestMatches:
    @pytest.mark.parametrize(
        ("query", "marks"),
        [
            ("harbour", ["harbour", "harbours"]),
            ('"port treaty"', ["port treaty"]),
            ("treaties -harbour", ["treaty", "treaty"]),
            ("title:harbour", ["harbour"]),
            ("harb*", ["harbour", "harbours"]),
            ("anne", ["Anne"]),
            ("country:EG", []),
        ],
    )
    def test_highlights_the_same_matches_as_the_search(self, client: FlaskClient, query: str, marks: list[str]) -> None:
        page = _page(client, f"/articles/plain?q={quote(query)}")
        assert _marks(page) == marks
        assert [mark.get("id") for mark in page.xpath("//main//mark")] == [
            f"match-{n}" for n in range(1, len(marks) + 1)
        ]
        assert page.get_element_by_id("q").value == query
        note, back = page.find_class("found")[0]
        assert note.text_content() == f"{len(marks)} match{'' if len(marks) == 1 else 'es'} of {query}"
        assert note.get("href") == ("#match-1" if marks else None)
        assert (back.text, back.get("href")) == ("Back to the results", "/?" + urlencode({"q": query}, safe="*:"))

    def test_a_misspelt_query_highlights_the_corrected_words(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/plain?q=habrour")
        assert _marks(page) == ["harbour", "harbours"]
        assert page.xpath("//p[@class='found']//q/text()") == ["harbour"]
        assert page.xpath("//p[@class='found']/a/@href")[1] == "/?q=habrour"

    def test_a_name_is_highlighted_as_match_and_as_mention(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/plain?q=%22lee+opened%22")
        (mark, rest) = page.xpath("//main//mark")
        assert (mark.text, mark.get("id"), mark.getparent().get("class")) == ("Lee", "match-1", "named person match")
        assert (rest.text, rest.get("id"), rest.getparent().tag) == (" opened", None, "p")

    @pytest.mark.parametrize(
        "query", ["", "%20", "a" * 2_001, "+".join(f"wxyz{n}~" for n in range(6)), "+".join(["a"] * 201)]
    )
    def test_an_invalid_query_highlights_nothing(self, client: FlaskClient, query: str) -> None:
        page = _page(client, f"/articles/plain?q={query}")
        assert _marks(page) == page.find_class("found") == []
        assert page.get_element_by_id("q").value == ""

    def test_without_a_query_there_is_no_note(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/plain?utm_source=x")
        assert _marks(page) == page.find_class("found") == []

    @pytest.mark.parametrize("query", ["%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "%ff%00%0d%0a", "(((", "%22"])
    def test_the_query_is_shown_as_text(self, client: FlaskClient, query: str) -> None:
        page = _page(client, f"/articles/hostile?q={query}")
        assert not page.xpath("//main//script | //main//img | //main//b")

    def test_a_long_query_is_shortened(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/plain?q=" + "harbour+" * 50)
        assert len(page.xpath("//p[@class='found']//q/text()")[0]) == 100


class TestCopies:
    def test_the_newest_copies_are_listed_and_the_rest_are_counted(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/plain?q=harbour")
        (listed,) = page.find_class("copied")
        assert [" ".join(one.text_content().split()) for one in listed][:2] == [
            "Egypt opens harbour, edition 23 Paper 23 23 February 2024",
            "Egypt opens harbour, edition 22 Paper 22 22 February 2024",
        ]
        links = listed.xpath("li/a/@href")
        assert links == [f"/articles/copy-{n:02}?q=harbour" for n in range(COPIES + FURTHER, FURTHER, -1)]
        more = listed.getnext()
        assert (more.text, more.get("href")) == (f"{FURTHER} more", "/?story=plain")
        assert _marks(_page(client, links[0])) == ["harbour", "harbours"]

    def test_a_copy_lists_the_others(self, client: FlaskClient) -> None:
        page = _page(client, f"/articles/copy-{COPIES + FURTHER}")
        links = page.find_class("copied")[0].xpath("li/a/@href")
        assert links == [f"/articles/copy-{n:02}" for n in range(COPIES + FURTHER - 1, FURTHER - 1, -1)]

    def test_an_article_without_copies_has_no_list(self, client: FlaskClient) -> None:
        assert not _page(client, "/articles/arabic").find_class("copied")


class TestLanguages:
    def test_page_and_article_have_separate_languages(self, client: FlaskClient) -> None:
        page = _page(client, "/articles/plain?q=harbour&lang=de")
        main = page.get_element_by_id("main")
        assert main.get("lang") == "en"
        assert {(p.get("lang"), p.get("dir")) for p in main.xpath("p[@class]")} == {("de", "ltr")}
        assert {p.get("dir") for p in main.xpath("h1 | p[not(@class)]")} == {"auto"}
        assert page.xpath("//main//time/text()") == ["21. Januar 2024"]
        assert page.xpath("//main//span[@class='named country']/@data-why")[0] == "Land: Ägypten · name"
        assert page.xpath("//aside//bdi[@class='label']/text()") == ["Ägypten", "Anne Lee"]
        assert page.xpath("//aside//span[@class='number']/text()") == ["0,5"]

    def test_right_to_left(self, client: FlaskClient) -> None:
        main = _page(client, "/articles/arabic?q=مصر&lang=ar").get_element_by_id("main")
        assert main.get("lang") == "ar"
        assert {p.get("dir") for p in main.xpath("p[@class]")} == {"rtl"}
        assert [mark.text for mark in main.xpath(".//mark")] == ["مصر", "مصر"]


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    """Yield the address of a server with these articles."""
    with served(app) as address:
        yield f"{address}/articles"


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield a page with the options of the test's parameter. Any script error on it fails the test."""
    faults: list[str] = []
    context = browser.new_context(**getattr(request, "param", {}))
    context.set_default_timeout(30_000)
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    yield opened
    context.close()
    assert not faults


def _visible_evidence(page: Page) -> list[str]:
    """Return the evidence that is visible."""
    return page.locator("main .named").evaluate_all(
        """marks => marks.map(mark => getComputedStyle(mark, "::after"))
                         .filter(style => style.content !== "none" && style.display !== "none")
                         .map(style => JSON.parse(style.content.replaceAll("\\n", "\\\\n")))"""
    )


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1280, "height": 800}}


@pytest.mark.browser
@pytest.mark.slow
class TestEvidence:
    def test_by_keyboard_alone(self, page: Page, site: str) -> None:
        page.goto(f"{site}/plain")
        reached = []
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.evaluate("[document.activeElement.localName, document.activeElement.textContent.trim()]")
            reached.append(focused[0])
            if focused[0] == "summary":
                break
        assert reached[-1] == "summary"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.matches('main .named')")
        assert _visible_evidence(page) == ["Country: Egypt · name"]
        page.keyboard.press("Escape")
        assert _visible_evidence(page) == []

    def test_by_mouse_which_may_move_onto_it_and_escape_hides_it(self, page: Page, site: str) -> None:
        page.goto(f"{site}/plain")
        name = page.locator("main p .named.person")
        name.hover()
        assert _visible_evidence(page) == ["Person: Anne Lee · name"]
        box = name.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] + 6, steps=5)
        assert _visible_evidence(page) == ["Person: Anne Lee · name"]
        name.hover()
        page.keyboard.press("Escape")
        assert _visible_evidence(page) == []
        page.mouse.move(1, 1)
        name.hover()
        assert _visible_evidence(page) == ["Person: Anne Lee · name"]

    @pytest.mark.parametrize("page", [PHONE], indirect=True)
    def test_by_touch(self, page: Page, site: str) -> None:
        page.goto(f"{site}/plain")
        page.locator("main p .named.person").tap()
        assert _visible_evidence(page) == ["Person: Anne Lee · name"]
        page.locator("h1 .named.country").tap()
        assert _visible_evidence(page) == ["Country: Egypt · name"]
        page.locator("main p").last.tap()
        assert _visible_evidence(page) == []

    def test_the_first_match_is_scrolled_into_view(self, page: Page, site: str) -> None:
        page.set_viewport_size({"width": 600, "height": 400})
        page.goto(f"{site}/plain?q=treaties")
        page.get_by_role("link", name="2 matches of").click()
        page.wait_for_function(
            "(({top, bottom}) => top > 0 && bottom < innerHeight)(document.querySelector('#match-1').getBoundingClientRect())"
        )
        assert page.locator("mark:target").text_content() == "treaty"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [WIDE, PHONE, {**PHONE, "color_scheme": "dark"}], indirect=True, ids=["wide", "phone", "dark"]
)
class TestLooks:
    @pytest.mark.parametrize(
        "query", ["", "?q=egypt+lee+schiff*", "?q=egypt&lang=ar"], ids=["alone", "query", "arabic"]
    )
    @pytest.mark.parametrize("name", ["plain", "arabic", "hostile"])
    def test_axe_finds_nothing_and_nothing_overflows(self, page: Page, site: str, name: str, query: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        page.goto(f"{site}/{name}{query}")
        page.locator("aside details").evaluate_all("all => all.forEach(one => one.open = true)")
        found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert _visible_evidence(page) == []
