"""The search page in a browser: nothing jumps when the element takes over, and the keyboard reaches everything."""

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
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOLERANCE = 1.5
"""Pixels that a part of the page may move when the element takes over."""

COMPARED = (".chart svg", ".chart figcaption", ".count", ".sorts", ".headline", ".meta", ".snippet", ".about", ".facet")
SHIFTS = """
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) (window.shifts ??= []).push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""
REACHABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
ALL = f"""
const walk = (root) => [...root.querySelectorAll("*")].flatMap((one) => [
  ...(one.matches({REACHABLE!r}) && one.tabIndex >= 0 && one.checkVisibility() ? [one] : []),
  ...(one.shadowRoot ? walk(one.shadowRoot) : []),
]);
"""
ACTIVE = """
let active = document.activeElement;
while (active.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an archive whose facets have many values."""
    with served(app_over(long_facets(), tmp_path_factory.mktemp("archive"))) as address:
        yield address


def _places(page: Page, scope: str) -> dict[str, list[tuple[float, ...]]]:
    """Return position and size of the compared parts that are visible.

    Facets are compared only if they have a column of their own. On a phone, a button opens them.
    """
    found = {}
    for selector in COMPARED if page.evaluate("innerWidth") > 700 else COMPARED[:-1]:
        boxes = page.locator(f"{scope} {selector}").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(({x, y, width, height}) => [x, y, width, height])"
        )
        found[selector] = [tuple(place) for place in boxes if place[2]]
    return found


class TestTakeover:
    @pytest.mark.parametrize(
        ("query", "width"),
        [
            *(
                (query, 1200)
                for query in ("", "q=treety", "q=treaty&country=KP&from=2024-01-01", "q=treaty&country=PT")
            ),
            *((query, 390) for query in ("", "q=treaty&country=KP&from=2024-01-01", "lang=ar")),
        ],
    )
    def test_nothing_moves(self, browser: Browser, server: str, archive: str, query: str, width: int) -> None:
        address = f"{server if query[:1] == 'q' else archive}/?{query}"
        with browser.new_context(viewport={"width": width, "height": 900}) as context:
            page = context.new_page()
            held: list[Route] = []
            page.route("**/v1/search?**", lambda route: held.append(route))  # noqa: PLW0108
            with page.expect_request("**/v1/search?**"):
                page.goto(address)
            page.wait_for_timeout(20)
            before = _places(page, "dateline-search > .results")
            page.evaluate(SHIFTS)
            held[0].continue_()
            settled(page)
            after = _places(page, ".box")
            assert before.keys() == after.keys()
            for selector, places in before.items():
                assert len(places) == len(after[selector]), selector
                for old, new in zip(places, after[selector], strict=True):
                    assert new == pytest.approx(old, abs=TOLERANCE), selector
            assert any(before.values())
            page.wait_for_timeout(50)
            assert sum(page.evaluate("window.shifts ?? []")) < 0.01

    def test_nothing_moves_while_a_search_runs(self, page: Page, archive: str) -> None:
        opened(page, archive)
        before = _places(page, ".box")
        held: list[Route] = []
        page.route("**/v1/search?**", lambda route: held.append(route))  # noqa: PLW0108
        with page.expect_request("**/v1/search?**"):
            box(page, ".facet input").first.click()
        page.wait_for_timeout(50)
        assert _places(page, ".box") == before
        held[0].continue_()
        settled(page)
        assert len(chips(page)) == 1


class TestKeyboard:
    @pytest.mark.parametrize("query", ["q=harbour&country=FR&country=DE", "q=nothing&correct=false", ""])
    def test_tab_reaches_every_control_in_the_order_of_the_page(self, page: Page, archive: str, query: str) -> None:
        opened(page, f"{archive}/?{query}")
        number = page.evaluate(
            f"{ALL} walk(document).forEach((one, index) => {{ one.number = index; }}); walk(document).length"
        )
        page.locator(".skip").focus()
        page.keyboard.press("Shift+Tab")
        assert number > 13
        reached: list[Any] = []
        for _ in range(number * 2 + 30):  # a date field has several tab stops
            page.keyboard.press("Tab")
            now = page.evaluate(f"{ACTIVE} active.number ?? null")
            if now is not None and reached[-1:] != [now]:
                reached.append(now)
            if len(reached) > number:
                break
        missed = page.evaluate(
            f"{ALL} numbers => walk(document).filter(one => !numbers.includes(one.number)).map(one => one.outerHTML.slice(0, 90))",
            reached,
        )
        assert missed == []
        assert reached[:number] == sorted(reached[:number])

    def test_one_control_of_each_kind_works_by_keyboard(self, page: Page, archive: str) -> None:
        opened(page, archive)

        def to(role: Any, name: str) -> None:
            wanted = box(page, "*").and_(page.get_by_role(role, name=name, exact=True)).first
            for _ in range(120):
                if wanted.evaluate("one => one.matches(':focus')"):
                    return
                page.keyboard.press("Tab")
            pytest.fail(f"no Tab leads to {role} {name}")

        expect(page.locator("#q")).to_be_focused()  # on a page without a search
        page.keyboard.type("harbour")
        page.keyboard.press("Enter")
        expect(box(page, ".count")).to_have_text("56 articles")
        to("slider", "First day")
        page.keyboard.press("ArrowRight")
        expect(box(page, ".chips bdi")).to_have_text(["from 1 February 2024"])
        to("link", "Newest")
        page.keyboard.press("Enter")
        settled(page)
        assert query_string(page) == "q=harbour&from=2024-02-01&sort=newest"
        to("button", "Load more")
        page.keyboard.press("Enter")
        expect(box(page, ".headline")).to_have_count(20)
        to("searchbox", "Search countries")
        page.keyboard.type("pol")
        to("checkbox", "Poland 4")
        page.keyboard.press("Space")
        expect(box(page, ".chips bdi")).to_have_text(["Poland", "from 1 February 2024"])
        page.keyboard.press("/")
        to("link", "Remove filter Poland")
        page.keyboard.press("Enter")
        expect(box(page, ".chips bdi")).to_have_text(["from 1 February 2024"])
        found = headlines(page)
        to("link", found[0])
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles/**")
        page.go_back()
        shows(page, found)
