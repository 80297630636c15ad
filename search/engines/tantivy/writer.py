"""Writes a generation of a tantivy index."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import tantivy

from search.engines.tantivy import query as tq
from search.engines.tantivy.reader import open_unfinished
from search.errors import IndexDamagedError, SearchError
from search.storage import fields, files
from search.storage.files import META

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from search.engines.protocols import Generation
    from search.engines.tantivy.snapshot import Snapshot
    from search.model import Article

REWRITTEN = frozenset({"meta.json", ".managed.json", META})
"""Files that each generation has for itself. The others never change, so generations share them as hard links."""

HEAP_BYTES = 160_000_000
"""Bytes in memory after which tantivy writes a segment. More memory gives fewer segments, but this and the pipeline
together must fit into 1 GB."""


NO_ROOM = ("os error", "io::Error")
"""Parts of the messages of write errors, which tantivy raises as ValueError."""


class Build:
    """A generation that is being built. See `search.engines.protocols.Build`. `open_build` creates it."""

    def __init__(self, folder: Path, before: Snapshot | None) -> None:
        self.folder = folder
        """The folder of the build: see `search.engines.protocols.Build`."""
        if before is not None:
            files.link_tree(before.folder, folder, copied=REWRITTEN)
        exists = (folder / "meta.json").exists()
        if exists:
            self._index = tantivy.Index.open(str(folder))
        else:
            self._index = tantivy.Index(tq.schema(), path=str(folder), sort_by_field=fields.ORDER)
        self._writer = self._index.writer(HEAP_BYTES, 1)
        self._ended = self._deletes = False
        if exists and before is None:
            self._return_to(files.read_checkpoint(folder))

    def put(self, articles: Sequence[Article], gone: Collection[str]) -> None:
        """Delete and add articles; see `search.engines.protocols.Build`."""
        for article_id in gone:
            self._writer.delete_documents_by_term("id", article_id)
        for article in articles:
            self._writer.add_document(tq.document(article))

    def _return_to(self, last: str) -> None:
        """Drop what a killed build wrote after its checkpoint. `last` is the id of the last article before it."""
        for article_id in open_unfinished(self.folder, {"deletes": True}).ids(last):
            self._writer.delete_documents_by_term("id", article_id)

    def checkpoint(self, last: str) -> None:
        """Checkpoint the build after the article with the id `last`; see `search.engines.protocols.Build`."""
        self._writer.commit()
        files.write_checkpoint(self.folder, last)

    def commit(self) -> Generation:
        """End the writing of articles, and open the generation; see `search.engines.protocols.Build`."""
        self._writer.commit()
        self._end()
        segments = json.loads((self.folder / "meta.json").read_text())["segments"]
        self._deletes = any(segment["deletes"] for segment in segments)
        return open_unfinished(self.folder, {"deletes": self._deletes})

    def finish(self, meta: Mapping[str, Any]) -> None:
        """Write the metadata; see `search.engines.protocols.Build`.

        `deletes` in the metadata records that tantivy's frequencies still count deleted articles.
        """
        (self.folder / META).write_text(json.dumps({**meta, "deletes": self._deletes}) + "\n")

    def leave(self, error: BaseException | None) -> None:
        """Stop all writing to the folder. After an error, uncommitted articles are dropped."""
        if not self._ended:
            if error is not None:
                self._writer.rollback()
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._writer.wait_merging_threads()


def _opened(folder: Path, before: Snapshot | None) -> Build:
    """Return a build. Raises `IndexDamagedError` if a killed build cannot be resumed."""
    try:
        return Build(folder, before)
    except (ValueError, KeyError) as error:
        raise IndexDamagedError(
            f"The files of a killed rebuild cannot be read: {error}.", remedy="Run the command again."
        ) from error


@contextmanager
def open_build(folder: Path, before: Snapshot | None) -> Iterator[Build]:
    """Open a build in a folder. When the block ends, all writing has ended, too."""
    build = _opened(folder, before)
    try:
        yield build
    except BaseException as error:
        build.leave(error)
        if isinstance(error, ValueError) and any(sign in str(error) for sign in NO_ROOM):
            message = f"The index cannot be written: {error}."
            raise SearchError(message, remedy="Look whether its disk has room.") from error
        raise
    build.leave(None)
