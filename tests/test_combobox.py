"""The field with suggestions: its list, the keyboard, and cleaning up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.combobox_page import *  # noqa: F403
from support.combobox_page import FIELD, KI, active, answer, cursor, hold, is_open, press, settle, text_of, typed

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestList:
    def test_field_and_list_are_a_combobox(self, page: Page) -> None:
        field = page.get_by_role("combobox", name="Search the news")
        assert field.get_attribute("aria-autocomplete") == "list"
        assert field.get_attribute("autocomplete") == "off"
        assert not is_open(page)
        assert typed(page, "ki") == KI
        assert is_open(page)
        assert page.locator("#q + .dateline-list").get_attribute("id") == field.get_attribute("aria-controls")
        assert page.get_by_role("listbox", name="Suggestions").count() == 1
        assert active(page) is None

    def test_options_show_kind_and_count(self, page: Page) -> None:
        typed(page, "ki")
        expected = [
            "Kim Jong Un Person · 1,234",
            "Kiribati Country · 1",
            "Kim meets the envoy Article",
            "kilometre Search · 7",
        ]
        assert page.get_by_role("option").all_text_contents() == expected
        for name in expected:
            assert page.get_by_role("option", name=name, exact=True).count() == 1

    def test_filtered_suggestions_are_not_shown(self, page: Page) -> None:
        page.evaluate("hidden = 'person'")
        assert typed(page, "ki", 3) == KI[1:]
        assert page.evaluate("said") == ["3 suggestions"]

    def test_counts_are_announced_and_cleared(self, page: Page) -> None:
        typed(page, "ki")
        press(page, "ArrowDown ArrowDown")
        assert page.evaluate("said") == ["4 suggestions"]
        page.keyboard.press("m")
        page.wait_for_function("box.list.children.length === 2")
        assert page.evaluate("said") == ["4 suggestions", "2 suggestions"]
        page.keyboard.press("x")
        page.wait_for_function("box.list.hidden")
        assert page.evaluate("said") == ["4 suggestions", "2 suggestions", ""]
        page.keyboard.press("y")
        settle(page)
        assert page.evaluate("said.length") == 3

    def test_each_shadow_root_has_list_and_style_once(self, page: Page) -> None:
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
        typed(page, "ki")
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
            assert active(page) == expected, key
        assert text_of(page) == "ki"

    @pytest.mark.parametrize(
        ("key", "expected"), [("ArrowDown", KI[0]), ("ArrowUp", KI[3]), ("Alt+ArrowDown", None)], ids=str
    )
    def test_arrow_opens_a_closed_list(self, page: Page, key: str, expected: str | None) -> None:
        typed(page, "ki")
        page.keyboard.press("Escape")
        assert not is_open(page)
        page.keyboard.press(key)
        assert is_open(page)
        assert active(page) == expected
        assert page.evaluate("said") == ["4 suggestions", "", "4 suggestions"]

    def test_alt_up_closes_and_keeps_the_text(self, page: Page) -> None:
        typed(page, "ki")
        press(page, "ArrowDown Alt+ArrowUp")
        assert not is_open(page)
        assert active(page) is None
        assert text_of(page) == "ki"

    def test_arrow_requests_suggestions_for_a_text_that_was_not_typed(self, page: Page) -> None:
        page.locator("#q").evaluate("field => { field.value = 'kim'; }")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("!box.list.hidden")
        assert (is_open(page), active(page)) == (True, "Kim Jong Un")

    def test_nothing_opens_without_suggestions(self, page: Page) -> None:
        press(page, "ArrowDown ArrowUp Alt+ArrowDown")
        page.keyboard.type("xyz")
        settle(page)
        press(page, "ArrowDown ArrowUp Alt+ArrowDown")
        settle(page)
        assert not is_open(page)
        assert page.evaluate("said") == []

    def test_home_and_end_move_the_text_cursor_without_an_active_option(self, page: Page) -> None:
        typed(page, "ki")
        page.keyboard.press("Home")
        assert (cursor(page), active(page)) == (0, None)
        page.keyboard.press("End")
        assert (cursor(page), active(page)) == (2, None)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        assert (cursor(page), active(page)) == (2, KI[0])

    @pytest.mark.parametrize("key", ["ArrowLeft", "ArrowRight", "Shift+Home", "Shift+End", "Control+ArrowLeft", "m"])
    def test_moving_the_text_cursor_or_typing_deactivates_the_option(self, page: Page, key: str) -> None:
        typed(page, "ki")
        press(page, f"ArrowDown ArrowDown {key}")
        assert active(page) is None
        assert is_open(page)

    def test_text_cursor_can_move(self, page: Page) -> None:
        typed(page, "ki")
        press(page, "ArrowDown ArrowLeft")
        assert cursor(page) == 1

    def test_enter_takes_the_active_option(self, page: Page) -> None:
        typed(page, "ki")
        press(page, "ArrowDown ArrowDown Enter")
        assert page.evaluate("[taken, submitted]") == [["KI"], 0]
        assert not is_open(page)
        page.keyboard.press("Enter")
        assert page.evaluate("[taken, submitted]") == [["KI"], 1]

    def test_list_of_an_older_text_does_not_come_back(self, page: Page) -> None:
        typed(page, "ki")
        press(page, "ArrowDown Enter")
        page.locator("#q").evaluate("field => { field.value = ''; }")
        page.keyboard.press("ArrowDown")
        assert not is_open(page)
        page.locator("#q").evaluate("field => { field.value = 'kim'; }")
        page.keyboard.press("ArrowDown")
        page.wait_for_function("!box.list.hidden")
        assert page.get_by_role("option").count() == 2

    def test_enter_without_an_active_option_submits(self, page: Page) -> None:
        typed(page, "ki")
        page.keyboard.press("Enter")
        assert page.evaluate("[taken, submitted]") == [[], 1]
        assert not is_open(page)

    def test_escape_closes_then_clears_then_is_left_to_the_page(self, page: Page) -> None:
        page.evaluate("""() => {
            window.seen = [];
            document.addEventListener("keydown", (event) => seen.push(event.defaultPrevented));
            document.addEventListener("input", (event) => seen.push(event.target.value));
        }""")
        typed(page, "ki")
        page.evaluate("seen.length = 0")
        press(page, "ArrowDown Escape")
        assert (is_open(page), active(page), text_of(page)) == (False, None, "ki")
        press(page, "Escape")
        assert text_of(page) == ""
        press(page, "Escape")
        assert page.evaluate("seen") == [True, True, "", True, False]

    def test_tab_closes_and_takes_nothing(self, page: Page) -> None:
        typed(page, "ki")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.evaluate("[taken, submitted, document.activeElement.id]") == [[], 0, "after"]
        assert not is_open(page)
        assert text_of(page) == "ki"

    def test_tab_closes_if_the_page_keeps_the_focus(self, page: Page) -> None:
        page.evaluate("window.addEventListener('keydown', (event) => event.key === 'Tab' && event.preventDefault())")
        typed(page, "ki")
        press(page, "ArrowDown Tab")
        assert page.evaluate("[taken, document.activeElement.id]") == [[], "q"]
        assert not is_open(page)

    def test_keys_of_an_input_method_are_ignored(self, page: Page) -> None:
        typed(page, "ki")
        page.keyboard.press("ArrowDown")
        kept = page.evaluate("""() => {
            const keys = ["ArrowDown", "ArrowUp", "Home", "End", "Enter", "Escape", "Tab", "ArrowLeft"];
            const press = (key, more) => document.querySelector("#q").dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
            return keys.flatMap((key) => [press(key, { isComposing: true }), press(key, { keyCode: 229 })]);
        }""")
        assert all(kept)
        assert active(page) == KI[0]
        assert page.evaluate("[taken, submitted]") == [[], 0]

    def test_composed_text_has_suggestions(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Input.imeSetComposition", {"text": "ki", "selectionStart": 2, "selectionEnd": 2})
        page.wait_for_function("box.list.children.length === 4")
        session.send("Input.insertText", {"text": "kim"})
        page.wait_for_function("box.list.children.length === 2")


class TestRemoving:
    def test_field_is_restored(self, page: Page) -> None:
        typed(page, "ki")
        page.keyboard.press("ArrowDown")
        page.evaluate("leave.abort()")
        assert page.locator("[role=listbox]").count() == 0
        assert page.locator("#q").evaluate("field => field.outerHTML") == FIELD

    def test_no_listener_stays_and_no_answer_is_shown(self, page: Page, held: list[Route]) -> None:
        hold(page, held, "k")
        page.evaluate("window.old = box.list, leave.abort()")
        answer(page, held[0], "late")
        page.keyboard.type("i")
        press(page, "ArrowDown Enter")
        settle(page)
        assert len(held) == 1
        assert page.evaluate("[taken, submitted, said, old.children.length]") == [[], 1, [], 0]
        assert page.locator("#q").get_attribute("aria-expanded") is None

    def test_a_click_on_the_old_list_does_nothing(self, page: Page) -> None:
        typed(page, "ki")
        page.evaluate("window.old = box.list, leave.abort(), document.body.append(old), old.hidden = false")
        page.evaluate("old.firstChild.click()")
        assert page.evaluate("taken") == []
