"""axe-core checks every page and state: light and dark, wide and on a phone, with JavaScript and without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.search_page import *  # noqa: F403
from support.search_page import box, settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE = {"width": 1200, "height": 900}
PHONE = {"width": 390, "height": 844}
LOOKS = [("light", WIDE), ("dark", PHONE)]
"""Two looks cover both colour schemes and both widths, because colours depend only on the scheme."""

BESIDES = "target-size", "label-content-name-mismatch", "p-as-heading", "table-fake-caption", "td-has-header"
"""Rules of axe-core that are off by default."""

EXAMPLE = Path(__file__).parent.parent / "docs" / "embed-example.html"
AXE = Axe()
AXE.axe_script = AXE.axe_script.replace("ignoreLength:!1", "ignoreLength:!0")  # page numbers are short texts
COVERED = "overlap"
"""Part of axe-core's message about texts under the list of suggestions, because it cannot compute their contrast."""


def _type(page: Page) -> None:
    page.get_by_role("combobox").press_sequentially("port")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


def _find_country(page: Page) -> None:
    _filters(page)
    page.get_by_role("searchbox", name="Search countries").fill("ger")
    box(page, ".facet").first.get_by_text("Germany").wait_for()


def _filters(page: Page) -> None:
    button = box(page, ".to-filters")
    if button.is_visible():
        button.click()


def _load_all(page: Page) -> None:
    more = page.get_by_role("button", name="Load more")
    while more.is_visible():
        more.click()
        settled(page)


def _fail(page: Page) -> None:
    page.route("**/v1/search?*", lambda route: route.abort())
    page.get_by_role("combobox").fill("treaty")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Try again").wait_for()


STATES: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "landing": ("/", None),
    "results": ("/?q=treaty", None),
    "filters": ("/?q=treaty&country=KP&country=KR&person=Choe+Son+Hui&from=2024-01-01", _filters),
    "suggestions": ("/", _type),
    "facet": ("/", _find_country),
    "nothing": ("/?q=nosuchword&country=FR", None),
    "corrected": ("/?q=traety", None),
    "as typed": ("/?q=traety&correct=false", None),
    "relaxed": ("/?q=treaty+lisbon+hills+gazette", None),
    "warnings": ("/?q=wrong:field+treaty+AND", None),
    "loaded": ("/?q=report", _load_all),
    "failure": ("/", _fail),
    "copies": ("/?story=treaty", None),
    "ignored": ("/?colour=blue", None),
    "hostile": ("/?q=markup", None),
    "arabic": ("/?q=treaty&lang=ar&country=KP", None),
    "german": ("/?q=treaty&lang=de", None),
    "help": ("/help", None),
    "help in arabic": ("/help?lang=ar", None),
    "article": ("/articles/envoy-1", None),
    "article, searched": ("/articles/envoy-1?q=treaty", None),
    "article, hostile": ("/articles/hostile", None),
    "article in arabic": ("/articles/envoy-1?q=treaty&lang=ar", None),
    "reference": ("/docs", None),
    "no such page": ("/nothing", None),
    "no such article": ("/articles/nothing", None),
    "bad request": ("/?from=yesterday&page=x", None),
    "too far": ("/?q=treaty&page=90", None),
}
ASKED_IN_HTML = {name: path for name, (path, act) in STATES.items() if not act} | {"page 2": "/?q=report&page=2"}


def _faults(page: Page) -> list[str]:
    """Return the violations that axe-core finds on a page, in any look."""
    faults = []
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        options = {"rules": {name: {"enabled": True} for name in BESIDES}, "resultTypes": ["violations", "incomplete"]}
        answer = AXE.run(page, options=options).response
        unsure = [rule for rule in answer["incomplete"] if rule["id"] in ("color-contrast", "link-in-text-block")]
        faults += [
            f"{scheme}: {rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in [*answer["violations"], *unsure]
            for node in rule["nodes"]
            if rule["id"] != "color-contrast" or COVERED not in node["failureSummary"]
        ]
    return faults


@pytest.mark.parametrize("state", STATES)
def test_with_javascript(page: Page, site: str, state: str) -> None:
    path, act = STATES[state]
    page.set_viewport_size(WIDE)
    page.goto(site + path)
    if page.locator("dateline-search[browse]").count():
        settled(page)
    if act:
        act(page)
    assert not _faults(page)


@pytest.mark.parametrize("state", ASKED_IN_HTML)
def test_without_javascript(page: Page, site: str, state: str) -> None:
    off = page.context.new_cdp_session(page)
    off.send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.set_viewport_size(WIDE)
    page.goto(site + ASKED_IN_HTML[state])
    off.send("Emulation.setScriptExecutionDisabled", {"value": False})  # axe-core is a script
    assert not page.evaluate("customElements.get('dateline-search')")
    assert not _faults(page)


@pytest.mark.parametrize("query", ["", "treaty", "nosuchword"])
def test_in_a_page_of_another_site(page: Page, site: str, query: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("http://127.0.0.1:8000", site)
    text = text.replace(
        "<style>", "<style> html { background: Canvas; }"
    )  # otherwise axe-core assumes a white background
    page.route(f"{site}/embedding?*", lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(f"{site}/embedding?q={query}")
    page.get_by_role("combobox").wait_for()
    if query:
        settled(page)
    assert not _faults(page)
