"""The files of a generation in a folder: metadata, checkpoints, hard links, writing to disk safely."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from search.errors import IndexDamagedError, IndexVersionError
from search.storage.fields import check_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

META = "dateline.json"
"""Name of the metadata file: schema version, fingerprint of the analyzer, build time, number of articles."""

CHECKPOINT = "saved"
"""Name of the checkpoint file of a resumable build. It contains the id of the last article that is safe on disk."""

REMOVALS = 200
"""Attempts to remove a folder, 10 ms apart. tantivy's background merges may still create files in it."""

MERGING = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)
"""Errors of a removal while another thread creates and removes files in the folder."""


@contextmanager
def opening(folder: Path, url: str) -> Iterator[dict[str, Any]]:
    """Yield the contents of `META` to a block that opens the generation in a folder.

    Raises:
        FileNotFoundError: There is no such folder.
        IndexVersionError: It was written with another schema or analyzer.
        IndexDamagedError: It cannot be opened.
    """
    try:
        meta = json.loads((folder / META).read_text())
        check_version(meta, url)
        yield meta
    except (FileNotFoundError, IndexVersionError):
        raise
    except IndexDamagedError:
        if not (folder / META).exists():  # it was pruned meanwhile
            raise FileNotFoundError(folder) from None
        raise
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise IndexDamagedError(
            f"Generation {folder.name} of {url} cannot be opened: {error}.",
            remedy="Go back with dateline rollback, or build it anew: dateline reindex PATH...",
        ) from error


def link_tree(source: Path, target: Path, *, copied: frozenset[str]) -> None:
    """Fill an empty folder with hard links to the files of another one. Files named in `copied` become copies."""
    for path in source.iterdir():
        if path.is_file():
            if path.name in copied:
                shutil.copyfile(path, target / path.name)
            else:
                try:
                    os.link(path, target / path.name)
                except OSError:  # the file system has no hard links
                    shutil.copyfile(path, target / path.name)


def remove_folder(folder: Path) -> None:
    """Remove a folder and its files, also while a background merge of tantivy ends in it."""
    for attempts_left in reversed(range(REMOVALS)):
        try:
            shutil.rmtree(folder)
        except OSError as error:
            if error.errno not in MERGING or not attempts_left:
                raise
            time.sleep(0.01)
        else:
            return


def write_checkpoint(folder: Path, last: str) -> None:
    """Make everything in a folder safe on disk, then record `last`, the id of the last article."""
    aside = folder / f"{CHECKPOINT}.new"
    aside.write_text(last)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # engines merge in the background and remove merged files
            sync(path)
    sync(folder)
    aside.replace(folder / CHECKPOINT)


def read_checkpoint(folder: Path) -> str:
    """Return the id of the last article before the checkpoint of a build; an empty string if there is none."""
    try:
        return (folder / CHECKPOINT).read_text()
    except FileNotFoundError:
        return ""


def sync_folder(folder: Path) -> None:
    """Make a folder and its files safe on disk."""
    for path in folder.iterdir():
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Make one file or folder safe on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
