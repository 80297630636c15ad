"""How `make bench` measures the search box: sizes of this and other boxes, and key presses timed in a browser."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

import box_sizes
import pytest
import report
import search_box
from figures import Presses
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Route

PROGRAM = """#!/bin/sh
mkdir "$2/pagefind" && cd "$2/pagefind"
for name in %s; do printf 'pagefind writes %%0200d' 7 > "$name"; done
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder on the path, so that a test decides which programs exist. There is no browser."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for needed in ("cp", "mkdir"):
        (folder / needed).symlink_to(f"/bin/{needed}")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(search_box, "CHROMIUM", "/nowhere/chromium")
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def _npm(programs: Path, script: str) -> None:
    (programs / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "npm").chmod(0o755)


def _pack(folder: Path, package: str, files: dict[str, bytes]) -> None:
    name = f"{package.removeprefix('@').replace('/', '-')}-{box_sizes.VERSIONS[package]}.tgz"
    with tarfile.open(folder / name, "w:gz") as packed:
        for path, body in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(body)
            packed.addfile(entry, io.BytesIO(body))


class TestSizes:
    def test_each_file_counts_plain_and_compressed(self, programs: Path, work: Path, tmp_path: Path) -> None:
        registry = tmp_path / "registry"
        registry.mkdir()
        parts = [part for files in box_sizes.RIVALS.values() for part in files]
        body = b"let port = 'treaty';" * 50
        written = " ".join(file for package, file in parts if package == box_sizes.PAGEFIND)
        for package in box_sizes.VERSIONS:
            files = {file: body for one, file in parts if one == package}
            program = {"bin/pagefind_extended": (PROGRAM % written).encode()}
            _pack(registry, package, program if package == box_sizes.PAGEFIND else files)
        _npm(programs, f"cp {registry}/* .")
        sizes = {size.name: size for size in box_sizes.rival_sizes(work)}
        assert list(sizes) == list(box_sizes.RIVALS)
        algolia = sizes["Algolia Autocomplete"]
        assert algolia.files == ("index.production.js", "theme.min.css")
        assert algolia.version == box_sizes.VERSIONS["@algolia/autocomplete-js"]
        assert algolia.bytes == 2 * len(body)
        assert algolia.gzip == 2 * len(gzip.compress(body, 9))
        assert sizes["Pagefind Default UI"].bytes == 2 * 216

    @pytest.mark.parametrize(
        ("script", "reason"),
        [
            (None, "npm is not installed"),
            ("exit 1", "npm cannot download the packages"),
            ("exit 0", "No such file"),
        ],
    )
    def test_names_the_figures_that_cannot_be_measured(
        self, programs: Path, work: Path, server: str, script: str | None, reason: str
    ) -> None:
        if script:
            _npm(programs, script)
        box = search_box.measure(urlsplit(server).port or 0, work, 1)
        packages, presses = box.unmeasured
        assert packages.startswith("Pagefind and Algolia: not measured: ")
        assert reason in packages
        assert presses == "Key presses: not measured: /nowhere/chromium is not installed"
        assert [size.name for size in box.sizes] == list(box_sizes.OURS)
        out = Console(file=io.StringIO(), width=report.WIDTH)
        report.show_box(box, out)
        assert reason in out.file.getvalue()

    def test_sizes_are_those_of_the_files_that_the_server_sends(self, server: str) -> None:
        sizes = box_sizes.dateline_sizes(urlsplit(server).port or 0)
        bodies = [urlopen(server + path).read() for path in box_sizes.OURS.values()]
        assert [size.bytes for size in sizes] == [len(body) for body in bodies]
        assert [size.gzip for size in sizes] == [len(gzip.compress(body, 9)) for body in bodies]

    @pytest.mark.usefixtures("programs")
    def test_names_the_box_if_no_server_delivers_it(self, work: Path) -> None:
        box = search_box.measure(1, work, 1)
        assert box.unmeasured[0].startswith("Dateline's search box: not measured: ")
        assert box.sizes == []


def test_percentiles_are_times_that_were_measured() -> None:
    presses = Presses.of([float(number) for number in range(100, 0, -1)], [1.0, 2.0, 9.0], 3, 100)
    assert (presses.measured, presses.missed) == (100, 3)
    assert (presses.median, presses.p90, presses.p99) == (50.5, 91, 100)
    assert (presses.received, presses.debounce) == (2, 100)


@pytest.mark.browser
@pytest.mark.slow
class TestPresses:
    @pytest.fixture
    def page(self) -> Iterator[Page]:
        if not Path(search_box.CHROMIUM).exists():
            if os.environ.get("CI"):
                pytest.fail(f"{search_box.CHROMIUM} is missing; in CI the browser tests must run")
            pytest.skip(f"{search_box.CHROMIUM} is not installed")
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=search_box.CHROMIUM, args=search_box.FLAGS)
            yield browser.new_page()
            browser.close()

    def test_includes_the_time_until_the_server_answers(self, page: Page, server: str) -> None:
        def late(route: Route) -> None:
            time.sleep(0.2)
            route.continue_()

        page.route("**/v1/suggest**", late)
        presses = search_box.measure_presses(page, urlsplit(server).port or 0, 8)
        assert (presses.measured, presses.missed) == (8, 0)
        assert presses.debounce == 100
        assert 0 <= presses.received < 200 < presses.median <= presses.p90 <= presses.p99

    def test_a_press_without_an_answer_is_missed(
        self, page: Page, server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search_box, "PATIENCE", 100)
        page.route("**/v1/suggest**", lambda route: route.abort())
        with pytest.raises(RuntimeError, match="no suggestions were painted"):
            search_box.measure_presses(page, urlsplit(server).port or 0, 3)

    def test_the_timestamp_of_a_key_is_the_time_of_the_press(self, page: Page, server: str) -> None:
        page.goto(server)
        field = page.locator("input:has(+ .dateline-list)").first
        field.focus()
        field.evaluate(search_box.WATCH)
        page.evaluate(search_box.DEBOUNCE)
        before = time.time()
        times = search_box.press(page, "h", "h")
        after = time.time()
        assert times
        sent = (page.evaluate("performance.timeOrigin") + times["sent"]) / 1000
        assert before - 0.005 <= sent < after
        assert sent + times["painted"] / 1000 <= after + 0.005
        assert times["filled"] - times["sent"] <= times["painted"]
