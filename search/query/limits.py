"""The limits of a query. A query beyond one is refused with an error that names the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whoosh import query as tree

from search.errors import InvalidQueryError

if TYPE_CHECKING:
    from search.lexicon import Lexicon
    from search.model import Query

MAX_PATTERN = 100
"""Maximum letters of a prefix or wildcard. Words have at most 64. Engines refuse long patterns, or are slow on them."""

WORD_FIELDS = frozenset({"title_words", "body_words"})
"""The fields whose patterns are counted; names and sources match few words."""


def check(query: Query, lexicon: Lexicon) -> None:
    """Raise an error if a query exceeds its limits.

    Raises:
        InvalidQueryError: It has too many words, a pattern is too long, its patterns match too many words of the
            archive, or too many of its words are fuzzy or begin with a wildcard.
    """
    if query.parsed.term_count > query.limits.max_terms:
        _refuse(
            f"Has {query.parsed.term_count} words; at most {query.limits.max_terms} are searched.",
            "DATELINE_MAX_QUERY_TERMS",
        )
    longest = max((leaf.text for leaf in query.parsed.patterns if not _is_fuzzy(leaf)), key=len, default="")
    if len(longest) > MAX_PATTERN:
        raise InvalidQueryError(
            f"{longest[:20]}… has {len(longest)} letters; a pattern has at most {MAX_PATTERN}.",
            remedy="Shorten it.",
            field="q",
        )
    leaves = [leaf for leaf in query.parsed.patterns if leaf.fieldname in WORD_FIELDS]
    patterns = {leaf.text + "*" * isinstance(leaf, tree.Prefix) for leaf in leaves if not _is_fuzzy(leaf)}
    fuzzy = {(leaf.text, leaf.maxdist) for leaf in leaves if _is_fuzzy(leaf)}
    if len(fuzzy) + sum(pattern[0] in "*?" for pattern in patterns) > query.limits.max_scans:
        _refuse(f"At most {query.limits.max_scans} words may have a ~ or begin with * or ?.", "DATELINE_MAX_SCANS")
    expansions, most = 0, query.limits.max_expansions
    for pattern in sorted(patterns):
        expansions += lexicon.expansions(pattern, most)
        if expansions > most:
            _refuse(
                f"{pattern} stands for too many words of the archive; at most {most:,} are searched.",
                "DATELINE_MAX_EXPANSIONS",
            )


def _is_fuzzy(leaf: tree.Query) -> bool:
    return isinstance(leaf, tree.FuzzyTerm)


def _refuse(message: str, setting: str) -> None:
    raise InvalidQueryError(message, remedy=f"Ask for less, or raise {setting}.", field="q")
