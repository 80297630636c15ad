"""The data of one open generation of a Whoosh index, and its stored articles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.engines.whoosh import columns
from search.engines.whoosh.query import Runner
from search.lexicon import Lexicon
from search.storage import records

if TYPE_CHECKING:
    from pathlib import Path

    from search.engines.whoosh.columns import Columns
    from search.engines.whoosh.terms import Terms
    from search.model import Article


@dataclass(frozen=True)
class Snapshot:
    """One open generation. Its data does not change, even if the index is written to."""

    folder: Path
    meta: dict[str, Any]
    terms: Terms

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self.folder.name

    @property
    def size(self) -> int:
        """The number of articles."""
        return self.terms.size

    @cached_property
    def columns(self) -> Columns:
        """The values to filter, sort and count by."""
        return columns.read(self.folder, self.terms)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words, names and headlines of the generation."""
        return Lexicon.open(self.folder)

    @cached_property
    def runner(self) -> Runner:
        """Runs query trees. It opens the lexicon only for fuzzy words."""
        return Runner(self.terms, self.columns, self._near)

    def _near(self, word: str, typos: int) -> list[str]:
        return self.lexicon.near(word, typos)

    def open_files(self) -> None:
        """Open columns and lexicon now, so that damage is found at once."""
        _ = self.columns, self.lexicon

    def listed(self, number: int) -> Article:
        """Return a stored article as lists show it: without mentions, digest, signature, captions and removed lines."""
        return records.restore(self.terms.stored(number)["record"], mentions=False)

    def article(self, number: int) -> Article:
        """Return a whole stored article. Raises `IndexDamagedError`."""
        document = self.terms.stored(number)
        with records.readable(document["name"]):
            return records.restore(document["record"], digest=document["digest"], signature=document["signature"])
