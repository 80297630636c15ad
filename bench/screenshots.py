"""Takes the pictures of the README and the docs: indexes the samples, serves them, and looks with chromium.

python bench/screenshots.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
CHROMIUM = "/usr/bin/chromium"
PORT = 8765
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAGES = {
    "search-page.png": (
        "/?q=ports+OR+rice+OR+railway&country=IT&collapse=story",
        {"width": 1200, "height": 820},
        "light",
    ),
}
"""File in docs/ -> path, size of the window, colours."""


def main() -> None:
    dateline = [sys.executable, "-c", "from index.cli import main; main()"]
    with tempfile.TemporaryDirectory() as folder:
        url = f"tantivy://{folder}/index"
        subprocess.run([*dateline, "reindex", "samples", "--index", url], cwd=ROOT, check=True)
        server = subprocess.Popen([*dateline, "serve", "--index", url, "--port", str(PORT), "--workers", "1"], cwd=ROOT)
        try:
            wait_for(f"http://127.0.0.1:{PORT}/v1/health")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                for name in PAGES:
                    take(browser, name)
                browser.close()
        finally:
            server.terminate()
            server.wait()


def wait_for(url: str, seconds: float = 30) -> None:
    for _ in range(int(seconds * 10)):
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"{url} did not answer within {seconds} s")


def take(browser: Browser, name: str) -> None:
    path, size, colours = PAGES[name]
    page = browser.new_page(viewport=size, color_scheme=colours, device_scale_factor=1)
    page.goto(f"http://127.0.0.1:{PORT}{path}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=ROOT / "docs" / name)
    page.close()
    print(f"docs/{name}")


if __name__ == "__main__":
    main()
