"""Stores named arrays in one file that is mapped into memory: it opens at once, and processes share its pages.

After the arrays, the file has a footer: JSON with the positions of the arrays and the CRC-32 of all bytes before it,
the length of the JSON, and a magic number. tantivy's files end in the same way, so one check serves both.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Array: TypeAlias = NDArray[Any]

FOOTER: Final = struct.Struct("<II")
MAGIC: Final = 1337
ALIGNMENT: Final = 64
REMEDY: Final = "Go back with dateline rollback, or build it anew: dateline reindex PATH..."


class Stream(NamedTuple):
    """An array with one dimension that is written chunk by chunk. `kind` is its numpy dtype."""

    kind: str
    chunks: Iterable[Array]


def write(
    path: Path, arrays: Mapping[str, Array] | Iterable[tuple[str, Array | Stream]], facts: Mapping[str, Any]
) -> None:
    """Write arrays and `facts`, which must be valid JSON, to a file. Readers see the whole file or none.

    Pairs of names and arrays are written one after the other, so they need not be in memory together. The `facts` are
    read after the last one.

    The file is a new one, so hard links to an older file at this path keep their content. It is not synced to disk;
    that happens before a generation serves.
    """
    aside = path.with_name(f"{path.name}.new")
    crc, offset, places = 0, 0, {}
    with aside.open("wb") as file:
        for name, array in arrays.items() if isinstance(arrays, Mapping) else arrays:
            start = offset + -offset % ALIGNMENT
            file.write(b"\0" * (start - offset))
            crc = zlib.crc32(b"\0" * (start - offset), crc)
            offset = start
            for part in _parts(array):
                file.write(part)
                crc = zlib.crc32(part, crc)
                offset += len(part)
            dtype = np.dtype(array.kind) if isinstance(array, Stream) else array.dtype
            shape = ((offset - start) // dtype.itemsize,) if isinstance(array, Stream) else array.shape
            places[name] = (dtype.str, shape, start)
        footer = json.dumps({"crc": crc, "size": offset, "arrays": places, "facts": dict(facts)}).encode()
        file.write(footer + FOOTER.pack(len(footer), MAGIC))
    aside.replace(path)


def _parts(array: Array | Stream) -> Iterator[memoryview]:
    """Yield the bytes of an array, in parts."""
    for chunk in array.chunks if isinstance(array, Stream) else (array,):
        if chunk.size:
            yield np.ascontiguousarray(chunk).view(np.uint8).reshape(-1).data


def read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the arrays, mapped read-only, and the facts of a file. Changed bytes are not detected: see `is_whole`.

    Raises:
        IndexDamagedError: The file is missing or truncated, or was not written by `write`.
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


def release(array: Array) -> None:
    """Remove the pages of a mapped file from the memory of this process. Later reads map them again.

    `array` is one that `read` returned. Other arrays are left alone.
    """
    source: Any = array
    while isinstance(source, np.ndarray) and source.base is not None:
        source = source.base
    mapped = source.obj if isinstance(source, memoryview) else None
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def is_whole(path: Path) -> bool:
    """Return whether the checksum of a file is right. Reads the whole file."""
    try:
        data = path.read_bytes()
        footer = _footer(memoryview(data))
        return bool(zlib.crc32(memoryview(data)[: footer["size"]]) == footer["crc"])
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _footer(data: memoryview) -> dict[str, Any]:
    """Return the JSON of the footer. Raises ValueError if there is no valid footer."""
    length, magic = FOOTER.unpack(data[-FOOTER.size :]) if len(data) > FOOTER.size else (0, 0)
    end = len(data) - FOOTER.size
    if magic != MAGIC or length > end:
        raise ValueError("it has no footer")
    footer: dict[str, Any] = json.loads(bytes(data[end - length : end]))
    if footer["size"] != end - length:
        raise ValueError("its length is wrong")
    return footer
