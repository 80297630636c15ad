"""Writing a generation of a tantivy index: the writer, and what is done when all is written."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from search import analysis, lexicon
from search.engines import tantivy_query as tq
from search.engines.tantivy_counts import Counter, contents
from search.engines.tantivy_reader import META
from search.errors import IndexDamagedError, SearchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import tantivy

    from search.engines.tantivy_counts import Title

REWRITTEN = frozenset({"meta.json", ".managed.json", META})
"""Files that tantivy and we replace; all others are never changed once written, so generations share them."""

HEAP_BYTES = 160_000_000
"""Before a segment is written out; larger gives fewer segments, but must stay well below 1 GB with the pipeline's."""


@contextmanager
def writing(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """Write to an index; when the block ends, however it ends, nothing writes to its folder any more."""
    writer = index.writer(HEAP_BYTES, 1)
    try:
        yield writer
    except BaseException as error:
        writer.rollback()
        if isinstance(error, ValueError) and "os error" in str(error):  # tantivy has no type of its own for it
            message = f"The index cannot be written: {error}."
            raise SearchError(message, remedy="Look whether its disk has room.") from error
        raise
    finally:
        writer.wait_merging_threads()


def finish(folder: Path, index: tantivy.Index, titles: Mapping[str, Title], *, deletes: bool) -> None:
    """Describe and verify what was built, and write its lexicon; `titles` are those of all articles, by id.

    `deletes` tells that segments may hold articles that were deleted, so that tantivy's frequencies may be too high.

    Raises:
        IndexDamagedError: The built index does not hold the number of articles that were written to it.
    """
    articles = len(titles)
    meta = {
        "schema": tq.SCHEMA_VERSION,
        "analyzer": analysis.fingerprint(),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "articles": articles,
        "deletes": deletes,
    }
    (folder / META).write_text(json.dumps(meta) + "\n")
    index.reload()
    searcher = index.searcher()
    held = searcher.num_docs
    if held != articles:
        raise IndexDamagedError(
            f"The new index holds {held} articles instead of {articles} and was not put to use.",
            remedy="Run the command again; if it happens again, please report it.",
        )
    lexicon.build(folder, contents(Counter(searcher, index.schema), titles.values(), deletes=deletes))
