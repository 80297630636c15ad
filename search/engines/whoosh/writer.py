"""Writes a generation of a Whoosh index and verifies it."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from search import lexicon
from search.engines.whoosh import columns, schema
from search.engines.whoosh.codec import Codec, Pool
from search.engines.whoosh.reader import CHECKSUMS, checksums
from search.engines.whoosh.segments import NAME, Mapped, damage_as_index_error, open_segments
from search.engines.whoosh.snapshot import article_facts, stored
from search.engines.whoosh.terms import Terms
from search.errors import IndexDamagedError, SearchError
from search.lexicon.contents import contents
from search.storage import fields, files
from search.storage.files import META

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from search.engines.whoosh.snapshot import Snapshot
    from search.lexicon.contents import ArticleFacts
    from search.model import Article

REWRITTEN = frozenset({META, CHECKSUMS, columns.FILE, f"{NAME}_WRITELOCK"})
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
        self._folder = folder
        if before is not None:
            files.link_tree(before.folder, folder, copied=REWRITTEN)
        storage = Mapped(str(folder))
        if storage.index_exists(NAME):
            self._index = FileIndex(storage, indexname=NAME)
        else:
            self._index = FileIndex.create(storage, schema.schema(), NAME)
        self._open()

    def _open(self) -> None:
        self._terms = Terms(open_segments(self._folder))
        self._writer: Any = self._index.writer(codec=Codec(), compound=False)
        self._writer.pool = Pool()
        self._added: dict[str, int] = {}

    def facts(self) -> Iterator[ArticleFacts]:
        """Yield the facts of the articles that are already there; see `search.engines.protocols.Build`."""
        return article_facts(self._terms)

    def put(self, articles: Sequence[Article], replaced: Collection[str]) -> None:
        """Write articles; see `search.engines.protocols.Build`."""
        self.delete(replaced)
        for article in articles:
            self._added[article.id] = self._writer.docnum
            self._writer.add_document(**schema.document(article))
        if self._writer.pool.size > POSTINGS:
            self._commit()

    def delete(self, ids: Collection[str]) -> None:
        """Delete articles; see `search.engines.protocols.Build`."""
        for article_id in ids:
            number = self._terms.find("id", article_id)
            if number is not None:
                self._writer.delete_document(number)
            if article_id in self._added:
                self._writer.newsegment.delete_document(self._added.pop(article_id))

    def checkpoint(self, last: str) -> None:
        """Checkpoint the build after the article with the id `last`; see `search.engines.protocols.Build`."""
        self._commit()
        files.write_checkpoint(self._folder, last)

    def _commit(self) -> None:
        self._writer.commit(merge=False)
        self._open()

    def finish(self, articles: Collection[ArticleFacts]) -> None:
        """Write columns and lexicon, and verify the build; see `search.engines.protocols.Build`."""
        self._writer.commit(mergetype=merge)
        terms = Terms(open_segments(self._folder))
        if terms.size != len(articles):
            raise IndexDamagedError(
                f"The new index has {terms.size} articles instead of {len(articles)} and was not swapped in.",
                remedy="Run the command again. If this happens again, report it as a bug.",
            )
        columns.build(self._folder, len(terms.live), stored(terms))
        words = terms.words("title_words")
        for word, count in terms.words("body_words").items():
            words[word] = max(words.get(word, 0), count)
        lexicon.build(self._folder, contents(words.items(), articles))
        (self._folder / META).write_text(json.dumps(fields.meta_of(len(articles))) + "\n")
        (self._folder / f"{NAME}_WRITELOCK").unlink(missing_ok=True)
        (self._folder / CHECKSUMS).write_text(json.dumps(checksums(self._folder)) + "\n")

    def leave(self) -> None:
        """Stop all writing to the folder, and drop uncommitted articles."""
        if not self._writer.is_closed:
            self._writer.cancel()


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
