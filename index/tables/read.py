"""Opens the tables in this folder.

Each table is a file that maps a word to bytes (a trie of marisa-trie). A file is mapped into memory: opening it takes
less than a millisecond, and all processes of a machine share its pages. `make tables` compiles the files.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import marisa_trie

FOLDER: Final = Path(__file__).parent


class Table:
    """An immutable mapping of words to bytes."""

    def __init__(self, trie: marisa_trie.BytesTrie) -> None:
        self._trie = trie

    def get(self, word: str) -> bytes | None:
        """Return the value of a word, or None."""
        values = self._trie.get(word)
        return values[0] if values else None


@cache
def table(name: str) -> Table:
    """Return the table in the file `name`.marisa of this folder."""
    return Table(marisa_trie.BytesTrie().mmap(str(FOLDER / f"{name}.marisa")))
