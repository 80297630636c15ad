"""The companion of a generation: an index with files that all machines need, and the cache of these files.

The documents of a companion:

- `generation`: the unique id of the build (`build`), and the metadata of the generation (`meta`)
- `lexicon.bin-0`, ...: the pieces of a file, in base64
- `saved-1`, ...: the checkpoints of a build, each with its last safe id and the changes of its tally
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import tempfile
import time
import zlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from search.engines.opensearch.failures import MissingIndex
from search.engines.opensearch.tally import FILE as TALLY
from search.engines.opensearch.tally import Table
from search.errors import IndexDamagedError, SettingError
from search.lexicon import Lexicon
from search.lexicon.files import DELTA
from search.lexicon.files import FILE as LEXICON
from search.storage import mapped_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from search.engines.opensearch.client import Client

GENERATION: Final = "generation"
FILES: Final = (LEXICON, DELTA, TALLY)
"""The files of a generation. A lexicon may have no delta."""

TEMPORARY: Final = "new-"
"""Prefix of folders in the cache while they are filled."""

UNUSED_DAYS: Final = 30
"""Days after which the cached files of an unused index are removed."""

PIECE: Final = 3_000_000
"""Bytes of a file in one document. Base64 adds a third."""


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


def files_in(folder: Path) -> list[str]:
    """Return the names of the generation's files in a folder."""
    return [name for name in FILES if (folder / name).exists()]


def pieces(folder: Path, before: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the documents for the files of a folder, each with its id.

    Pieces that are the same in the folder `before` are left out: the companion is a clone that has them.
    """
    for name in files_in(folder):
        with (folder / name).open("rb") as file, ExitStack() as stack:
            old = None
            if before is not None:
                with suppress(FileNotFoundError):
                    old = stack.enter_context((before / name).open("rb"))
            number = 0
            while data := file.read(PIECE):
                if old is None or old.read(PIECE) != data:
                    piece = base64.b64encode(data).decode()
                    yield f"{name}-{number}", {"kind": name, "number": number, "data": piece}
                number += 1


def checksums(folder: Path) -> dict[str, list[int]]:
    """Return the length and CRC-32 of each file in a folder, for `meta`."""
    sums = {}
    for name in files_in(folder):
        data = (folder / name).read_bytes()
        sums[name] = [len(data), zlib.crc32(data)]
    return sums


@dataclass(frozen=True)
class Companion:
    """The open files of one generation. `meta` is the metadata of the generation, with the id of its build."""

    folder: Path
    meta: Mapping[str, Any]
    table: Table

    @cached_property
    def lexicon(self) -> Lexicon:
        """The lexicon, which a build writes later than its other files."""
        return Lexicon.open(self.folder)

    def open_lexicon(self) -> None:
        """Open the lexicon now, so that damage is found at once."""
        _ = self.lexicon

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each cached file that has changed since it was written."""
        for name in self.meta["files"]:
            if not mapped_arrays.is_whole(self.folder / name):
                yield f"{name} in {self.folder} is damaged; remove the folder."


def open_companion(client: Client, generation: str, meta: Mapping[str, Any]) -> Companion:
    """Return the open files of a generation. Download them first unless they are in the cache.

    Raises:
        MissingIndex: The generation was removed meanwhile.
        IndexDamagedError: The files in the cluster are incomplete.
        SettingError: The files cannot be written to this machine's disk.
    """
    for _ in range(3):
        try:
            folder = _cached_folder(client, generation, meta)
        except OSError as error:
            raise SettingError(
                f"The index's files cannot be written to the cache in {_cache()}: {error.strerror or error}.",
                remedy="Free disk space there, or set XDG_CACHE_HOME to another folder.",
                field="DATELINE_INDEX",
            ) from error
        try:
            companion = Companion(folder, meta, Table(folder / TALLY))
            companion.open_lexicon()
        except IndexDamagedError:  # truncated by a full disk, or removed by a process that opened a newer generation
            shutil.rmtree(folder, ignore_errors=True)
        else:
            return companion
    raise IndexDamagedError(
        f"The files of generation {generation} cannot be cached on this machine.",
        remedy=f"Check the free disk space in {folder.parent}.",
    )


def _cached_folder(client: Client, generation: str, meta: Mapping[str, Any]) -> Path:
    """Return the cached folder with the files. It is filled under another name and then renamed, so it is complete."""
    index = hashlib.blake2b(repr(client.address).encode(), digest_size=8).hexdigest()
    siblings = _cache() / f"{client.address.name}-{index}"
    folder = siblings / str(meta["build"])
    if folder.exists():
        os.utime(siblings)
        return folder
    siblings.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=siblings, prefix=TEMPORARY))
    try:
        for name in meta["files"]:
            (temporary / name).write_bytes(_download(client, generation, name, meta))
        with suppress(OSError):  # another process has cached it meanwhile
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _remove_unused(folder)
    return folder


def _remove_unused(folder: Path) -> None:
    """Remove cached files of the index's other generations, and of indexes that were not used for `UNUSED_DAYS`."""
    hour_ago, oldest = time.time() - 3600, time.time() - UNUSED_DAYS * 86_400
    for other in (*folder.parent.iterdir(), *folder.parents[1].iterdir()):
        with suppress(OSError):  # another process is removing it, too
            changed = other.stat().st_mtime
            unused = changed < (hour_ago if other.name.startswith(TEMPORARY) else oldest)
            if unused or (other.parent == folder.parent and other != folder and not other.name.startswith(TEMPORARY)):
                shutil.rmtree(other, ignore_errors=True)


def _download(client: Client, generation: str, name: str, meta: Mapping[str, Any]) -> bytes:
    """Return the content of a file. Raises `IndexDamagedError` if its checksum is wrong."""
    size, crc = meta["files"][name]
    parts = []
    for number in range(-(-size // PIECE)):
        document = client.ask("GET", f"/{generation}-files/_doc/{name}-{number}", ignore=(404,))
        if "error" in document:
            raise MissingIndex(f"Generation {generation} was removed while it was opened.")
        parts.append(base64.b64decode(document.get("_source", {}).get("data", "")))
    data = b"".join(parts)
    if len(data) != size or zlib.crc32(data) != crc:
        raise IndexDamagedError(f"{name} of generation {generation} is damaged.", remedy=mapped_arrays.REMEDY)
    return data


def _cache() -> Path:
    """Return the folder of cached files: in the user's cache, or else in the user's own temporary folder.

    Raises:
        SettingError: Neither folder is writable.
    """
    fallback = Path(tempfile.gettempdir()) / f"dateline-{os.getuid()}"
    for folder in (Path(platformdirs.user_cache_dir("dateline")), fallback):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and not folder.is_symlink() and os.access(folder, os.W_OK):
                return folder / "opensearch"
    raise SettingError(
        f"Neither the user's cache nor {fallback} is writable.",
        remedy="Set XDG_CACHE_HOME to a writable folder.",
        field="DATELINE_INDEX",
    )
