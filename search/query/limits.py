"""Limits of what one query may ask of an engine, each answered by an error that names the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh import query as tree

from search.errors import InvalidQueryError

if TYPE_CHECKING:
    from search.lexicon import Lexicon
    from search.model import Query

MAX_PATTERN = 100
"""Letters of a prefix or wildcard. No word has more than 64; engines spend long on patterns of hundreds, or fail."""

WORD_FIELDS = frozenset({"title_words", "body_words"})
"""Patterns of names and sources are few and are not counted."""


def check(query: Query, lexicon: Lexicon) -> None:
    """Refuse a query that asks for too much.

    Raises:
        InvalidQueryError: It has too many words, a pattern is too long, its patterns stand for too many words of the
            archive, or too many of its words are fuzzy or begin with a wildcard.
    """
    if query.parsed.term_count > query.limits.max_terms:
        _refuse(
            f"Has {query.parsed.term_count} words; at most {query.limits.max_terms} are searched.",
            "DATELINE_MAX_QUERY_TERMS",
        )
    longest = max((leaf.text for leaf in query.parsed.tree.leaves() if _is_pattern(leaf)), key=len, default="")
    if len(longest) > MAX_PATTERN:
        raise InvalidQueryError(
            f"{longest[:20]}… has {len(longest)} letters; a pattern has at most {MAX_PATTERN}.",
            remedy="Shorten it.",
            field="q",
        )
    leaves = [leaf for leaf in query.parsed.tree.leaves() if getattr(leaf, "fieldname", None) in WORD_FIELDS]
    patterns = {leaf.text + "*" * isinstance(leaf, tree.Prefix) for leaf in leaves if _is_pattern(leaf)}
    fuzzy = {(leaf.text, leaf.maxdist) for leaf in leaves if isinstance(leaf, tree.FuzzyTerm)}
    if len(fuzzy) + sum(pattern[0] in "*?" for pattern in patterns) > query.limits.max_scans:
        _refuse(f"At most {query.limits.max_scans} words may have a ~ or begin with * or ?.", "DATELINE_MAX_SCANS")
    found, most = 0, query.limits.max_expansions
    for pattern in sorted(patterns):
        found += lexicon.expansions(pattern, most)
        if found > most:
            _refuse(
                f"{pattern} stands for too many words of the archive; at most {most:,} are searched.",
                "DATELINE_MAX_EXPANSIONS",
            )


def _is_pattern(leaf: tree.Query) -> bool:
    return isinstance(leaf, tree.Prefix | tree.Wildcard)


def _refuse(message: str, setting: str) -> None:
    raise InvalidQueryError(message, remedy=f"Ask for less, or raise {setting}.", field="q")
