"""Writing a generation of a tantivy index, and verifying it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import tantivy

from search import lexicon
from search.engines import generations
from search.engines.folder import META
from search.engines.tantivy import query as tq
from search.engines.tantivy.counts import Counter
from search.engines.tantivy.reader import article_facts
from search.errors import IndexDamagedError, SearchError
from search.lexicon.contents import contents
from search.storage import fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from search.engines.tantivy.reader import Reader
    from search.lexicon.contents import ArticleFacts
    from search.model import Article

REWRITTEN = frozenset({"meta.json", ".managed.json", META})
"""Files that tantivy and we replace; all others are never changed once written, so generations share them."""

HEAP_BYTES = 160_000_000
"""Before a segment is written out; larger gives fewer segments, but must stay well below 1 GB with the pipeline's."""


NO_ROOM = ("os error", "io::Error")
"""Signs that the system did not let tantivy write; it has no type of its own for such errors."""


class Build:
    """A generation that is being built: see `search.engines.base.Build`. `open_build` makes it."""

    def __init__(self, folder: Path, before: Reader | None) -> None:
        self._folder = folder
        self._before = before
        if before is not None:
            generations.link_tree(before.folder, folder, copied=REWRITTEN)
        if (folder / "meta.json").exists():
            self._index = tantivy.Index.open(str(folder))
        else:
            self._index = tantivy.Index(tq.schema(), path=str(folder), sort_by_field=fields.ORDER)
        self._writer = self._index.writer(HEAP_BYTES, 1)
        self._ended = False

    def facts(self) -> Iterator[ArticleFacts]:
        """See `Build.facts` of the base."""
        if self._before is not None:
            return article_facts(self._before.searcher)
        self._index.reload()
        return article_facts(self._index.searcher())

    def put(self, articles: Sequence[Article], replaced: Collection[str]) -> None:
        """See `Build.put` of the base."""
        self.delete(replaced)
        for article in articles:
            self._writer.add_document(tq.document(article))

    def delete(self, ids: Collection[str]) -> None:
        """See `Build.delete` of the base."""
        for article_id in ids:
            self._writer.delete_documents_by_term("id", article_id)

    def checkpoint(self, last: str) -> None:
        """See `Build.checkpoint` of the base."""
        self._writer.commit()
        generations.write_checkpoint(self._folder, last)

    def finish(self, articles: Collection[ArticleFacts]) -> None:
        """See `Build.finish` of the base. What is deleted leaves tantivy's frequencies too high: `deletes` says so."""
        self._writer.commit()
        self._end()
        segments = json.loads((self._folder / "meta.json").read_text())["segments"]
        deletes = any(segment["deletes"] for segment in segments)
        meta = fields.meta_of(len(articles)) | {"deletes": deletes}
        (self._folder / META).write_text(json.dumps(meta) + "\n")
        self._index.reload()
        searcher = self._index.searcher()
        if searcher.num_docs != len(articles):
            raise IndexDamagedError(
                f"The new index holds {searcher.num_docs} articles instead of {len(articles)} and was not put to use.",
                remedy="Run the command again; if it happens again, please report it.",
            )
        words = Counter(searcher, self._index.schema).words(deletes=deletes)
        lexicon.build(self._folder, contents(words.items(), articles))

    def leave(self, error: BaseException | None) -> None:
        """End all writing to the folder; what was not committed is forgotten after an error."""
        if not self._ended:
            if error is not None:
                self._writer.rollback()
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._writer.wait_merging_threads()


def _opened(folder: Path, before: Reader | None) -> Build:
    """Return a draft. Raises `IndexDamagedError` where what was broken off cannot be gone on with."""
    try:
        return Build(folder, before)
    except (ValueError, KeyError) as error:
        raise IndexDamagedError(
            f"What a rebuild that was broken off has left cannot be read: {error}.", remedy="Run the command again."
        ) from error


@contextmanager
def open_build(folder: Path, before: Reader | None) -> Iterator[Build]:
    """Write to a folder; when the block ends, however it ends, nothing writes there any more."""
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
