"""Takes the screenshots of the README and the docs: indexes the samples, serves them and opens them in chromium.

python bench/screenshots.py                 # the pictures in docs/
python bench/screenshots.py --all FOLDER    # all pictures
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import dateline
import load
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=LocalNetworkAccessChecks",  # the other site's page has no real address
]
EMBEDDED = "http://127.0.0.1:8001/"
"""Address of a page of another site, docs/embed-example.html. No server runs there; playwright delivers the page."""

PHONE = (390, 844)
SEARCH = "/?q=ports+OR+rice+OR+railway&country=IT"
ARTICLE = "/articles/mw-20250304-0011?q=ports"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page: `path` on the server, or the embedded box with the text `typed`. Sizes in CSS pixels."""

    path: str = ""
    typed: str = ""
    size: tuple[int, int] = (1200, 820)
    colours: Literal["light", "dark"] = "light"
    language: str = "en"
    scale: int = 1


PICTURES = {
    "search-page.png": Picture(SEARCH),
    "search-page-dark.png": Picture(SEARCH, colours="dark"),
    "search-page-phone.png": Picture(SEARCH, size=PHONE, scale=2),
    "search-page-arabic.png": Picture(SEARCH, language="ar"),
    "article-page.png": Picture(ARTICLE, size=(1200, 720)),
    "article-page-phone.png": Picture(ARTICLE, size=PHONE, scale=2),
    "search-box.png": Picture(typed="ni", size=(720, 620)),
    "search-box-dark.png": Picture(typed="ni", size=(720, 500), colours="dark"),
    "search-box-arabic.png": Picture(typed="ni", size=(720, 500), language="ar"),
}
IN_DOCS = ("search-page.png", "search-page-phone.png", "search-page-arabic.png", "article-page.png", "search-box.png")
"""The pictures in the README and the docs; only --all takes the others."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="save all pictures there, and none in docs/")
    folder = parser.parse_args().all
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        url = f"tantivy://{work}/index"
        subprocess.run(
            dateline.command("reindex", "samples", "--index", url), cwd=ROOT, check=True, env=dateline.environment()
        )
        with load.serving(url, workers=1) as port, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for name in PICTURES if folder else IN_DOCS:
                path = (folder or ROOT / "docs") / name
                take(browser, PICTURES[name], f"http://{load.HOST}:{port}", path)
                print(f"{path.parent.name}/{name}  {path.stat().st_size / 1e3:.0f} kB")
            browser.close()


def take(browser: Browser, picture: Picture, server: str, path: Path) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=picture.colours,
        device_scale_factor=picture.scale,
        locale=picture.language,
        reduced_motion="reduce",
    )
    page = context.new_page()
    if picture.typed:
        _embed(page, picture, server)
    else:
        page.goto(server + picture.path)
        page.locator(".dateline-list").wait_for(state="attached")
        if page.locator("dateline-search[browse]").count():  # before that, the page shows the server's HTML
            page.locator("dateline-search .results[aria-busy=false] .hits li").first.wait_for()
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=path, caret="initial" if picture.typed else "hide")
    context.close()


def _embed(page: Page, picture: Picture, server: str) -> None:
    """Open the page of another site, type, and wait for the suggestions."""
    text = (ROOT / "docs" / "embed-example.html").read_text(encoding="utf-8").replace("http://127.0.0.1:8000", server)
    if picture.language != "en":
        text = text.replace('<html lang="en">', f'<html lang="{picture.language}" dir="rtl">')
    page.route(EMBEDDED, lambda route: route.fulfill(body=text, content_type="text/html"))
    page.goto(EMBEDDED)
    page.get_by_role("combobox").press_sequentially(picture.typed)
    page.get_by_role("option").first.wait_for()


if __name__ == "__main__":
    main()
