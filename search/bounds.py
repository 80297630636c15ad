"""Limits of what one query may ask of an engine, each answered by an error that names the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh import query as tree

from search.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.lexicon import Lexicon
    from search.model import Query


def check(query: Query, lexicon: Lexicon) -> None:
    """Raise InvalidQueryError where a prefix or wildcard stands for more words than are allowed."""
    for pattern in dict.fromkeys(_patterns(query.tree)):
        if lexicon.expansions(pattern, query.max_expansions) > query.max_expansions:
            raise InvalidQueryError(
                f"{pattern} stands for more than {query.max_expansions:,} words of the archive.",
                remedy="Write more of its letters, or raise DATELINE_MAX_EXPANSIONS.",
                field="q",
            )


def _patterns(node: tree.Query) -> Iterator[str]:
    """Yield the prefixes and wildcards of a tree as they are typed; those of names and sources are few."""
    if isinstance(node, tree.Prefix | tree.Wildcard) and node.fieldname in ("title_words", "body_words"):
        yield node.text + ("*" if isinstance(node, tree.Prefix) else "")
    for child in node.children():
        yield from _patterns(child)
