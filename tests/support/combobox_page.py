"""Fixtures for tests of the input field with suggestions, alone on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import served
from support.module_pages import modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page, Route

FIELD = '<input type="search" id="q" aria-label="Search the news" autocomplete="on">'
PAGE = f"""<!doctype html><html lang="en"><title>Combobox</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark; }} form {{ position: relative; }} input {{ width: 100%; }}</style>
<body><form id="ask">{FIELD}</form><button id="after">After</button>
<script type="module" src="/page.js"></script>"""
SCRIPT = """
import { Combobox } from "/search-box/combobox.js";
import { Texts } from "/search-box/texts.js";

Object.assign(window, { taken: [], said: [], submitted: 0, wait: 0, hidden: "", leave: null });
window.start = (field = document.querySelector("#q"), texts = new Texts("en", {})) => {
  window.leave = new AbortController();
  window.box = new Combobox(field, {
    texts,
    address: (text) => new URL(`/suggest?q=${encodeURIComponent(text)}`, location.href),
    choose: (suggestion) => window.taken.push(suggestion.value),
    announce: (text) => window.said.push(text),
    debounce: () => window.wait,
    keep: ({ type }) => type !== window.hidden,
    signal: window.leave.signal,
  });
};
window.inArabic = async () => {
  const texts = await Texts.load("ar", (code) => `/texts/${code}.json`);
  document.documentElement.dir = texts.dir;
  window.leave.abort();
  window.start(undefined, texts);
};
document.querySelector("#ask").addEventListener("submit", (event) => {
  event.preventDefault();
  window.submitted += 1;
});
window.start();
"""
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & </bdi><script>alert(1)</script>"
REVERSED = "\u202egnorw"


def suggestion(kind: str, label: str, count: int = 1, value: str = "") -> dict[str, Any]:
    return {"type": kind, "value": value or label, "label": label, "count": count}


ANSWERS = {
    "ki": [
        suggestion("person", "Kim Jong Un", 1234),
        suggestion("country", "Kiribati", 1, "KI"),
        suggestion("headline", "Kim meets the envoy", 1, "envoy-1"),
        suggestion("word", "kilometre", 7),
    ],
    "kim": [suggestion("person", "Kim Jong Un", 1234), suggestion("headline", "Kim meets the envoy", 1, "envoy-1")],
    "zo": [suggestion("person", HOSTILE), suggestion("person", REVERSED), suggestion("person", "نجيب محفوظ")],
    "lo": [suggestion("headline", "o" * 10_000), suggestion("headline", "words and " * 1_000)],
    "many": [suggestion("word", f"many {number}") for number in range(60)],
}
KI = ["Kim Jong Un", "Kiribati", "Kim meets the envoy", "kilometre"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pages = {"/": ("text/html", PAGE), "/page.js": ("text/javascript", SCRIPT)}
    with served(modules(pages, lambda text: {"query": text, "suggestions": ANSWERS.get(text, [])})) as server:
        yield f"{server}/"


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """Yield the page with the field focused. An uncaught error or a dialog fails the test."""
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    opened.goto(address)
    opened.wait_for_function("window.box")
    opened.locator("#q").focus()
    yield opened
    opened.close()
    assert not faults


def typed(page: Page, text: str, count: int | None = None) -> list[str]:
    """Type a text and return the labels of its suggestions."""
    page.keyboard.type(text)
    expected = len(ANSWERS[text]) if count is None else count
    page.wait_for_function("n => box.list.children.length === n && !box.list.hidden", arg=expected)
    return page.locator("[role=option] bdi").all_text_contents()


def active(page: Page) -> str | None:
    """Return the label of the active option. Check that field, option and style agree on it."""
    chosen = page.locator("[role=option][aria-selected=true]")
    named = page.locator("#q").get_attribute("aria-activedescendant")
    if not chosen.count():
        assert named is None
        return None
    assert chosen.count() == 1
    assert chosen.get_attribute("id") == named
    assert chosen.evaluate("option => getComputedStyle(option).outlineStyle") == "solid"
    return chosen.locator("bdi").text_content()


def is_open(page: Page) -> bool:
    """Return whether the list is open. Check that its visibility and its ARIA state agree."""
    seen = page.locator(".dateline-list").is_visible()
    assert page.locator("#q").get_attribute("aria-expanded") == str(seen).lower()
    return seen


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def text_of(page: Page) -> str:
    return page.locator("#q").input_value()


def cursor(page: Page) -> int:
    return int(page.locator("#q").evaluate("field => field.selectionStart"))


def settle(page: Page) -> None:
    """Wait a moment. If the page did not ignore a late answer, it would change now."""
    page.wait_for_timeout(120)


@pytest.fixture
def held(page: Page) -> list[Route]:
    """Return a list that collects the requests for suggestions. They stay unanswered."""
    requests: list[Route] = []
    page.route("**/suggest?*", lambda route: requests.append(route))  # noqa: PLW0108 - playwright needs a signature
    return requests


def hold(page: Page, held: list[Route], text: str) -> None:
    """Type the last letter of a text and wait until its request is held."""
    page.keyboard.type(text[-1])
    until_held(page, held, text)


def until_held(page: Page, held: list[Route], text: str, count: int = 1) -> None:
    for _ in range(500):
        if len(held) >= count and held[-1].request.url.endswith(f"?q={text}"):
            return
        page.wait_for_timeout(5)
    pytest.fail(f"nobody asked for {text}")


def answer(page: Page, route: Route, *labels: str) -> None:
    route.fulfill(json={"suggestions": [suggestion("word", label) for label in labels]})
    settle(page)
