"""The field with suggestions, alone on a page: its keys, its answers and what it leaves behind."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route

API = Path(__file__).parent.parent / "api"
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


def _suggestion(kind: str, label: str, count: int = 1, value: str = "") -> dict[str, Any]:
    return {"type": kind, "value": value or label, "label": label, "count": count}


ANSWERS = {
    "ki": [
        _suggestion("person", "Kim Jong Un", 1234),
        _suggestion("country", "Kiribati", 1, "KI"),
        _suggestion("headline", "Kim meets the envoy", 1, "envoy-1"),
        _suggestion("word", "kilometre", 7),
    ],
    "kim": [_suggestion("person", "Kim Jong Un", 1234), _suggestion("headline", "Kim meets the envoy", 1, "envoy-1")],
    "zo": [_suggestion("person", HOSTILE), _suggestion("person", REVERSED), _suggestion("person", "نجيب محفوظ")],
    "lo": [_suggestion("headline", "o" * 10_000), _suggestion("headline", "words and " * 1_000)],
    "many": [_suggestion("word", f"many {number}") for number in range(60)],
}
KI = ["Kim Jong Un", "Kiribati", "Kim meets the envoy", "kilometre"]

pytestmark = pytest.mark.browser


class _Modules(SimpleHTTPRequestHandler):
    """Serves the page, the modules as they are written, and suggestions."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        made = {"/": (PAGE, "text/html"), "/page.js": (SCRIPT, "text/javascript")}
        if url.path == "/suggest":
            text = parse_qs(url.query)["q"][0]
            self._send(json.dumps({"query": text, "suggestions": ANSWERS.get(text, [])}), "application/json")
        elif url.path in made:
            self._send(*made[url.path])
        else:
            super().do_GET()

    def _send(self, text: str, kind: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(ConnectionError):  # a request that was cancelled
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Modules, directory=API)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """Yield the page with its field focused; an uncaught error or a dialog fails the test."""
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


def _typed(page: Page, text: str, count: int | None = None) -> list[str]:
    """Type a text and return the labels of its suggestions."""
    page.keyboard.type(text)
    expected = len(ANSWERS[text]) if count is None else count
    page.wait_for_function("n => box.list.children.length === n && !box.list.hidden", arg=expected)
    return page.locator("[role=option] bdi").all_text_contents()


def _active(page: Page) -> str | None:
    """Return the label of the active option, told in the same way by the field, the option and its looks."""
    chosen = page.locator("[role=option][aria-selected=true]")
    named = page.locator("#q").get_attribute("aria-activedescendant")
    if not chosen.count():
        assert named is None
        return None
    assert chosen.count() == 1
    assert chosen.get_attribute("id") == named
    assert chosen.evaluate("option => getComputedStyle(option).outlineStyle") == "solid"
    return chosen.locator("bdi").text_content()


def _is_open(page: Page) -> bool:
    """Tell whether the list is open, as it is seen and as it is told."""
    is_open = page.locator(".dateline-list").is_visible()
    assert page.locator("#q").get_attribute("aria-expanded") == str(is_open).lower()
    return is_open


def _press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def _text(page: Page) -> str:
    return page.locator("#q").input_value()


def _cursor(page: Page) -> int:
    return int(page.locator("#q").evaluate("field => field.selectionStart"))


def _settle(page: Page) -> None:
    """Give an answer that must change nothing the time to change something."""
    page.wait_for_timeout(120)


@pytest.fixture
def held(page: Page) -> list[Route]:
    """Hold back the requests for suggestions."""
    requests: list[Route] = []
    page.route("**/suggest?*", lambda route: requests.append(route))  # noqa: PLW0108 - playwright needs a signature
    return requests


def _hold(page: Page, held: list[Route], text: str) -> None:
    """Type the last letter of a text and wait until its request is held."""
    page.keyboard.type(text[-1])
    _until_held(page, held, text)


def _until_held(page: Page, held: list[Route], text: str, count: int = 1) -> None:
    for _ in range(500):
        if len(held) >= count and held[-1].request.url.endswith(f"?q={text}"):
            return
        page.wait_for_timeout(5)
    pytest.fail(f"nobody asked for {text}")


def _answer(page: Page, route: Route, *labels: str) -> None:
    route.fulfill(json={"suggestions": [_suggestion("word", label) for label in labels]})
    _settle(page)


class TestList:
    def test_field_and_list_are_a_combobox(self, page: Page) -> None:
        field = page.get_by_role("combobox", name="Search the news")
        assert field.get_attribute("aria-autocomplete") == "list"
        assert field.get_attribute("autocomplete") == "off"
        assert not _is_open(page)
        assert _typed(page, "ki") == KI
        assert _is_open(page)
        assert page.locator("#q + .dateline-list").get_attribute("id") == field.get_attribute("aria-controls")
        assert page.get_by_role("listbox", name="Suggestions").count() == 1
        assert _active(page) is None

    def test_options_tell_kind_and_count(self, page: Page) -> None:
        _typed(page, "ki")
        expected = [
            "Kim Jong Un Person · 1,234",
            "Kiribati Country · 1",
            "Kim meets the envoy Article",
            "kilometre Search · 7",
        ]
        assert page.get_by_role("option").all_text_contents() == expected
        for name in expected:
            assert page.get_by_role("option", name=name, exact=True).count() == 1

    def test_what_is_not_kept_is_not_shown(self, page: Page) -> None:
        page.evaluate("hidden = 'person'")
        assert _typed(page, "ki", 3) == KI[1:]
        assert page.evaluate("said") == ["3 suggestions"]

    def test_counts_are_announced_and_taken_back(self, page: Page) -> None:
        _typed(page, "ki")
        _press(page, "ArrowDown ArrowDown")
        assert page.evaluate("said") == ["4 suggestions"]
        page.keyboard.press("m")
        page.wait_for_function("box.list.children.length === 2")
        assert page.evaluate("said") == ["4 suggestions", "2 suggestions"]
        page.keyboard.press("x")
        page.wait_for_function("box.list.hidden")
        assert page.evaluate("said") == ["4 suggestions", "2 suggestions", ""]
        page.keyboard.press("y")
        _settle(page)
        assert page.evaluate("said.length") == 3

    def test_shadow_roots_hold_list_and_style_once(self, page: Page) -> None:
        count = page.evaluate("""() => {
            const host = document.createElement("div");
            document.body.prepend(host);
            const root = host.attachShadow({ mode: "open" });
            root.append(document.createElement("input"), document.createElement("input"));
            for (const field of root.querySelectorAll("input")) start(field);
            root.querySelector("input").focus();
            return [root.adoptedStyleSheets.length, document.adoptedStyleSheets.length];
        }""")
        assert count == [1, 1]
        page.keyboard.type("ki")
        page.get_by_role("option").first.wait_for()
        assert page.locator("div input").first.evaluate(
            "field => field.nextSibling.id === field.getAttribute('aria-controls') && !field.nextSibling.hidden"
        )
        assert (
            page.evaluate("new Set([...document.querySelectorAll('*')].map((one) => one.id)).has(box.list.id)") is False
        )
        assert page.locator(".dateline-list:visible").evaluate("list => getComputedStyle(list).position") == "absolute"


class TestKeys:
    def test_arrows_wrap_through_the_field(self, page: Page) -> None:
        _typed(page, "ki")
        for key, expected in [
            ("ArrowUp", KI[3]),
            ("ArrowDown", None),
            ("ArrowDown", KI[0]),
            ("ArrowDown", KI[1]),
            ("End", KI[3]),
            ("ArrowDown", None),
            ("ArrowUp", KI[3]),
            ("Home", KI[0]),
            ("ArrowUp", None),
        ]:
            page.keyboard.press(key)
            assert _active(page) == expected, key
        assert _text(page) == "ki"

    @pytest.mark.parametrize(
        ("key", "expected"), [("ArrowDown", KI[0]), ("ArrowUp", KI[3]), ("Alt+ArrowDown", None)], ids=str
    )
    def test_closed_list_opens(self, page: Page, key: str, expected: str | None) -> None:
        _typed(page, "ki")
        page.keyboard.press("Escape")
        assert not _is_open(page)
        page.keyboard.press(key)
        assert _is_open(page)
        assert _active(page) == expected
        assert page.evaluate("said") == ["4 suggestions", "", "4 suggestions"]

    def test_alt_up_closes_and_keeps_the_text(self, page: Page) -> None:
        _typed(page, "ki")
        _press(page, "ArrowDown Alt+ArrowUp")
        assert not _is_open(page)
        assert _active(page) is None
        assert _text(page) == "ki"

    def test_arrow_asks_for_a_text_that_was_not_typed(self, page: Page) -> None:
        page.locator("#q").evaluate("field => { field.value = 'kim'; }")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("!box.list.hidden")
        assert (_is_open(page), _active(page)) == (True, None)
        page.keyboard.press("ArrowDown")
        assert _active(page) == "Kim Jong Un"

    def test_nothing_opens_without_suggestions(self, page: Page) -> None:
        _press(page, "ArrowDown ArrowUp Alt+ArrowDown")
        page.keyboard.type("xyz")
        _settle(page)
        _press(page, "ArrowDown ArrowUp Alt+ArrowDown")
        _settle(page)
        assert not _is_open(page)
        assert page.evaluate("said") == []

    def test_home_and_end_are_the_field_s_own_without_an_active_option(self, page: Page) -> None:
        _typed(page, "ki")
        page.keyboard.press("Home")
        assert (_cursor(page), _active(page)) == (0, None)
        page.keyboard.press("End")
        assert (_cursor(page), _active(page)) == (2, None)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        assert (_cursor(page), _active(page)) == (2, KI[0])

    @pytest.mark.parametrize("key", ["ArrowLeft", "ArrowRight", "Shift+Home", "Shift+End", "Control+ArrowLeft", "m"])
    def test_text_cursor_and_typing_leave_the_options(self, page: Page, key: str) -> None:
        _typed(page, "ki")
        _press(page, f"ArrowDown ArrowDown {key}")
        assert _active(page) is None
        assert _is_open(page)

    def test_text_cursor_moves(self, page: Page) -> None:
        _typed(page, "ki")
        _press(page, "ArrowDown ArrowLeft")
        assert _cursor(page) == 1

    def test_enter_takes_the_active_option(self, page: Page) -> None:
        _typed(page, "ki")
        _press(page, "ArrowDown ArrowDown Enter")
        assert page.evaluate("[taken, submitted]") == [["KI"], 0]
        assert not _is_open(page)
        page.keyboard.press("Enter")
        assert page.evaluate("[taken, submitted]") == [["KI"], 1]

    def test_list_of_a_text_that_is_gone_does_not_come_back(self, page: Page) -> None:
        _typed(page, "ki")
        _press(page, "ArrowDown Enter")
        page.locator("#q").evaluate("field => { field.value = ''; }")
        page.keyboard.press("ArrowDown")
        assert not _is_open(page)
        page.locator("#q").evaluate("field => { field.value = 'kim'; }")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("!box.list.hidden")
        assert page.get_by_role("option").count() == 2

    def test_enter_without_one_submits(self, page: Page) -> None:
        _typed(page, "ki")
        page.keyboard.press("Enter")
        assert page.evaluate("[taken, submitted]") == [[], 1]
        assert not _is_open(page)

    def test_escape_closes_then_clears_then_leaves_to_the_page(self, page: Page) -> None:
        page.evaluate("""() => {
            window.seen = [];
            document.addEventListener("keydown", (event) => seen.push(event.defaultPrevented));
            document.addEventListener("input", (event) => seen.push(event.target.value));
        }""")
        _typed(page, "ki")
        page.evaluate("seen.length = 0")
        _press(page, "ArrowDown Escape")
        assert (_is_open(page), _active(page), _text(page)) == (False, None, "ki")
        _press(page, "Escape")
        assert _text(page) == ""
        _press(page, "Escape")
        assert page.evaluate("seen") == [True, True, "", True, False]

    def test_tab_closes_and_takes_nothing(self, page: Page) -> None:
        _typed(page, "ki")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.evaluate("[taken, submitted, document.activeElement.id]") == [[], 0, "after"]
        assert not _is_open(page)
        assert _text(page) == "ki"

    def test_tab_closes_where_the_page_keeps_the_focus(self, page: Page) -> None:
        page.evaluate("window.addEventListener('keydown', (event) => event.key === 'Tab' && event.preventDefault())")
        _typed(page, "ki")
        _press(page, "ArrowDown Tab")
        assert page.evaluate("[taken, document.activeElement.id]") == [[], "q"]
        assert not _is_open(page)

    def test_keys_of_a_composition_are_left_alone(self, page: Page) -> None:
        _typed(page, "ki")
        page.keyboard.press("ArrowDown")
        kept = page.evaluate("""() => {
            const keys = ["ArrowDown", "ArrowUp", "Home", "End", "Enter", "Escape", "Tab", "ArrowLeft"];
            const press = (key, more) => document.querySelector("#q").dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
            return keys.flatMap((key) => [press(key, { isComposing: true }), press(key, { keyCode: 229 })]);
        }""")
        assert all(kept)
        assert _active(page) == KI[0]
        assert page.evaluate("[taken, submitted]") == [[], 0]

    def test_composed_text_is_suggested_for(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Input.imeSetComposition", {"text": "ki", "selectionStart": 2, "selectionEnd": 2})
        page.wait_for_function("box.list.children.length === 4")
        session.send("Input.insertText", {"text": "kim"})
        page.wait_for_function("box.list.children.length === 2")


class TestAnswers:
    def test_answer_to_an_older_text_is_dropped(self, page: Page, held: list[Route]) -> None:
        _hold(page, held, "k")
        _hold(page, held, "ki")
        _answer(page, held[1], "new")
        _answer(page, held[0], "old")
        assert page.locator("[role=option] bdi").all_text_contents() == ["new"]

    @pytest.mark.parametrize("keys", ["Escape", "Enter", "Tab", "Backspace", "Alt+ArrowUp"])
    def test_late_answer_opens_nothing(self, page: Page, held: list[Route], keys: str) -> None:
        _hold(page, held, "k")
        _press(page, keys)
        _answer(page, held[0], "late")
        assert not _is_open(page)
        assert page.locator("[role=option]").count() == 0
        assert page.evaluate("said") == []

    @pytest.mark.parametrize("keys", ["Escape", "Enter", "Tab", "Backspace Backspace"])
    def test_waiting_for_the_next_key_ends_likewise(self, page: Page, held: list[Route], keys: str) -> None:
        page.clock.install()
        page.evaluate("wait = 60_000")
        page.keyboard.type("ki")
        _press(page, keys)
        page.clock.run_for(60_000)
        _settle(page)
        assert held == []

    def test_only_the_last_of_quick_keys_is_asked_for(self, page: Page, held: list[Route]) -> None:
        page.clock.install()
        page.evaluate("wait = 60_000")
        page.keyboard.type("kim")
        page.clock.run_for(60_000)
        _until_held(page, held, "kim")
        assert len(held) == 1

    def test_arrow_does_not_wait_for_the_next_key(self, page: Page) -> None:
        page.evaluate("wait = 60_000")
        page.keyboard.type("ki")
        assert not _is_open(page)
        page.keyboard.press("ArrowUp")
        page.wait_for_function("!box.list.hidden")
        assert _is_open(page)

    def test_arrows_do_not_move_in_the_list_of_an_older_text(self, page: Page, held: list[Route]) -> None:
        _hold(page, held, "k")
        _answer(page, held[0], "old one", "old two")
        _hold(page, held, "ki")
        _press(page, "ArrowDown ArrowDown")
        _settle(page)
        assert _active(page) is None
        _answer(page, held[-1], "new one", "new two", "new three")
        page.keyboard.press("ArrowDown")
        assert _active(page) == "new one"

    def test_typing_leaves_the_active_option_before_the_answer(self, page: Page, held: list[Route]) -> None:
        _hold(page, held, "k")
        _answer(page, held[0], "old")
        page.keyboard.press("ArrowDown")
        assert _active(page) == "old"
        _hold(page, held, "ki")
        assert _active(page) is None

    @pytest.mark.parametrize("how", ["refused", "error", "nonsense"])
    def test_failure_is_silent_and_takes_the_old_list_away(self, page: Page, held: list[Route], how: str) -> None:
        _hold(page, held, "k")
        _answer(page, held[0], "old")
        _hold(page, held, "ki")
        if how == "refused":
            held[1].abort()
        else:
            held[1].fulfill(status=503 if how == "error" else 200, json={"detail": "There is no index yet."})
        page.wait_for_function("box.list.hidden")
        assert page.evaluate("said") == ["1 suggestion", ""]
        assert len(held) == 2
        page.keyboard.press("ArrowDown")
        _until_held(page, held, "ki", 3)
        _answer(page, held[2], "back")
        assert page.locator("[role=option] bdi").all_text_contents() == ["back"]


class TestPointer:
    def test_click_takes_and_the_field_keeps_the_focus(self, page: Page) -> None:
        _typed(page, "ki")
        page.get_by_role("option").nth(2).locator("small").click()
        assert page.evaluate("[taken, submitted, document.activeElement.id]") == [["envoy-1"], 0, "q"]
        assert not _is_open(page)

    def test_hover_colours_and_chooses_nothing(self, page: Page) -> None:
        _typed(page, "ki")
        option = page.get_by_role("option").nth(1)
        before = option.evaluate("option => getComputedStyle(option).backgroundColor")
        option.hover()
        assert option.evaluate("option => getComputedStyle(option).backgroundColor") != before
        assert _active(page) is None
        page.keyboard.press("Enter")
        assert page.evaluate("[taken, submitted]") == [[], 1]

    def test_leaving_the_field_closes(self, page: Page) -> None:
        _typed(page, "ki")
        page.keyboard.press("ArrowDown")
        page.locator("#after").evaluate("button => button.focus()")
        assert not _is_open(page)
        assert _active(page) is None

    def test_active_option_is_scrolled_to(self, page: Page) -> None:
        _typed(page, "many")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("box.list.scrollTop") > 0
        assert page.evaluate(
            "box.list.lastChild.getBoundingClientRect().bottom <= box.list.getBoundingClientRect().bottom"
        )

    def test_touch_scrolls_the_list_and_a_tap_takes(self, browser: Browser, address: str) -> None:
        with browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 600}) as context:
            page = context.new_page()
            page.goto(address)
            page.wait_for_function("window.box")
            page.locator("#q").tap()
            _typed(page, "many")
            session = context.new_cdp_session(page)
            x, y = 100, int(page.evaluate("box.list.getBoundingClientRect().bottom - 20"))

            def touch(kind: str, *points: dict[str, int]) -> None:
                session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

            touch("touchStart", {"x": x, "y": y})
            for step in range(1, 11):
                touch("touchMove", {"x": x, "y": y - 15 * step})
            touch("touchEnd")
            page.wait_for_function("box.list.scrollTop > 50")
            assert page.evaluate("[taken, scrollY]") == [[], 0]
            assert _is_open(page)
            page.get_by_role("option").nth(10).tap()
            assert page.evaluate("[taken, document.activeElement.id]") == [["many 10"], "q"]


class TestLeaving:
    def test_field_is_as_it_was(self, page: Page) -> None:
        _typed(page, "ki")
        page.keyboard.press("ArrowDown")
        page.evaluate("leave.abort()")
        assert page.locator("[role=listbox]").count() == 0
        assert page.locator("#q").evaluate("field => field.outerHTML") == FIELD

    def test_nothing_listens_and_nothing_arrives(self, page: Page, held: list[Route]) -> None:
        _hold(page, held, "k")
        page.evaluate("window.old = box.list, leave.abort()")
        _answer(page, held[0], "late")
        page.keyboard.type("i")
        _press(page, "ArrowDown Enter")
        _settle(page)
        assert len(held) == 1
        assert page.evaluate("[taken, submitted, said, old.children.length]") == [[], 1, [], 0]
        assert page.locator("#q").get_attribute("aria-expanded") is None

    def test_list_left_behind_takes_no_click(self, page: Page) -> None:
        _typed(page, "ki")
        page.evaluate("window.old = box.list, leave.abort(), document.body.append(old), old.hidden = false")
        page.evaluate("old.firstChild.click()")
        assert page.evaluate("taken") == []


class TestTexts:
    def test_hostile_labels_are_text(self, page: Page) -> None:
        assert _typed(page, "zo") == [HOSTILE, REVERSED, "نجيب محفوظ"]
        assert page.locator(".dateline-list :is(img, script)").count() == 0
        assert page.title() == "Combobox"

    def test_right_to_left_names_do_not_disturb_what_follows(self, page: Page) -> None:
        _typed(page, "zo")
        for option in page.get_by_role("option").all():
            kind = option.locator("small")
            assert kind.text_content() == "Person · 1"
            assert kind.bounding_box()["x"] > option.locator("bdi").bounding_box()["x"]

    def test_label_of_ten_thousand_letters_takes_two_lines(self, page: Page) -> None:
        page.set_viewport_size({"width": 320, "height": 600})
        _typed(page, "lo")
        for option in page.get_by_role("option").all():
            lines = option.locator("span").evaluate(
                "span => span.clientHeight / parseFloat(getComputedStyle(span).lineHeight)"
            )
            assert lines == pytest.approx(2, abs=0.1)
            assert option.bounding_box()["height"] < 80
        assert page.evaluate("document.documentElement.scrollWidth") == 320

    def test_arabic_runs_from_right_to_left(self, page: Page) -> None:
        page.evaluate("inArabic()")
        page.wait_for_function("box.list.isConnected && document.dir === 'rtl'")
        page.locator("#q").focus()
        names = _typed(page, "ki")
        assert names[0] == "Kim Jong Un"
        assert names[1] != "Kiribati"
        listing, option = page.locator(".dateline-list"), page.get_by_role("option").first
        assert listing.evaluate("list => [list.dir, list.lang, getComputedStyle(list).direction]") == [
            "rtl",
            "ar",
            "rtl",
        ]
        assert option.locator("small").bounding_box()["x"] < option.locator("span").bounding_box()["x"]
        box, form = listing.bounding_box(), page.locator("#ask").bounding_box()
        assert (box["x"], box["width"]) == (form["x"], form["width"])
        page.keyboard.press("ArrowDown")
        assert _active(page) == "Kim Jong Un"

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("key", ["ArrowDown", "Alt+ArrowDown"])
    def test_small_text_has_contrast(self, page: Page, scheme: Any, key: str) -> None:
        page.emulate_media(color_scheme=scheme)
        _typed(page, "ki")
        page.keyboard.press(key)
        assert _contrast(page.get_by_role("option").first.locator("small")) > 4.5


def _contrast(text: Locator) -> float:
    """Return the contrast of a text with its ground, as both are painted, as WCAG counts it."""
    pair = text.evaluate("""text => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d");
        const paint = (colour) => (canvas.fillStyle = colour, canvas.fillRect(0, 0, 1, 1), [...canvas.getImageData(0, 0, 1, 1).data]);
        const around = [];
        for (let one = text; one; one = one.parentElement) around.unshift(getComputedStyle(one));
        paint("Canvas");
        const [ground] = around.map((style) => paint(style.backgroundColor)).reverse();
        canvas.globalAlpha = around.reduce((product, style) => product * style.opacity, 1);
        return [paint(around.at(-1).color), ground];
    }""")

    def luminance(channels: list[int]) -> float:
        parts = [channel / 255 for channel in channels[:3]]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted(luminance(colour) for colour in pair)
    return (high + 0.05) / (low + 0.05)
