"""Corrects misspelt words of a query: a word that no article has is replaced by a similar word of the archive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from whoosh import query as tree

from search import analysis
from search.query import ranking
from search.query.lowering import OPERATORS
from search.query.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.lexicon import Lexicon
    from search.model import Query
    from search.query.planning import Index


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected query. If `applied`, it replaces the typed one; otherwise it is only offered."""

    query: Query
    applied: bool


def correct(query: Query, index: Index, lexicon: Lexicon) -> Corrected | None:
    """Return the query with its misspelt words corrected; None if the archive has all words or no better ones.

    The correction is applied if the corrected words find something together, unless the user has turned it off. The
    correction of a sentence is only offered, because a sentence finds articles by its other words.
    """
    typed = [
        _Typed(
            token.word, query.parsed.text[word.start + token.start : word.start + token.end], word.start + token.start
        )
        for word in query.parsed.plain_words
        for token in word.tokens
    ]
    known = {token.word: index.frequency("text", analysis.stem(token.word)) > 0 for token in typed}
    if all(known.values()):
        return None

    def together(words: Sequence[str]) -> int:
        return index.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

    text = query.parsed.text
    for change in reversed(lexicon.correct([token.word for token in typed], together)):
        replaced = typed[change.first : change.last]
        if not all(known[token.word] for token in replaced) and _are_neighbours(replaced, query.parsed.text):
            words = " ".join(_as_typed(replaced[0].surface, lexicon.surface(word)) for word in change.words)
            text = text[: replaced[0].start] + words + _ending(replaced[-1]) + text[replaced[-1].end :]
    if text == query.parsed.text:
        return None
    corrected_query = replace(query, parsed=parse(" ".join(text.split())))
    return Corrected(
        corrected_query, applied=query.correct and not query.parsed.is_sentence and _finds(corrected_query, index)
    )


class _Typed(NamedTuple):
    """A word of a query: folded, as typed, and its start."""

    word: str
    surface: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.surface)


def _finds(query: Query, index: Index) -> bool:
    """Return whether an article contains all words of a query. Words that are not in the index are ignored."""
    words = [word.node for word in query.parsed.plain_words if ranking.rarity(index, word)]
    required = [] if query.parsed.required is None else [query.parsed.required]
    return bool(words) and index.count(tree.And([*required, *words])) > 0


def _are_neighbours(words: Sequence[_Typed], text: str) -> bool:
    """Return whether only whitespace separates words of a query."""
    return all(text[left.end : right.start].isspace() for left, right in pairwise(words))


def _ending(typed: _Typed) -> str:
    """Return the `’s` at the end of a typed word; the folded word does not contain it."""
    return typed.surface[-2:] if typed.surface[-2:-1] in ("'", "’") and typed.surface[-1:] in ("s", "S") else ""


def _as_typed(surface: str, word: str) -> str:
    """Give a word the letter case of the typed one. A word never becomes an operator such as `OR`."""
    if surface.isupper() and len(surface) > 1 and word.upper() not in OPERATORS:
        return word.upper()
    return word[:1].upper() + word[1:] if surface[:1].isupper() else word
