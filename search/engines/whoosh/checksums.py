"""The checksums of a generation's files. Files of whoosh3 3.54 have none of their own."""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from search.storage.files import CHECKPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE: Final = "checksums.json"
"""Name of the file with the CRC-32 of every other file of the generation."""

CHUNK: Final = 2**20
"""Bytes that are read at once."""


def write(folder: Path, before: Path | None) -> None:
    """Write the checksums of a new generation. Files that it shares with the generation `before` are not read."""
    known = {}
    if before is not None:
        with suppress(OSError, ValueError, TypeError):
            known = _read(before)
    crcs = {
        path.name: known[path.name] if path.name in known and before and _shared(path, before) else _crc(path)
        for path in _files(folder)
    }
    (folder / FILE).write_text(json.dumps(crcs) + "\n")


def changed_files(folder: Path) -> Iterator[str]:
    """Yield a sentence for each missing or changed file of a generation."""
    try:
        known = _read(folder)
    except (OSError, ValueError, TypeError):
        yield f"{FILE} cannot be read."
        return
    current = {path.name: _crc(path) for path in _files(folder)}
    for name, crc in known.items():
        if name not in current:
            yield f"{name} is missing."
        elif current[name] != crc:
            yield f"{name} has changed since it was written."


def _read(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / FILE).read_text()))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name not in (FILE, CHECKPOINT))


def _shared(path: Path, before: Path) -> bool:
    """Whether a file is a hard link to the file of the same name in another folder."""
    try:
        return path.samefile(before / path.name)
    except FileNotFoundError:
        return False


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            crc = zlib.crc32(data, crc)
    return crc
