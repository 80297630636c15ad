"""The search box: what a page loads for it, beside others, and the time from a key press to painted suggestions.

    python bench/search_box.py [--index URL] [--presses N]     # the samples, without an index

`make bench` measures the same on its own index. docs/bench.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import load
import own
import report
from box_sizes import Size, compressed, ours, theirs
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser, Page, Request

SAMPLES = Path(__file__).parent.parent / "samples"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PRESSES = 240
LONGEST = 8
"""Letters that are typed of a text; by then its suggestions hardly change any more."""

PAUSE = (20, 120)
"""Milliseconds between a paint and the next press, by chance, so that presses do not fall into step with the screen."""

PATIENCE = 3_000
SEED = 1851
WARM_UP = 5

WATCH = """(input) => {
  const list = input.nextElementSibling;
  let press = {};
  addEventListener("keydown", ({ timeStamp }) => {
    press = { begun: timeStamp, heard: performance.now() - timeStamp };
    window.painted = new Promise((resolve) => (press.tell = resolve));
  }, true);
  new MutationObserver(() => {
    const option = list.querySelector("[role=option]");
    if (press.filled || !option) return;
    press.filled = performance.now();
    press.text = input.value;
    for (const part of option.querySelectorAll("*")) part.setAttribute("elementtiming", input.value);
  }).observe(list, { childList: true });
  new PerformanceObserver((entries) => {
    const shown = entries.getEntries().find(({ identifier }) => identifier === press.text);
    const { begun, heard, filled } = press;
    if (shown) press.tell({ begun, heard, filled, painted: shown.renderTime - begun });
  }).observe({ type: "element" });
}"""
"""Tells of each press when its event was made, how long until the page heard of it and until options were painted.

The browser itself tells the latter (Element Timing): the moment the frame that has the first option's text was shown.
An observer of the list asks it to, in the task that fills the list, so before that frame is made.
"""

LATER = (
    """(patience) => Promise.race([window.painted, new Promise((resolve) => setTimeout(resolve, patience, null))])"""
)
ANSWERED = """(text) => performance.getEntriesByType("resource")
  .filter(({ name }) => new URL(name).searchParams.get("q") === text).map(({ responseEnd }) => responseEnd)"""
DEBOUNCE = """() => {
  const box = customElements.get("dateline-search");
  const usual = box.debounce;
  box.debounce = 0;
  return usual;
}"""


@dataclass(frozen=True, slots=True)
class Presses:
    """Milliseconds from a key press to painted suggestions, without the debounce, which stands beside them.

    `heard` is the median until the page's script ran for the key. `missed` had no suggestions in time, or other ones.
    """

    measured: int
    missed: int
    median: float
    p90: float
    p99: float
    heard: float
    debounce: float

    @classmethod
    def of(cls, painted: Sequence[float], heard: Sequence[float], missed: int, debounce: float) -> Presses:
        """Return what the times come to; percentiles are times that were measured."""
        ordered = sorted(painted)
        p90, p99 = (ordered[min(len(ordered) * share // 100, len(ordered) - 1)] for share in (90, 99))
        median = statistics.median(ordered)
        return cls(len(ordered), missed, median, p90, p99, statistics.median(heard), debounce)


@dataclass(frozen=True, slots=True)
class FirstView:
    """What a browser with an empty cache loads for `/`: requests, bytes of the bodies, and those compressed."""

    requests: int
    bytes: int
    gzip: int


@dataclass(slots=True)
class Box:
    """All that was measured of the search box; what was not, with the reason, is in `unmeasured`."""

    sizes: list[Size] = field(default_factory=list)
    first_view: FirstView | None = None
    presses: Presses | None = None
    unmeasured: list[str] = field(default_factory=list)


def measure(port: int, work: Path, presses: int) -> Box:
    """Return the figures of the search box of a running server; packages come into a new folder in `work`.

    What cannot be measured here is told in the figures: the rest of a benchmark goes on.
    """
    box = Box()
    try:
        box.sizes += ours(port)
    except (RuntimeError, OSError) as error:
        box.unmeasured.append(f"Dateline's search box: not measured: {error}")
    try:
        (work / "npm").mkdir()
        box.sizes += theirs(work / "npm")
    except (RuntimeError, OSError) as error:
        box.unmeasured.append(f"Pagefind and Algolia: not measured: {error}")
    try:
        _in_browser(box, port, presses)
    except (RuntimeError, OSError) as error:
        box.unmeasured.append(f"Key presses: not measured: {error}")
    return box


def _in_browser(box: Box, port: int, presses: int) -> None:
    """Measure what needs a browser.

    Raises:
        RuntimeError: There is none, or the box does not do what it should.
    """
    if not Path(CHROMIUM).exists():
        raise RuntimeError(f"{CHROMIUM} is not installed")
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - not all have the development tools
    except ImportError:
        raise RuntimeError("playwright is not installed") from None
    try:
        # chromium leaves things behind in its temporary folder, and has a socket there, so the path must be short
        with TemporaryDirectory(prefix="dateline-", dir="/tmp") as short, sync_playwright() as playwright:
            kept = {**os.environ, "TMPDIR": short}
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=kept)
            box.first_view = _first_view(browser, f"http://{load.HOST}:{port}/")
            box.presses = pressed(browser.new_page(), port, presses)
            browser.close()
    except Error as error:
        raise RuntimeError(error.message.partition("\n")[0]) from error


def _first_view(browser: Browser, url: str) -> FirstView:
    with browser.new_context() as context:
        page = context.new_page()
        answered: list[Request] = []
        page.on("requestfinished", lambda request: answered.append(request))  # noqa: PLW0108 - it marks the function
        page.goto(url)
        page.wait_for_load_state("networkidle")
        answers = [request.response() for request in answered]
        bodies = [answer.body() for answer in answers if answer]
    return FirstView(len(bodies), sum(map(len, bodies)), sum(map(compressed, bodies)))


def pressed(page: Page, port: int, presses: int) -> Presses:
    """Type into the field of `/` and return the times of `presses` key presses.

    Raises:
        RuntimeError: There is too little to type, or nothing is painted.
    """
    page.goto(f"http://{load.HOST}:{port}/")
    field = page.locator("input:has(+ .dateline-list)").first
    field.wait_for()
    field.evaluate(WATCH)
    debounce = page.evaluate(DEBOUNCE)
    chance = random.Random(SEED)
    times: list[dict[str, float] | None] = []
    for typed, keys in _keys(port, presses + WARM_UP):
        if len(typed) == 1:
            field.fill("")
        page.wait_for_timeout(chance.randint(*PAUSE))
        times.append(press(page, typed, keys))
    told = [one for one in times[WARM_UP:] if one]
    if not told:
        raise RuntimeError("no suggestions were painted")
    return Presses.of([one["painted"] for one in told], [one["heard"] for one in told], presses - len(told), debounce)


def press(page: Page, typed: str, keys: str) -> dict[str, float] | None:
    """Press keys; return the times of the last, or None where what was painted is not the answer to `typed`."""
    page.evaluate("performance.clearResourceTimings()")
    for key in keys:
        page.keyboard.press(key)
    times: dict[str, float] | None = page.evaluate(LATER, PATIENCE)
    if times is None:
        return None
    ends = page.evaluate(ANSWERED, typed)
    return times if ends and ends[-1] <= times["filled"] else None


def _keys(port: int, count: int) -> list[tuple[str, str]]:
    """Return `count` presses: what is typed by then, and the key, after a space if need be. One letter begins anew.

    A text is typed as far as the server has suggestions for it: without any, none would be painted.

    Raises:
        RuntimeError: The archive gives fewer.
    """
    client = load.Client(port)
    texts = _texts(client)
    random.Random(SEED).shuffle(texts)
    keys: list[tuple[str, str]] = []
    for text in texts:
        for length in range(1, min(len(text), LONGEST) + 1):
            typed = text[:length]
            if typed.endswith(" "):
                continue  # the suggestions stay those of the word before
            if not json.loads(client.get("/v1/suggest?" + urlencode({"q": typed}))[1])["suggestions"]:
                break
            keys.append((typed, typed[-2:] if typed[-2:].startswith(" ") else typed[-1]))
        if len(keys) >= count:
            break
    client.close()
    if len(keys) < count:
        raise RuntimeError(f"the archive gives {len(keys)} of {count} presses")
    return keys[:count]


def _texts(client: load.Client) -> list[str]:
    """Return names of people and countries, and words of titles, as far as letters and spaces write them."""
    asked = {"per_page": 100, "sort": "newest", "facets": "country,person", "facet_size": 50}
    found = json.loads(client.get("/v1/search?" + urlencode(asked))[1])
    names = [value["label"] for values in found["facets"].values() for value in values]
    families = [name.split()[-1] for name in names]
    words = [word for hit in found["hits"] for word in re.findall(r"\w{5,}", hit["title"])]
    return sorted({text.lower() for text in names + families + words if re.fullmatch("[A-Za-z]+( [A-Za-z]+)*", text)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--index", metavar="URL", help="an index to search, instead of one of the samples")
    parser.add_argument("--presses", type=int, default=PRESSES, metavar="N")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="dateline-bench-") as folder:
        url = options.index
        if not url:
            url = f"tantivy://{folder}/index"
            subprocess.run(own.command("reindex", str(SAMPLES), "--index", url), check=True, env=own.environment())
        with load.serving(url, workers=2) as port:
            box = measure(port, Path(folder), options.presses)
    report.show_box(box, Console(highlight=False, width=report.WIDTH))


if __name__ == "__main__":
    main()
