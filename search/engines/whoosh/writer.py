"""Writing a generation of a Whoosh index, and verifying it."""

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
"""Files that we replace; those of Whoosh are never changed once written, so generations share them."""

POSTINGS = 20_000_000
"""Of a segment, which is written out then: they take some 20 bytes each in memory, and Whoosh's files stay small."""

SEGMENTS = 16
"""The most that a generation has: each costs every search a little."""

WASTE = 0.3
"""A segment of which so many articles are deleted is written anew."""


class Build:
    """A generation that is being built: see `search.engines.base.Build`. `open_build` makes it."""

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
        """See `Build.facts` of the base."""
        return article_facts(self._terms)

    def put(self, articles: Sequence[Article], replaced: Collection[str]) -> None:
        """See `Build.put` of the base."""
        self.delete(replaced)
        for article in articles:
            self._added[article.id] = self._writer.docnum
            self._writer.add_document(**schema.document(article))
        if self._writer.pool.size > POSTINGS:
            self._commit()

    def delete(self, ids: Collection[str]) -> None:
        """See `Build.delete` of the base."""
        for one in ids:
            number = self._terms.find("id", one)
            if number is not None:
                self._writer.delete_document(number)
            if one in self._added:
                self._writer.newsegment.delete_document(self._added.pop(one))

    def checkpoint(self, last: str) -> None:
        """See `Build.checkpoint` of the base."""
        self._commit()
        files.write_checkpoint(self._folder, last)

    def _commit(self) -> None:
        self._writer.commit(merge=False)
        self._open()

    def finish(self, articles: Collection[ArticleFacts]) -> None:
        """See `Build.finish` of the base."""
        self._writer.commit(mergetype=merged)
        terms = Terms(open_segments(self._folder))
        if terms.size != len(articles):
            raise IndexDamagedError(
                f"The new index holds {terms.size} articles instead of {len(articles)} and was not put to use.",
                remedy="Run the command again; if it happens again, please report it.",
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
        """End all writing to the folder; what was not committed is forgotten."""
        if not self._writer.is_closed:
            self._writer.cancel()


def merged(writer: Any, segments: list[Any]) -> list[Any]:
    """Take into the segment that is written what is wasteful, and the smallest of too many; return the others."""
    ordered = sorted(segments, key=lambda segment: segment.doc_count())
    worn = [one for one in ordered if one.deleted_count() > WASTE * one.doc_count_all()]
    others = [one for one in ordered if one not in worn]
    if len(others) >= SEGMENTS:
        half = len(others) - SEGMENTS // 2
        worn, others = [*worn, *others[:half]], others[half:]
    for one in worn:
        if writer.pool.size > POSTINGS:  # the others wait for the next write
            others.append(one)
        elif one.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, one)
            writer.add_reader(reader)
            reader.close()
    return [one for one in segments if one in others]


@contextmanager
def open_build(folder: Path, before: Snapshot | None) -> Iterator[Build]:
    """Write to a folder; when the block ends, however it ends, nothing writes there any more."""
    with damage_as_index_error(folder.name):
        build = Build(folder, before)
    try:
        yield build
    except OSError as error:
        raise SearchError(f"The index cannot be written: {error}.", remedy="Look whether its disk has room.") from error
    finally:
        with suppress(OSError):  # it would stand before the one that says why
            build.leave()
