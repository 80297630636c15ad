"""What engines have in common whose index is a folder: `tantivy:///path` and `whoosh:///path`."""

from __future__ import annotations

import json
import threading
from abc import abstractmethod
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from search.engines.base import GenerationsEngine
from search.engines.generations import Generations
from search.errors import IndexDamagedError, IndexVersionError, SettingError
from search.storage.fields import check_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from search.engines.base import OpenGeneration
    from search.model import Article, IndexInfo
    from search.settings import Settings

T = TypeVar("T")

META = "dateline.json"
"""Beside the files of the engine: schema version, analyzer fingerprint, time of building, number of articles."""


class FolderEngine(GenerationsEngine[Path]):
    """An engine whose generations are folders in the folder that the URL names: see `search.engines.generations`."""

    store: Generations

    def __init__(self, url: str, _: Settings) -> None:
        parts = urlsplit(url)
        if parts.netloc or not parts.path.strip("/"):
            raise SettingError(
                f"{url!r} names no folder.",
                remedy=f"Write {parts.scheme}:///./data/index or {parts.scheme}:///srv/dateline/index.",
                field="DATELINE_INDEX",
            )
        path = unquote(parts.path)
        self.url = url
        self.store = Generations(Path(path[1:] if path.startswith("/.") else path))
        self._lock = threading.Lock()
        self._opened: OpenGeneration | None = None

    @abstractmethod
    def _open(self, folder: Path) -> OpenGeneration:
        """Open a generation. Raises `FileNotFoundError` where there is no such folder, and as `opening` does."""

    def _built(self, place: Path) -> Iterator[Article]:
        """Yield all whole articles of what was built in a folder and does not serve yet."""
        return self._open(place).articles("")

    def _read(self, ask: Callable[[OpenGeneration], T]) -> T:
        """Return what the serving generation answers; one that was pruned while it was asked is not heard."""
        while True:
            generation = self._current()
            try:
                return ask(generation)
            except FileNotFoundError:
                if self.store.current() == generation.name:
                    raise

    def info(self) -> IndexInfo:
        """See `Engine.info`."""
        return self._unpruned(self._info)

    def check(self) -> tuple[str, ...]:
        """See `Engine.check`."""
        return self._unpruned(lambda generation: tuple(generation.problems()))

    def _unpruned(self, look: Callable[[OpenGeneration], T]) -> T:
        """Return what a look at the serving generation finds; it is pruned no sooner than another serves."""

        def looked(generation: OpenGeneration) -> T:
            found = look(generation)
            if self.store.current() != generation.name:
                raise FileNotFoundError(generation.name)
            return found

        return self._read(looked)

    def _current(self) -> OpenGeneration:
        """Return the serving generation, opened anew after a swap."""
        for _ in range(3):
            name = self.store.current()
            with self._lock:
                if self._opened is None or self._opened.name != name:
                    try:
                        self._opened = self._open(self.store.path(name))
                    except FileNotFoundError:  # pruned between the two looks; CURRENT names another by now
                        continue
                    self._log_opened(self._opened)
                return self._opened
        raise IndexDamagedError(
            f"Generation {name} of {self.url} is missing.", remedy="Build the index anew: dateline reindex PATH..."
        )


@contextmanager
def opening(folder: Path, url: str) -> Iterator[dict[str, Any]]:
    """Yield what the generation in a folder says of itself, to a block that opens it.

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
        if not (folder / META).exists():  # pruned while it was opened
            raise FileNotFoundError(folder) from None
        raise
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise IndexDamagedError(
            f"Generation {folder.name} of {url} cannot be opened: {error}.",
            remedy="Go back with dateline rollback, or build it anew: dateline reindex PATH...",
        ) from error
