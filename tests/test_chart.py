"""The histogram of the search box with its brush: looks, mouse, accessibility."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from support.histogram_page import *  # noqa: F403
from support.histogram_page import WHOLE, Chart, months, opened

from api.site.histogram import bars
from search.model import Filters
from search.query.parsing import query_of
from search.results import DateBucket

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class TestPicture:
    @pytest.mark.parametrize(
        ("first", "last"),
        [("", ""), ("2024-04-10", ""), ("", "2024-06-30"), ("2024-06-01", "2024-08-15"), ("2030-01-01", "")],
    )
    def test_equals_the_histogram_of_the_server(self, chart: Chart, first: str, last: str) -> None:
        chart.update(months(), first, last)
        day = dt.date.fromisoformat
        filters = Filters(date_from=day(first) if first else None, date_to=day(last) if last else None)
        buckets = tuple(DateBucket(b["value"], day(b["from"]), day(b["to"]), b["count"]) for b in months())
        drawn = chart.page.locator(".bar").evaluate_all(
            "bars => bars.map(bar => ['x', 'y', 'width', 'height'].map(name => Number(bar.getAttribute(name))))"
        )
        expected = bars(query_of("", filters=filters), buckets)
        assert drawn == [pytest.approx((bar.x, bar.y, bar.width, bar.height), abs=0.01) for bar in expected]
        assert chart.off() == [not bar.on for bar in expected]
        assert chart.page.locator(".chart figcaption span").all_text_contents() == ["2024-01", "2024-12"]

    def test_bars_have_labels_with_days_and_count(self, chart: Chart) -> None:
        chart.update([*months(), {"value": "2025-01-01", "from": "2025-01-01", "to": "2025-01-01", "count": 1}])
        titles = chart.page.locator(".chart title").all_text_contents()
        assert titles[0] == "1 January 2024 – 31 January 2024: 3 articles"
        assert titles[-1] == "1 January 2025: 1 article"

    def test_it_is_hidden_with_fewer_than_two_bars(self, chart: Chart) -> None:
        figure = chart.page.locator("figure")
        for buckets in (months()[:1], []):
            chart.update(months())
            assert figure.is_visible()
            chart.update(buckets)
            assert figure.is_hidden()

    def test_fits_into_a_narrow_page(self, chart: Chart) -> None:
        chart.page.set_viewport_size({"width": 320, "height": 480})
        assert chart.page.evaluate("document.documentElement.scrollWidth") == 320
        for handle in (chart.first, chart.last):
            box = handle.bounding_box()
            assert box
            assert box["width"] >= 24
            assert box["height"] >= 24


class TestMouse:
    def test_a_drag_selects_the_bars_that_it_touches(self, chart: Chart) -> None:
        chart.drag("2024-04-20", "2024-05-03", "2024-06-02", release=False)
        assert chart.selected_days == ("2024-04-01", "2024-06-30")
        assert chart.off() == [True, True, False, False, False, True, True, True, True]
        assert chart.chosen == []
        chart.page.mouse.up()
        assert chart.chosen == [["2024-04-01", "2024-06-30"]]

    def test_a_drag_backwards_and_past_the_edge(self, chart: Chart) -> None:
        chart.drag("2024-06-15", "2024-02-10")
        chart.page.mouse.move(chart.x("2024-11-05"), chart.top + 20)
        chart.page.mouse.down()
        chart.page.mouse.move(chart.x("2024-12-31") + 40, chart.top + 150)
        chart.page.mouse.up()
        assert chart.chosen == [["2024-02-01", "2024-06-30"], ["2024-11-01", "2024-12-31"]]

    def test_a_drag_over_gaps(self, chart: Chart) -> None:
        chart.drag("2024-03-10", "2024-03-25")
        chart.drag("2024-03-10", "2024-04-03", "2024-03-20")
        assert chart.chosen == []
        assert chart.selected_days == WHOLE
        chart.drag("2024-03-10", "2024-08-10")
        assert chart.chosen == [["2024-04-01", "2024-07-31"]]

    def test_selecting_the_whole_span_removes_the_filter(self, chart: Chart) -> None:
        chart.update(months(), "2024-04-01", "2024-06-30")
        chart.drag("2024-01-05", "2024-12-05")
        assert chart.chosen == [["", ""]]
        chart.drag("2024-12-05", "2024-01-05")
        assert chart.chosen == [["", ""]]

    def test_a_click_selects_the_span_of_a_bar(self, chart: Chart) -> None:
        for day in ("2024-06-20", "2024-01-20"):
            chart.page.mouse.move(chart.x(day), chart.top + 3)
            chart.page.mouse.down()
            chart.page.mouse.move(chart.x(day) + 3, chart.top + 3)
            chart.page.mouse.up()
        assert chart.chosen == [["2024-06-01", "2024-06-30"], ["2024-01-01", "2024-01-31"]]
        chart.drag("2024-03-15")
        chart.drag("2024-01-15")
        assert len(chart.chosen) == 2

    def test_other_buttons_and_the_caption_select_nothing(self, chart: Chart) -> None:
        chart.page.locator("figcaption span").first.click()
        chart.page.locator(".slot").nth(3).click(button="middle")
        assert chart.chosen == []

    def test_dragging_a_handle_moves_one_end(self, chart: Chart) -> None:
        chart.grab(chart.last, "2024-07-02")
        assert chart.chosen == [["", "2024-06-30"]]
        chart.grab(chart.first, "2024-04-02", "2024-11-20", "2024-05-10")
        assert chart.chosen[1:] == [["2024-05-01", "2024-06-30"]]
        chart.grab(chart.first, "2024-11-20")
        assert chart.chosen[2:] == [["2024-06-01", "2024-06-30"]]
        chart.grab(chart.last)
        chart.grab(chart.first, "2024-01-02", "2024-06-03")
        assert len(chart.chosen) == 3

    def test_an_end_that_is_not_moved_keeps_its_day(self, chart: Chart) -> None:
        chart.update(months(), "2024-02-14", "2024-11-11")
        assert chart.selected_days == ("2024-02-14", "2024-11-11")
        chart.grab(chart.last, "2024-07-02")
        assert chart.chosen == [["2024-02-14", "2024-06-30"]]

    def test_escape_cancels_a_drag(self, chart: Chart) -> None:
        chart.update(months(), "2024-04-01", "2024-06-30")
        before = chart.selected_days
        chart.drag("2024-08-01", "2024-11-01", release=False)
        assert chart.selected_days != before
        chart.page.keyboard.press("Escape")
        assert chart.selected_days == before
        chart.page.mouse.move(chart.x("2024-10-01"), chart.top + 20)
        chart.page.mouse.up()
        assert chart.selected_days == before
        assert chart.chosen == []

    def test_an_answer_during_a_drag_cancels_it(self, chart: Chart) -> None:
        chart.drag("2024-04-20", "2024-06-02", release=False)
        chart.update(months((6,) * 12), "2024-02-01", "")
        chart.page.mouse.move(chart.x("2024-07-02"), chart.top + 20)
        chart.page.mouse.up()
        assert chart.page.locator(".bar").count() == 12
        assert chart.selected_days == ("2024-02-01", "2024-12-31")
        assert chart.chosen == []

    def test_a_drag_without_a_release(self, chart: Chart) -> None:
        chart.drag("2024-04-20", "2024-06-02", release=False)
        chart.page.evaluate("chart.element.remove()")
        chart.page.mouse.up()
        chart.page.evaluate("document.querySelector('input').after(chart.element)")
        chart.drag("2024-11-10", "2024-12-02")
        assert chart.chosen == [["2024-11-01", "2024-12-31"]]


class TestAccess:
    @pytest.mark.parametrize("name", ["ltr", "arabic"])
    def test_axe_finds_no_violation(self, page: Page, site: str, name: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        chart = opened(page, f"{site}/{name}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for days in (("", ""), ("2024-04-01", "2024-06-30")):
                chart.update(months(), *days)
                found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
                assert found.violations_count == 0, json.dumps(found.response["violations"], indent=1)
                assert any(rule["id"] == "label" and len(rule["nodes"]) == 3 for rule in found.response["passes"])

    def test_uses_the_language_of_the_page(self, page: Page, site: str) -> None:
        chart = opened(page, f"{site}/arabic")
        assert chart.first.get_attribute("aria-label") == "اليوم الأول"
        assert chart.first.get_attribute("aria-valuetext") == "1 يناير 2024"
        assert (page.locator(".chart title").first.text_content() or "").endswith(": 3 مقالات")

    def test_time_runs_to_the_right_in_every_language(self, page: Page, site: str) -> None:
        chart = opened(page, f"{site}/rtl")
        chart.grab(chart.last, "2024-07-02")
        assert chart.chosen == [["", "2024-06-30"]]
        chart.drag("2024-06-10", "2024-08-10")
        assert chart.chosen[1:] == [["2024-06-01", "2024-07-31"]]

    def test_focus_is_visible(self, chart: Chart) -> None:
        chart.page.get_by_label("Search").focus()
        figure = chart.page.locator("figure")
        looks = [figure.screenshot()]
        for _ in range(2):
            chart.page.keyboard.press("Tab")
            looks.append(figure.screenshot())
        assert len(set(looks)) == 3
