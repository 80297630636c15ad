"""Sizes of search boxes: the files that a page loads for Dateline's box and for others, plain and compressed."""

from __future__ import annotations

import gzip
import http
import platform
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import load

OURS = {"Dateline": "/search-box.js", "  texts in another language": "/texts/de.json"}
PAGEFIND = f"@pagefind/{platform.system().lower()}-{'arm64' if platform.machine() in ('arm64', 'aarch64') else 'x64'}"
VERSIONS = {
    PAGEFIND: "1.6.0",
    "@algolia/autocomplete-js": "1.19.12",
    "@algolia/autocomplete-theme-classic": "1.19.11",
    "algoliasearch": "5.64.0",
    "instantsearch.css": "8.23.0",
    "instantsearch.js": "4.118.1",
}
"""npm package -> version. Pagefind's package contains a program that writes the files of its search box into a site."""

RIVALS = {
    "Pagefind Default UI": [(PAGEFIND, "pagefind-ui.js"), (PAGEFIND, "pagefind-ui.css")],
    "Pagefind Component UI": [(PAGEFIND, "pagefind-component-ui.js"), (PAGEFIND, "pagefind-component-ui.css")],
    "  its search, for either": [
        (PAGEFIND, "pagefind.js"),
        (PAGEFIND, "pagefind-worker.js"),
        (PAGEFIND, "wasm.en.pagefind"),
    ],
    "Algolia Autocomplete": [
        ("@algolia/autocomplete-js", "dist/umd/index.production.js"),
        ("@algolia/autocomplete-theme-classic", "dist/theme.min.css"),
    ],
    "Algolia InstantSearch": [
        ("instantsearch.js", "dist/instantsearch.production.min.js"),
        ("instantsearch.css", "themes/satellite-min.css"),
    ],
    "  its client, for either": [("algoliasearch", "dist/lite/builds/browser.umd.js")],
}
"""Search box -> the files that a page loads for it, as minified by its makers."""

SECONDS = 90
"""Timeout for npm and Pagefind, in seconds."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes that a page loads for one box: plain, and with each file compressed by gzip -9."""

    name: str
    version: str
    files: tuple[str, ...]
    bytes: int
    gzip: int


def compressed(body: bytes) -> int:
    """Return the size of `body` after `gzip -9`, in bytes."""
    return len(gzip.compress(body, 9, mtime=0))


def _size(name: str, version: str, files: dict[str, bytes]) -> Size:
    bodies = files.values()
    return Size(name, version, tuple(files), sum(map(len, bodies)), sum(map(compressed, bodies)))


def dateline_sizes(port: int) -> list[Size]:
    """Return the sizes of Dateline's element and of the texts that it loads for another language than English.

    Raises:
        RuntimeError: The server does not deliver a file.
    """
    client = load.Client(port)
    sizes = []
    for name, path in OURS.items():
        status, body = client.get(path)
        if status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} answers {status}")
        sizes.append(_size(name, "", {path.rpartition("/")[2]: body}))
    client.close()
    return sizes


def rival_sizes(work: Path) -> list[Size]:
    """Return the sizes of the other boxes. npm downloads their packages into `work` and verifies them.

    Raises:
        RuntimeError: npm is not installed or cannot download the packages.
    """
    if not shutil.which("npm"):
        raise RuntimeError("npm is not installed")
    specs = [f"{package}@{version}" for package, version in VERSIONS.items()]
    options = ["--silent", "--ignore-scripts", "--fetch-retries=0", f"--cache={work / 'cache'}"]
    _run("npm cannot download the packages", ["npm", "pack", *options, *specs], work)
    pages = _index_site(work)
    sizes = []
    for name, parts in RIVALS.items():
        files = {}
        for package, file in parts:
            files[Path(file).name] = (pages / file).read_bytes() if package == PAGEFIND else _read(work, package, file)
        sizes.append(_size(name, VERSIONS[parts[0][0]], files))
    return sizes


def _index_site(work: Path) -> Path:
    """Let Pagefind index a site of one page; return the folder of the files that it wrote."""
    program = work / "pagefind"
    program.write_bytes(_read(work, PAGEFIND, "bin/pagefind_extended"))
    program.chmod(0o700)
    site = work / "site"
    site.mkdir()
    (site / "index.html").write_text('<!doctype html><html lang="en"><title>Port</title><body>A treaty</body></html>')
    _run("Pagefind does not run", [str(program), "--site", str(site)], work)
    return site / "pagefind"


def _read(work: Path, package: str, file: str) -> bytes:
    """Return a file of a package that npm has downloaded."""
    archive = work / f"{package.removeprefix('@').replace('/', '-')}-{VERSIONS[package]}.tgz"
    with tarfile.open(archive) as packed:
        member = packed.extractfile(packed.getmember(f"package/{file}"))
        if not member:
            raise RuntimeError(f"{package} has no file {file}")
        return member.read()


def _run(failure: str, line: list[str], folder: Path) -> None:
    try:
        subprocess.run(line, cwd=folder, check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        raise RuntimeError(failure) from error
