"""The companion of a generation: files that all machines need, kept in the cluster in pieces, and here in a cache.

"generation"       `build`, which no two generations share, and `meta`, what the generation says of itself
"lexicon.bin-0"…   the pieces of a file, base64
"saved-1"…         of a draft: the last id that is safe, and a piece of its tally
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tempfile
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from search.engines.opensearch.failures import MissingIndex
from search.engines.opensearch.tally import FILE as TALLY
from search.engines.opensearch.tally import Table
from search.errors import IndexDamagedError, SettingError
from search.lexicon import Lexicon
from search.lexicon.lexicon import FILE as LEXICON
from search.storage import mapped_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from search.engines.opensearch.client import Client

GENERATION: Final = "generation"
FILES: Final = (LEXICON, TALLY)

ASIDE: Final = "new-"
UNUSED_DAYS: Final = 30

PIECE: Final = 3_000_000
"""Bytes of a file that one document holds; a third more as base64."""


def settings_and_mappings(replicas: int) -> dict[str, Any]:
    """Return the body of the request that creates a companion."""
    stored = {"type": "keyword", "index": False, "doc_values": False}
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": -1},
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "kind": {"type": "keyword"},
                "number": {"type": "integer"},
                "build": {"type": "keyword"},
                "last": stored,
                "data": {"type": "binary"},
                "meta": {"type": "object", "enabled": False},
            },
        },
    }


def pieces(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the documents that hold the files in a folder, each with its id."""
    for name in FILES:
        data = (folder / name).read_bytes()
        for number, start in enumerate(range(0, len(data), PIECE)):
            piece = base64.b64encode(data[start : start + PIECE]).decode()
            yield f"{name}-{number}", {"kind": name, "number": number, "data": piece}


def described(folder: Path) -> dict[str, list[int]]:
    """Return what `meta` says of the files in a folder: length and CRC-32 of each."""
    found = {}
    for name in FILES:
        data = (folder / name).read_bytes()
        found[name] = [len(data), zlib.crc32(data)]
    return found


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one generation, open. `meta` is what the generation says of itself, and its `build`."""

    folder: Path
    meta: Mapping[str, Any]
    lexicon: Lexicon
    table: Table

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term in `text`, `person_words` or `country`; exact."""
        return self.table.count(field, term)

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each file that is no longer what was written."""
        for name in FILES:
            if not mapped_arrays.is_whole(self.folder / name):
                yield f"{name} in {self.folder} is no longer what was written; remove the folder."


def open_files(client: Client, generation: str, meta: Mapping[str, Any]) -> Files:
    """Return the files of a generation, brought to this machine unless they are here already.

    Raises:
        MissingIndex: The generation was removed meanwhile.
        IndexDamagedError: They are not whole in the cluster.
        SettingError: They cannot be written to this machine's disk.
    """
    for _ in range(3):
        try:
            folder = _fetched(client, generation, meta)
        except OSError as error:
            raise SettingError(
                f"The index's files cannot be kept in {_cache()}: {error.strerror or error}.",
                remedy="Make room there, or set XDG_CACHE_HOME to a folder that has it.",
                field="DATELINE_INDEX",
            ) from error
        try:
            return Files(folder, meta, Lexicon.open(folder), Table(folder / TALLY))
        except IndexDamagedError:  # cut off by a full disk, or removed by another process that has a newer one
            shutil.rmtree(folder, ignore_errors=True)
    raise IndexDamagedError(
        f"The files of generation {generation} cannot be kept on this machine.",
        remedy=f"Look whether there is room for them in {folder.parent}.",
    )


def _fetched(client: Client, generation: str, meta: Mapping[str, Any]) -> Path:
    """Return the folder with the files, filled whole or not at all."""
    index = hashlib.blake2b(repr(client.address).encode(), digest_size=8).hexdigest()
    root = _cache() / f"{client.address.name}-{index}"
    folder = root / str(meta["build"])
    if folder.exists():
        os.utime(root)
        return folder
    root.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=root, prefix=ASIDE))
    try:
        for name in FILES:
            (aside / name).write_bytes(_download(client, generation, name, meta))
        with suppress(OSError):  # another process was faster
            aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _remove_unused(folder)
    return folder


def _remove_unused(folder: Path) -> None:
    """Remove the files of other generations of an index, and those of indexes that nobody has opened for long."""
    hour_ago, oldest = time.time() - 3600, time.time() - UNUSED_DAYS * 86_400
    for other in (*folder.parent.iterdir(), *folder.parents[1].iterdir()):
        with suppress(OSError):  # another process removes it, too
            changed = other.stat().st_mtime
            unused = changed < (hour_ago if other.name.startswith(ASIDE) else oldest)
            if unused or (other.parent == folder.parent and other != folder and not other.name.startswith(ASIDE)):
                shutil.rmtree(other, ignore_errors=True)


def _download(client: Client, generation: str, name: str, meta: Mapping[str, Any]) -> bytes:
    """Return a file. Raises `IndexDamagedError` where it is not the one that was written."""
    size, crc = meta["files"][name]
    parts = []
    for number in range(-(-size // PIECE)):
        found = client.ask("GET", f"/{generation}-files/_doc/{name}-{number}", ignore=(404,))
        if "error" in found:
            raise MissingIndex(f"Generation {generation} was removed while it was opened.")
        parts.append(base64.b64decode(found.get("_source", {}).get("data", "")))
    data = b"".join(parts)
    if len(data) != size or zlib.crc32(data) != crc:
        raise IndexDamagedError(
            f"{name} of generation {generation} is not what was written.", remedy=mapped_arrays.REMEDY
        )
    return data


def _cache() -> Path:
    """Return where files may be kept: in the user's cache, else in a folder for temporary files that is the user's.

    Raises:
        SettingError: There is neither.
    """
    spare = Path(tempfile.gettempdir()) / f"dateline-{os.getuid()}"
    for folder in (Path(platformdirs.user_cache_dir("dateline")), spare):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and not folder.is_symlink() and os.access(folder, os.W_OK):
                return folder / "opensearch"
    raise SettingError(
        f"Nothing can be written to the user's cache, nor to {spare}.",
        remedy="Set XDG_CACHE_HOME to a folder of your own.",
        field="DATELINE_INDEX",
    )
