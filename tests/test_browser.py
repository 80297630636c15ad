"""The search box in a real browser: on our own page, and in a page of another site."""

from __future__ import annotations

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")
EXAMPLE = Path(__file__).parent.parent / "docs" / "embed-example.html"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing; in CI the browser tests must run")
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[f"--{argument}" for argument in ARGUMENTS]
        )
        yield running
        running.close()


def _is_fault(message: ConsoleMessage) -> bool:
    """Tell errors of the page from the browser's note that an answer's status is one of failure."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    made.set_default_timeout(5_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page on which an uncaught error, or a breach of the content security policy, fails the test."""
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
    opened.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    yield opened
    opened.close()
    assert not faults


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def foreign(server: str, tmp_path: Path) -> Iterator[str]:
    """Yield the address of docs/embed-example.html on a server of its own, its Dateline being ours."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert "http://127.0.0.1:8000" in text
    text = text.replace("http://127.0.0.1:8000", server)
    policy = f"default-src 'none'; script-src {server}; connect-src {server}; img-src data:"
    meta = f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">'
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    (tmp_path / "strict.html").write_text(text.replace("<head>", meta), encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path)) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}/page.html"
        other.shutdown()
        thread.join()


def _options(page: Page) -> list[str]:
    page.get_by_role("option").first.wait_for()
    return [option.locator("span").text_content() or "" for option in page.get_by_role("option").all()]


class TestOwnPage:
    def test_typing_suggests_and_enter_searches_for_the_chosen_one(self, page: Page, server: str) -> None:
        page.goto(server)
        field = page.get_by_role("combobox", name="Search the news")
        field.press_sequentially("kim jo")
        assert _options(page)[0] == "Kim Jong Un"
        assert field.get_attribute("aria-expanded") == "true"
        field.press("ArrowDown")
        active = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
        assert active.get_attribute("aria-selected") == "true"
        field.press("Enter")
        page.wait_for_url("**person=Kim+Jong+Un**")
        assert page.locator(".headline").count() == 2
        assert page.locator(".chips").text_content().split()[:3] == ["Kim", "Jong", "Un"]

    def test_enter_without_a_choice_searches_for_the_words(self, page: Page, server: str) -> None:
        page.goto(f"{server}/?country=KP")
        field = page.locator("#q")
        field.press_sequentially("treaty")
        _options(page)
        field.press("Enter")
        page.wait_for_url("**q=treaty**country=KP**")
        assert page.locator(".headline").count() == 3

    def test_keys(self, page: Page, server: str) -> None:
        page.goto(f"{server}/?q=treaty")
        page.locator("h1").click()
        page.keyboard.press("/")
        field = page.locator("#q")
        assert field.evaluate("field => field === document.activeElement")
        page.keyboard.type("harb/")
        assert field.input_value() == "harb/"
        page.keyboard.press("Backspace")
        names = _options(page)
        assert len(names) > 1

        def active() -> str | None:
            chosen = page.locator("[role=option][aria-selected=true] span")
            return chosen.text_content() if chosen.count() else None

        for key, expected in [
            ("ArrowUp", names[-1]),
            ("ArrowDown", None),
            ("ArrowDown", names[0]),
            ("End", names[-1]),
            ("Home", names[0]),
            ("ArrowUp", None),
        ]:
            page.keyboard.press(key)
            assert active() == expected, key
        page.keyboard.press("Escape")
        assert page.locator("[role=listbox]").is_hidden()
        assert field.get_attribute("aria-expanded") == "false"
        assert field.input_value() == "harb"

    def test_headline_opens_its_article(self, page: Page, server: str) -> None:
        page.goto(server)
        page.locator("#q").press_sequentially("ankara")
        page.get_by_role("option", name="Ankara prepares").click()
        page.wait_for_url("**/articles/**")
        assert page.locator("main h1").text_content() == "Ankara prepares an election"

    def test_late_answer_of_an_older_text_is_dropped(self, page: Page, server: str) -> None:
        held: list[Any] = []
        page.route("**/v1/suggest?q=ki", lambda route: held.append(route))  # noqa: PLW0108 - playwright needs a signature
        page.goto(server)
        field = page.locator("#q")
        with page.expect_request("**/v1/suggest?q=ki"):
            field.press_sequentially("ki")
        page.wait_for_timeout(50)
        field.fill("erdog")
        assert _options(page) == ["Recep Tayyip Erdoğan", "Erdoğan"]
        held[0].fulfill(
            json={"query": "ki", "suggestions": [{"type": "person", "value": "X", "label": "X", "count": 1}]}
        )
        page.wait_for_timeout(150)
        assert _options(page) == ["Recep Tayyip Erdoğan", "Erdoğan"]

    def test_leaving_the_page_takes_listeners_and_list_along(self, page: Page, server: str) -> None:
        page.goto(server)
        page.evaluate("window.box = document.querySelector('dateline-search'); window.form = box.querySelector('form')")
        page.evaluate("box.replaceWith(form)")
        assert page.locator("[role=listbox]").count() == 0
        page.locator("h1").click()
        page.keyboard.press("/")
        assert not page.locator("#q").evaluate("field => field === document.activeElement")
        page.evaluate("form.remove(), box.append(form), document.querySelector('header').append(box)")
        page.keyboard.press("/")
        assert page.locator("#q").evaluate("field => field === document.activeElement")
        assert page.locator("[role=listbox]").count() == 1

    def test_hostile_text_is_shown_as_text(self, page: Page, server: str) -> None:
        page.goto(server)
        page.locator("#q").press_sequentially("zoé")
        assert _options(page) == ["Zoé <i>O'Brien</i>"]
        page.goto(f"{server}/?q=treaty")
        assert page.locator(".headline", has_text="<img src=x onerror=").count() == 1
        assert page.locator("main img").count() == 0
        assert page.title() == "treaty – Dateline"

    def test_page_works_without_javascript(self, browser: Browser, server: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(server)
            page.get_by_label("Search the news").fill("treaty")
            page.get_by_role("button", name="Search").click()
            assert page.locator(".headline").count() == 4
            page.locator(".facet a", has_text="North Korea").click()
            assert page.locator(".headline").count() == 3
            page.get_by_label("From").fill("2024-02-01")
            page.get_by_role("button", name="Apply").click()
            assert page.locator(".headline").all_text_contents() == ["Seoul watches the treaty with care"]
            page.get_by_role("link", name="Remove filter North Korea").click()
            page.get_by_role("link", name="Seoul watches").click()
            assert page.locator("main h1").text_content() == "Seoul watches the treaty with care"

    def test_documentation_needs_neither_the_internet_nor_javascript(self, browser: Browser, server: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            page.goto(f"{server}/docs")
            part = page.get_by_role("region", name="GET /v1/search")
            part.get_by_text("Try it").click()
            part.get_by_label("q", exact=True).fill("port treaty")
            part.get_by_label("sort").select_option("oldest")
            part.get_by_label("person", exact=True).last.check()
            part.get_by_role("button", name="Send").click()
            page.wait_for_url(f"{server}/v1/search?q=port+treaty&sort=oldest&per_page=3&facets=person")
            assert '"id":"envoy-1"' in page.inner_text("body").replace(" ", "").replace("\n", "")
            assert all(url.startswith(server) for url in asked)

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1280, 390])
    def test_documentation_is_accessible(self, page: Page, server: str, scheme: Any, width: int) -> None:
        from axe_playwright_python.sync_playwright import Axe

        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{server}/docs")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.get_by_role("row", name="per_page integer").first.is_visible()  # on a phone it is a table, too

    def test_documentation_fits_every_screen(self, page: Page, server: str) -> None:
        page.goto(f"{server}/docs")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        for width in (320, 390, 768, 769, 1000, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width


def _evidence(mark: Locator) -> str:
    """Return what stands beside a marked name; `none` while nothing does."""
    return str(mark.evaluate("mark => getComputedStyle(mark, '::after').content"))


class TestArticlePage:
    def test_evidence_shows_while_a_name_is_pointed_at(self, page: Page, server: str) -> None:
        page.goto(f"{server}/articles/envoy-1")
        marks = page.locator("main .named")
        assert marks.all_text_contents() == ["North Korea", "Russia", "Kim Jong Un", "Vladimir Putin"]
        assert _evidence(marks.first) == "none"
        marks.first.hover()
        assert _evidence(marks.first) == '"Country: North Korea"'
        marks.nth(2).hover()
        assert _evidence(marks.first) == "none"
        assert _evidence(marks.nth(2)) == '"Person: Kim Jong Un"'

    def test_keys_lead_from_a_person_to_the_place_in_the_text(self, page: Page, server: str) -> None:
        page.goto(f"{server}/articles/envoy-1")
        page.mouse.move(0, 0)
        seen = []
        while "mention" not in (seen or [""])[-1]:
            page.keyboard.press("Tab")
            seen.append(str(page.evaluate("document.activeElement.textContent")))
            assert len(seen) < 20
        assert not set(seen) & set(page.locator("main .named").all_text_contents())
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        mark = page.locator("main .named:focus")
        assert mark.text_content() == "North Korea"
        assert _evidence(mark) == '"Country: North Korea"'
        page.keyboard.press("Tab")
        assert page.locator("main .named:focus").count() == 0

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_both_kinds_have_a_colour_of_their_own(self, page: Page, server: str, scheme: Any) -> None:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{server}/articles/envoy-1")
        colours = {
            page.locator(selector).first.evaluate("mark => getComputedStyle(mark).backgroundColor")
            for selector in ("body", "main .country", "main .person")
        }
        assert len(colours) == 3

    def test_names_lead_to_their_articles_without_javascript(self, browser: Browser, server: str) -> None:
        with browser.new_context(java_script_enabled=False, viewport={"width": 380, "height": 700}) as context:
            page = context.new_page()
            page.goto(f"{server}/articles/envoy-1")
            page.get_by_role("link", name="Countries and people").click()
            page.get_by_text("1 mention of Russia").click()
            page.locator("details[open] a").click()
            assert page.url.endswith("#at-16")
            page.locator("aside").get_by_role("link", name="Vladimir Putin", exact=True).click()
            assert page.locator(".headline").count() == 2
            page.locator(".hit").first.get_by_role("link", name="Russia", exact=True).click()
            chips = [" ".join(text.split()) for text in page.locator(".chips a").all_text_contents()]
            assert chips == ["Russia ×", "Vladimir Putin ×", "Clear all"]

    def test_hostile_names_are_text(self, page: Page, server: str) -> None:
        page.goto(f"{server}/articles/hostile")
        assert page.locator("aside .label").all_text_contents() == ["France", "Zoé <i>O'Brien</i>"]
        assert page.locator("main img, aside i").count() == 0


class TestForeignPage:
    def test_search_with_snippets_and_facets(self, page: Page, foreign: str, server: str) -> None:
        page.goto(foreign)
        field = page.get_by_role("combobox", name="Search the archive")
        field.press_sequentially("port treaty")
        field.press("Enter")
        page.get_by_text("2 articles").wait_for()
        assert page.locator("dateline-search ol li").count() == 2
        assert set(page.locator("dateline-search mark").all_text_contents()) >= {"port", "treaty"}
        links = page.locator("dateline-search ol a")
        assert {link.get_attribute("href") for link in links.all()} == {
            "https://gazette.example/treaty",
            f"{server}/articles/envoy-2",
        }
        assert page.url == foreign

    def test_facet_narrows_and_widens(self, page: Page, foreign: str) -> None:
        page.goto(foreign)
        page.get_by_role("combobox").fill("treaty")
        page.keyboard.press("Enter")
        page.get_by_text("4 articles").wait_for()
        page.get_by_role("button", name="Russia 2").click()
        page.get_by_text("2 articles").wait_for()
        assert page.locator("dateline-search ol li").count() == 2
        page.locator("button[aria-pressed=true]", has_text="Russia").click()
        page.get_by_text("4 articles").wait_for()

    def test_suggestion_becomes_a_filter(self, page: Page, foreign: str) -> None:
        page.goto(foreign)
        page.get_by_role("combobox").press_sequentially("kim jo")
        page.get_by_role("option", name="Kim Jong Un").click()
        page.get_by_text("2 articles").wait_for()
        assert page.get_by_role("button", name="Kim Jong Un 2").get_attribute("aria-pressed") == "true"

    def test_hostile_article_is_text_and_its_address_no_script(self, page: Page, foreign: str, server: str) -> None:
        page.goto(foreign)
        page.get_by_role("combobox").fill("markup")
        page.keyboard.press("Enter")
        page.get_by_text("1 article", exact=False).wait_for()
        hit = page.locator("dateline-search ol li")
        assert hit.locator("a").text_content() == (
            "<img src=x onerror=\"document.title='owned'\"> & <script>alert(1)</script> treaty"
        )
        assert hit.locator("a").get_attribute("href") == f"{server}/articles/hostile"
        assert "The body holds </mark><b>markup</b> beside the treaty & more." in (hit.text_content() or "")
        assert hit.locator("mark").all_text_contents() == ["markup"]
        assert hit.locator("img, b, script").count() == 0
        assert page.title() == "The Harbour Gazette"

    def test_strict_policy_of_the_foreign_page_is_enough(self, page: Page, foreign: str) -> None:
        page.goto(foreign.replace("page.html", "strict.html"))
        page.get_by_role("combobox").fill("treaty")
        page.keyboard.press("Enter")
        page.get_by_text("4 articles").wait_for()
        assert page.locator("dateline-search form").evaluate("form => getComputedStyle(form).display") == "flex"

    def test_colours_are_those_of_the_page_and_not_of_the_system(self, page: Page, foreign: str) -> None:
        page.emulate_media(color_scheme="dark")  # which the page, light as it is, takes no notice of
        page.goto(foreign)
        field = page.get_by_role("combobox")
        assert field.evaluate("field => getComputedStyle(field).backgroundColor") == "rgb(255, 255, 255)"
        page.add_style_tag(content=":root { color-scheme: dark; }")
        assert field.evaluate("field => getComputedStyle(field).backgroundColor") != "rgb(255, 255, 255)"

    def test_failure_is_told(self, page: Page, foreign: str) -> None:
        page.goto(foreign)
        page.route(
            "**/v1/search?**", lambda route: route.fulfill(status=503, json={"detail": "There is no index yet."})
        )
        page.get_by_role("combobox").fill("treaty")
        page.keyboard.press("Enter")
        page.get_by_text("The search failed: There is no index yet.").wait_for()
