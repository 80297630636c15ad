"""Query language: any text in, a Whoosh query tree out.

Whoosh's parser reads the text; this module then puts the tree on the fields that every engine has, with the tokens
that every engine indexes. Nothing raises: what cannot be used is searched as words or left out, and a warning says so.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from whoosh import query as tree
from whoosh.analysis import IDAnalyzer
from whoosh.fields import TEXT, Schema
from whoosh.qparser import QueryParser, plugins, syntax

from search import analysis, territories
from search.calendars import parse_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIELDS = {
    "title": "stems of the title",
    "body": "stems of the body",
    "title_words": "folded words of the title",
    "body_words": "folded words of the body",
    "country": "ISO 3166 codes",
    "person_words": "folded words of the persons' names, names parted by `NAME_BREAK`",
    "source_words": "folded words of the source",
    "day": "day of publication, `date.toordinal()`",
}
"""Fields that a tree may speak of, the same on every engine; terms are tokens, `day` is a number."""

NAME_BREAK = "|"
"""Stands between two names in `person_words`, so that no phrase reaches from one into the next; never a token."""

SYNTAX = {
    "text": (("title", "title_words", 3.0), ("body", "body_words", 1.0)),
    "title": (("title", "title_words", 1.0),),
    "person": (("person_words", "person_words", 1.0),),
    "source": (("source_words", "source_words", 1.0),),
}
"""What a user may write before a colon -> (field for words, field for exact words and patterns, boost).

A match in the title counts three times one in the body, as title words are few and chosen.
"""

MAX_TERMS = 200
"""Words of a query beyond this many are left out: a pasted article is no query, and each word costs a posting list."""

MAX_SLOP = 100
MAX_TYPOS = 2
_OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT", "ANDMAYBE", "REQUIRE"})
_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
_WILD = re.compile(r"[\w'’.-]*[*?][\w'’.*?-]*")
_KNOWN_FIELD = re.compile(r"\b(?:text|title|person|source|country|date):")
_UNKNOWN_FIELD = re.compile(r"(?<![\w:/.])([a-z]{2,20}):(?=[\w\"(\[])")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query tree on `FIELDS`, and what was left out of the text or read otherwise than written, a sentence each."""

    tree: tree.Query
    warnings: tuple[str, ...] = ()


class _Phrase(plugins.PhrasePlugin.PhraseNode):  # type: ignore[misc]
    """Keeps a quoted phrase as it is, even one word: quotes mean exact words."""

    def query(self, parser: QueryParser) -> tree.Query:
        name = self.fieldname or parser.fieldname
        return tree.Phrase(name, [self.text], slop=self.slop, boost=self.boost)


class _PhrasePlugin(plugins.PhrasePlugin):  # type: ignore[misc]
    PhraseNode = _Phrase


class _PlusMinusPlugin(plugins.PlusMinusPlugin):  # type: ignore[misc]
    """Reads + and - inside brackets too; Whoosh's own reads those of the outermost group and fails on others."""

    def do_plusminus(self, parser: QueryParser, group: Any) -> Any:
        for place, node in enumerate(group):
            if isinstance(node, syntax.GroupNode):
                group[place] = self.do_plusminus(parser, node)
        marked = any(isinstance(node, self.Plus | self.Minus) for node in group)
        return super().do_plusminus(parser, group) if marked else group


@cache
def _parser() -> QueryParser:
    """Return Whoosh's parser with terms left as typed; analysis comes after, when the fields are known."""
    names = [*SYNTAX, "country", "date"]
    schema = Schema(**{name: TEXT(analyzer=IDAnalyzer()) for name in names})
    return QueryParser(
        "text",
        schema,
        plugins=[
            plugins.WhitespacePlugin(),
            plugins.FieldsPlugin(),
            _PhrasePlugin(),
            plugins.RangePlugin(),
            plugins.GroupPlugin(),
            plugins.OperatorsPlugin(),
            _PlusMinusPlugin(plusexpr=r"(?<![^\s(])\+(?=[\w\"(])", minusexpr=r"(?<![^\s(])-(?=[\w\"(])"),
            plugins.PrefixPlugin(),
            plugins.WildcardPlugin(),
            plugins.FuzzyTermPlugin(),
            plugins.BoostPlugin(),
            plugins.EveryPlugin(),
        ],
    )


def parse(text: str) -> Parsed:
    """Return the tree for a user's text; an empty text matches every article."""
    warnings: list[str] = []
    balanced = _balance(text.translate(_QUOTES).replace("\0", " "), warnings)
    if not balanced.strip():
        return Parsed(tree.Every(), tuple(warnings))
    lowered = _Lowering(warnings).lower(_parser().parse(balanced, normalize=False))
    if lowered is None:
        warnings.append("The query holds nothing that can be searched; all articles are shown.")
        return Parsed(tree.Every(), tuple(dict.fromkeys(warnings)))
    if _only_excludes(lowered):
        lowered = tree.And([tree.Every(), lowered])
    return Parsed(lowered, tuple(dict.fromkeys(warnings)))


def _balance(text: str, warnings: list[str]) -> str:
    """Take out quotes and brackets without a partner, which would change how the rest of the text is read."""
    if text.count('"') % 2:
        cut = text.rindex('"')
        text = text[:cut] + " " + text[cut + 1 :]
        warnings.append("A quotation mark without its partner was ignored.")
    open_at: list[int] = []
    drop: set[int] = set()
    quoted = False
    for position, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "(" and not quoted:
            open_at.append(position)
        elif letter == ")" and not quoted:
            if open_at:
                open_at.pop()
            else:
                drop.add(position)
    drop.update(open_at)
    if drop:
        text = "".join(" " if position in drop else letter for position, letter in enumerate(text))
        warnings.append("A bracket without its partner was ignored.")
    for unknown in _UNKNOWN_FIELD.finditer(text):
        if not _KNOWN_FIELD.match(text, unknown.start()):
            known = ", ".join(f"{name}:" for name in (*SYNTAX, "country", "date") if name != "text")
            warnings.append(f"There is no field {unknown[1]}: and it was searched as a word. Fields are {known}.")
    return text


def _only_excludes(node: tree.Query) -> bool:
    if isinstance(node, tree.Not):
        return True
    return isinstance(node, tree.And | tree.Or) and all(_only_excludes(child) for child in node.subqueries)


def _either(nodes: Iterable[tree.Query]) -> tree.Query | None:
    found = list(nodes)
    if not found:
        return None
    return found[0] if len(found) == 1 else tree.Or(found)


class _Lowering:
    """Walks Whoosh's tree once and returns it on `FIELDS`; None stands for a node of which nothing is left."""

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self.terms = 0

    def lower(self, node: tree.Query) -> tree.Query | None:
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
        if text in _OPERATORS:
            self.warnings.append(f"{text} without words on both sides was ignored.")
            return None
        return self._words(field, text, node.boost)

    def _count(self, tokens: list[analysis.Token]) -> list[analysis.Token]:
        kept = tokens[: max(MAX_TERMS - self.terms, 0)]
        self.terms += len(kept)
        if len(kept) < len(tokens):
            self.warnings.append(f"Only the first {MAX_TERMS} words of the query were used.")
        return kept

    def _words(self, field: str, text: str, boost: float) -> tree.Query | None:
        """Return what a typed word means; where it is several tokens (`U.S.-led`, `北京`), they stand side by side."""
        tokens = self._count(list(analysis.tokenize(text)))
        if not tokens:
            return None
        return _either(
            _sequence(stems, [t.word if stems == words else t.stem for t in tokens], boost * weight)
            for stems, words, weight in SYNTAX[field]
        )

    def _phrase(self, field: str, text: str, node: tree.Phrase) -> tree.Query | None:
        tokens = self._count(list(analysis.tokenize(text)))
        if not tokens:
            return None
        slop = max(1, min(node.slop, MAX_SLOP))
        return _either(
            _sequence(words, [t.word for t in tokens], node.boost * weight, slop) for _, words, weight in SYNTAX[field]
        )

    def _fuzzy(self, field: str, text: str, node: tree.FuzzyTerm) -> tree.Query | None:
        tokens = self._count(list(analysis.tokenize(text)))
        if len(tokens) != 1:
            return self._words(field, text, node.boost)
        typos = min(node.maxdist, MAX_TYPOS)
        return _either(
            tree.FuzzyTerm(words, tokens[0].word, boost=node.boost * weight, maxdist=typos, prefixlength=1)
            for _, words, weight in SYNTAX[field]
        )

    def _pattern(self, field: str, text: str, boost: float) -> tree.Query | None:
        """Return a prefix or wildcard; a question mark that ends a word is one of prose."""
        text = text.rstrip("?") if not text.endswith("*") else text
        if not ("*" in text or "?" in text) or not _WILD.fullmatch(text):
            return self._words(field, text, boost)
        pattern = "".join(part if part in "*?" else _folded(part) for part in re.split(r"([*?])", text) if part)
        if not pattern.strip("*?"):
            return tree.Every()
        self.terms += 1
        kind: Callable[..., tree.Query] = tree.Wildcard
        if pattern.endswith("*") and not set(pattern[:-1]) & {"*", "?"}:
            kind, pattern = tree.Prefix, pattern[:-1]
        return _either(kind(words, pattern, boost=boost * weight) for _, words, weight in SYNTAX[field])

    def _country(self, text: str, boost: float) -> tree.Query | None:
        code = territories.code(text)
        if code is None:
            self.warnings.append(f"There is no country {text!r}; it was searched as a word.")
            return self._words("text", text, boost)
        return tree.Term("country", code, boost=boost)

    def _range(self, node: tree.TermRange) -> tree.Query | None:
        if node.fieldname == "date":
            return self._dates(f"{node.start or ''} to {node.end or ''}", node.start, node.end)
        self.warnings.append("A range is understood for date: alone; its ends were searched as words.")
        field = "text" if node.fieldname == "country" else node.fieldname
        ends = [self._words(field, end, node.boost) for end in (node.start, node.end) if end]
        return _either(end for end in ends if end is not None)

    def _dates(self, typed: str, start: str | None, end: str | None) -> tree.Query | None:
        first = parse_day(start, last=False) if start else dt.date.min
        last = parse_day(end, last=True) if end else dt.date.max
        if first is None or last is None:
            self.warnings.append(f"date:{typed} is no date and was ignored; write 2024, 2024-01 or 2024-01-21.")
            return None
        return tree.NumericRange("day", first.toordinal(), last.toordinal())


def _folded(text: str) -> str:
    return analysis.fold(text).replace("'", "").replace("’", "").replace(".", "")


def _sequence(field: str, tokens: list[str], boost: float, slop: int = 1) -> tree.Query:
    if len(tokens) == 1:
        return tree.Term(field, tokens[0], boost=boost)
    return tree.Phrase(field, tokens, slop=slop, boost=boost)
