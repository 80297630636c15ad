"""The lexicon of one generation of an index, for any engine: suggestions and spelling correction.

The lexicon is a file beside the engine's files, and a second one with the changes since the first was written. They are
written with the generation, never change, and are mapped into the memory of every server process.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from search.highlight.patterns import wildcard
from search.lexicon import files
from search.lexicon.entries import PERSON
from search.lexicon.spelling import Speller
from search.lexicon.suggesting import Suggester
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from search.lexicon.completion import Completion
    from search.lexicon.spelling import Change, Correction, Together
    from search.results import Suggestion


class Lexicon:
    """An open lexicon that `build` wrote. It is safe to share between threads."""

    def __init__(self, tables: Mapping[str, Completion], speller: Speller) -> None:
        self._tables = tables
        self._words = tables["words"]
        self._suggester = Suggester(tables)
        self._speller = speller

    @classmethod
    def open(cls, folder: Path) -> Lexicon:
        """Return the lexicon of a generation. This takes about a millisecond.

        Raises:
            IndexDamagedError: A file is missing, truncated or incomplete.
            IndexVersionError: Another version of this program wrote the files.
        """
        opened = files.read(folder)
        try:
            tables = {name: opened.table(name) for name in files.TABLES}
            parts = [opened.base, opened.delta] if opened.delta else [opened.base]
            spelling = [part["spelling"] for part in parts if part]
            return cls(tables, Speller(tables["words"], spelling[: len(tables["words"].layers)]))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise files.incomplete(folder, error) from error

    def surface(self, word: str) -> str:
        """Return the most frequent spelling of a folded word, or the word itself if `build` got no spelling for it."""
        (found,) = self._speller.find([word])
        return found[0].layer.entry(found[0].layer.owner(found[1])).label if found else word

    def knows(self, word: str) -> bool:
        """Return whether a folded word is in the archive. A word that is too long to be stored counts as known."""
        return self._speller.knows(word)

    def expansions(self, pattern: str, most: int) -> int:
        """Return the number of words that match a folded pattern with `*` and `?`.

        The exact number matters only up to `most`: a count above that may be too low or include other words.
        """
        condition = self._words.prefix(re.split(r"[*?]", pattern, maxsplit=1)[0])
        ranges = [
            (layer, np.arange(*bounds))
            for layer, (low, high) in zip(self._words.layers, condition, strict=True)
            for bounds in zip(low.tolist(), high.tolist(), strict=True)
        ]
        shown = [(layer, layer.shown(places)) for layer, places in ranges]
        size = sum(len(places) for _, places in shown)
        if size <= most or ("?" not in pattern and pattern.find("*") == len(pattern) - 1):
            return size
        matches = wildcard(pattern).fullmatch
        words = (layer.words[place] for layer, places in shown for place in places)
        return sum(islice((1 for word in words if matches(word.decode(errors="replace"))), most + 1))

    def names(self, prefix: str, most: int) -> list[str] | None:
        """Return the names of persons with a rotation (`fields.rotations`) that starts with `prefix`, the best first.

        The prefix is folded. Return None if there may be more than `most` names, or if the prefix is empty.
        """
        table = self._tables["names"]
        *whole, last = prefix.split() or [""]
        numbers = table.every([*map(table.whole, whole), table.prefix(last)]) if last else []
        if not last or len(numbers) > most:
            return None
        entries = (table.entry(number) for number in numbers)
        return [
            one.value
            for one in entries
            if one.kind == PERSON and any(part.startswith(prefix) for part in rotations(one.value))
        ]

    def near(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter within `typos` (1 or 2) edits of a folded word."""
        return self._speller.near(word, typos)

    def corrections(self, word: str, limit: int) -> tuple[Correction, ...]:
        """Return candidates for a misspelt, folded word, the best first; see `Speller.corrections`."""
        return self._speller.corrections(word, limit)

    def correct(self, words: Sequence[str], together: Together) -> tuple[Change, ...]:
        """Return the changes that correct the folded words of a query; see `Speller.correct`."""
        return self._speller.correct(words, together)

    def suggest(self, text: str, limit: int, together: Together | None = None) -> tuple[Suggestion, ...]:
        """Return at most `limit` suggestions for the text. Exact matches come before matches with a typo.

        Persons and countries come first, by rank. Headlines and words follow, at most three of each.

        - A name has, for each typed word, a word that starts with it.
        - A headline has all typed words; the last one may be a prefix.
        - A `word` completes the last typed word. Its value is the query to run. Its label is the same query in the
          most frequent spelling.

        The count of a `word` comes from `together`, as described in `Speller.correct`: it is the number of articles
        with all typed words. `together` is called about 20 times at most. Without it, only the last word is counted.
        One edit is allowed in one typed word of at least four letters.
        """
        return self._suggester.suggest(text, limit, together)
