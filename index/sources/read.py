"""Read raw articles from files, folders and standard input, as a stream: one article is in memory at a time.

An unreadable record is yielded as an article with a fault, so it is counted and the rest is still read.
`index.sources.ids` creates the ids. The path in an id begins with the name of the given folder. So the ids stay the
same if the folder moves, and two folders do not have the same ids.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from index.sources.decode import decode, is_html, without_surrogates
from index.sources.ids import path_id
from index.sources.json_lines import read_json, read_lines
from index.sources.raw import InputFile, RawArticle
from index.sources.warc import read_warc
from search.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.settings import Settings

KINDS = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".json": "json",
    ".warc": "warc",
}
"""File extension -> kind of file. Each extension may be followed by `.gz`."""

STDIN = "-"
GZIP_FAULTS = (gzip.BadGzipFile, EOFError, zlib.error)


def input_bytes(paths: Sequence[str]) -> int | None:
    """Return the size of an input on disk in bytes, for the progress report of `read`, or None if it is unknown."""
    if STDIN in paths:
        return None
    total = 0
    for path in paths:
        root = Path(path)
        files = _walk(root) if root.is_dir() else iter((root,))
        total += sum(file.stat().st_size for file in files if isinstance(file, Path) and file.exists())
    return total


def read(
    paths: Sequence[str], settings: Settings, on_bytes: Callable[[int], None] = lambda _: None
) -> Iterator[RawArticle]:
    """Return the articles of files, folders and JSON lines on standard input (`-`), in this order.

    A folder is read in the order of the names in it. Hidden files and files with other extensions are skipped. All
    paths are checked before this function returns, and they are read while the iterator is consumed. `on_bytes` is
    called with the number of bytes that each article took in its file.

    Raises:
        SourceError: A path is missing, or a file has an unknown extension.
    """
    for path in paths:
        if path != STDIN:
            _check(path)
    return chain.from_iterable(_read_path(path, settings.max_article_bytes, on_bytes) for path in paths)


def _check(path: str) -> None:
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises an error without permission for a parent folder
        raise SourceError(
            f"{path} does not exist.", remedy="Give a file, a folder, or - for standard input.", field="PATH"
        )
    if not Path(path).is_dir() and _kind(path) is None:
        remedy = f"Rename it to end in one of {', '.join(KINDS)}, each also with .gz."
        raise SourceError(f"{path} has an unknown extension.", remedy=remedy, field="PATH")


def _kind(name: str) -> str | None:
    return KINDS.get(Path(name.lower().removesuffix(".gz")).suffix)


def _read_path(path: str, limit: int, on_bytes: Callable[[int], None]) -> Iterator[RawArticle]:
    if path == STDIN:
        yield from read_lines(sys.stdin.buffer, InputFile(Path(path), "stdin", "stdin", "lines", limit))
        return
    root = Path(path)
    above = root.resolve() if root.is_dir() else root.resolve().parent
    for item in _walk(root) if root.is_dir() else (root,):
        if isinstance(item, RawArticle):
            yield item
            continue
        name = f"{above.name}/{item.relative_to(root).as_posix() if root.is_dir() else item.name}"
        kind = _kind(item.name)
        if kind:
            yield from _read_file(
                InputFile(item, without_surrogates(str(item)), without_surrogates(name), kind, limit), on_bytes
            )


def _walk(folder: Path) -> Iterator[Path | RawArticle]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield RawArticle(
            path_id(without_surrogates(str(folder))),
            without_surrogates(str(folder)),
            fault="unreadable folder",
            fault_detail=str(error),
        )
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name)
        elif entry.is_file() and _kind(entry.name):
            yield folder / entry.name


def _read_file(file: InputFile, on_bytes: Callable[[int], None]) -> Iterator[RawArticle]:
    try:
        with file.path.open("rb") as raw, _unzipped(raw, file.path) as stream:
            done = 0
            for article in READERS[file.kind](stream, file):
                yield article
                done, before = raw.tell(), done
                on_bytes(done - before)
    except GZIP_FAULTS as error:
        yield file.fault("broken gzip", str(error))
    except OSError as error:
        yield file.fault("unreadable file", error.strerror or str(error))


def _unzipped(raw: io.BufferedReader, path: Path) -> io.BufferedReader:
    if path.name.lower().endswith(".gz"):
        return io.BufferedReader(_Gunzip(fileobj=raw))
    return raw


class _Gunzip(gzip.GzipFile):
    """A gzip reader that yields all data before a truncation.

    GzipFile itself drops data that is still in its buffer.
    """

    def readinto(self, buffer: Any) -> int:
        data = self.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _read_page(stream: IO[bytes], file: InputFile) -> Iterator[RawArticle]:
    data = stream.read(file.limit + 1)
    if len(data) > file.limit:
        yield file.fault("file too large", f"more than {file.limit} bytes")
        return
    text = decode(data, html=file.kind == "html")
    if text is None:
        yield file.fault("binary")
    elif (file.kind == "html" and "<" in text) or is_html(text):
        yield RawArticle(path_id(file.name), file.origin, html=text)
    else:
        yield RawArticle(path_id(file.name), file.origin, text=text)


READERS: dict[str, Callable[[IO[bytes], InputFile], Iterator[RawArticle]]] = {
    "text": _read_page,
    "html": _read_page,
    "lines": read_lines,
    "json": read_json,
    "warc": read_warc,
}
