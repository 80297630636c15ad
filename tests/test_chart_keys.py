"""The histogram of the search box with its brush: touch and keyboard."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from support.histogram_page import *  # noqa: F403
from support.histogram_page import WHOLE, Chart, months, opened, wait

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestTouch:
    @pytest.fixture
    def finger(self, page: Page) -> CDPSession:
        return page.context.new_cdp_session(page)

    def touch(self, finger: CDPSession, kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def test_a_drag_and_a_tap(self, chart: Chart, finger: CDPSession) -> None:
        y = chart.top + 20
        self.touch(finger, "Start", (chart.x("2024-04-20"), y))
        for day in ("2024-04-25", "2024-05-10", "2024-06-04"):
            self.touch(finger, "Move", (chart.x(day), y + 2))
        wait(chart.page, lambda: chart.selected_days == ("2024-04-01", "2024-06-30"))
        self.touch(finger, "End")
        assert chart.chosen == [["2024-04-01", "2024-06-30"]]
        chart.page.touchscreen.tap(chart.x("2024-09-20"), y)
        assert chart.chosen[1:] == [["2024-09-01", "2024-09-30"]]

    def test_a_handle_follows_the_finger(self, chart: Chart, finger: CDPSession) -> None:
        y = chart.top + 64
        self.touch(finger, "Start", (chart.left + 714, y - 8))
        for day in ("2024-12-10", "2024-10-10", "2024-07-02"):
            self.touch(finger, "Move", (chart.x(day), y))
        self.touch(finger, "End")
        assert chart.chosen == [["", "2024-06-30"]]

    def test_scrolling_the_page_from_the_chart_selects_nothing(self, chart: Chart, finger: CDPSession) -> None:
        x, y = chart.x("2024-06-20"), chart.top + 40
        self.touch(finger, "Start", (x, y))
        for up in range(10, 110, 10):
            self.touch(finger, "Move", (x + up / 5, y - up))
        self.touch(finger, "End")
        wait(chart.page, lambda: chart.page.evaluate("scrollY") > 50)
        assert chart.selected_days == WHOLE
        assert chart.chosen == []

    def test_a_cancelled_touch_selects_nothing(self, chart: Chart, finger: CDPSession) -> None:
        y = chart.top + 20
        self.touch(finger, "Start", (chart.x("2024-04-20"), y))
        self.touch(finger, "Move", (chart.x("2024-05-10"), y))
        self.touch(finger, "Move", (chart.x("2024-06-10"), y))
        wait(chart.page, lambda: chart.selected_days != WHOLE)
        self.touch(finger, "Cancel")
        wait(chart.page, lambda: chart.selected_days == WHOLE)
        assert chart.chosen == []

    def test_a_second_finger_changes_nothing(self, chart: Chart, finger: CDPSession) -> None:
        y = chart.top + 20
        one, other = (chart.x("2024-06-10"), y), (chart.x("2024-11-10"), y)
        self.touch(finger, "Start", (chart.x("2024-04-20"), y))
        self.touch(finger, "Move", (chart.x("2024-05-20"), y))
        self.touch(finger, "Move", one)
        self.touch(finger, "Start", one, other)
        self.touch(finger, "Move", one, (chart.x("2024-10-10"), y))
        self.touch(finger, "End")
        assert chart.chosen in ([["2024-04-01", "2024-06-30"]], [])  # no selection if the browser zooms instead


class TestKeys:
    @pytest.mark.parametrize("direction", ["ltr", "rtl"])
    def test_each_key_moves_a_handle(self, page: Page, site: str, direction: str) -> None:
        chart = opened(page, f"{site}/{direction}")
        steps = [
            ("ArrowRight", "2024-02-01"),
            ("ArrowUp", "2024-04-01"),
            ("ArrowLeft", "2024-02-01"),
            ("PageUp", "2024-04-01"),  # a tenth of the days, rounded to the nearest bar
            ("PageDown", "2024-02-01"),
            ("ArrowDown", "2024-01-01"),
            ("ArrowDown", "2024-01-01"),
            ("End", "2024-12-01"),
            ("Home", "2024-01-01"),
        ]
        chart.first.focus()
        for number, (key, expected) in enumerate(steps):
            page.keyboard.press(key)
            assert chart.selected_days == (expected, "2024-12-31"), number
        chart.last.focus()
        for key, expected in [
            ("PageDown", "2024-11-30"),
            ("ArrowLeft", "2024-09-30"),
            ("Home", "2024-01-31"),
            ("End", WHOLE[1]),
        ]:
            page.keyboard.press(key)
            assert chart.selected_days == (WHOLE[0], expected)
        assert page.evaluate("scrollY") == 0

    def test_page_keys_move_by_a_tenth(self, chart: Chart) -> None:
        days = [(dt.date(2024, 1, 1) + dt.timedelta(number)).isoformat() for number in range(50)]
        chart.update([{"value": day, "from": day, "to": day, "count": 4} for day in days])
        chart.first.focus()
        chart.page.keyboard.press("PageUp")
        assert chart.selected_days[0] == "2024-01-06"

    def test_handles_have_values_for_screen_readers(self, chart: Chart) -> None:
        chart.update(months(), "2024-04-10", "2024-08-20")
        assert chart.selected_days == ("2024-04-10", "2024-08-20")
        assert [handle.input_value() for handle in (chart.first, chart.last)] == ["100", "233"]
        labels = [handle.get_attribute("aria-label") for handle in (chart.first, chart.last)]
        assert labels == ["First day", "Last day"]
        figure = chart.page.locator("figure").get_attribute("aria-label")
        assert figure == "Articles over time, 1 January 2024 to 31 December 2024"

    def test_handles_do_not_cross(self, chart: Chart) -> None:
        chart.update(months(), "2024-04-01", "2024-06-30")
        chart.first.press("End")
        assert chart.selected_days == ("2024-06-01", "2024-06-30")
        chart.last.press("Home")
        assert chart.selected_days == ("2024-06-01", "2024-06-30")

    def test_handles_do_not_cross_if_the_selected_days_are_in_a_gap_or_outside(self, chart: Chart) -> None:
        cases = [
            ("2024-03-10", "2024-03-20", "ArrowRight"),
            ("2024-03-10", "2024-03-20", "ArrowLeft"),
            ("2030-01-01", "2030-02-01", "ArrowLeft"),
            ("1990-01-01", "1991-01-01", "ArrowRight"),
        ]
        for first, last, key in cases:
            for handle in (chart.first, chart.last):
                chart.update(months(), first, last)
                handle.press(key)
                handle.press("Enter")
                begin, end = (chart.chosen or [["", ""]])[-1]
                assert not begin or not end or begin <= end, (first, last, key)

    def test_a_selection_waits_for_the_last_key(self, chart: Chart) -> None:
        chart.stop_clock()
        for _ in range(3):
            chart.first.press("ArrowRight")
            chart.page.clock.run_for(399)
            assert chart.chosen == []
        chart.page.clock.run_for(1)
        assert chart.chosen == [["2024-05-01", ""]]
        chart.page.clock.run_for(1000)
        assert len(chart.chosen) == 1

    @pytest.mark.parametrize("key", ["Enter", "Tab"])
    def test_enter_and_blur_select_at_once(self, chart: Chart, key: str) -> None:
        chart.stop_clock()
        chart.last.press("ArrowLeft")
        chart.last.press(key)
        assert chart.chosen == [["", "2024-11-30"]]
        chart.page.clock.run_for(1000)
        assert len(chart.chosen) == 1

    def test_escape_cancels_and_a_return_to_the_start_selects_nothing(self, chart: Chart) -> None:
        chart.stop_clock()
        chart.first.press("ArrowRight")
        chart.first.press("Escape")
        assert chart.selected_days == WHOLE
        chart.first.press("ArrowRight")
        chart.first.press("ArrowLeft")
        chart.page.clock.run_for(1000)
        assert chart.chosen == []

    def test_browser_shortcuts_still_work(self, chart: Chart) -> None:
        for key in ("Alt+ArrowRight", "Meta+ArrowRight", "a"):
            chart.first.press(key)
        assert chart.selected_days == WHOLE

    def test_an_update_keeps_the_focus_and_an_unfinished_range(self, chart: Chart) -> None:
        chart.stop_clock()
        chart.first.press("ArrowRight")
        chart.update(months((6,) * 12))
        assert chart.first.evaluate("handle => handle === document.activeElement")
        assert chart.selected_days == ("2024-02-01", "2024-12-31")
        chart.page.clock.run_for(400)
        assert chart.chosen == [["2024-02-01", ""]]
        chart.update(months((6,) * 12), "2024-02-01", "")
        assert chart.first.evaluate("handle => handle === document.activeElement")

    def test_a_mouse_drag_continues_from_the_keyboard_range(self, chart: Chart) -> None:
        chart.stop_clock()
        chart.first.press("ArrowRight")
        chart.drag("2024-06-10", "2024-07-20", release=False)
        chart.page.clock.run_for(1000)
        assert chart.chosen == []
        chart.page.mouse.up()
        chart.page.clock.run_for(1000)
        assert chart.chosen == [["2024-06-01", "2024-07-31"]]
