"""Limits of what one query may ask of an engine, each answered by an error that names the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh import query as tree

from search.errors import InvalidQueryError

if TYPE_CHECKING:
    from search.lexicon import Lexicon
    from search.model import Query

WORD_FIELDS = frozenset({"title_words", "body_words"})
"""Patterns of names and sources are few and are not counted."""


def check(query: Query, lexicon: Lexicon) -> None:
    """Refuse a query that asks for too much.

    Raises:
        InvalidQueryError: It has too many words, its prefixes and wildcards stand for too many words of the archive, or
            too many of its words are fuzzy or begin with a wildcard.
    """
    if query.terms > query.max_terms:
        _refuse(f"Has {query.terms} words; at most {query.max_terms} are searched.", "DATELINE_MAX_QUERY_TERMS")
    leaves = [leaf for leaf in query.tree.leaves() if getattr(leaf, "fieldname", None) in WORD_FIELDS]
    patterns = {leaf.text + "*" * isinstance(leaf, tree.Prefix) for leaf in leaves if _is_pattern(leaf)}
    fuzzy = {(leaf.text, leaf.maxdist) for leaf in leaves if isinstance(leaf, tree.FuzzyTerm)}
    if len(fuzzy) + sum(pattern[0] in "*?" for pattern in patterns) > query.max_scans:
        _refuse(f"At most {query.max_scans} words may have a ~ or begin with * or ?.", "DATELINE_MAX_SCANS")
    found = 0
    for pattern in sorted(patterns):
        found += lexicon.expansions(pattern, query.max_expansions)
        if found > query.max_expansions:
            _refuse(
                f"{pattern} stands for too many words of the archive; at most {query.max_expansions:,} are searched.",
                "DATELINE_MAX_EXPANSIONS",
            )


def _is_pattern(leaf: tree.Query) -> bool:
    return isinstance(leaf, tree.Prefix | tree.Wildcard)


def _refuse(message: str, setting: str) -> None:
    raise InvalidQueryError(message, remedy=f"Ask for less, or raise {setting}.", field="q")
