"""The engines whose index is a folder, `tantivy:///path` and `whoosh:///path`: generations on disk.

    ROOT/CURRENT              the name of the generation that serves, and the highest name that ever served
    ROOT/000007/              a generation; it is never written to after the swap
    ROOT/building-.../        a build, or the leftovers of a killed one
    ROOT/building-.../saved   the checkpoint of a resumable build
    ROOT/lock                 held by the writing process (flock; the system releases it when that process ends)

A reader opens the generation that CURRENT names. A swap is one `os.replace` of CURRENT, so a reader sees either the old
or the new one. No name ever serves twice, even after a rollback, so a reader knows by the name whether its open
generation still serves.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
from abc import abstractmethod
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from search.engines.base import GenerationsEngine
from search.errors import IndexDamagedError, IndexLockedError, NoIndexError, SettingError
from search.storage.files import CHECKPOINT, read_checkpoint, remove_folder, sync, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from search.engines.protocols import Generation
    from search.results import IndexInfo
    from search.settings import Settings

T = TypeVar("T")

BUILDING = "building-"

log = logging.getLogger("dateline.engine")


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations under one folder."""

    root: Path

    def current(self) -> str:
        """Return the name of the serving generation. Raises `NoIndexError` if there is none."""
        return self._pointer()[0]

    def _pointer(self) -> list[str]:
        """Return the name of the serving generation and the highest name that ever served."""
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
        """Return the names of the kept generations, oldest first."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(path.name for path in self.root.iterdir() if path.is_dir() and path.name.isdigit()))

    def size(self, name: str) -> int:
        """Return the bytes of a generation."""
        return sum(path.stat().st_size for path in self.path(name).iterdir() if path.is_file())

    @contextmanager
    def _writing(self, build_name: str = "") -> Iterator[None]:
        """Hold the write lock. Remove what killed writers left first, except the resumable build of that name.

        Raises:
            IndexLockedError: Another process holds the lock; the message gives its id.
            SettingError: The folder cannot be created or written to.
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
                    remove_folder(leftover)
            for leftover in self.root.glob("CURRENT.*"):
                leftover.unlink()
            self._drop_unserved()
            yield

    def _drop_unserved(self) -> None:
        """Remove generations newer than the serving one: their writer was killed just before the swap."""
        try:
            serving = self.current()
        except (NoIndexError, IndexDamagedError):  # CURRENT is lost or unreadable: any of them may have served
            return
        for name in self.names():
            if name > serving:
                self._remove(name)

    def _remove(self, name: str) -> None:
        """Remove a generation atomically: a concurrent reader sees all of its files or no folder."""
        gone = self.root / f"{BUILDING}gone-{name}"
        self.path(name).rename(gone)
        remove_folder(gone)

    def _building(self, build_name: str) -> Path:
        return self.root / (BUILDING + (f"draft-{build_name}" if build_name else "new"))

    @contextmanager
    def building(self, build_name: str = "") -> Iterator[Path]:
        """Hold the write lock, and yield a folder to build in: see `search.engines.protocols.Store`.

        Raises:
            IndexLockedError: Another process holds the lock; the message gives its id.
            SettingError: The folder of the index cannot be created or written to.
        """
        with self._writing(build_name):
            folder = self._building(build_name)
            folder.mkdir(exist_ok=bool(build_name))
            try:
                yield folder
            except BaseException as error:
                if not build_name or isinstance(error, IndexDamagedError):
                    with suppress(OSError):  # the next write removes it
                        remove_folder(folder)
                raise
            if folder.exists():
                remove_folder(folder)

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article at the checkpoint of a killed build; an empty string if there is none."""
        return read_checkpoint(self._building(build_name))

    def swap(self, folder: Path, keep: int) -> str:
        """Make the build in a folder the serving generation, prune to the newest `keep`, and return its name."""
        name = f"{self._highest() + 1:06d}"
        (folder / CHECKPOINT).unlink(missing_ok=True)
        sync_folder(folder)
        folder.rename(self.path(name))
        self._point_to(name)
        log.info("Swapped in generation %s at %s", name, self.root, extra={"generation": name})
        for old in self.names()[: -max(keep, 1)]:
            self._remove(old)
            log.info("Pruned generation %s at %s", old, self.root, extra={"generation": old})
        return name

    def rollback(self) -> None:
        """Serve the newest older generation and remove the current one: see `search.engines.protocols.Store`."""
        self.current()  # raises if there is no index, before a lock is taken
        with self._writing():
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
        sync(aside)
        aside.replace(self.root / "CURRENT")
        sync(self.root)


def _path(url: str) -> str:
    """Return the path of an index URL; an empty string if the URL names a host or is malformed."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket without its pair
        return ""
    return "" if parts.netloc else unquote(parts.path)


class FolderEngine(GenerationsEngine[Path]):
    """An engine whose generations are folders in the folder that its URL names."""

    store: Generations

    def __init__(self, url: str, _: Settings) -> None:
        scheme, path = url.partition(":")[0], _path(url)
        if not path.strip("/"):
            raise SettingError(
                f"{re.sub(r'//.*@', '//…@', url)!r} names no folder.",
                remedy=f"Write {scheme}:///./data/index or {scheme}:///srv/dateline/index.",
                field="DATELINE_INDEX",
            )
        self.url = url
        self.store = Generations(Path(path[1:] if path.startswith("/.") else path))
        self._lock = threading.Lock()
        self._opened: Generation | None = None

    @abstractmethod
    def _open(self, folder: Path) -> Generation:
        """Open the generation in a folder. Raises as `search.storage.files.opening` does."""

    def _read(self, ask: Callable[[Generation], T]) -> T:
        """Call `ask` with the serving generation; repeat with the new one if it is pruned during the call."""
        while True:
            generation = self._current()
            try:
                return ask(generation)
            except FileNotFoundError:
                if self.store.current() == generation.name:
                    raise

    def info(self) -> IndexInfo:
        """See `Engine.info`."""
        return self._read_stable(self._info)

    def check(self) -> tuple[str, ...]:
        """See `Engine.check`."""
        return self._read_stable(lambda generation: tuple(generation.problems()))

    def _read_stable(self, ask: Callable[[Generation], T]) -> T:
        """Call `ask` with the serving generation; repeat with the new one if another serves after the call."""

        def checked(generation: Generation) -> T:
            answer = ask(generation)
            if self.store.current() != generation.name:
                raise FileNotFoundError(generation.name)
            return answer

        return self._read(checked)

    def _current(self) -> Generation:
        """See `GenerationsEngine._current`."""
        for _ in range(3):
            name = self.store.current()
            with self._lock:
                if self._opened is None or self._opened.name != name:
                    try:
                        self._opened = self._open(self.store.path(name))
                    except FileNotFoundError:  # it was pruned after CURRENT was read; CURRENT names another now
                        continue
                    self._log_opened(self._opened)
                return self._opened
        raise IndexDamagedError(
            f"Generation {name} of {self.url} is missing.", remedy="Build the index anew: dateline reindex PATH..."
        )
