"""A naive search for the matches of a query leaf. It analyzes the whole text and tries all combinations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import oracle
from whoosh import query as tree

from search import analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

Range = tuple[int, int, tuple[tuple[int, int], ...]]
"""Start and end of a match, and the words of a phrase with gaps."""


def naive_matches(leaf: tree.Query, text: str) -> Iterator[Range]:
    """Yield the matches of a leaf in a text."""
    tokens = list(analysis.tokenize(text))
    line = [t.word if leaf.fieldname.endswith("_words") else t.stem for t in tokens]
    if not isinstance(leaf, tree.Phrase) or len(leaf.words) == 1:
        leaf = tree.Term(leaf.fieldname, leaf.words[0]) if isinstance(leaf, tree.Phrase) else leaf
        yield from (
            (t.start, t.end, ()) for t, word in zip(tokens, line, strict=True) if oracle._matches_words(leaf, [word])
        )
        return
    nearest: dict[int, list[int]] = {}
    for chain in chains(line, leaf.words, leaf.slop):
        nearest[chain[-1]] = max(nearest.get(chain[-1], []), chain, key=lambda places: places[::-1])
    for chain in nearest.values():
        parts = tuple((tokens[place].start, tokens[place].end) for place in chain)
        yield parts[0][0], parts[-1][1], parts if leaf.slop > 1 else ()


def chains(line: list[str], words: list[str], slop: int) -> Iterator[list[int]]:
    """Yield all combinations of positions at which the words follow each other in the line."""
    ways = [[place] for place, word in enumerate(line) if word == words[0]]
    for wanted in words[1:]:
        ways = [
            [*way, place]
            for way in ways
            for place in range(way[-1] + 1, min(way[-1] + slop + 1, len(line)))
            if line[place] == wanted
        ]
    yield from ways
