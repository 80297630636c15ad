"""The data of one open generation of a tantivy index, and functions that read all articles from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Query as TantivyQuery

from search.engines.tantivy.query import listed
from search.lexicon.contents import ArticleFacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.engines.tantivy.counts import Counter
    from search.engines.tantivy.query import Compiler
    from search.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One open generation. Its data does not change, even if the index is written to."""

    name: str
    size: int
    """The number of articles."""

    folder: Path
    meta: dict[str, Any]
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    lexicon: Lexicon
    counter: Counter
    compiler: Compiler
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)
    """Cache of the frequencies of terms that had to be counted."""


def addresses(searcher: tantivy.Searcher) -> list[tantivy.DocAddress]:
    """Return the addresses of all articles."""
    result = searcher.search(TantivyQuery.all_query(), limit=max(searcher.num_docs, 1), count=False)
    return [address for _, address in result.hits]


def article_facts(searcher: tantivy.Searcher) -> Iterator[ArticleFacts]:
    """Yield the facts of all articles for the lexicon."""
    return (ArticleFacts.of(listed(searcher, address)) for address in addresses(searcher))
