"""Reads one open generation of a tantivy index: counts, articles, facet values, and a check for damage."""

from __future__ import annotations

import json
import struct
import zlib
from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Query as TantivyQuery

from search.engines.base import contradictions
from search.engines.tantivy import query as tq
from search.engines.tantivy.run_plan import PlanRun
from search.engines.tantivy.snapshot import Snapshot
from search.model import NO_FILTERS
from search.storage import records
from search.storage.files import opening

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from whoosh import query as tree

    from search.engines.plan_result import PlanResult
    from search.model import Article, Filters, Query
    from search.query.planning import Plan

FOOTER_MAGIC = 1337
"""The magic number at the end of each file that tantivy writes."""


class Reader(Snapshot):
    """One open generation: see `search.engines.protocols.Generation`."""

    def frequency(self, field: str, term: str, above: int = 0) -> int:
        """See `search.query.ranking.Frequencies`.

        tantivy's own frequency includes deleted articles until their segment is merged. If there are any, the articles
        are counted.
        """
        frequency = self.searcher.doc_freq(field, term)
        if frequency <= above or not self.meta["deletes"]:
            return frequency
        if (field, term) not in self.frequencies:
            query = TantivyQuery.term_query(self.schema, field, term)
            self.frequencies[field, term] = self.counter.total(query)
        return self.frequencies[field, term]

    def count(self, node: tree.Query, filters: Filters = NO_FILTERS) -> int:
        """See `search.query.planning.Index`."""
        return self.counter.total(self._restricted(node, filters))

    def _restricted(self, node: tree.Query, filters: Filters, *, without: str = "") -> TantivyQuery:
        return tq.restrict(self.schema, self.compiler.compile(node), filters, without=without)

    def nth_score(self, node: tree.Query, place: int) -> float:
        """See `search.query.planning.Index`."""
        hits = self.searcher.search(self.compiler.compile(node), place, count=False).hits
        return float(hits[-1][0]) if hits else 0.0

    def select(
        self, node: tree.Query, limit: int, filters: Filters = NO_FILTERS, *, whole: bool = True
    ) -> Sequence[Article]:
        """See `search.query.planning.Index`."""
        hits = self.searcher.search(self._restricted(node, filters), limit, count=False).hits
        read = self._article if whole else partial(tq.listed, self.searcher)
        return [read(address) for _, address in hits]

    def run(self, plan: Plan, query: Query) -> PlanResult | None:
        """See `search.engines.protocols.Generation`."""
        return PlanRun(self, query).run(plan)

    def values(self, node: tree.Query, facet: str, prefix: str, filters: Filters) -> Mapping[str, int]:
        """See `search.engines.protocols.Generation`."""
        matches = self._restricted(node, filters, without=facet)
        if facet == "country":
            return self.counter.values(matches, "country")
        terms = self.searcher.terms_with_prefix("person_prefixes", prefix, filter_query=matches)
        return {term.partition(tq.SUGGEST_BREAK)[2]: count for term, count in terms if count}

    def ids(self, after: str = "") -> Iterator[str]:
        """See `search.engines.protocols.Generation`."""
        ids = sorted(tq.id_of(self.searcher, address) for address in self._addresses())
        return iter(ids[bisect_right(ids, after) if after else 0 :])

    def words(self) -> Iterable[tuple[str, int]]:
        """See `search.engines.protocols.Generation`."""
        return self.counter.words(deletes=self.meta["deletes"]).items()

    def problems(self) -> Iterator[str]:
        """See `search.engines.protocols.Generation`."""
        changed = list(changed_files(self.folder))
        yield from changed
        if not changed:  # tantivy may abort the process when it reads a damaged file
            yield from contradictions(self, (partial(self._article, address) for address in self._addresses()))

    def _addresses(self) -> list[tantivy.DocAddress]:
        """Return the addresses of all articles."""
        result = self.searcher.search(TantivyQuery.all_query(), limit=max(self.size, 1), count=False)
        return [address for _, address in result.hits]

    def _article(self, address: tantivy.DocAddress) -> Article:
        """Return a stored article. Raises `IndexDamagedError`."""
        stored: dict[str, list[Any]] = self.searcher.doc(address).to_dict()
        with records.readable(stored["id"][0]):
            return records.restore(
                bytes(stored["record"][0]), digest=stored["digest"][0], signature=bytes(stored["signature"][0])
            )


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
        reader = open_unfinished(folder, meta)
        reader.open_lexicon()
        return reader


def open_unfinished(folder: Path, meta: dict[str, Any]) -> Reader:
    """Open a generation whose lexicon may not be written yet. `meta` needs only `deletes`."""
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    index.reload()
    return Reader(folder, meta, index.schema, index.searcher())
