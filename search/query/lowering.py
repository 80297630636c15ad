"""Turns the tree of Whoosh's parser, whose terms are typed words, into one on the fields and tokens of the index."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis, territories
from search.query.typed_dates import period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SYNTAX = {
    "text": (("title", "title_words", 3.0), ("body", "body_words", 1.0)),
    "title": (("title", "title_words", 1.0),),
    "person": (("person_words", "person_words", 1.0),),
    "source": (("source_words", "source_words", 1.0),),
}
"""Name that a user writes before a colon -> (field for stems, field for exact words and patterns, boost).

A match in the title counts three times a match in the body, because titles have few, well-chosen words. A single word
of `text` is looked up in the field `text`, which weights title, lead and body together.
"""

NEAR_PHRASES = 30
"""Maximum number of gap combinations of all near phrases of a query. An engine runs one phrase query for each.

Two words with gaps up to 30 have 30 combinations, three words with gaps up to 5 have 25. Larger gaps are reduced."""

MAX_SLOP = 30
MAX_TYPOS = 2
FUZZY_SCORE = 1.0
EXACT_SCORE = 100.0
"""Scores of a fuzzy word: for a similar word, and for the exact word. The exact score exceeds the scores of all other
parts of a query, so no similar word ranks above the exact one."""

OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT"})


def either(nodes: Iterable[tree.Query]) -> tree.Query | None:
    """Return the OR of the nodes; None if there are no nodes."""
    alternatives = list(nodes)
    if not alternatives:
        return None
    return alternatives[0] if len(alternatives) == 1 else tree.Or(alternatives)


def sequence(field: str, tokens: Sequence[str], boost: float = 1.0, slop: int = 1) -> tree.Query:
    """Return a phrase of tokens, each at most `slop` positions after the previous one."""
    if len(tokens) == 1:
        return tree.Term(field, tokens[0], boost=boost)
    return tree.Phrase(field, list(tokens), slop=slop, boost=boost)


class Lowering:
    """Lowers one tree of Whoosh's parser. A node without any usable part becomes None.

    `term_count` counts words and patterns. `warnings` names parts that were ignored or read in another way.
    """

    def __init__(self, today: dt.date) -> None:
        self.today = today
        self.warnings: list[str] = []
        self.term_count = 0
        self._ways = 0

    def lower(self, node: tree.Query) -> tree.Query | None:
        """Return the node on the fields of the index; None if nothing of it is usable."""
        if isinstance(node, tree.Every):
            return tree.Every()
        if isinstance(node, tree.And | tree.Or):
            kept = [child for child in map(self.lower, node.subqueries) if child is not None]
            if len(kept) < 2:
                return kept[0] if kept else None
            return type(node)(kept, boost=node.boost)
        if isinstance(node, tree.Not):
            excluded = self.lower(node.query)
            return None if excluded is None else tree.Not(excluded)
        if isinstance(node, tree.AndNot | tree.AndMaybe | tree.Require):
            return self._binary(node)
        return self._leaf(node)

    def _binary(self, node: tree.Query) -> tree.Query | None:
        left, right = self.lower(node.a), self.lower(node.b)
        if right is None:
            return left
        if isinstance(node, tree.AndNot):
            return tree.And([tree.Every() if left is None else left, tree.Not(right)])
        if left is None:
            return right
        return tree.And([left, right]) if isinstance(node, tree.Require) else tree.AndMaybe(left, right)

    def _leaf(self, node: tree.Query) -> tree.Query | None:
        field = getattr(node, "fieldname", None)
        if isinstance(node, tree.TermRange):
            return self._range(node)
        if field is None or isinstance(node, tree._NullQuery):  # noqa: SLF001 - Whoosh has no public name for it
            return None
        text = " ".join(node.words) if isinstance(node, tree.Phrase) else str(getattr(node, "text", ""))
        if field == "country":
            return self._country(text, node.boost)
        if field == "date":
            return self._dates(text, text, text)
        return self._text(field, text, node)

    def _text(self, field: str, text: str, node: tree.Query) -> tree.Query | None:
        if isinstance(node, tree.Phrase):
            return self._phrase(field, text, node)
        if isinstance(node, tree.FuzzyTerm):
            return self._fuzzy(field, text, node)
        if isinstance(node, tree.Prefix):
            text += "*"
        if "*" in text or "?" in text:
            return self._pattern(field, text, node.boost)
        if text in OPERATORS:
            self.warnings.append(f"{text} without words on both sides was ignored.")
            return None
        return self.words(field, text, node.boost)

    def _tokens(self, text: str) -> list[analysis.Token]:
        tokens = list(analysis.tokenize(text))
        self.term_count += len(tokens)
        return tokens

    def words(self, field: str, text: str, boost: float = 1.0) -> tree.Query | None:
        """Return the node of a typed word. A word of several tokens (`U.S.-led`, `北京`) becomes a phrase."""
        tokens = self._tokens(text)
        if not tokens:
            return None
        if field == "text" and len(tokens) == 1:
            return tree.Term("text", tokens[0].stem, boost=boost)
        return either(
            sequence(stems, [t.word if stems == words else t.stem for t in tokens], boost * weight)
            for stems, words, weight in SYNTAX[field]
        )

    def _phrase(self, field: str, text: str, node: tree.Phrase) -> tree.Query | None:
        tokens = self._tokens(text)
        if not tokens:
            return None
        slop = max(1, min(node.slop, MAX_SLOP))
        while slop > 1 and self._ways + slop ** (len(tokens) - 1) > NEAR_PHRASES:
            slop -= 1
        self._ways += slop ** (len(tokens) - 1) if slop > 1 else 0
        if slop < node.slop:
            self.warnings.append(
                f'"{text}"~{node.slop} was searched as "{text}"~{slop}, the largest distance for these words.'
            )
        return either(
            sequence(words, [t.word for t in tokens], node.boost * weight, slop) for _, words, weight in SYNTAX[field]
        )

    def _fuzzy(self, field: str, text: str, node: tree.FuzzyTerm) -> tree.Query | None:
        tokens = list(analysis.tokenize(text))
        if len(tokens) != 1:
            return self.words(field, text, node.boost)
        self.term_count += 1
        word, typos = tokens[0].word, min(node.maxdist, MAX_TYPOS)
        names = [words for _, words, _ in SYNTAX[field]]
        like = either(tree.FuzzyTerm(name, word, maxdist=typos, prefixlength=1) for name in names)
        same = either(tree.Term(name, word) for name in names)
        return tree.Or(
            [
                tree.ConstantScoreQuery(like, FUZZY_SCORE * node.boost),
                tree.ConstantScoreQuery(same, EXACT_SCORE * node.boost),
            ]
        )

    def _pattern(self, field: str, text: str, boost: float) -> tree.Query | None:
        """Return a prefix or wildcard. A question mark at the end of a word is punctuation."""
        text = text.rstrip("?") if not text.endswith("*") else text
        if not {"*", "?"} & set(text):
            return self.words(field, text, boost)
        pattern = _pattern_of(text)
        if pattern is None:
            if "*" in text:
                self.warnings.append(f"{text} is not a pattern of one word; it was searched without the *.")
            return self.words(field, text, boost)
        if not pattern.strip("*?"):
            return tree.Every()
        self.term_count += 1
        kind: Callable[..., tree.Query] = tree.Wildcard
        if pattern.endswith("*") and not set(pattern[:-1]) & {"*", "?"}:
            kind, pattern = tree.Prefix, pattern[:-1]
        return either(kind(words, pattern, boost=boost * weight) for _, words, weight in SYNTAX[field])

    def _country(self, text: str, boost: float) -> tree.Query | None:
        code = territories.code(text)
        if code is None:
            self.warnings.append(f"There is no country {text!r}; it was searched as a word.")
            return self.words("text", text, boost)
        return tree.ConstantScoreQuery(tree.Term("country", code), boost)

    def _range(self, node: tree.TermRange) -> tree.Query | None:
        if node.fieldname == "date":
            return self._dates(f"{node.start or ''} to {node.end or ''}", node.start, node.end)
        self.warnings.append("Only date: takes a range; the ends of this range were searched as words.")
        field = "text" if node.fieldname == "country" else node.fieldname
        ends = [self.words(field, end, node.boost) for end in (node.start, node.end) if end]
        return either(end for end in ends if end is not None)

    def _dates(self, typed: str, start: str | None, end: str | None) -> tree.Query | None:
        first = period(start, self.today) if start else (dt.date.min, dt.date.max)
        last = period(end, self.today) if end else (dt.date.min, dt.date.max)
        if first is not None and last is not None and first[0] > last[1]:
            self.warnings.append(f"date:{typed} ends before it begins; the two dates were exchanged.")
            first, last = last, first
        if first is None or last is None:
            self.warnings.append(
                f"date:{typed} is no date and was ignored. Write 2024, 2024-01, 2024-01-21, yesterday or last-week."
            )
            return None
        return tree.NumericRange("day", first[0].toordinal(), last[1].toordinal())


def _pattern_of(text: str) -> str | None:
    """Return a pattern with its letters folded; None if it spans several words: `state-of-the-a*`, `北京*`."""
    parts = re.split(r"([*?])", text)
    for place in range(0, len(parts), 2):
        surfaces = analysis.surfaces(parts[place])
        if len(surfaces) > 1 or "".join(surfaces) != parts[place].strip(".'’"):
            return None
        parts[place] = analysis.form(surfaces[0]).word if surfaces else ""
    return "".join(parts)
