"""The histogram of the search box with its brush, on a page of its own, by mouse, touch and keys."""

from __future__ import annotations

import datetime as dt
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.histogram import bars
from search.model import DateBucket, Filters
from search.query import query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page

API = Path(__file__).parent.parent / "api"

PAGE = """<!doctype html>
<html lang="LANG" dir="DIR">
<head><meta charset="utf-8"><title>Chart</title><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"><script type="module" src="/page.js"></script></head>
<body><main><h1>Articles</h1><input aria-label="Search"><p>Long enough to scroll.</p></main></body></html>
"""
STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf8; --ink: #1c2126; --faint: #5b636b; --line: #e3dfd8;
  --accent: #0b5f6e; --soft: #e0eef0; --bar: #4f98a5; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181b; --ink: #e8e6e1; --faint: #a2abb2; --line: #2f373d;
  --accent: #7fcbd8; --soft: #1d3a41; --bar: #4f9fae; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 sans-serif; }
main { width: 744px; max-width: 100%; }
p { height: 2000px; }
"""
SCRIPT = """
import { Chart, chartCss } from "/search-box/chart.js";
import { Texts } from "/search-box/texts.js";
document.adoptedStyleSheets = [chartCss];
const texts = await Texts.load(document.documentElement.lang, (code) => `/texts/${code}.json`);
window.chosen = [];
window.chart = new Chart(texts, (...days) => chosen.push(days));
document.querySelector("input").after(chart.element);
document.documentElement.dataset.ready = "";
"""
BUILT: dict[str, tuple[str, str]] = {
    "/page.css": ("text/css", STYLE),
    "/page.js": ("text/javascript", SCRIPT),
    "/ltr": ("text/html", PAGE.replace("DIR", "ltr").replace("LANG", "en")),
    "/rtl": ("text/html", PAGE.replace("DIR", "rtl").replace("LANG", "en")),
    "/arabic": ("text/html", PAGE.replace("DIR", "rtl").replace("LANG", "ar")),
}

COUNTS = (3, 8, 0, 5, 1, 40, 22, 0, 9, 0, 12, 7)
"""Of the months of 2024; months without articles are absent."""

pytestmark = pytest.mark.browser


class _Handler(SimpleHTTPRequestHandler):
    """Serves what is in api/, and the page."""

    def do_GET(self) -> None:
        if self.path not in BUILT:
            super().do_GET()
            return
        kind, text = BUILT[self.path]
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=API)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a context for one test, as a clock that a test stops stands still in all pages of the context."""
    made = browser.new_context(has_touch=True, viewport={"width": 800, "height": 600})
    made.set_default_timeout(5_000)
    yield made
    made.close()


def _months(counts: tuple[int, ...] = COUNTS, year: int = 2024) -> list[dict[str, Any]]:
    ends = [dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(1) for month in range(1, len(counts) + 1)]
    return [
        {"value": f"{end:%Y-%m}", "from": f"{end:%Y-%m}-01", "to": end.isoformat(), "count": count}
        for end, count in zip(ends, counts, strict=True)
        if count
    ]


class Chart:
    """The chart on the page. Its bars are 720 pixels wide."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.first, self.last = page.get_by_role("slider").all()
        box = page.locator(".chart svg").bounding_box()
        assert box
        self.left, self.top = box["x"], box["y"]

    def update(self, buckets: list[dict[str, Any]], first: str = "", last: str = "") -> None:
        self.page.evaluate("given => chart.update(...given)", [buckets, first, last])

    def x(self, day: str) -> float:
        """Return where the middle of a day of 2024 is."""
        return self.left + ((dt.date.fromisoformat(day) - dt.date(2024, 1, 1)).days + 0.5) / 366 * 720

    @property
    def chosen(self) -> list[list[str]]:
        found: list[list[str]] = self.page.evaluate("chosen")
        return found

    @property
    def shown(self) -> tuple[str, ...]:
        told = (handle.get_attribute("aria-valuetext") or "" for handle in (self.first, self.last))
        return tuple(dt.datetime.strptime(f"{day} +0000", "%d %B %Y %z").date().isoformat() for day in told)

    def off(self) -> list[bool]:
        return [bool(one.evaluate("bar => bar.classList.contains('off')")) for one in self.page.locator(".bar").all()]

    def drag(self, begin: str, *path: str, release: bool = True) -> None:
        mouse = self.page.mouse
        mouse.move(self.x(begin), self.top + 20)
        mouse.down()
        for day in path:
            mouse.move(self.x(day), self.top + 20)
        if release:
            mouse.up()

    def grab(self, handle: Locator, *path: str, release: bool = True) -> None:
        share = handle.evaluate("handle => handle.value / handle.max")
        mouse = self.page.mouse
        mouse.move(self.left + 720 * share, self.top + 64)
        mouse.down()
        for day in path:
            mouse.move(self.x(day), self.top + 64)
        if release:
            mouse.up()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield opened
    opened.close()
    assert not faults


def _open(page: Page, address: str) -> Chart:
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    page.evaluate("given => chart.update(given, '', '')", _months())
    return Chart(page)


@pytest.fixture
def chart(page: Page, site: str) -> Chart:
    return _open(page, f"{site}/ltr")


def _wait(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what comes with a frame: the policy of the page forbids Playwright's own way."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(30)
    raise AssertionError


WHOLE = "2024-01-01", "2024-12-31"


class TestPicture:
    @pytest.mark.parametrize(
        ("first", "last"),
        [("", ""), ("2024-04-10", ""), ("", "2024-06-30"), ("2024-06-01", "2024-08-15"), ("2030-01-01", "")],
    )
    def test_it_is_the_one_that_the_server_draws(self, chart: Chart, first: str, last: str) -> None:
        chart.update(_months(), first, last)
        day = dt.date.fromisoformat
        filters = Filters(date_from=day(first) if first else None, date_to=day(last) if last else None)
        buckets = tuple(DateBucket(b["value"], day(b["from"]), day(b["to"]), b["count"]) for b in _months())
        drawn = chart.page.locator(".bar").evaluate_all(
            "bars => bars.map(bar => ['x', 'y', 'width', 'height'].map(name => Number(bar.getAttribute(name))))"
        )
        expected = bars(query_of("", filters=filters), buckets)
        assert drawn == [pytest.approx((bar.x, bar.y, bar.width, bar.height), abs=0.01) for bar in expected]
        assert chart.off() == [not bar.on for bar in expected]
        assert chart.page.locator(".chart figcaption span").all_text_contents() == ["2024-01", "2024-12"]

    def test_bars_tell_their_days_and_count(self, chart: Chart) -> None:
        chart.update([*_months(), {"value": "2025-01-01", "from": "2025-01-01", "to": "2025-01-01", "count": 1}])
        titles = chart.page.locator(".chart title").all_text_contents()
        assert titles[0] == "1 January 2024 – 31 January 2024: 3 articles"
        assert titles[-1] == "1 January 2025: 1 article"

    def test_it_is_hidden_with_fewer_than_two_bars(self, chart: Chart) -> None:
        figure = chart.page.locator("figure")
        for buckets in (_months()[:1], []):
            chart.update(_months())
            assert figure.is_visible()
            chart.update(buckets)
            assert figure.is_hidden()

    def test_nothing_juts_out_of_a_narrow_page(self, chart: Chart) -> None:
        chart.page.set_viewport_size({"width": 320, "height": 480})
        assert chart.page.evaluate("document.documentElement.scrollWidth") == 320
        for handle in (chart.first, chart.last):
            box = handle.bounding_box()
            assert box
            assert box["width"] >= 24
            assert box["height"] >= 24


class TestMouse:
    def test_a_drag_chooses_the_buckets_that_it_touches(self, chart: Chart) -> None:
        chart.drag("2024-04-20", "2024-05-03", "2024-06-02", release=False)
        assert chart.shown == ("2024-04-01", "2024-06-30")
        assert chart.off() == [True, True, False, False, False, True, True, True, True]
        assert chart.chosen == []
        chart.page.mouse.up()
        assert chart.chosen == [["2024-04-01", "2024-06-30"]]

    def test_backwards_and_past_the_edge(self, chart: Chart) -> None:
        chart.drag("2024-06-15", "2024-02-10")
        chart.page.mouse.move(chart.x("2024-11-05"), chart.top + 20)
        chart.page.mouse.down()
        chart.page.mouse.move(chart.x("2024-12-31") + 40, chart.top + 150)
        chart.page.mouse.up()
        assert chart.chosen == [["2024-02-01", "2024-06-30"], ["2024-11-01", "2024-12-31"]]

    def test_over_gaps(self, chart: Chart) -> None:
        chart.drag("2024-03-10", "2024-03-25")
        chart.drag("2024-03-10", "2024-04-03", "2024-03-20")
        assert chart.chosen == []
        assert chart.shown == WHOLE
        chart.drag("2024-03-10", "2024-08-10")
        assert chart.chosen == [["2024-04-01", "2024-07-31"]]

    def test_the_whole_span_lifts_the_filter(self, chart: Chart) -> None:
        chart.update(_months(), "2024-04-01", "2024-06-30")
        chart.drag("2024-01-05", "2024-12-05")
        assert chart.chosen == [["", ""]]
        chart.drag("2024-12-05", "2024-01-05")
        assert chart.chosen == [["", ""]]

    def test_a_click_chooses_the_span_of_a_bar(self, chart: Chart) -> None:
        for day in ("2024-06-20", "2024-01-20"):
            chart.page.mouse.move(chart.x(day), chart.top + 3)
            chart.page.mouse.down()
            chart.page.mouse.move(chart.x(day) + 3, chart.top + 3)
            chart.page.mouse.up()
        assert chart.chosen == [["2024-06-01", "2024-06-30"], ["2024-01-01", "2024-01-31"]]
        chart.drag("2024-03-15")
        chart.drag("2024-01-15")
        assert len(chart.chosen) == 2

    def test_other_buttons_and_the_caption_choose_nothing(self, chart: Chart) -> None:
        chart.page.locator("figcaption span").first.click()
        chart.page.locator(".slot").nth(3).click(button="middle")
        assert chart.chosen == []

    def test_handles(self, chart: Chart) -> None:
        chart.grab(chart.last, "2024-07-02")
        assert chart.chosen == [["", "2024-06-30"]]
        chart.grab(chart.first, "2024-04-02", "2024-11-20", "2024-05-10")
        assert chart.chosen[1:] == [["2024-05-01", "2024-06-30"]]
        chart.grab(chart.first, "2024-11-20")
        assert chart.chosen[2:] == [["2024-06-01", "2024-06-30"]]
        chart.grab(chart.last)
        chart.grab(chart.first, "2024-01-02", "2024-06-03")
        assert len(chart.chosen) == 3

    def test_an_end_that_is_left_alone_keeps_its_day(self, chart: Chart) -> None:
        chart.update(_months(), "2024-02-14", "2024-11-11")
        assert chart.shown == ("2024-02-14", "2024-11-11")
        chart.grab(chart.last, "2024-07-02")
        assert chart.chosen == [["2024-02-14", "2024-06-30"]]

    def test_escape_undoes(self, chart: Chart) -> None:
        chart.update(_months(), "2024-04-01", "2024-06-30")
        before = chart.shown
        chart.drag("2024-08-01", "2024-11-01", release=False)
        assert chart.shown != before
        chart.page.keyboard.press("Escape")
        assert chart.shown == before
        chart.page.mouse.move(chart.x("2024-10-01"), chart.top + 20)
        chart.page.mouse.up()
        assert chart.shown == before
        assert chart.chosen == []

    def test_an_answer_in_mid_drag_gives_it_up(self, chart: Chart) -> None:
        chart.drag("2024-04-20", "2024-06-02", release=False)
        chart.update(_months((6,) * 12), "2024-02-01", "")
        chart.page.mouse.move(chart.x("2024-07-02"), chart.top + 20)
        chart.page.mouse.up()
        assert chart.page.locator(".bar").count() == 12
        assert chart.shown == ("2024-02-01", "2024-12-31")
        assert chart.chosen == []

    def test_a_drag_whose_end_is_lost(self, chart: Chart) -> None:
        chart.drag("2024-04-20", "2024-06-02", release=False)
        chart.page.evaluate("chart.element.remove()")
        chart.page.mouse.up()
        chart.page.evaluate("document.querySelector('input').after(chart.element)")
        chart.drag("2024-11-10", "2024-12-02")
        assert chart.chosen == [["2024-11-01", "2024-12-31"]]


def _every_day() -> list[str]:
    return [(dt.date(2024, 1, 1) + dt.timedelta(number)).isoformat() for number in range(366)]


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
        _wait(chart.page, lambda: chart.shown == ("2024-04-01", "2024-06-30"))
        self.touch(finger, "End")
        assert chart.chosen == [["2024-04-01", "2024-06-30"]]
        chart.page.touchscreen.tap(chart.x("2024-09-20"), y)
        assert chart.chosen[1:] == [["2024-09-01", "2024-09-30"]]

    def test_a_handle(self, chart: Chart, finger: CDPSession) -> None:
        y = chart.top + 64
        self.touch(finger, "Start", (chart.left + 714, y - 8))
        for day in ("2024-12-10", "2024-10-10", "2024-07-02"):
            self.touch(finger, "Move", (chart.x(day), y))
        self.touch(finger, "End")
        assert chart.chosen == [["", "2024-06-30"]]

    def test_scrolling_the_page_from_the_chart_chooses_nothing(self, chart: Chart, finger: CDPSession) -> None:
        x, y = chart.x("2024-06-20"), chart.top + 40
        self.touch(finger, "Start", (x, y))
        for up in range(10, 110, 10):
            self.touch(finger, "Move", (x + up / 5, y - up))
        self.touch(finger, "End")
        _wait(chart.page, lambda: chart.page.evaluate("scrollY") > 50)
        assert chart.shown == WHOLE
        assert chart.chosen == []

    def test_a_cancelled_touch_undoes(self, chart: Chart, finger: CDPSession) -> None:
        y = chart.top + 20
        self.touch(finger, "Start", (chart.x("2024-04-20"), y))
        self.touch(finger, "Move", (chart.x("2024-05-10"), y))
        self.touch(finger, "Move", (chart.x("2024-06-10"), y))
        _wait(chart.page, lambda: chart.shown != WHOLE)
        self.touch(finger, "Cancel")
        _wait(chart.page, lambda: chart.shown == WHOLE)
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
        assert chart.chosen in ([["2024-04-01", "2024-06-30"]], [])  # nothing where the browser zooms instead


class TestKeys:
    @pytest.mark.parametrize("direction", ["ltr", "rtl"])
    def test_each_key(self, page: Page, site: str, direction: str) -> None:
        chart = _open(page, f"{site}/{direction}")
        steps = [
            ("ArrowRight", "2024-02-01"),
            ("ArrowUp", "2024-04-01"),
            ("ArrowLeft", "2024-02-01"),
            ("PageUp", "2024-04-01"),  # a tenth of the days, then the nearest bar
            ("PageDown", "2024-02-01"),
            ("ArrowDown", "2024-01-01"),
            ("ArrowDown", "2024-01-01"),
            ("End", "2024-12-01"),
            ("Home", "2024-01-01"),
        ]
        chart.first.focus()
        for number, (key, expected) in enumerate(steps):
            page.keyboard.press(key)
            assert chart.shown == (expected, "2024-12-31"), number
        chart.last.focus()
        for key, expected in [
            ("PageDown", "2024-11-30"),
            ("ArrowLeft", "2024-09-30"),
            ("Home", "2024-01-31"),
            ("End", WHOLE[1]),
        ]:
            page.keyboard.press(key)
            assert chart.shown == (WHOLE[0], expected)
        assert page.evaluate("scrollY") == 0

    def test_a_page_is_a_tenth(self, chart: Chart) -> None:
        chart.update([{"value": d, "from": d, "to": d, "count": 4} for d in _every_day()[:50]])
        chart.first.focus()
        chart.page.keyboard.press("PageUp")
        assert chart.shown[0] == "2024-01-06"

    def test_values(self, chart: Chart) -> None:
        chart.update(_months(), "2024-04-10", "2024-08-20")
        assert chart.shown == ("2024-04-10", "2024-08-20")
        assert [handle.input_value() for handle in (chart.first, chart.last)] == ["100", "233"]
        labels = [handle.get_attribute("aria-label") for handle in (chart.first, chart.last)]
        assert labels == ["First day", "Last day"]
        figure = chart.page.locator("figure").get_attribute("aria-label")
        assert figure == "Articles over time, 1 January 2024 to 31 December 2024"

    def test_handles_do_not_cross(self, chart: Chart) -> None:
        chart.update(_months(), "2024-04-01", "2024-06-30")
        chart.first.press("End")
        assert chart.shown == ("2024-06-01", "2024-06-30")
        chart.last.press("Home")
        assert chart.shown == ("2024-06-01", "2024-06-30")

    def test_nor_where_the_days_in_force_lie_in_a_gap_or_outside(self, chart: Chart) -> None:
        cases = [
            ("2024-03-10", "2024-03-20", "ArrowRight"),
            ("2024-03-10", "2024-03-20", "ArrowLeft"),
            ("2030-01-01", "2030-02-01", "ArrowLeft"),
            ("1990-01-01", "1991-01-01", "ArrowRight"),
        ]
        for first, last, key in cases:
            for handle in (chart.first, chart.last):
                chart.update(_months(), first, last)
                handle.press(key)
                handle.press("Enter")
                begin, end = (chart.chosen or [["", ""]])[-1]
                assert not begin or not end or begin <= end, (first, last, key)

    def test_choosing_waits_for_the_last_key(self, chart: Chart) -> None:
        chart.page.clock.install()
        chart.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
        for _ in range(3):
            chart.first.press("ArrowRight")
            chart.page.clock.run_for(399)
            assert chart.chosen == []
        chart.page.clock.run_for(1)
        assert chart.chosen == [["2024-05-01", ""]]
        chart.page.clock.run_for(1000)
        assert len(chart.chosen) == 1

    @pytest.mark.parametrize("key", ["Enter", "Tab"])
    def test_at_once_on_enter_and_blur(self, chart: Chart, key: str) -> None:
        chart.page.clock.install()
        chart.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
        chart.last.press("ArrowLeft")
        chart.last.press(key)
        assert chart.chosen == [["", "2024-11-30"]]
        chart.page.clock.run_for(1000)
        assert len(chart.chosen) == 1

    def test_escape_undoes_and_coming_back_chooses_nothing(self, chart: Chart) -> None:
        chart.page.clock.install()
        chart.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
        chart.first.press("ArrowRight")
        chart.first.press("Escape")
        assert chart.shown == WHOLE
        chart.first.press("ArrowRight")
        chart.first.press("ArrowLeft")
        chart.page.clock.run_for(1000)
        assert chart.chosen == []

    def test_keys_of_the_browser_are_left_alone(self, chart: Chart) -> None:
        for key in ("Alt+ArrowRight", "Meta+ArrowRight", "a"):
            chart.first.press(key)
        assert chart.shown == WHOLE

    def test_update_keeps_the_focus_and_a_range_that_is_being_set(self, chart: Chart) -> None:
        chart.page.clock.install()
        chart.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
        chart.first.press("ArrowRight")
        chart.update(_months((6,) * 12))
        assert chart.first.evaluate("handle => handle === document.activeElement")
        assert chart.shown == ("2024-02-01", "2024-12-31")
        chart.page.clock.run_for(400)
        assert chart.chosen == [["2024-02-01", ""]]
        chart.update(_months((6,) * 12), "2024-02-01", "")
        assert chart.first.evaluate("handle => handle === document.activeElement")

    def test_a_pointer_goes_on_where_keys_were(self, chart: Chart) -> None:
        chart.first.press("ArrowRight")
        chart.drag("2024-06-10", "2024-07-20")
        chart.page.wait_for_timeout(500)
        assert chart.chosen == [["2024-06-01", "2024-07-31"]]


class TestAccess:
    @pytest.mark.parametrize("name", ["ltr", "arabic"])
    def test_no_violation_of_axe(self, page: Page, site: str, name: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        chart = _open(page, f"{site}/{name}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for days in (("", ""), ("2024-04-01", "2024-06-30")):
                chart.update(_months(), *days)
                found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
                assert found.violations_count == 0, json.dumps(found.response["violations"], indent=1)
                assert any(rule["id"] == "label" and len(rule["nodes"]) == 3 for rule in found.response["passes"])

    def test_it_speaks_the_language_of_the_page(self, page: Page, site: str) -> None:
        chart = _open(page, f"{site}/arabic")
        assert chart.first.get_attribute("aria-label") == "اليوم الأول"
        assert chart.first.get_attribute("aria-valuetext") == "1 يناير 2024"
        assert (page.locator(".chart title").first.text_content() or "").endswith(": 3 مقالات")

    def test_time_runs_to_the_right_in_every_language(self, page: Page, site: str) -> None:
        chart = _open(page, f"{site}/rtl")
        chart.grab(chart.last, "2024-07-02")
        assert chart.chosen == [["", "2024-06-30"]]
        chart.drag("2024-06-10", "2024-08-10")
        assert chart.chosen[1:] == [["2024-06-01", "2024-07-31"]]

    def test_focus_is_seen(self, chart: Chart) -> None:
        chart.page.get_by_label("Search").focus()
        figure = chart.page.locator("figure")
        looks = [figure.screenshot()]
        for _ in range(2):
            chart.page.keyboard.press("Tab")
            looks.append(figure.screenshot())
        assert len(set(looks)) == 3
