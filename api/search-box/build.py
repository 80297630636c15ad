"""Makes the search box one file: joins its modules, and takes out what only readers need.

python api/search-box/build.py          writes api/static/search-box.js and search-box.css
python api/search-box/build.py --check  tells whether they are what the sources give

The modules here run as they are in a browser that knows imports of style sheets and JSON. Their names are joined into
one scope, so each may be used once.
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
"""What the search page takes from the box, so that both look the same."""

IMPORT = re.compile(r'^import (?:\{[^}]*\}|(\w+)) from "([^"]+)"(?: with \{ ?type: ?"(\w+)" ?\})?;\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?:\{[^}]*\};\n)?", re.MULTILINE)
SHEET = "const sheetOf = (css) => { const made = new CSSStyleSheet(); made.replaceSync(css); return made; };\n"


def joined(path: Path, done: set[Path]) -> str:
    """Return a module and, before it, those that it imports and that are not `done`, as one text without imports."""
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
    """Return a style sheet, or the texts of the box, as an expression."""
    text = source.read_text(encoding="utf-8")
    if kind == "css":
        return f"sheetOf({json.dumps(styles(text), ensure_ascii=False)})"
    return json.dumps({"box": json.loads(text)["box"]}, ensure_ascii=False)


def styles(text: str) -> str:
    """Return a style sheet without what only readers need."""
    # what is in @container is left as it is
    return re.sub(r"\s*([{};])\s*", r"\1", str(minify.string("text/css", text)))


def built() -> dict[Path, str]:
    """Return the files that are served, each with its text."""
    # in a function, so that all names may be shortened
    module = f"(() => {{\n{SHEET}{joined(SOURCES / 'element.js', set())}}})();"
    shared = "\n".join((SOURCES / name).read_text(encoding="utf-8") for name in SHARED_STYLES)
    return {
        STATIC / "search-box.js": minify.string("application/javascript", module) + "\n",
        STATIC / "search-box.css": styles(shared) + "\n",
    }


def main() -> None:
    """Write the files, or with --check only tell whether they are as they should be."""
    stale = [path for path, text in built().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv and stale:
        sys.exit(f"{', '.join(path.name for path in stale)}: not what the sources give. Run make search-box")
    if "--check" not in sys.argv:
        for path, text in built().items():
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
