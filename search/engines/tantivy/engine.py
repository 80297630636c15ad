"""The default engine: a tantivy index in a folder. Each write makes a new generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from search.engines.folder import FolderEngine
from search.engines.tantivy.reader import Reader, open_reader
from search.engines.tantivy.writer import open_build

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from search.engines.protocols import Build, Generation


class TantivyEngine(FolderEngine):
    """The engine for URLs like `tantivy:///path`. See `search.engine.Engine`."""

    engine = "tantivy"

    def _open(self, folder: Path) -> Reader:
        return open_reader(folder, self.url)

    def _open_build(self, place: Path, before: Generation | None) -> AbstractContextManager[Build]:
        return open_build(place, cast("Reader | None", before))
