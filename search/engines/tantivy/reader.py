"""One open generation of a tantivy index: articles by id or address."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Query as TantivyQuery

from search.engines.base import contradictions
from search.engines.folder import opening
from search.engines.tantivy import query as tq
from search.engines.tantivy.counts import Counter
from search.engines.tantivy.view import View
from search.errors import NotFoundError
from search.lexicon import Lexicon
from search.lexicon.contents import ArticleFacts
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from search.model import Article, Entry, Query

FOOTER_MARK = 1337


@dataclass(frozen=True, slots=True)
class Reader:
    """One generation, open. What it answers stays the same however often the index is written to."""

    folder: Path
    meta: dict[str, Any]
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    lexicon: Lexicon
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)
    """Of terms that were counted anew: no more than there are words."""

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self.folder.name

    @property
    def counter(self) -> Counter:
        """Counts over this generation."""
        return Counter(self.searcher, self.schema)

    @property
    def compiler(self) -> tq.Compiler:
        """What compiles trees for this generation."""
        return tq.Compiler(self.schema, self.lexicon)

    @property
    def size(self) -> int:
        """The number of articles."""
        return self.searcher.num_docs

    def article(self, address: tantivy.DocAddress) -> Article:
        """Return a stored article. Raises `IndexDamagedError`."""
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        with records.readable(stored["id"][0]):
            return records.restore(
                bytes(stored["record"][0]), digest=stored["digest"][0], signature=bytes(stored["signature"][0])
            )

    def listed(self, address: tantivy.DocAddress) -> Article:
        """Return a stored article without its mentions and without what serves updates, as lists show it."""
        return listed(self.searcher, address)

    def find(self, article_id: str) -> tantivy.DocAddress | None:
        """Return where an article is, None where it is not."""
        query = TantivyQuery.term_query(self.schema, "id", tq.whole(article_id))
        hits = self.searcher.search(query, limit=1, count=False).hits
        return hits[0][1] if hits else None

    def holds(self, ids: Collection[str]) -> set[str]:
        """See `OpenGeneration.holds`."""
        return {one for one in ids if self.find(one) is not None}

    def get(self, article_id: str) -> Article:
        """See `Generation.get`."""
        address = self.find(article_id)
        if address is None:
            raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
        return self.article(address)

    def story_of(self, article_id: str) -> str | None:
        """See `Generation.story_of`."""
        address = self.find(article_id)
        if address is None:
            return None
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        return str(stored["story"][0])

    def view(self, query: Query) -> View:
        """See `Generation.view`."""
        return View(self, query)

    def addresses(self) -> list[tantivy.DocAddress]:
        """Return where all articles are."""
        return addresses(self.searcher)

    def entries(self) -> Iterator[Entry]:
        """See `OpenGeneration.entries`."""
        for address in self.addresses():
            stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
            digest, story, signature = stored["digest"][0], stored["story"][0], bytes(stored["signature"][0])
            with records.readable(stored["id"][0]):
                entry = records.entry(bytes(stored["record"][0]), digest=digest, story=story, signature=signature)
            yield entry

    def problems(self) -> Iterator[str]:
        """See `OpenGeneration.problems`."""
        changed = list(changed_files(self.folder))
        yield from changed
        if not changed:  # reading what is damaged may end tantivy
            yield from contradictions(self, (partial(self.article, address) for address in self.addresses()))

    def articles(self, after: str) -> Iterator[Article]:
        """See `OpenGeneration.articles`."""
        places = self.addresses()
        ids = sorted((self.id_of(address), number) for number, address in enumerate(places))
        for article_id, number in ids:
            if article_id > after:
                yield self.article(places[number])

    def id_of(self, address: tantivy.DocAddress) -> str:
        """Return the id of an article."""
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        return str(stored["id"][0])


def listed(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Article:
    """Return a stored article without its mentions and without what serves updates, as lists show it."""
    record: Any = searcher.doc(address).get_first("record")
    return records.restore(bytes(record), mentions=False)


def addresses(searcher: tantivy.Searcher) -> list[tantivy.DocAddress]:
    """Return where all articles are."""
    found = searcher.search(TantivyQuery.all_query(), limit=max(searcher.num_docs, 1), count=False)
    return [address for _, address in found.hits]


def article_facts(searcher: tantivy.Searcher) -> Iterator[ArticleFacts]:
    """Yield what a lexicon needs to know of all articles."""
    return (ArticleFacts.of(listed(searcher, address)) for address in addresses(searcher))


def changed_files(folder: Path) -> Iterator[str]:
    """Yield a sentence for each file of a generation that is no longer what tantivy wrote.

    tantivy ends a file with a footer: JSON that holds the CRC-32 of all before it, the length of the JSON, a mark.
    """
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        length, mark = struct.unpack("<II", data[-8:]) if len(data) > 8 else (0, 0)
        if mark != FOOTER_MARK:
            continue
        footer = len(data) - 8 - length
        if zlib.crc32(memoryview(data)[:footer]) != json.loads(data[footer:-8])["crc"]:
            yield f"{path.name} is no longer what was written."


def open_reader(folder: Path, url: str) -> Reader:
    """Open the generation in a folder; `url` names the index in messages. Raises as `folder.opening` does."""
    with opening(folder, url) as meta:
        index = tantivy.Index.open(str(folder))
        index.config_reader("manual")
        index.reload()
        return Reader(folder, meta, index.schema, index.searcher(), Lexicon.open(folder))
