"""One open generation of a tantivy index: articles by id or address."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Query as TantivyQuery

from search import analysis, records
from search.engines import tantivy_query as tq
from search.engines.tantivy_counts import Counter
from search.errors import IndexDamagedError, IndexVersionError, NotFoundError
from search.lexicon import Lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.model import Article, Entry, Query

META = "dateline.json"
"""Beside tantivy's files: schema version, analyzer fingerprint, time of building, number of articles."""

FOOTER_MARK = 1337


@dataclass(frozen=True, slots=True)
class Reader:
    """One generation, open. What it answers stays the same however often the index is written to."""

    name: str
    meta: dict[str, Any]
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    lexicon: Lexicon

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
        """Return a stored article."""
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        return records.restore(
            bytes(stored["record"][0]), digest=stored["digest"][0], signature=bytes(stored["signature"][0])
        )

    def listed(self, address: tantivy.DocAddress) -> Article:
        """Return a stored article without its mentions and without what serves updates, as lists show it."""
        record: Any = self.searcher.doc(address).get_first("record")
        return records.restore(bytes(record), mentions=False)

    def find(self, article_id: str) -> tantivy.DocAddress | None:
        """Return where an article is, None where it is not."""
        query = TantivyQuery.term_query(self.schema, "id", article_id)
        hits = self.searcher.search(query, limit=1, count=False).hits
        return hits[0][1] if hits else None

    def get(self, article_id: str) -> Article:
        """Return an article by id. Raises `NotFoundError`."""
        address = self.find(article_id)
        if address is None:
            raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
        return self.article(address)

    def addresses(self) -> list[tantivy.DocAddress]:
        """Return where all articles are."""
        found = self.searcher.search(TantivyQuery.all_query(), limit=max(self.size, 1), count=False)
        return [address for _, address in found.hits]

    def entries(self) -> Iterator[Entry]:
        """Yield what `Engine.entries` does."""
        for address in self.addresses():
            stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
            digest, story, signature = stored["digest"][0], stored["story"][0], bytes(stored["signature"][0])
            try:
                entry = records.entry(bytes(stored["record"][0]), digest=digest, story=story, signature=signature)
            except (ValueError, IndexError, TypeError) as error:
                raise IndexDamagedError(
                    f"The stored form of article {stored['id'][0]} cannot be read: {error}.",
                    remedy="Go back with dateline rollback, or build the index anew: dateline reindex PATH...",
                ) from error
            yield entry

    def problems(self) -> Iterator[str]:
        """Yield what `Engine.check` returns."""
        if self.size != self.meta["articles"]:
            yield f"It holds {self.size} articles, but {self.meta['articles']} were written."
        seen: set[str] = set()
        for address in self.addresses():
            try:
                article = self.article(address)
            except (ValueError, IndexError, TypeError) as error:
                yield f"The stored form of an article cannot be read: {error}."
                continue
            if article.id in seen:
                yield f"Article {article.id} is there twice."
            seen.add(article.id)

    def resolved(self, query: Query) -> Query:
        """Return the query with the id of any article of a story replaced by what names the story."""
        address = None if query.filters.story is None else self.find(query.filters.story)
        if address is None:
            return query
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        return replace(query, filters=replace(query.filters, story=stored["story"][0]))

    def articles(self) -> Iterator[Article]:
        """Yield all articles as lists show them, in no order."""
        return map(self.listed, self.addresses())

    def id_of(self, address: tantivy.DocAddress) -> str:
        """Return the id of an article."""
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        return str(stored["id"][0])


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
    """Open the generation in a folder; `url` names the index in messages.

    Raises:
        FileNotFoundError: There is no such folder.
        IndexVersionError: It was written with another schema or analyzer.
        IndexDamagedError: It cannot be opened.
    """
    try:
        meta = json.loads((folder / META).read_text())
        wrong = _version_mismatch(meta)
        if not wrong:
            index = tantivy.Index.open(str(folder))
            index.config_reader("manual")
            index.reload()
            return Reader(folder.name, meta, index.schema, index.searcher(), Lexicon.open(folder))
    except FileNotFoundError:
        raise
    except IndexDamagedError:
        if not (folder / META).exists():  # pruned while it was opened
            raise FileNotFoundError(folder) from None
        raise
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise IndexDamagedError(
            f"Generation {folder.name} of {url} cannot be opened: {error}.",
            remedy="Go back with dateline rollback, or build it anew: dateline reindex PATH...",
        ) from error
    raise IndexVersionError(f"The index at {url} {wrong}.", remedy="Build it anew: dateline reindex PATH...")


def _version_mismatch(meta: dict[str, Any]) -> str:
    if meta["schema"] != tq.SCHEMA_VERSION:
        return f"has schema {meta['schema']}, this Dateline writes {tq.SCHEMA_VERSION}"
    if meta["analyzer"] != analysis.fingerprint():
        return f"was written with analyzer {meta['analyzer']}, this is {analysis.fingerprint()}"
    return ""
