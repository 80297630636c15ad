"""What a query was meant to say: words that no article holds become those of the archive that are near."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis, ranking
from search.query import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.lexicon import Lexicon
    from search.model import Query, Word
    from search.plan import Index


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
    unknown = [word for word in query.words if word.tokens and not ranking.rarity(index, word)]
    if not unknown:
        return None
    typed = [word for word in query.words if len(word.tokens) == 1]

    def together(words: Sequence[str]) -> int:
        return index.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

    changes = lexicon.correct([word.tokens[0].word for word in typed], together)
    text = query.searched
    for change in reversed(changes):
        replaced = typed[change.first : change.last]
        words = " ".join(_as_typed(replaced[0], lexicon.surface(word)) for word in change.words)
        text = text[: replaced[0].start + _before(replaced[0])] + words + text[_end(replaced[-1]) :]
    if not changes:
        return None
    parsed = parse(text)
    meant = replace(
        query,
        tree=parsed.tree,
        words=parsed.words,
        rest=parsed.rest,
        others=parsed.others,
        sentence=parsed.sentence,
        searched=parsed.text,
    )
    return Corrected(meant, applied=query.correct and not query.sentence and _finds(meant, index))


def _finds(query: Query, index: Index) -> bool:
    """Tell whether some article has all words of a query that any article has."""
    words = [word.node for word in query.words if ranking.rarity(index, word)]
    rest = [] if query.rest is None else [query.rest]
    return bool(words) and index.count(tree.And([*rest, *words])) > 0


def _before(word: Word) -> int:
    """Return how many characters of punctuation stand before a word's one token."""
    return word.tokens[0].start


def _end(word: Word) -> int:
    return word.start + word.tokens[0].end


def _as_typed(typed: Word, word: str) -> str:
    """Return a word in capitals, or with a capital, where the typed one was."""
    surface = typed.text[typed.tokens[0].start : typed.tokens[0].end]
    if surface.isupper() and len(surface) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if surface[:1].isupper() else word
