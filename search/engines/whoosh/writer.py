"""Writes a generation of a Whoosh index."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from search.engines.whoosh import checksums, columns, schema
from search.engines.whoosh.codec import Codec, Pool
from search.engines.whoosh.reader import open_unfinished
from search.engines.whoosh.segments import NAME, Mapped, damage_as_index_error, open_segments
from search.engines.whoosh.terms import Terms
from search.errors import SearchError
from search.storage import files
from search.storage.files import CHECKPOINT, META

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from search.engines.protocols import Generation
    from search.engines.whoosh.snapshot import Snapshot
    from search.model import Article

REWRITTEN = frozenset({META, checksums.FILE})
"""Files that each generation has for itself. Whoosh never changes its own files, so generations share them."""

POSTINGS = 20_000_000
"""Postings in memory after which a segment is written. Each takes about 20 bytes."""

SEGMENTS = 16
"""Maximum segments of a generation. Each segment makes every search a little slower."""

WASTE = 0.3
"""Share of deleted articles above which a segment is rewritten."""


class Build:
    """A generation that is being built. See `search.engines.protocols.Build`. `open_build` creates it."""

    def __init__(self, folder: Path, before: Snapshot | None) -> None:
        self.folder = folder
        """The folder of the build: see `search.engines.protocols.Build`."""
        self._before = before.folder if before else None
        last = _checkpoint(folder)
        if before is not None:
            files.link_tree(before.folder, folder, copied=REWRITTEN)
        elif last is None:
            for path in folder.iterdir():  # what a killed build wrote before its first checkpoint
                files.remove_folder(path) if path.is_dir() else path.unlink()
        storage = Mapped(str(folder))
        if storage.index_exists(NAME):
            self._index = FileIndex(storage, indexname=NAME)
        else:
            self._index = FileIndex.create(storage, schema.schema(), NAME)
        self._open()
        if last is not None:
            self._return_to(last)

    def _open(self) -> None:
        self._terms = Terms(open_segments(self.folder))
        self._writer: Any = self._index.writer(codec=Codec(), compound=False)
        self._writer.pool = Pool()
        self._added: dict[str, int] = {}

    def _return_to(self, last: str) -> None:
        """Drop what a killed build wrote after its checkpoint. `last` is the id of the last article before it."""
        self._delete(list(self._terms.ids_after(last)))
        for path in self.folder.glob(f"*{columns.SUFFIX}*"):  # only the checkpoint made files safe on disk
            path.unlink()

    def put(self, articles: Sequence[Article], gone: Collection[str]) -> None:
        """Delete and add articles; see `search.engines.protocols.Build`."""
        self._delete(gone)
        for article in articles:
            self._added[article.id] = self._writer.docnum
            self._writer.add_document(**schema.document(article))
        if self._writer.pool.size > POSTINGS:
            self._flush()

    def _delete(self, ids: Collection[str]) -> None:
        for article_id in ids:
            number = self._terms.find(article_id)
            if number is not None:
                self._writer.delete_document(number)
            if article_id in self._added:
                self._writer.newsegment.delete_document(self._added.pop(article_id))

    def checkpoint(self, last: str) -> None:
        """Checkpoint the build after the article with the id `last`; see `search.engines.protocols.Build`."""
        self._flush()
        files.write_checkpoint(self.folder, last)

    def _flush(self) -> None:
        """Write a segment."""
        self._writer.commit(merge=False)
        self._open()

    def commit(self) -> Generation:
        """End the writing of articles, and open the generation; see `search.engines.protocols.Build`."""
        self._writer.commit(mergetype=merge)
        (self.folder / f"{NAME}_WRITELOCK").unlink(missing_ok=True)
        generation = open_unfinished(self.folder)
        columns.write_missing(self.folder, generation.terms.segments)
        return generation

    def finish(self, meta: Mapping[str, Any]) -> None:
        """Write metadata and checksums; see `search.engines.protocols.Build`."""
        (self.folder / META).write_text(json.dumps(dict(meta)) + "\n")
        checksums.write(self.folder, self._before)

    def leave(self) -> None:
        """Stop all writing to the folder, and drop uncommitted articles."""
        if not self._writer.is_closed:
            self._writer.cancel()


def _checkpoint(folder: Path) -> str | None:
    """Return the id of the last article at the checkpoint of a killed build, or None."""
    try:
        return (folder / CHECKPOINT).read_text()
    except FileNotFoundError:
        return None


def merge(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge wasteful segments, and the smallest ones if there are too many, into the new one. Return the others."""
    ordered = sorted(segments, key=lambda segment: segment.doc_count())
    rewritten = [one for one in ordered if one.deleted_count() > WASTE * one.doc_count_all()]
    others = [one for one in ordered if one not in rewritten]
    if len(others) >= SEGMENTS:
        half = len(others) - SEGMENTS // 2
        rewritten, others = [*rewritten, *others[:half]], others[half:]
    for one in rewritten:
        if writer.pool.size > POSTINGS:  # the remaining segments wait for the next write
            others.append(one)
        elif one.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, one)
            writer.add_reader(reader)
            reader.close()
    return [one for one in segments if one in others]


@contextmanager
def open_build(folder: Path, before: Snapshot | None) -> Iterator[Build]:
    """Open a build in a folder. When the block ends, all writing has ended, too."""
    with damage_as_index_error(folder.name):
        build = Build(folder, before)
    try:
        yield build
    except OSError as error:
        raise SearchError(f"The index cannot be written: {error}.", remedy="Check the free disk space.") from error
    finally:
        with suppress(OSError):  # it would hide the original error
            build.leave()
