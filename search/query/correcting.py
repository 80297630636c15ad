"""What a query was meant to say: words that no article holds become those of the archive that are near."""

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
    """A corrected query; `applied` tells that it is the one to run."""

    query: Query
    applied: bool


def correct(query: Query, index: Index, lexicon: Lexicon) -> Corrected | None:
    """Return the query with its misspelt words corrected; None where the archive has all words or knows no better.

    It is applied where all words as typed find nothing, all as corrected find something, and the user did not ask to
    leave them. A sentence finds articles by its other words, so there it is only offered.
    """
    typed = [
        _Typed(
            token.word, query.parsed.text[word.start + token.start : word.start + token.end], word.start + token.start
        )
        for word in query.parsed.plain_words
        for token in word.tokens
    ]
    known = {one.word: index.frequency("text", analysis.stem(one.word)) > 0 for one in typed}
    if all(known.values()):
        return None

    def together(words: Sequence[str]) -> int:
        return index.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

    text = query.parsed.text
    for change in reversed(lexicon.correct([one.word for one in typed], together)):
        replaced = typed[change.first : change.last]
        if not all(known[one.word] for one in replaced) and _are_neighbours(replaced, query.parsed.text):
            words = " ".join(_as_typed(replaced[0].surface, lexicon.surface(word)) for word in change.words)
            text = text[: replaced[0].start] + words + _ending(replaced[-1]) + text[replaced[-1].end :]
    if text == query.parsed.text:
        return None
    corrected_query = replace(query, parsed=parse(" ".join(text.split())))
    return Corrected(
        corrected_query, applied=query.correct and not query.parsed.is_sentence and _finds(corrected_query, index)
    )


class _Typed(NamedTuple):
    """A word of a query: folded, as typed, and where it begins."""

    word: str
    surface: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.surface)


def _finds(query: Query, index: Index) -> bool:
    """Tell whether some article has all words of a query that any article has."""
    words = [word.node for word in query.parsed.plain_words if ranking.rarity(index, word)]
    rest = [] if query.parsed.required is None else [query.parsed.required]
    return bool(words) and index.count(tree.And([*rest, *words])) > 0


def _are_neighbours(words: Sequence[_Typed], text: str) -> bool:
    """Tell whether nothing but blanks stands between words of a query."""
    return all(text[one.end : two.start].isspace() for one, two in pairwise(words))


def _ending(typed: _Typed) -> str:
    """Return the `’s` with which a word was typed; it is no part of the word."""
    return typed.surface[-2:] if typed.surface[-2:-1] in ("'", "’") and typed.surface[-1:] in ("s", "S") else ""


def _as_typed(surface: str, word: str) -> str:
    """Return a word in capitals, or with a capital, where the typed one was; but no operator where it was none."""
    if surface.isupper() and len(surface) > 1 and word.upper() not in OPERATORS:
        return word.upper()
    return word[:1].upper() + word[1:] if surface[:1].isupper() else word
