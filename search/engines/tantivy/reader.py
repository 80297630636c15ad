"""Reads one open generation of a tantivy index: single articles, all articles, and a check for damage."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Query as TantivyQuery

from search.engines.base import contradictions
from search.engines.tantivy import query as tq
from search.engines.tantivy.counts import Counter
from search.engines.tantivy.snapshot import Snapshot, addresses
from search.engines.tantivy.view import View
from search.errors import NotFoundError
from search.lexicon import Lexicon
from search.storage import records
from search.storage.files import opening

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from search.model import Article, Entry, Query

FOOTER_MAGIC = 1337
"""The magic number at the end of each file that tantivy writes."""


@dataclass(frozen=True, slots=True)
class Reader(Snapshot):
    """One open generation: see `search.engines.protocols.OpenGeneration`."""

    def view(self, query: Query) -> View:
        """See `Generation.view`."""
        return View(self, query)

    def get(self, article_id: str) -> Article:
        """See `Generation.get`."""
        address = self.find(article_id)
        if address is None:
            raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
        return self.article(address)

    def story_of(self, article_id: str) -> str | None:
        """See `Generation.story_of`."""
        address = self.find(article_id)
        return None if address is None else str(self._stored(address)["story"][0])

    def holds(self, ids: Collection[str]) -> set[str]:
        """See `OpenGeneration.holds`."""
        return {article_id for article_id in ids if self.find(article_id) is not None}

    def articles(self, after: str) -> Iterator[Article]:
        """See `OpenGeneration.articles`."""
        places = addresses(self.searcher)
        ids = sorted((tq.id_of(self.searcher, address), number) for number, address in enumerate(places))
        for article_id, number in ids:
            if article_id > after:
                yield self.article(places[number])

    def entries(self) -> Iterator[Entry]:
        """See `OpenGeneration.entries`."""
        for address in addresses(self.searcher):
            stored = self._stored(address)
            digest, story, signature = stored["digest"][0], stored["story"][0], bytes(stored["signature"][0])
            with records.readable(stored["id"][0]):
                entry = records.entry(bytes(stored["record"][0]), digest=digest, story=story, signature=signature)
            yield entry

    def problems(self) -> Iterator[str]:
        """See `OpenGeneration.problems`."""
        changed = list(changed_files(self.folder))
        yield from changed
        if not changed:  # tantivy may abort the process when it reads a damaged file
            yield from contradictions(self, (partial(self.article, address) for address in addresses(self.searcher)))

    def find(self, article_id: str) -> tantivy.DocAddress | None:
        """Return the address of an article, or None."""
        query = TantivyQuery.term_query(self.schema, "id", tq.whole(article_id))
        hits = self.searcher.search(query, limit=1, count=False).hits
        return hits[0][1] if hits else None

    def article(self, address: tantivy.DocAddress) -> Article:
        """Return a stored article. Raises `IndexDamagedError`."""
        stored = self._stored(address)
        with records.readable(stored["id"][0]):
            return records.restore(
                bytes(stored["record"][0]), digest=stored["digest"][0], signature=bytes(stored["signature"][0])
            )

    def _stored(self, address: tantivy.DocAddress) -> dict[str, list[Any]]:
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        return stored


def changed_files(folder: Path) -> Iterator[str]:
    """Yield a sentence for each file of a generation whose bytes have changed since tantivy wrote it.

    A file of tantivy ends with JSON that holds the CRC-32 of everything before it, the length of the JSON, and a
    magic number.
    """
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        length, magic = struct.unpack("<II", data[-8:]) if len(data) > 8 else (0, 0)
        if magic != FOOTER_MAGIC:
            continue
        footer = len(data) - 8 - length
        if zlib.crc32(memoryview(data)[:footer]) != json.loads(data[footer:-8])["crc"]:
            yield f"{path.name} has changed since it was written."


def open_reader(folder: Path, url: str) -> Reader:
    """Open the generation in a folder; `url` names the index in messages. Raises as `storage.files.opening` does."""
    with opening(folder, url) as meta:
        index = tantivy.Index.open(str(folder))
        index.config_reader("manual")
        index.reload()
        schema, searcher, lexicon = index.schema, index.searcher(), Lexicon.open(folder)
        return Reader(
            name=folder.name,
            size=searcher.num_docs,
            folder=folder,
            meta=meta,
            schema=schema,
            searcher=searcher,
            lexicon=lexicon,
            counter=Counter(searcher, schema),
            compiler=tq.Compiler(schema, lexicon),
        )
