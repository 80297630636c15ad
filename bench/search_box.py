"""Measures the search box: the bytes a page loads for it, and the time from a key press to painted suggestions.

    python bench/search_box.py [--index URL] [--presses N]     # indexes the samples if no URL is given

`make bench` measures the same on its own index. docs/bench.md explains the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dateline
import load
import report
from box_sizes import compressed, dateline_sizes, rival_sizes
from figures import Box, FirstView, Presses
from rich.console import Console

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

SAMPLES = Path(__file__).parent.parent / "samples"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PRESSES = 240
"""Key presses that a full run measures."""

LONGEST = 8
"""Maximum letters that are typed of each text. After eight letters the suggestions hardly change."""

PAUSE = (20, 120)
"""Range of the random pause between a paint and the next press, in milliseconds.

A fixed pause could synchronize the presses with the screen's refresh.
"""

PATIENCE = 3_000
"""Milliseconds until a press without suggestions counts as missed."""

SEED = 1851
"""Seed of the texts and the pauses."""

WARM_UP = 5
"""Presses before the first one that is measured."""

WATCH = """(input) => {
  const list = input.nextElementSibling;
  let press = {};
  addEventListener("keydown", ({ timeStamp }) => {
    press = { sent: timeStamp, received: performance.now() - timeStamp };
    window.painted = new Promise((resolve) => (press.report = resolve));
  }, true);
  new MutationObserver(() => {
    const option = list.querySelector("[role=option]");
    if (press.filled || !option) return;
    press.filled = performance.now();
    press.text = input.value;
    for (const part of option.querySelectorAll("*")) part.setAttribute("elementtiming", input.value);
  }).observe(list, { childList: true });
  new PerformanceObserver((entries) => {
    const painted = entries.getEntries().find(({ identifier }) => identifier === press.text);
    const { sent, received, filled } = press;
    if (painted) press.report({ sent, received, filled, painted: painted.renderTime - sent });
  }).observe({ type: "element" });
}"""
"""Script that records three times of each press: its event, its arrival in the page, the paint of the first option.

The browser reports the paint (Element Timing API): the moment when it shows the frame with the first option's text. It
reports only marked elements. An observer marks the options in the task that fills the list, before that frame.
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


def measure(port: int, work: Path, presses: int) -> Box:
    """Measure the search box of a running server. npm packages are downloaded into a new folder in `work`.

    Figures that cannot be measured on this machine are named in `unmeasured`, with the reason.
    """
    box = Box()
    try:
        box.sizes += dateline_sizes(port)
    except (RuntimeError, OSError) as error:
        box.unmeasured.append(f"Dateline's search box: not measured: {error}")
    try:
        (work / "npm").mkdir()
        box.sizes += rival_sizes(work / "npm")
    except (RuntimeError, OSError) as error:
        box.unmeasured.append(f"Pagefind and Algolia: not measured: {error}")
    try:
        _in_browser(box, port, presses)
    except (RuntimeError, OSError) as error:
        box.unmeasured.append(f"Key presses: not measured: {error}")
    return box


def _in_browser(box: Box, port: int, presses: int) -> None:
    """Measure the first view and the key presses in chromium.

    Raises:
        RuntimeError: chromium or playwright is missing, or the page shows no suggestions.
    """
    if not Path(CHROMIUM).exists():
        raise RuntimeError(f"{CHROMIUM} is not installed")
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - not all have the development tools
    except ImportError:
        raise RuntimeError("playwright is not installed") from None
    try:
        # chromium does not empty its temporary folder, and keeps a socket there, so the path must be short
        with TemporaryDirectory(prefix="dateline-", dir="/tmp") as short, sync_playwright() as playwright:
            environment = {**os.environ, "TMPDIR": short}
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=environment)
            box.first_view = _first_view(browser, f"http://{load.HOST}:{port}/")
            box.presses = measure_presses(browser.new_page(), port, presses)
            browser.close()
    except Error as error:
        raise RuntimeError(error.message.partition("\n")[0]) from error


def _first_view(browser: Browser, url: str) -> FirstView:
    with browser.new_context() as context:
        page = context.new_page()
        finished: list[Request] = []
        # playwright sets an attribute on the callback, which `finished.append` would not accept
        page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108
        page.goto(url)
        page.wait_for_load_state("networkidle")
        responses = [request.response() for request in finished]
        bodies = [response.body() for response in responses if response]
    return FirstView(len(bodies), sum(map(len, bodies)), sum(map(compressed, bodies)))


def measure_presses(page: Page, port: int, presses: int) -> Presses:
    """Type into the field of `/` and return the times of `presses` key presses.

    Raises:
        RuntimeError: The archive has too few texts to type, or the page shows no suggestions.
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
    measured = [one for one in times[WARM_UP:] if one]
    if not measured:
        raise RuntimeError("no suggestions were painted")
    painted, received = ([one[name] for one in measured] for name in ("painted", "received"))
    return Presses.of(painted, received, presses - len(measured), debounce)


def press(page: Page, typed: str, keys: str) -> dict[str, float] | None:
    """Press keys and return the times of the last one. None if the painted suggestions do not belong to `typed`."""
    page.evaluate("performance.clearResourceTimings()")
    for key in keys:
        page.keyboard.press(key)
    times: dict[str, float] | None = page.evaluate(LATER, PATIENCE)
    if times is None:
        return None
    ends = page.evaluate(ANSWERED, typed)
    return times if ends and ends[-1] <= times["filled"] else None


def _keys(port: int, count: int) -> list[tuple[str, str]]:
    """Return `count` presses, each as the text in the field and the key; the key may follow a space.

    A text of one letter starts a new text. A text is typed only as long as the server has suggestions for it, because
    otherwise nothing is painted.

    Raises:
        RuntimeError: The archive has too few texts.
    """
    client = load.Client(port)
    texts = _texts(client)
    random.Random(SEED).shuffle(texts)
    keys: list[tuple[str, str]] = []
    for text in texts:
        for length in range(1, min(len(text), LONGEST) + 1):
            typed = text[:length]
            if typed.endswith(" "):
                continue  # a space does not change the suggestions
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
    """Return names of people and countries, and words of titles. All consist of letters A to Z and spaces."""
    request = {"per_page": 100, "sort": "newest", "facets": "country,person", "facet_size": 50}
    results = json.loads(client.get("/v1/search?" + urlencode(request))[1])
    names = [value["label"] for values in results["facets"].values() for value in values]
    families = [name.split()[-1] for name in names]
    words = [word for hit in results["hits"] for word in re.findall(r"\w{5,}", hit["title"])]
    return sorted({text.lower() for text in names + families + words if re.fullmatch("[A-Za-z]+( [A-Za-z]+)*", text)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--index", metavar="URL", help="the index to search; default: a new index of the samples")
    parser.add_argument("--presses", type=int, default=PRESSES, metavar="N")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="dateline-bench-") as folder:
        url = options.index
        if not url:
            url = f"tantivy://{folder}/index"
            subprocess.run(
                dateline.command("reindex", str(SAMPLES), "--index", url), check=True, env=dateline.environment()
            )
        with load.serving(url, workers=2) as port:
            box = measure(port, Path(folder), options.presses)
    report.show_box(box, Console(highlight=False, width=report.WIDTH))


if __name__ == "__main__":
    main()
