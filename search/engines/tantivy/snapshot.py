"""The data of one open generation of a tantivy index."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.engines.tantivy import query as tq
from search.engines.tantivy.counts import Counter
from search.lexicon import Lexicon

if TYPE_CHECKING:
    from pathlib import Path

    import tantivy


@dataclass(frozen=True)
class Snapshot:
    """One open generation. Its data does not change, even if the index is written to."""

    folder: Path
    meta: dict[str, Any]
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    frequencies: dict[tuple[str, str], int] = field(default_factory=dict)
    """Cache of the frequencies of terms that had to be counted."""

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self.folder.name

    @property
    def size(self) -> int:
        """The number of articles."""
        return int(self.searcher.num_docs)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words, names and headlines of the generation."""
        return Lexicon.open(self.folder)

    def open_lexicon(self) -> None:
        """Open the lexicon now, so that damage is found at once."""
        _ = self.lexicon

    @cached_property
    def counter(self) -> Counter:
        """Counts articles and values."""
        return Counter(self.searcher, self.schema)

    @cached_property
    def compiler(self) -> tq.Compiler:
        """Compiles query trees."""
        return tq.Compiler(self.schema, self)

    def near(self, word: str, typos: int) -> list[str]:
        """Return the similar words of the lexicon: see `tq.SimilarWords`."""
        return self.lexicon.near(word, typos)
