"""Writes all compiled tables into the package, or into another folder: `python -m index.build_tables [FOLDER]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import marisa_trie

from index.build_tables import cldr, places, words

ROOT: Final = Path(__file__).parents[2]
TRIES: Final = {"index/tables/places.marisa": places.entries, "index/tables/words.marisa": words.entries}
DOCUMENTS: Final = {
    "index/tables/dates.json": cldr.date_names,
    "search/territories.json": cldr.english_names,
    "api/site/formats.json": cldr.formats,
}
"""Path below the root of the project -> the function that returns the content."""


def write(root: Path) -> None:
    """Write all tables below `root`; the bytes depend only on the installed versions of the sources."""
    for path, entries in TRIES.items():
        _write(root / path, marisa_trie.BytesTrie(sorted(entries())).tobytes())
    for path, content in DOCUMENTS.items():
        _write(root / path, (json.dumps(content(), ensure_ascii=False, indent=1) + "\n").encode())


def _write(path: Path, data: bytes) -> None:
    """Replace a file atomically, since running processes have the old one mapped into memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.replace(path)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
