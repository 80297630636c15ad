"""The field with suggestions: late and hostile answers, mouse and touch, looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.combobox_page import *  # noqa: F403
from support.combobox_page import HOSTILE, KI, REVERSED, active, answer, hold, is_open, press, settle, typed, until_held

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STANDS_STILL = """() => new Promise(resolve => {
    const before = box.list.scrollTop;
    setTimeout(() => resolve(box.list.scrollTop === before), 100);
})"""
"""Whether the list of suggestions does not scroll."""


class TestAnswers:
    def test_answer_to_an_older_text_is_dropped(self, page: Page, held: list[Route]) -> None:
        hold(page, held, "k")
        hold(page, held, "ki")
        answer(page, held[1], "new")
        answer(page, held[0], "old")
        assert page.locator("[role=option] bdi").all_text_contents() == ["new"]

    @pytest.mark.parametrize("keys", ["Escape", "Enter", "Tab", "Backspace", "Alt+ArrowUp"])
    def test_late_answer_opens_nothing(self, page: Page, held: list[Route], keys: str) -> None:
        hold(page, held, "k")
        press(page, keys)
        answer(page, held[0], "late")
        assert not is_open(page)
        assert page.locator("[role=option]").count() == 0
        assert page.evaluate("said") == []

    @pytest.mark.parametrize("keys", ["Escape", "Enter", "Tab", "Backspace Backspace"])
    def test_escape_enter_and_tab_end_the_wait_for_the_next_key(self, page: Page, held: list[Route], keys: str) -> None:
        page.clock.install()
        page.evaluate("wait = 60_000")
        page.keyboard.type("ki")
        press(page, keys)
        page.clock.run_for(60_000)
        settle(page)
        assert held == []

    def test_quick_keys_send_only_one_request(self, page: Page, held: list[Route]) -> None:
        page.clock.install()
        page.evaluate("wait = 60_000")
        page.keyboard.type("kim")
        page.clock.run_for(60_000)
        until_held(page, held, "kim")
        assert len(held) == 1

    def test_arrow_does_not_wait_for_the_next_key(self, page: Page) -> None:
        page.evaluate("wait = 60_000")
        page.keyboard.type("ki")
        assert not is_open(page)
        page.keyboard.press("ArrowUp")
        page.wait_for_function("!box.list.hidden")
        assert active(page) == KI[-1]

    def test_arrows_ignore_the_list_of_an_older_text(self, page: Page, held: list[Route]) -> None:
        hold(page, held, "k")
        answer(page, held[0], "old one", "old two")
        hold(page, held, "ki")
        press(page, "ArrowDown ArrowDown")
        settle(page)
        assert active(page) is None
        answer(page, held[-1], "new one", "new two", "new three")
        assert active(page) == "new one"

    def test_typing_deactivates_the_option_before_the_answer(self, page: Page, held: list[Route]) -> None:
        hold(page, held, "k")
        answer(page, held[0], "old")
        page.keyboard.press("ArrowDown")
        assert active(page) == "old"
        hold(page, held, "ki")
        assert active(page) is None

    @pytest.mark.parametrize("how", ["refused", "error", "nonsense"])
    def test_failure_is_silent_and_hides_the_old_list(self, page: Page, held: list[Route], how: str) -> None:
        hold(page, held, "k")
        answer(page, held[0], "old")
        hold(page, held, "ki")
        if how == "refused":
            held[1].abort()
        else:
            held[1].fulfill(status=503 if how == "error" else 200, json={"detail": "There is no index yet."})
        page.wait_for_function("box.list.hidden")
        assert page.evaluate("said") == ["1 suggestion", ""]
        assert len(held) == 2
        page.keyboard.press("ArrowDown")
        until_held(page, held, "ki", 3)
        answer(page, held[2], "back")
        assert page.locator("[role=option] bdi").all_text_contents() == ["back"]


class TestPointer:
    def test_click_takes_and_the_field_keeps_the_focus(self, page: Page) -> None:
        typed(page, "ki")
        page.get_by_role("option").nth(2).locator("small").click()
        assert page.evaluate("[taken, submitted, document.activeElement.id]") == [["envoy-1"], 0, "q"]
        assert not is_open(page)

    def test_hover_highlights_and_selects_nothing(self, page: Page) -> None:
        typed(page, "ki")
        option = page.get_by_role("option").nth(1)
        before = option.evaluate("option => getComputedStyle(option).backgroundColor")
        option.hover()
        assert option.evaluate("option => getComputedStyle(option).backgroundColor") != before
        assert active(page) is None
        page.keyboard.press("Enter")
        assert page.evaluate("[taken, submitted]") == [[], 1]

    def test_leaving_the_field_closes(self, page: Page) -> None:
        typed(page, "ki")
        page.keyboard.press("ArrowDown")
        page.locator("#after").evaluate("button => button.focus()")
        assert not is_open(page)
        assert active(page) is None

    def test_active_option_is_scrolled_into_view(self, page: Page) -> None:
        typed(page, "many")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("box.list.scrollTop") > 0
        assert page.evaluate(
            "box.list.lastChild.getBoundingClientRect().bottom <= box.list.getBoundingClientRect().bottom"
        )

    def test_touch_scrolls_the_list_and_a_tap_takes_an_option(self, browser: Browser, address: str) -> None:
        with browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 600}) as context:
            page = context.new_page()
            page.goto(address)
            page.wait_for_function("window.box")
            page.locator("#q").tap()
            typed(page, "many")
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
            assert is_open(page)
            page.wait_for_function(STANDS_STILL)  # a tap on a list that still moves only stops it
            page.get_by_role("option").nth(10).tap()
            page.wait_for_function("taken.length > 0")
            assert page.evaluate("[taken, document.activeElement.id]") == [["many 10"], "q"]


class TestTexts:
    def test_hostile_labels_stay_text(self, page: Page) -> None:
        assert typed(page, "zo") == [HOSTILE, REVERSED, "نجيب محفوظ"]
        assert page.locator(".dateline-list :is(img, script)").count() == 0
        assert page.title() == "Combobox"

    def test_right_to_left_names_do_not_reorder_the_text_after_them(self, page: Page) -> None:
        typed(page, "zo")
        for option in page.get_by_role("option").all():
            kind = option.locator("small")
            assert kind.text_content() == "Person · 1"
            assert kind.bounding_box()["x"] > option.locator("bdi").bounding_box()["x"]

    def test_label_of_ten_thousand_letters_has_two_lines(self, page: Page) -> None:
        page.set_viewport_size({"width": 320, "height": 600})
        typed(page, "lo")
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
        names = typed(page, "ki")
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
        assert active(page) == "Kim Jong Un"

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("key", ["ArrowDown", "Alt+ArrowDown"])
    def test_small_text_has_contrast(self, page: Page, scheme: Any, key: str) -> None:
        page.emulate_media(color_scheme=scheme)
        typed(page, "ki")
        page.keyboard.press(key)
        assert _contrast(page.get_by_role("option").first.locator("small")) > 4.5


def _contrast(text: Locator) -> float:
    """Return the WCAG contrast of a text with its background, measured on the painted colours."""
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
