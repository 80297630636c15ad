"""Generations of an index on disk: built aside, swapped in at once, kept for a rollback, pruned.

    ROOT/CURRENT         the name of the generation that serves, and the highest name that ever did
    ROOT/000007/         a generation; never written to after the swap
    ROOT/building-.../   one that is being built, or what a killed build left
    ROOT/building-.../saved   the id of the last article that is safely in it, where it may be gone on with
    ROOT/lock            held by the process that writes (flock; the system frees it when that process dies)

A reader opens what CURRENT names. A swap is one `os.replace` of CURRENT, so a reader sees the old or the new. No name
serves twice, also after a rollback: a reader tells by the name whether what it has open still serves.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.errors import IndexDamagedError, IndexLockedError, NoIndexError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUILDING = "building-"
CHECKPOINT = "saved"

REMOVALS = 200
"""Attempts to remove a folder, 10 ms apart. tantivy's background merges may still create files in it."""

MERGING = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)
"""Errors of a removal while another thread creates and removes files in the folder."""

log = logging.getLogger("dateline.engine")


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations under one folder."""

    root: Path

    def current(self) -> str:
        """Return the name of the generation that serves. Raises `NoIndexError` where there is none."""
        return self._pointer()[0]

    def _pointer(self) -> list[str]:
        """Return the name of the generation that serves and the highest name that ever did."""
        try:
            names = (self.root / "CURRENT").read_text().split()
        except FileNotFoundError:
            raise NoIndexError(
                f"There is no index at {self.root} yet.", remedy="Build one: dateline reindex PATH..."
            ) from None
        except OSError as error:
            raise SettingError(
                f"{self.root} cannot be read as an index: {error.strerror}.",
                remedy="Name a folder of your own in --index or DATELINE_INDEX.",
                field="DATELINE_INDEX",
            ) from error
        if not names or not all(name.isdecimal() for name in names):
            raise IndexDamagedError(
                f"{self.root / 'CURRENT'} names no generation.", remedy="Build the index anew: dateline reindex PATH..."
            )
        return names

    def path(self, name: str) -> Path:
        """Return the folder of a generation."""
        return self.root / name

    def names(self) -> tuple[str, ...]:
        """Return the generations that are kept, oldest first."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(path.name for path in self.root.iterdir() if path.is_dir() and path.name.isdigit()))

    def size(self, name: str) -> int:
        """Return the bytes of a generation."""
        return sum(path.stat().st_size for path in self.path(name).iterdir() if path.is_file())

    @contextmanager
    def writing(self, build_name: str = "") -> Iterator[None]:
        """Hold the write lock; what an earlier, killed writer left is removed first, but for the draft of that name.

        Raises:
            IndexLockedError: Another process holds it; the message names its id.
            SettingError: The folder cannot be made or written to.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / "lock").open("a+")
        except OSError as error:
            raise SettingError(
                f"No index can be written at {self.root}: {error.strerror}.",
                remedy="Name a folder of your own in --index or DATELINE_INDEX.",
                field="DATELINE_INDEX",
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                raise IndexLockedError(
                    f"Process {holder} is writing to the index at {self.root}.",
                    remedy="Wait until it has ended, or end it, then run the command again.",
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            for leftover in self.root.glob(f"{BUILDING}*"):
                if not build_name or leftover != self._building(build_name):
                    _remove_folder(leftover)
            for leftover in self.root.glob("CURRENT.*"):
                leftover.unlink()
            self._drop_unserved()
            yield

    def _drop_unserved(self) -> None:
        """Remove generations newer than the serving one: their writer was killed just before the swap."""
        try:
            serving = self.current()
        except NoIndexError:
            serving = ""
        except IndexDamagedError:  # any of them may be what served
            return
        for name in self.names():
            if name > serving:
                self._remove(name)

    def _remove(self, name: str) -> None:
        """Remove a generation at once, so that who is just opening it finds all of its files or misses the folder."""
        gone = self.root / f"{BUILDING}gone-{name}"
        self.path(name).rename(gone)
        _remove_folder(gone)

    def _building(self, build_name: str) -> Path:
        return self.root / (BUILDING + (f"draft-{build_name}" if build_name else "new"))

    @contextmanager
    def building(self, build_name: str = "") -> Iterator[Path]:
        """Yield a folder to build in, an empty one or that of the draft. Call it while `writing`.

        It is removed when the block raises; that of a draft only when it turns out to be damaged.
        """
        folder = self._building(build_name)
        folder.mkdir(exist_ok=bool(build_name))
        try:
            yield folder
        except BaseException as error:
            if not build_name or isinstance(error, IndexDamagedError):
                with suppress(OSError):  # the next write removes it
                    _remove_folder(folder)
            raise

    def discard(self, place: Path) -> None:
        """Remove a folder that was built in for nothing."""
        _remove_folder(place)

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article that a broken-off draft has safely; empty where there is none."""
        try:
            return (self._building(build_name) / CHECKPOINT).read_text()
        except FileNotFoundError:
            return ""

    def swap(self, folder: Path, keep: int) -> str:
        """Make a built folder the serving generation, prune to the newest `keep`, and return its name."""
        name = f"{self._highest() + 1:06d}"
        (folder / CHECKPOINT).unlink(missing_ok=True)
        _sync(folder)
        folder.rename(self.path(name))
        self._point_to(name)
        log.info("Swapped in generation %s at %s", name, self.root, extra={"generation": name})
        for old in self.names()[: -max(keep, 1)]:
            self._remove(old)
            log.info("Pruned generation %s at %s", old, self.root, extra={"generation": old})
        return name

    def rollback(self) -> None:
        """Serve the newest older generation, and drop the current one."""
        serving = self.current()
        older = [name for name in self.names() if name < serving]
        if not older:
            raise NoIndexError(
                f"No generation older than {serving} is kept at {self.root}.",
                remedy="Keep more with --keep or DATELINE_KEEP, or build the index anew: dateline reindex PATH...",
            )
        self._point_to(older[-1])
        self._remove(serving)
        facts = {"before": serving, "generation": older[-1]}
        log.info("Rolled back from generation %s to %s at %s", serving, older[-1], self.root, extra=facts)

    def _highest(self) -> int:
        try:
            served = self._pointer()
        except (NoIndexError, IndexDamagedError):
            served = []
        return max(map(int, [*served, *self.names()]), default=0)

    def _point_to(self, name: str) -> None:
        aside = self.root / f"CURRENT.{os.getpid()}"
        aside.write_text(f"{name}\n{self._highest():06d}\n")
        _sync_file(aside)
        aside.replace(self.root / "CURRENT")
        _sync_file(self.root)


def _remove_folder(folder: Path) -> None:
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


def link_tree(source: Path, target: Path, *, copied: frozenset[str]) -> None:
    """Fill an empty folder with hard links to a folder's files; those in `copied`, which get rewritten, as copies."""
    for path in source.iterdir():
        if path.is_file():
            if path.name in copied:
                shutil.copyfile(path, target / path.name)
            else:
                try:
                    os.link(path, target / path.name)
                except OSError:  # a file system without hard links
                    shutil.copyfile(path, target / path.name)


def write_checkpoint(folder: Path, last: str) -> None:
    """Note in a folder that is built in the id of the last article that is safely in it."""
    aside = folder / f"{CHECKPOINT}.new"
    aside.write_text(last)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # an engine merges in the background, and removes what it has merged
            _sync_file(path)
    _sync_file(folder)
    aside.replace(folder / CHECKPOINT)


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        _sync_file(path)
    _sync_file(folder)


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
