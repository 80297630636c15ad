"""The box in pages of another site: looks, separation of styles, and cleaning up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.foreign_site import Site, other_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

BOX = "<dateline-search></dateline-search>"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(server: str) -> Iterator[Site]:
    with other_site(server) as made:
        yield made


def _found(page: Page, url: str) -> None:
    """Open a page with a search in its address, and wait for the results."""
    page.goto(f"{url}?q=treaty")
    page.locator(".results[aria-busy=false] .hit").first.wait_for()


def _style(locator: Locator, name: str) -> str:
    return str(locator.first.evaluate(f"one => getComputedStyle(one)['{name}']"))


def _looks(page: Page) -> list[list[Any]]:
    """Return position and style of each element in the box."""
    return list(
        page.locator("dateline-search").first.evaluate(
            """box => [...box.shadowRoot.querySelectorAll("*")].map((one) => {
                const { display, fontSize, color, backgroundColor, borderTopWidth, margin } = getComputedStyle(one);
                const { x, y, width, height } = one.getBoundingClientRect();
                const top = width && y - box.getBoundingClientRect().y;
                return [one.className, x, top, width, height, display, fontSize, color, backgroundColor, borderTopWidth, margin];
            })"""
        )
    )


class TestLooks:
    def test_the_page_can_style_colours_and_parts(self, page: Page, site: Site) -> None:
        style = """<style>
            dateline-search { --accent: rgb(161, 41, 15); --on-accent: rgb(255, 255, 254); --radius: 0; font: inherit; }
            dateline-search { --mark: rgb(1, 2, 3); }
            dateline-search::part(headline) { font-size: 40px; }
            dateline-search::part(country) { color: rgb(7, 8, 9); }
            dateline-search::part(dateline-list) { background: rgb(4, 5, 6); }
            body { font: 21px/1.4 monospace; }
        </style>"""
        _found(page, site.put(BOX, head=style))
        button = page.locator(".ask button")
        assert _style(button, "backgroundColor") == "rgb(161, 41, 15)"
        assert _style(button, "color") == "rgb(255, 255, 254)"
        assert _style(button, "borderRadius") == "0px"
        assert _style(button, "font") == _style(page.locator("body"), "font")
        assert _style(page.locator("mark"), "backgroundColor") == "rgb(1, 2, 3)"
        assert _style(page.locator(".headline"), "fontSize") == "40px"
        assert _style(page.locator(".about .country"), "color") == "rgb(7, 8, 9)"
        assert _style(page.locator(".dateline-list"), "backgroundColor") == "rgb(4, 5, 6)"

    def test_the_page_decides_on_the_dark_scheme(self, page: Page, site: Site) -> None:
        page.emulate_media(color_scheme="dark")
        _found(page, site.put(BOX))  # this page is light, whatever the system's scheme is
        light = _style(page.locator(".headline a"), "color"), _style(page.locator(".ask input"), "backgroundColor")
        assert light == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
        _found(page, site.put(BOX, head='<meta name="color-scheme" content="light dark">'))
        dark = _style(page.locator(".headline a"), "color"), _style(page.locator(".ask input"), "backgroundColor")
        assert dark == ("rgb(255, 255, 255)", "rgb(18, 18, 18)")
        own = "dateline-search { color-scheme: dark; background: #14181c; color: #e8eaed; }"
        page.emulate_media(color_scheme="light")
        _found(page, site.put(BOX, head=f"<style>{own}</style>"))
        assert _style(page.locator(".headline a"), "color") == "rgb(232, 234, 237)"
        assert _style(page.locator(".ask input"), "backgroundColor") == "rgb(18, 18, 18)"

    def test_uses_the_narrow_layout_in_a_narrow_place_of_a_wide_page(self, page: Page, site: Site) -> None:
        page.set_viewport_size({"width": 1200, "height": 900})
        _found(page, site.put(f'<aside style="width: 300px">{BOX}</aside>'))
        assert not page.locator(".filters").is_visible()
        page.get_by_role("button", name="Filters").click()
        assert page.locator(".filters").is_visible()
        assert page.locator("aside").evaluate("one => one.scrollWidth <= one.clientWidth")
        _found(page, site.put(BOX))
        assert page.locator(".filters").is_visible()
        hits, filters = page.locator(".hits").bounding_box(), page.locator(".filters").bounding_box()
        assert hits
        assert filters
        assert filters["x"] > hits["x"] + hits["width"]

    def test_styles_of_the_page_do_not_enter_the_box(self, page: Page, site: Site) -> None:
        reset = "body { margin: 0 } dateline-search { display: block }"
        _found(page, site.put(BOX, head=f"<style>{reset}</style>"))
        before = _looks(page)
        rules = "* { display: block; margin: 9px; border: 5px solid red; } button, input, a, li { all: unset; }"
        rules += " .hit, .ask, mark { background: red; color: red; font-size: 50px } h3 { font-size: 60px }"
        rules += (
            " html, body, dateline-search { margin: 0; border: 0 } :root { --accent: red; --ink: red; --line: red }"
        )
        _found(page, site.put(BOX, head=f"<style>{rules}{reset}</style>"))
        assert _looks(page) == before

    def test_styles_of_the_box_do_not_affect_the_page(self, page: Page, site: Site) -> None:
        markup = '<form class="ask"><input type="search" name="q"><p class="hit faint chart">One</p><mark>two</mark>{}</form>'
        looks = """() => [...document.querySelectorAll("form, p, mark, input")].map((one) => {
            const { cssText, ...style } = getComputedStyle(one);
            return Object.values(style).join();
        })"""
        page.goto(site.put(markup.format("")))
        before = page.evaluate(looks)
        page.goto(site.put(markup.format("") + BOX))
        page.get_by_role("combobox").wait_for()
        assert page.evaluate(looks) == before
        page.goto(site.put(markup.format(BOX)))
        page.get_by_role("combobox").wait_for()
        assert page.evaluate("document.adoptedStyleSheets.length") == 1
        selectors = page.evaluate("[...document.adoptedStyleSheets[0].cssRules].map((rule) => rule.selectorText)")
        assert selectors
        assert all(".dateline-list" in selector for selector in selectors)

    def test_the_hidden_attribute_hides_the_box(self, page: Page, site: Site) -> None:
        page.goto(site.put("<dateline-search hidden></dateline-search>"))
        page.locator("dateline-search .box").wait_for(state="attached")
        assert not page.locator("dateline-search").is_visible()


class TestLifecycle:
    def test_a_second_script_changes_nothing(self, page: Page, site: Site) -> None:
        again = f'<script type="module" src="{site.dateline}/search-box.js?again"></script>'
        _found(page, site.put(again + BOX))
        assert page.get_by_role("combobox").count() == 1

    def test_can_be_moved_removed_and_put_back(self, page: Page, site: Site) -> None:
        page.goto(site.put('<main></main><aside></aside><form id="f"><input name="q" aria-label="Find"></form>'))
        before = _listeners(page)
        page.evaluate("""() => {
            window.box = document.createElement("dateline-search");
            window.box.setAttribute("per-page", "5");
            window.box.setAttribute("form", "f");
            document.querySelector("main").append(window.box);
        }""")
        page.get_by_role("combobox", name="Find").fill("harbour")
        page.keyboard.press("Enter")
        page.locator(".hit").nth(4).wait_for()
        while_there = _listeners(page)
        for _ in range(3):
            page.evaluate("document.querySelector('aside').append(window.box)")
            page.locator("aside .hit").nth(4).wait_for()
        assert page.locator(".dateline-list").count() == 1
        assert _listeners(page) == while_there
        page.evaluate("window.box.remove()")
        assert _listeners(page) == before
        assert page.locator("#f").inner_html() == '<input name="q" aria-label="Find">'
        requested: list[str] = []
        page.on("request", lambda request: requested.append(request.url))
        page.evaluate("history.back()")
        page.wait_for_url(f"{site.address}/")
        page.evaluate("history.forward()")
        page.wait_for_url("**q=harbour")
        assert requested == []
        page.evaluate("document.querySelector('main').append(window.box)")
        page.locator("main .hit").nth(4).wait_for()
        assert len(requested) == 1

    def test_a_box_removed_before_it_is_ready_leaves_nothing(self, page: Page, site: Site) -> None:
        page.goto(site.put('<form><input name="q"></form>'))
        before = _listeners(page)
        page.evaluate("""() => {
            const box = document.createElement("dateline-search");
            box.lang = "de";
            document.querySelector("form").append(box);
            box.remove();
        }""")
        page.wait_for_load_state("networkidle")
        assert _listeners(page) == before
        page.evaluate("""() => document.body.append(document.createElement("dateline-search"))""")
        _search_alone(page)
        assert page.url.endswith("?q=treaty")

    def test_a_moved_box_keeps_its_results(self, page: Page, site: Site) -> None:
        _found(page, site.put(BOX + BOX + "<aside></aside>"))
        second = page.locator("dateline-search").nth(1)
        second.get_by_role("combobox").fill("seoul")
        second.get_by_role("combobox").press("Enter")
        second.locator(".hit").wait_for()
        page.evaluate("document.querySelector('aside').append(document.querySelectorAll('dateline-search')[1])")
        page.locator("aside .hit", has_text="Seoul watches").wait_for()


def _search_alone(page: Page) -> None:
    page.get_by_role("combobox").fill("treaty")
    page.keyboard.press("Enter")
    page.locator(".hit").first.wait_for()


def _listeners(page: Page) -> dict[str, list[str]]:
    """Return the events for which window, document, form and field have listeners."""
    session = page.context.new_cdp_session(page)
    listening = {}
    for name in ("window", "document", "document.querySelector('form')", "document.querySelector('input')"):
        made = session.send("Runtime.evaluate", {"expression": name})
        listened = session.send("DOMDebugger.getEventListeners", {"objectId": made["result"]["objectId"]})
        listening[name] = sorted(listener["type"] for listener in listened["listeners"])
    session.detach()
    return listening
