"""Fixtures for tests of the histogram of the search box, alone on a page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from conftest import served
from support.module_pages import modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

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
"""Numbers of articles in the months of 2024. Months without articles are absent."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(modules(BUILT)) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a browser context for one test, because a stopped clock stops in all pages of its context."""
    made = browser.new_context(has_touch=True, viewport={"width": 800, "height": 600})
    made.set_default_timeout(30_000)
    yield made
    made.close()


def months(counts: tuple[int, ...] = COUNTS, year: int = 2024) -> list[dict[str, Any]]:
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
        """Return the horizontal position of the middle of a day of 2024."""
        return self.left + ((dt.date.fromisoformat(day) - dt.date(2024, 1, 1)).days + 0.5) / 366 * 720

    def stop_clock(self) -> None:
        """Stop the clock of the page. After that, only the test advances it."""
        self.page.clock.install()
        self.page.clock.pause_at(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))

    @property
    def chosen(self) -> list[list[str]]:
        found: list[list[str]] = self.page.evaluate("chosen")
        return found

    @property
    def selected_days(self) -> tuple[str, ...]:
        texts = (handle.get_attribute("aria-valuetext") or "" for handle in (self.first, self.last))
        return tuple(dt.datetime.strptime(f"{day} +0000", "%d %B %Y %z").date().isoformat() for day in texts)

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


def opened(page: Page, address: str) -> Chart:
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    page.evaluate("given => chart.update(given, '', '')", months())
    return Chart(page)


@pytest.fixture
def chart(page: Page, site: str) -> Chart:
    return opened(page, f"{site}/ltr")


def wait(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until a condition is true in a later frame. The page's policy forbids playwright's `wait_for_function`."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(30)
    raise AssertionError


WHOLE = "2024-01-01", "2024-12-31"
