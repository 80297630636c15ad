"""Builds the search box: joins its modules into one file and minifies it.

python api/search-box/build.py          writes api/static/search-box.js and search-box.css
python api/search-box/build.py --check  fails if these files are not up to date

A browser with imports of style sheets and JSON runs the modules here without a build. The build puts the names of all
modules into one scope, so each name must be unique.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import minify

SOURCES = Path(__file__).parent
STATIC = SOURCES.parent / "static"
SHARED_STYLES = "results.css", "chart.css"
"""Styles that the search page shares with the box, so that both look the same."""

IMPORT = re.compile(r'^import (?:\{[^}]*\}|(\w+)) from "([^"]+)"(?: with \{ ?type: ?"(\w+)" ?\})?;\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?:\{[^}]*\};\n)?", re.MULTILINE)
SHEET = "const sheetOf = (css) => { const made = new CSSStyleSheet(); made.replaceSync(css); return made; };\n"


def joined(path: Path, done: set[Path]) -> str:
    """Return a module as one text without imports; the modules that it imports come first, unless they are `done`."""
    done.add(path)
    text = path.read_text(encoding="utf-8")
    before = []
    for name, target, kind in IMPORT.findall(text):
        source = (path.parent / target).resolve()
        if source in done:
            continue
        if kind:
            done.add(source)
            before.append(f"const {name} = {value(source, kind)};\n")
        else:
            before.append(joined(source, done))
    return "".join(before) + EXPORT.sub("", IMPORT.sub("", text))


def value(source: Path, kind: str) -> str:
    """Return a style sheet, or the texts of the box, as a JavaScript expression."""
    text = source.read_text(encoding="utf-8")
    if kind == "css":
        return f"sheetOf({json.dumps(styles(text), ensure_ascii=False)})"
    return json.dumps({"box": json.loads(text)["box"]}, ensure_ascii=False)


def styles(text: str) -> str:
    """Return a style sheet, minified."""
    # the minifier does not change rules in @container
    return re.sub(r"\s*([{};])\s*", r"\1", str(minify.string("text/css", text)))


def built() -> dict[Path, str]:
    """Return the path and the text of each built file."""
    # in a function, so that the minifier can shorten all names
    module = f"(() => {{\n{SHEET}{joined(SOURCES / 'element.js', set())}}})();"
    shared = "\n".join((SOURCES / name).read_text(encoding="utf-8") for name in SHARED_STYLES)
    return {
        STATIC / "search-box.js": minify.string("application/javascript", module) + "\n",
        STATIC / "search-box.css": styles(shared) + "\n",
    }


def main() -> None:
    """Write the files, or with --check fail if they are not up to date."""
    stale = [path for path, text in built().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv and stale:
        sys.exit(f"{', '.join(path.name for path in stale)}: not up to date. Run make search-box")
    if "--check" not in sys.argv:
        for path, text in built().items():
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
