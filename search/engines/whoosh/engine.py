"""The engine in pure Python: a Whoosh index in a folder. Each write makes a new generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from search.engines.folder import FolderEngine
from search.engines.whoosh.reader import Reader, open_reader
from search.engines.whoosh.writer import open_build

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from search.engines.protocols import Build, Generation


class WhooshEngine(FolderEngine):
    """The engine for URLs like `whoosh:///path`. See `search.engine.Engine`."""

    engine = "whoosh"

    def _open(self, folder: Path) -> Reader:
        return open_reader(folder, self.url)

    def _open_build(self, place: Path, before: Generation | None) -> AbstractContextManager[Build]:
        return open_build(place, cast("Reader | None", before))
