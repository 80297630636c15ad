"""Ways out of a search that finds nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from search.model import Alternative, Alternatives, Filters, Sort
from search.query.lowering import OPERATORS
from search.query.parsing import parse
from search.query.planning import plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whoosh import query as tree

    from search.lexicon import Lexicon
    from search.model import Query, Suggestion, Word
    from search.query.planning import Index

PARAMETERS = {"countries": "country", "persons": "person", "sources": "source", "date_from": "from", "date_to": "to"}
"""Field of `Filters` -> parameter that gives it, where they are not called the same."""

MOST_DROPS = 8
"""Parts of a query that are tried; each costs a count."""

NEAR_EACH, NEAR = 3, 6
"""Names that are near to one word, and to all of them."""


def find_alternatives(query: Query, match: tree.Query, index: Index, lexicon: Lexicon) -> Alternatives:
    """Return what finds something if it is given up, what finds most first, and the names that are near.

    `match` is what the search asked for in the end.
    """
    found = [one for one in (*_without_part(query, index), *_without_filter(query, match, index)) if one.total]
    found.sort(key=lambda one: (-one.total, one.part, one.label))
    return Alternatives(tuple(found), tuple(_near(query, lexicon)))


def _without_part(query: Query, index: Index) -> Iterator[Alternative]:
    parts: list[Word] = [part for part in (*query.parsed.plain_words, *query.parsed.other_parts) if part.text]
    if len(parts) < 2:
        return
    for part in parts[:MOST_DROPS]:
        text = " ".join(f"{query.parsed.text[: part.start]} {query.parsed.text[part.end :]}".split())
        left = replace(query, sort=Sort.NEWEST, parsed=parse(_tidy(text)))
        if not set(left.parsed.warnings) - set(query.parsed.warnings):
            yield Alternative("q", part.text, _tidy(text), index.total(plan(left, index).match, query.filters))


def _tidy(text: str) -> str:
    """Return a text without the operators that what was left out has left behind."""
    words = text.split()
    kept = [
        word
        for place, word in enumerate(words)
        if word not in OPERATORS or (place and words[place - 1] not in OPERATORS and place < len(words) - 1)
    ]
    return " ".join(kept)


def _without_filter(query: Query, match: tree.Query, index: Index) -> Iterator[Alternative]:
    given = [one.name for one in fields(Filters) if getattr(query.filters, one.name)]
    for name in given:
        empty = getattr(Filters(), name)
        less = replace(query.filters, **{name: empty})
        value = getattr(query.filters, name)
        label = ", ".join(value) if isinstance(value, tuple) else str(value)
        yield Alternative(PARAMETERS.get(name, name), label, query.text, index.total(match, less))


def _near(query: Query, lexicon: Lexicon) -> Iterator[Suggestion]:
    seen: set[tuple[str, str]] = set()
    for word in query.parsed.plain_words[:MOST_DROPS]:
        found = [one for one in lexicon.suggest(word.text, NEAR_EACH) if one.type in ("person", "country")]
        for one in found:
            if (one.type, one.value) not in seen and len(seen) < NEAR:
                seen.add((one.type, one.value))
                yield one
