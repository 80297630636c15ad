"""The search page in a browser: its address holds its state, in five languages, with JavaScript and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from support.search_page import (
    app_over,
    box,
    chips,
    headlines,
    long_facets,
    opened,
    query_string,
    served,
    settled,
    shows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEOUL = "Seoul watches the treaty with care"
PORT = "North Korea and Russia sign a port treaty"
COMPARED = (".count", ".copies", ".sorts", ".meta", ".about", ".chips", ".facet", ".filters h3", ".hit")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an archive whose facets have many values."""
    with served(app_over(long_facets(), tmp_path_factory.mktemp("archive"))) as address:
        yield address


def _seen(page: Page) -> dict[str, Any]:
    """Return all that the page shows about a search."""
    settled(page)
    return {
        "headlines": headlines(page),
        "chips": chips(page),
        "count": box(page, ".count").text_content(),
        "order": box(page, ".sorts [aria-current]").all_text_contents(),
        "ticked": box(page, ".facet .on .label").all_text_contents(),
        "faint": box(page, ".chart .off").count(),
        "words": page.locator("#q").input_value(),
        "days": [field.input_value() for field in box(page, ".dates input").all()],
    }


def _search(words: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.locator("#q").fill(words)
        page.keyboard.press("Enter")

    return act


STEPS: list[Callable[[Page], None]] = [
    _search("harbour"),
    lambda page: box(page, ".facet").first.get_by_label("France").check(),
    lambda page: box(page, ".facet").first.get_by_label("Spain").check(),
    lambda page: box(page, ".sorts").get_by_text("Oldest").click(),
    lambda page: box(page, ".dates input").first.fill("2024-03-01"),
    lambda page: page.get_by_role("link", name="Remove filter Spain").click(),
    _search("spoke"),
]


class TestAddress:
    def test_each_search_is_a_history_entry(self, page: Page, archive: str) -> None:
        opened(page, archive)
        entries = page.evaluate("history.length")
        seen = [_seen(page)]
        addresses = [page.url]
        for step in STEPS:
            step(page)
            seen.append(_seen(page))
            addresses.append(page.url)
        assert addresses[-1].endswith("/?q=spoke&country=FR&from=2024-03-01&sort=oldest")
        assert len(set(addresses)) == len(STEPS) + 1
        assert page.evaluate("history.length") == entries + len(STEPS)
        for move, numbers in ((page.go_back, range(len(STEPS) - 1, -1, -1)), (page.go_forward, range(1, len(seen)))):
            for number in numbers:
                move()
                page.wait_for_url(addresses[number])
                shows(page, seen[number]["headlines"])
                assert _seen(page) == seen[number], addresses[number]

    def test_reload_and_a_shared_link_show_the_same(self, page: Page, archive: str, browser: Browser) -> None:
        opened(page, archive)
        for step in STEPS:
            step(page)
            settled(page)
        seen = _seen(page)
        page.reload()
        assert _seen(page) == seen
        with browser.new_context() as another:
            assert _seen(opened(another.new_page(), page.url)) == seen

    def test_the_same_search_adds_no_history_entry(self, page: Page, archive: str) -> None:
        opened(page, f"{archive}/?q=harbour")
        entries = page.evaluate("history.length")
        _search("harbour")(page)
        settled(page)
        assert page.evaluate("history.length") == entries

    def test_links_give_the_same_in_a_new_tab(self, page: Page, archive: str) -> None:
        opened(page, f"{archive}/?q=harbour")
        link = box(page, ".hit .about a").first
        href = link.evaluate("link => link.href")
        with page.context.expect_page() as tab:
            link.click(modifiers=["Control"])
        assert tab.value.url == href
        tab.value.close()
        assert query_string(page) == "q=harbour"
        link.click()
        settled(page)
        assert page.url == href

    def test_an_undone_correction_stays_undone_while_filters_change(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treety&correct=false&country=KP")
        page.get_by_role("link", name="Remove filter North Korea").click()
        expect(box(page, ".note")).to_have_text("Did you mean treaty?")
        assert query_string(page) == "q=treety&correct=false"
        _search("treety")(page)
        expect(box(page, ".note")).to_contain_text("No results for treety.")
        assert query_string(page) == "q=treety"

    def test_other_parameters_in_the_address_stay(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?utm_source=letter&q=treaty#main")
        box(page, ".facet input").first.check()
        settled(page)
        assert query_string(page) == "utm_source=letter&q=treaty&country=KP#main"

    def test_a_link_within_the_page_starts_no_search(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty")
        page.locator("#q").fill("not sent yet")
        requested: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        page.locator(".skip").press("Enter")
        page.wait_for_url("**/?q=treaty#main")
        page.wait_for_timeout(50)
        assert not [url for url in requested if "/v1/search" in url]
        expect(page.locator("#q")).to_have_value("not sent yet")


class TestWithoutJavaScript:
    @pytest.fixture
    def plain(self, browser: Browser) -> Iterator[Page]:
        with browser.new_context(java_script_enabled=False, viewport={"width": 1200, "height": 900}) as context:
            context.set_default_timeout(30_000)
            yield context.new_page()

    def test_words_facets_dates_order_chips_and_articles(self, plain: Page, server: str) -> None:
        plain.goto(server)
        plain.get_by_label("Search the news").fill("treaty")
        plain.get_by_role("button", name="Search").click()
        expect(plain.locator(".count")).to_have_text("4 articles in 3 stories")
        plain.locator(".facet a", has_text="North Korea").click()
        plain.locator(".facet a", has_text="France").click()
        expect(plain.locator(".headline")).to_have_count(3)
        assert query_string(plain) == "q=treaty&country=KP&country=FR"
        plain.locator(".sorts").get_by_text("Oldest").click()
        expect(plain.locator(".headline").last).to_have_text(SEOUL)
        plain.get_by_label("From", exact=True).fill("2024-01-01")
        plain.get_by_role("button", name="Apply").click()
        expect(plain.locator(".headline")).to_have_text([PORT, SEOUL])
        plain.get_by_role("link", name="Remove filter France").click()
        plain.get_by_role("link", name="Clear all").click()
        expect(plain.locator(".headline")).to_have_count(3)
        assert query_string(plain) == "q=treaty&sort=oldest"
        plain.get_by_role("link", name=SEOUL).click()
        expect(plain.locator("main h1")).to_have_text(SEOUL)

    def test_bars_pages_longer_facets_and_copies(self, plain: Page, archive: str, server: str) -> None:
        plain.goto(archive)
        plain.locator(".chart a").nth(2).click()
        assert query_string(plain) == "from=2024-03-01&to=2024-03-31"
        plain.goto(archive)
        plain.get_by_role("link", name="Next").click()
        expect(plain.locator(".hits")).to_have_attribute("start", "11")
        plain.locator(".filters").get_by_role("link", name="Show more").first.click()
        expect(plain.locator(".facet").first.locator("a")).to_have_count(14)
        plain.goto(f"{server}/?q=treaty")
        plain.locator(".copies").click()
        expect(plain.locator(".headline")).to_have_count(2)

    def test_notes_and_alternatives(self, plain: Page, server: str) -> None:
        plain.goto(f"{server}/?q=treety")
        plain.get_by_role("link", name="Search for treety as typed").click()
        expect(plain.locator(".count")).to_have_text("No articles")
        plain.locator(".note a").click()
        expect(plain.locator(".headline")).to_have_count(3)
        plain.goto(f"{server}/?q=treaty&country=PT")
        plain.get_by_role("link", name="Without Portugal: 4 articles").click()
        expect(plain.locator(".headline")).to_have_count(3)


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", ["4 articles in 3 stories", "also published by 1 other", "North Korea", "Load more"]),
            ("de", ["4 Artikel in 3 Meldungen", "auch bei 1 anderen Medium erschienen", "Nordkorea", "Mehr laden"]),
            ("fr", ["4 articles sur 3 sujets", "aussi publié par 1 autre média", "Corée du Nord", "Charger la suite"]),
            ("es", ["4 artículos en 3 noticias", "publicado también por 1 medio más", "Corea del Norte", "Cargar más"]),
            ("ar", ["4 مقالات (3 أخبار)", "نشره أيضًا مصدر آخر", "كوريا الشمالية", "تحميل المزيد"]),
        ],
    )
    def test_element_and_server_show_the_same_texts(
        self, browser: Browser, server: str, language: str, said: list[str]
    ) -> None:
        with browser.new_context() as context:
            page = opened(context.new_page(), f"{server}/?q=treaty&country=KP&country=FR&lang={language}")
            assert page.locator(".box").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
            for selector in COMPARED:
                drawn, sent = (
                    ["".join(text.split()) for text in page.locator(f"{scope} {selector}").all_text_contents()]
                    for scope in (".box", "dateline-search > .results")
                )
                assert drawn == sent, selector
            for selector, text in zip((".count", ".copies", ".chips bdi", ".more"), said, strict=True):
                if selector == ".more":
                    opened(page, server)
                expect(box(page, f"{selector}:visible").first).to_have_text(text)

    @pytest.mark.parametrize(
        ("query", "count"),
        [("ankara", "مقال واحد"), ("kim", "مقالان"), ("treaty", "4 مقالات (3 أخبار)"), ("harbour", "12 مقالًا")],
    )
    def test_arabic_counts(self, browser: Browser, server: str, query: str, count: str) -> None:
        with browser.new_context(locale="ar") as context:
            page = opened(context.new_page(), f"{server}/?q={query}")
            assert page.locator("html").get_attribute("dir") == "rtl"
            expect(box(page, ".count")).to_contain_text(count)

    def test_links_in_the_footer_keep_the_current_search(self, browser: Browser, server: str) -> None:
        with browser.new_context() as context:
            page = opened(context.new_page(), server)
            _search("treaty")(page)
            shows(
                page, [SEOUL, PORT, "<img src=x onerror=\"document.title='owned'\"> & <script>alert(1)</script> treaty"]
            )
            page.get_by_role("link", name="Deutsch").click()
            expect(box(page, ".count")).to_have_text("4 Artikel in 3 Meldungen")
            assert page.locator("html").get_attribute("lang") == "de"
            page.get_by_role("link", name="English").click()
            expect(box(page, ".count")).to_have_text("4 articles in 3 stories")

    def test_title_heading_and_feed_follow_the_search(self, page: Page, server: str) -> None:
        opened(page, server)
        assert page.title() == "Dateline"
        _search("treaty")(page)
        expect(page).to_have_title("treaty – Dateline")
        expect(page.locator("h1")).to_have_text("treaty")
        box(page, ".sorts").get_by_role("link", name="Oldest").click()
        expect(page).to_have_url(f"{server}/?q=treaty&sort=oldest")
        feed = page.get_by_role("link", name="Feed of this search")
        feed.focus()
        assert feed.get_attribute("href") == f"{server}/feed.atom?q=treaty"
        page.go_back()
        page.go_back()
        expect(page).to_have_title("Dateline")
        expect(page.locator("h1")).to_have_text("Search the news")
