"""The pages beside the search page in a browser: the documentation and an article.

The search page has its own tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


class TestDocumentation:
    def test_needs_neither_the_internet_nor_javascript(self, browser: Browser, server: str) -> None:
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
    def test_is_accessible(self, page: Page, server: str, scheme: Any, width: int) -> None:
        from axe_playwright_python.sync_playwright import Axe

        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{server}/docs")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.get_by_role("row", name="per_page integer").first.is_visible()  # on a phone it is a table, too

    def test_fits_every_screen(self, page: Page, server: str) -> None:
        page.goto(f"{server}/docs")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        for width in (320, 390, 768, 769, 1000, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width


class TestArticlePage:
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
            assert page.locator(".count").text_content() == "2 articles in 1 story"
            page.locator(".hit").first.get_by_role("link", name="Russia", exact=True).click()
            chips = [" ".join(text.split()) for text in page.locator(".chips a").all_text_contents()]
            assert chips == ["Russia", "Vladimir Putin", "Clear all"]

    def test_hostile_names_are_text(self, page: Page, server: str) -> None:
        page.goto(f"{server}/articles/hostile")
        assert page.locator("aside .label").all_text_contents() == ["France", "Zoé <i>O'Brien</i>"]
        assert page.locator("main img, aside i").count() == 0
