"""Alternatives to a search without results."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from search.model import Filters, Sort
from search.query.lowering import OPERATORS
from search.query.parsing import parse
from search.query.planning import plan
from search.results import Alternative, Alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whoosh import query as tree

    from search.lexicon import Lexicon
    from search.model import Query, Word
    from search.query.planning import Index
    from search.results import Suggestion

PARAMETERS = {"countries": "country", "persons": "person", "sources": "source", "date_from": "from", "date_to": "to"}
"""Field of `Filters` -> parameter of a request, if their names differ."""

MAX_PARTS = 8
"""Maximum number of parts of a query that are left out in turn. Each one costs a count."""

NAMES_PER_WORD, MAX_NAMES = 3, 6
"""Maximum number of similar names for one word, and for all words together."""


def find_alternatives(query: Query, match: tree.Query, index: Index, lexicon: Lexicon) -> Alternatives:
    """Return searches without one part, if they have results, the most results first; and similar names.

    `match` is the tree that found nothing.
    """
    searches = [*_without_part(query, index), *_without_filter(query, match, index)]
    useful = [search for search in searches if search.total]
    useful.sort(key=lambda search: (-search.total, search.part, search.label))
    return Alternatives(tuple(useful), tuple(_similar_names(query, lexicon)))


def _without_part(query: Query, index: Index) -> Iterator[Alternative]:
    parts: list[Word] = [part for part in (*query.parsed.plain_words, *query.parsed.other_parts) if part.text]
    if len(parts) < 2:
        return
    for part in parts[:MAX_PARTS]:
        text = " ".join(f"{query.parsed.text[: part.start]} {query.parsed.text[part.end :]}".split())
        shorter = replace(query, sort=Sort.NEWEST, parsed=parse(_tidy(text)))
        if not set(shorter.parsed.warnings) - set(query.parsed.warnings):
            yield Alternative("q", part.text, _tidy(text), index.count(plan(shorter, index).match, query.filters))


def _tidy(text: str) -> str:
    """Remove operators that lack an operand."""
    words = text.split()
    kept = [
        word
        for place, word in enumerate(words)
        if word not in OPERATORS or (place and words[place - 1] not in OPERATORS and place < len(words) - 1)
    ]
    return " ".join(kept)


def _without_filter(query: Query, match: tree.Query, index: Index) -> Iterator[Alternative]:
    for name in (field.name for field in fields(Filters)):
        value = getattr(query.filters, name)
        if not value:
            continue
        filters = replace(query.filters, **{name: getattr(Filters(), name)})
        label = ", ".join(value) if isinstance(value, tuple) else str(value)
        yield Alternative(PARAMETERS.get(name, name), label, query.text, index.count(match, filters))


def _similar_names(query: Query, lexicon: Lexicon) -> Iterator[Suggestion]:
    seen: set[tuple[str, str]] = set()
    for word in query.parsed.plain_words[:MAX_PARTS]:
        for name in lexicon.suggest(word.text, NAMES_PER_WORD):
            is_new = name.type in ("person", "country") and (name.type, name.value) not in seen
            if is_new and len(seen) < MAX_NAMES:
                seen.add((name.type, name.value))
                yield name
