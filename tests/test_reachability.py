"""The search page with a screen reader, with the keyboard alone, with large letters and with forced colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import watched
from playwright.sync_api import expect
from support.search_page import *  # noqa: F403
from support.search_page import box, opened, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page


pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOCUSED = "(document.activeElement.shadowRoot?.activeElement ?? document.activeElement)"
"""Script that returns the focused node, in the page or in the element."""


def _tree(page: Page) -> list[dict[str, Any]]:
    """Return the accessibility tree that chromium gives to screen readers: role, name, properties of each element."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        {
            "role": node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            **{one["name"]: one["value"].get("value", one["value"].get("relatedNodes")) for one in node["properties"]},
        }
        for node in nodes
        if not node["ignored"] and "properties" in node
    ]


def _role(page: Page, role: str) -> list[dict[str, Any]]:
    return [node for node in _tree(page) if node["role"] == role]


class TestTree:
    def test_combobox(self, page: Page, site: str) -> None:
        opened(page, site)
        (field,) = _role(page, "combobox")
        assert (field["name"], field["autocomplete"], field["expanded"]) == ("Search the news", "list", False)
        assert not _role(page, "listbox")
        page.get_by_role("combobox").press_sequentially("port")
        page.get_by_role("option").first.wait_for()
        assert [one["name"] for one in _role(page, "listbox")] == ["Suggestions"]
        (field,) = _role(page, "combobox")
        assert (field["expanded"], field["focused"]) == (True, True)
        assert "activedescendant" not in field
        assert not any(option["selected"] for option in _role(page, "option"))
        page.keyboard.press("ArrowDown")
        (field,), options = _role(page, "combobox"), _role(page, "option")
        assert options[0]["name"].startswith("Portugal Country")
        assert [option["selected"] for option in options] == [True] + [False] * (len(options) - 1)
        (active,) = field["activedescendant"]
        assert page.locator(f"#{active['idref']}").get_attribute("aria-selected") == "true"
        assert field["controls"] == page.get_by_role("listbox").get_attribute("id")
        page.keyboard.press("Escape")
        assert _role(page, "combobox")[0]["expanded"] is False

    def test_sliders(self, page: Page, site: str) -> None:
        opened(page, f"{site}/?from=2024-02-01&to=2024-11-30")
        assert [one["name"] for one in _role(page, "slider")] == ["First day", "Last day"]
        texts = [one.get_attribute("aria-valuetext") for one in page.get_by_role("slider").all()]
        assert texts == ["1 February 2024", "30 November 2024"]
        page.get_by_role("slider").first.press("ArrowRight")
        expect(page.get_by_role("slider").first).to_have_attribute("aria-valuetext", "1 March 2024")

    def test_landmarks_and_headings(self, page: Page, site: str) -> None:
        opened(page, f"{site}/?q=treaty")
        tree = _tree(page)
        marks = ("banner", "search", "main", "navigation", "region", "contentinfo")
        assert sorted((one["role"], one["name"]) for one in tree if one["role"] in marks) == [
            ("banner", ""),
            ("contentinfo", ""),
            ("main", ""),
            ("navigation", "Language"),
            ("navigation", "Order"),
            ("region", "Filters"),
            ("search", ""),
        ]
        headings = [(one["level"], one["name"]) for one in tree if one["role"] == "heading"]
        assert (1, "treaty") in headings
        assert (2, "4 articles in 3 stories") in headings

    def test_active_filters_have_names(self, page: Page, site: str) -> None:
        opened(page, f"{site}/?q=treaty&country=KP")
        names = [one["name"] for one in _role(page, "link")]
        assert "Remove filter North Korea" in names
        (box_of_it,) = [one for one in _role(page, "checkbox") if one["name"].startswith("North Korea")]
        assert box_of_it["checked"] == "true"

    def test_live_regions_exist_before_they_have_text(self, page: Page, site: str) -> None:
        """A screen reader announces a live region only if it existed before its text."""
        opened(page, site)
        status, alert = box(page, "> [role=status]").element_handle(), box(page, "[role=alert]").element_handle()
        page.get_by_role("combobox").fill("treaty")
        page.keyboard.press("Enter")
        expect(box(page, "> [role=status]")).to_have_text("4 articles in 3 stories")
        page.route("**/v1/search?*", lambda route: route.abort())
        page.get_by_role("combobox").fill("other")
        page.keyboard.press("Enter")
        expect(box(page, "[role=alert]")).to_contain_text("The server does not answer.")
        assert status.evaluate("one => one.isConnected")
        assert alert.evaluate("one => one.isConnected && one.textContent.length > 0")

    @pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
    def test_language_and_direction(self, page: Page, site: str, language: str, direction: str) -> None:
        opened(page, f"{site}/?lang={language}")
        page.get_by_role("combobox").press_sequentially("port")
        page.get_by_role("option").first.wait_for()
        for part in ("html", "dateline-search >> .box", "[role=listbox]"):
            one = page.locator(part)
            assert (one.get_attribute("lang"), one.get_attribute("dir")) == (language, direction), part


class TestFocus:
    """After each keyboard action the focus stays, or moves to the result. It is never lost."""

    @pytest.mark.parametrize(
        ("path", "control", "lands"),
        [
            ("/", ".facet input", "INPUT:checkbox"),
            ("/?country=FR&country=DE", ".facet input", "INPUT:checkbox"),
            ("/?country=FR&country=DE", ".chips a", "H2:"),
            ("/?country=FR&country=DE", ".chips li:last-child a", "H2:"),
            ("/?q=report", ".sorts a:nth-child(2)", "A:Newest"),
            ("/?q=report", "button.more >> text=Load more", "A:Harbour"),
            ("/", ".facet ~ .more", "INPUT:search"),
            ("/", ".chart input >> nth=0", "INPUT:range"),
            ("/", ".about a", "H2:"),
            ("/?q=treaty", ".copies", "H2:"),
            ("/?q=traety", ".note a", "H2:"),
            ("/?q=traety", ".note a >> nth=1", "H2:"),
            ("/?q=nosuchword", ".alternatives a", "H2:"),
        ],
    )
    def test_after_each_action(self, page: Page, site: str, path: str, control: str, lands: str) -> None:
        opened(page, site + path)
        pattern = "**/v1/facets/**" if "facet ~" in control else "**/v1/search?*"
        with page.expect_response(pattern):
            box(page, control).first.press({"INPUT:checkbox": "Space", "INPUT:range": "ArrowRight"}.get(lands, "Enter"))
        settled(page)
        page.wait_for_timeout(50)
        at = page.evaluate(f"(at => `${{at.tagName}}:${{at.type ?? ''}}${{at.textContent}}`)({FOCUSED})")
        assert at.startswith(lands)

    def test_after_a_failure_and_its_end(self, page: Page, site: str) -> None:
        opened(page, site)
        page.route("**/v1/search?*", lambda route: route.abort())
        box(page, ".facet input").first.press("Space")
        again = page.get_by_role("button", name="Try again")
        expect(again).to_be_focused()
        again.press("Enter")
        page.wait_for_timeout(100)
        expect(again).to_be_focused()
        page.unroute("**/v1/search?*")
        again.press("Enter")
        expect(box(page, ".count")).to_be_focused()

    def test_filters_on_a_phone(self, phone: Page, site: str) -> None:
        """The filters open below their button, and Tab moves to them next."""
        opened(phone, f"{site}/?q=report")
        button, filters = box(phone, ".to-filters"), box(phone, ".filters")
        expect(filters).to_be_hidden()
        expect(button).to_have_attribute("aria-expanded", "false")
        button.press("Enter")
        expect(button).to_be_focused()
        expect(button).to_have_attribute("aria-expanded", "true")
        assert 0 < _top(filters) - _top(button) < 100
        phone.keyboard.press("Tab")
        assert phone.evaluate(f"{FOCUSED}.type") == "date"
        with phone.expect_response("**/v1/search?*"):
            box(phone, ".facet input").first.press("Space")
        settled(phone)
        expect(filters).to_be_visible()
        expect(button).to_have_attribute("aria-expanded", "true")
        phone.set_viewport_size({"width": 1000, "height": 800})
        button.press("Enter")
        assert _left(filters) > _left(box(phone, ".hits")) + 300
        expect(button).to_be_hidden()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_is_visible(self, page: Page, site: str, scheme: str) -> None:
        page.emulate_media(color_scheme=scheme)
        opened(page, f"{site}/?q=treaty&country=KP&country=FR")
        page.locator(".wordmark").focus()
        kinds = set()
        while page.evaluate(f"{FOCUSED}.closest('.languages') === null"):
            page.keyboard.press("Tab")
            kind, outline = page.evaluate(f"(at => [at.href ? 'a' : at.type, getComputedStyle(at).outline])({FOCUSED})")
            kinds.add(kind)
            # the button in a date field has its own focus ring
            assert "solid 2px" in outline or kind in ("range", "date"), page.evaluate(f"{FOCUSED}.outerHTML")
        assert kinds == {"a", "search", "submit", "range", "date", "checkbox"}
        for handle in box(page, ".chart input").all():  # the ring is around the thumb, which scripts cannot reach
            idle = box(page, ".chart").screenshot()
            handle.press("Shift")
            assert box(page, ".chart").screenshot() != idle
            page.locator(".wordmark").focus()


class TestLooks:
    @pytest.mark.parametrize(
        "path",
        ["/?q=treaty&country=KP&lang=de", "/?q=nosuchword", "/help", "/docs", "/nothing", "/articles/envoy-1?q=treaty"],
    )
    @pytest.mark.parametrize(("width", "letters"), [(320, "100%"), (640, "200%")])
    def test_no_sideways_scrolling(self, page: Page, site: str, path: str, width: int, letters: str) -> None:
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(site + path)
        page.evaluate("size => { document.documentElement.style.fontSize = size; }", letters)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("combobox").fill("")
        page.get_by_role("combobox").press_sequentially("port")
        page.get_by_role("option").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_forced_colours(self, browser: Browser, site: str) -> None:
        """Forced colours remove backgrounds, so lines must show the same information."""
        context = browser.new_context(forced_colors="active", viewport={"width": 1200, "height": 900})
        with watched(context) as page:
            opened(page, f"{site}/?q=treaty&from=2024-02-01")
            on, off = (
                box(page, f".chart .bar{which}").first.evaluate("one => getComputedStyle(one).fill")
                for which in (":not(.off)", ".off")
            )
            assert on != off
            for pill in (".chips [aria-label]", ".about a"):
                assert box(page, pill).first.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
            page.get_by_role("combobox").fill("port")
            page.keyboard.press("ArrowDown")
            active = page.locator("[role=option][aria-selected=true]")
            assert active.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        context.close()

    def test_nothing_moves(self, page: Page, site: str) -> None:
        """Only opacity is animated, so users who prefer reduced motion need no other style."""
        opened(page, f"{site}/?q=treaty")
        moving = """() => [...document.styleSheets, ...document.querySelector("dateline-search").shadowRoot.adoptedStyleSheets]
            .flatMap(sheet => [...sheet.cssRules]).flatMap(rule => [rule, ...(rule.cssRules ?? [])])
            .map(rule => rule.style?.transition).filter(one => one && !one.startsWith("opacity"))"""
        assert page.evaluate(moving) == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    context.set_default_timeout(30_000)
    with watched(context) as page:
        yield page
    context.close()


def _top(one: Locator) -> float:
    return (one.bounding_box() or {})["y"]


def _left(one: Locator) -> float:
    return (one.bounding_box() or {})["x"]
