"""The search page in a browser after failures: late answers, no server, no network, no index, hostile articles."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from support.search_page import app_over, box, headlines, long_facets, opened, query_string, served, settled, shows

from api import create_app
from search.model import Article, Country, Person
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEOUL = "Seoul watches the treaty with care"
PORT = "North Korea and Russia sign a port treaty"


def _search(page: Page, words: str) -> None:
    page.locator("#q").fill(words)
    page.keyboard.press("Enter")


@contextmanager
def _held(page: Page, pattern: str, act: Callable[[], object]) -> Iterator[Route]:
    """Hold the answer to the request that `act` makes, and yield the request. Deliver the answer afterwards.

    The page may have cancelled the request meanwhile. It must not announce that as a failure.
    """
    held: list[Route] = []
    box(page, ".failure").evaluate(
        "alert => new MutationObserver(() => { window.alerted ||= alert.textContent; }).observe(alert, {childList: true})"
    )
    page.route(pattern, lambda route: held.append(route), times=1)  # noqa: PLW0108 - playwright needs a signature
    with page.expect_request(pattern):
        act()
    page.wait_for_timeout(20)
    (route,) = held
    yield route
    route.fulfill(json=page.request.get(route.request.url).json())
    page.wait_for_timeout(100)
    assert not page.evaluate("window.alerted")


class TestLateAnswers:
    def test_an_older_search_does_not_replace_a_newer_one(self, page: Page, server: str) -> None:
        opened(page, server)
        before = headlines(page)
        with _held(page, "**/v1/search?q=harbour&*", lambda: _search(page, "harbour")):
            assert box(page, ".headline").all_text_contents() == before, "what was found stays while a search runs"
            expect(box(page, ".results")).to_have_attribute("aria-busy", "true")
            _search(page, "seoul")
            shows(page, [SEOUL])
        shows(page, [SEOUL])
        expect(page.locator(".box > [role=status]")).to_have_text("1 article")
        assert query_string(page) == "q=seoul"

    def test_more_hits_are_not_added_to_other_results(self, page: Page, server: str) -> None:
        opened(page, server)
        with _held(page, "**/v1/search?*&page=2&*", page.get_by_role("button", name="Load more").click):
            _search(page, "seoul")
            shows(page, [SEOUL])
        shows(page, [SEOUL])
        assert query_string(page) == "q=seoul"

    def test_going_back_meanwhile_shows_the_older_search(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=seoul")
        with _held(page, "**/v1/search?q=harbour&*", lambda: _search(page, "harbour")):
            page.go_back()
            settled(page)
        shows(page, [SEOUL])
        expect(page.locator("#q")).to_have_value("seoul")

    def test_suggestions_for_an_older_text_are_dropped(self, page: Page, server: str) -> None:
        opened(page, server)
        field = page.locator("#q")
        with _held(page, "**/v1/suggest?q=ki", lambda: field.press_sequentially("ki")):
            field.fill("erdog")
            expect(page.get_by_role("option").first).to_contain_text("Recep Tayyip Erdoğan")
            options = page.get_by_role("option").all_text_contents()
        assert page.get_by_role("option").all_text_contents() == options

    def test_facet_values_for_an_older_prefix_are_dropped(self, page: Page, tmp_path: Path) -> None:
        with served(app_over(long_facets(), tmp_path)) as archive:
            opened(page, archive)
            people = box(page, ".filters > section").nth(2)
            with _held(page, "**/v1/facets/person?*prefix=ada", lambda: people.locator(".find").fill("ada")):
                people.locator(".find").fill("bo h")
                expect(people.locator(".label")).to_have_text(["Bo Haas"])
            expect(people.locator(".label")).to_have_text(["Bo Haas"])


class TestServerGone:
    @pytest.fixture
    def port(self, app: Flask) -> int:
        """Return a port without a server."""
        with served(app) as address:
            return int(address.rpartition(":")[2])

    def test_search_fails_and_works_when_the_server_is_back(self, page: Page, app: Flask, port: int) -> None:
        with served(app, port) as address:
            opened(page, address)
        _search(page, "treaty")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("The server does not answer.")
        expect(page.locator("#q")).to_have_value("treaty")
        alert.get_by_role("button", name="Try again").click()
        expect(alert).to_contain_text("The server does not answer.")
        with served(app, port):
            alert.get_by_role("button", name="Try again").click()
            expect(box(page, ".headline")).to_have_count(3)
            expect(alert).to_be_empty()
            assert query_string(page) == "q=treaty"

    def test_failure_while_more_hits_are_loaded(self, page: Page, app: Flask, port: int) -> None:
        with served(app, port) as address:
            opened(page, address)
            before_failure = headlines(page)
        page.get_by_role("button", name="Load more").click()
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
        assert box(page, ".headline").all_text_contents() == before_failure
        expect(box(page, ".headline").first).to_be_visible()
        assert query_string(page) == ""
        with served(app, port):
            page.get_by_role("alert").get_by_role("button", name="Try again").click()
            expect(box(page, ".headline")).to_have_count(17)
            assert headlines(page)[:10] == before_failure
            assert query_string(page) == "page=2"
            expect(box(page, ".headline a").nth(10)).to_be_focused()

    def test_suggestions_and_facets_show_no_error(self, page: Page, tmp_path: Path) -> None:
        app = app_over(long_facets(), tmp_path)
        with served(app) as address:
            opened(page, address)
        people = box(page, ".filters > section").nth(2)
        labels = people.locator(".label").all_text_contents()
        with page.expect_event("requestfailed"):
            people.locator(".find").fill("ada")
        with page.expect_event("requestfailed"):
            page.locator("#q").fill("fra")
        expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()
        expect(page.get_by_role("alert")).to_be_empty()
        assert people.locator(".label").all_text_contents() == labels
        with served(app, int(address.rpartition(":")[2])):
            page.locator("#q").fill("fran")
            page.get_by_role("option", name="France Country").click()
            expect(box(page, ".chips bdi")).to_have_text(["France"])

    def test_back_button_leaves_the_failure(self, page: Page, app: Flask, port: int) -> None:
        with served(app, port) as address:
            opened(page, f"{address}/?q=seoul")
        _search(page, "treaty")
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
        with served(app, port):
            page.go_back()
            shows(page, [SEOUL])
            expect(page.get_by_role("alert")).to_be_empty()

    def test_a_missing_index_is_reported_with_the_remedy(
        self, page: Page, app: Flask, port: int, tmp_path: Path
    ) -> None:
        with served(app, port) as address:
            opened(page, address)
        with served(create_app(Settings(index=f"tantivy://{tmp_path}/none")), port):
            _search(page, "treaty")
            alert = page.get_by_role("alert")
            expect(alert).to_contain_text("The search failed. There is no index")
        with served(app, port):
            alert.get_by_role("button", name="Try again").click()
            expect(box(page, ".headline")).to_have_count(3)

    def test_what_the_server_rendered_stays_if_the_first_answer_fails(self, page: Page, server: str) -> None:
        page.route("**/v1/search?**", lambda route: route.abort(), times=1)
        page.goto(f"{server}/?q=treaty")
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
        rendered = page.locator("dateline-search > .results .headline")
        expect(rendered).to_have_count(3)
        expect(rendered.first).to_be_visible()
        page.get_by_role("button", name="Try again").click()
        expect(box(page, ".headline")).to_have_count(3)
        expect(rendered.first).to_be_hidden()

    def test_answer_that_is_not_json(self, page: Page, server: str) -> None:
        opened(page, server)
        page.route("**/v1/search?**", lambda route: route.fulfill(status=502, body="<html>Bad gateway"), times=1)
        _search(page, "seoul")
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
        page.get_by_role("button", name="Try again").click()
        shows(page, [SEOUL])


class TestOffline:
    @pytest.mark.parametrize("more", [False, True])
    def test_search_resumes_when_the_network_is_back(self, browser: Browser, server: str, *, more: bool) -> None:
        with browser.new_context() as context:
            page = opened(context.new_page(), server)
            context.set_offline(True)
            if more:
                page.get_by_role("button", name="Load more").click()
            else:
                _search(page, "treaty")
            expect(page.get_by_role("alert")).to_contain_text("You are offline.")
            context.set_offline(False)
            expect(box(page, ".headline")).to_have_count(17 if more else 3)
            expect(page.get_by_role("alert")).to_be_empty()


LONG = "Donaudampfschifffahrt" * 500
NAME = "\u202e<b>Zoé</b> " + "x" * 300
TITLES = [
    "<img src=x onerror=\"document.title='owned'\"> treaty",
    "</script><script>document.title='owned'</script> treaty",
    "</mark></a><h1>treaty</h1>",
    "\u202etreaty turned round",
    f"treaty {LONG}"[:10_000],
    "&lt;b&gt;treaty&amp;",
]


def _hostile() -> Iterator[Article]:
    for number, title in enumerate(TITLES):
        yield Article(
            id=f"</script>{number}",
            title=title,
            body=f"</mark><img src=x onerror=alert(1)> treaty \u202e{LONG[:3000]}",
            published=f"2024-0{number + 1}-01",
            source=f'\u202e"><script>alert(1)</script>{"y" * 200}',
            url="javascript:document.title='owned'",
            countries=(Country("FR", "France"),),
            persons=(Person(NAME),),
            story=str(number),
            digest=str(number),
        )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(app_over(_hostile(), tmp_path_factory.mktemp("hostile"))) as address:
        yield address


class TestHostileArticles:
    @pytest.mark.parametrize("width", [320, 1200])
    @pytest.mark.parametrize("javascript", [True, False])
    def test_stay_text_and_do_not_break_the_layout(
        self, browser: Browser, hostile: str, width: int, *, javascript: bool
    ) -> None:
        with browser.new_context(java_script_enabled=javascript, viewport={"width": width, "height": 800}) as context:
            page = context.new_page()
            page.goto(f"{hostile}/?q=treaty&sort=oldest&person={NAME}")
            scope = ".box" if javascript else "dateline-search"
            expect(page.locator(f"{scope} .headline")).to_have_text(TITLES)
            assert set(page.locator(f"{scope} mark").all_text_contents()) == {"treaty"}
            assert page.locator(f"{scope} :is(img, script, b, h1)").count() == 0
            for link in page.locator(f"{scope} .headline a").all():
                assert "javascript:" not in (link.get_attribute("href") or "")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.title() == "treaty – Dateline"

    def test_right_to_left_names_do_not_reorder_other_texts(self, page: Page, hostile: str) -> None:
        opened(page, f"{hostile}/?q=turned")
        for selector in (".headline a", ".meta bdi", ".about .person", ".facet .label"):
            bidi = box(page, selector).first.evaluate("node => getComputedStyle(node).unicodeBidi")
            assert bidi in ("isolate", "plaintext"), selector

    def test_suggestions_and_filters(self, page: Page, hostile: str) -> None:
        page.set_viewport_size({"width": 320, "height": 700})
        opened(page, hostile)
        page.locator("#q").press_sequentially("treaty")
        page.get_by_role("option").first.wait_for()
        assert page.locator("[role=listbox] :is(img, script, b)").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.locator("#q").fill("zoé")
        page.get_by_role("option").filter(has_text="<b>Zoé</b>").click()
        expect(box(page, ".chips bdi")).to_have_text([NAME])
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.locator("#q").fill(f"{TITLES[0]} {LONG[:900]}")
        page.keyboard.press("Enter")
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.title().endswith("– Dateline")
