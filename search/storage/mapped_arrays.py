"""Named arrays in one file that is mapped into memory: opening takes no time, and processes share the pages.

The file ends as tantivy's do, so that one check serves for both: after the arrays comes JSON, which tells where each
array lies and holds the CRC-32 of all before it; then the length of the JSON and a mark.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamagedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Array: TypeAlias = NDArray[Any]

FOOTER: Final = struct.Struct("<II")
MARK: Final = 1337
ALIGNMENT: Final = 64
REMEDY: Final = "Go back with dateline rollback, or build it anew: dateline reindex PATH..."


def write(path: Path, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
    """Write arrays, and facts about them that JSON can hold, to a file that others see whole or not at all.

    What stood at the path is left as it is where it has other names (hard links): the file is a new one. It is not
    forced onto the disk; `generations` does that before a generation serves.
    """
    aside = path.with_name(f"{path.name}.new")
    crc, offset, places = 0, 0, {}
    with aside.open("wb") as file:
        for name, array in arrays.items():
            gap = b"\0" * (-offset % ALIGNMENT)
            data = np.ascontiguousarray(array).view(np.uint8).reshape(-1).data if array.size else b""
            for part in (gap, data):
                file.write(part)
                crc = zlib.crc32(part, crc)
            offset += len(gap)
            places[name] = (array.dtype.str, array.shape, offset)
            offset += array.nbytes if array.size else 0
        footer = json.dumps({"crc": crc, "size": offset, "arrays": places, "facts": dict(facts)}).encode()
        file.write(footer + FOOTER.pack(len(footer), MARK))
    aside.replace(path)


def read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the arrays, mapped and not to be written to, and the facts of a file.

    Raises:
        IndexDamagedError: The file is missing, cut off, or none that `write` wrote. Changed bytes are not looked for.
    """
    try:
        with path.open("rb") as file:
            memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        footer = _footer(memory)
        arrays = {}
        for name, (kind, shape, offset) in footer["arrays"].items():
            dtype, size = np.dtype(kind), int(np.prod(shape, dtype=np.int64))
            flat = np.frombuffer(memory, dtype, size, offset) if size else np.empty(0, dtype)
            arrays[name] = flat.reshape(shape)
        return arrays, footer["facts"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamagedError(
            f"{path.name} of generation {path.parent.name} cannot be read: {error}.", remedy=REMEDY
        ) from error


def is_whole(path: Path) -> bool:
    """Return whether all bytes of a file are those that were written; reads all of it."""
    try:
        data = path.read_bytes()
        footer = _footer(memoryview(data))
        return bool(zlib.crc32(memoryview(data)[: footer["size"]]) == footer["crc"])
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _footer(data: memoryview) -> dict[str, Any]:
    """Return what stands after the arrays. Raises ValueError where there is no footer."""
    length, mark = FOOTER.unpack(data[-FOOTER.size :]) if len(data) > FOOTER.size else (0, 0)
    end = len(data) - FOOTER.size
    if mark != MARK or length > end:
        raise ValueError("it has no end")
    footer: dict[str, Any] = json.loads(bytes(data[end - length : end]))
    if footer["size"] != end - length:
        raise ValueError("its parts are not as long as they were")
    return footer
