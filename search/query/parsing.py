"""Query language: any text in, a Whoosh query tree out.

Whoosh's parser reads the text; `lowering` then puts the tree on the fields that every engine has, with the tokens that
every engine indexes. Nothing raises: what cannot be used is searched as words or left out, and a warning says so.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from whoosh import query as tree
from whoosh.analysis import IDAnalyzer
from whoosh.fields import TEXT, Schema
from whoosh.qparser import QueryParser, plugins, syntax

from search import analysis
from search.model import Parsed, Query, Word
from search.query import function_words
from search.query.lowering import OPERATORS, SYNTAX, Lowering

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_SENTENCE_KEYWORDS = 5
"""So many words without a function word among them are keywords, all of which are meant; more are a sentence."""

MIN_SENTENCE_WORDS = 3
"""Words that say something; with as many and a function word a query is a sentence, with fewer it is keywords."""

PATTERNS = (tree.FuzzyTerm, tree.Prefix, tree.Wildcard)

MAX_DEPTH = 8
"""Brackets in brackets; Whoosh's parser takes twice as long for each, and nobody means more."""

HEADLINE_WORDS = 5
"""So many words, all in capitals, are a headline; with fewer, `RUSSIA OR CHINA` has an operator."""

_QUOTES = str.maketrans("“”„‟«»＂", '"""""""', "\u00ad\u200b\u2060\ufeff")
"""Quotation marks are read alike; soft hyphens and what is invisible come with pasted text and part no word."""

_KNOWN_FIELD = re.compile(r"\b(?:text|title|person|source|country|date):")
_UNKNOWN_FIELD = re.compile(r"(?<![\w:/.])([a-z]{2,20}):(?=[\w\"(\[])")
_ADDRESS = re.compile(r"(?<![\w:\"])(?:https?://|www\.)[^\s\"<>]+", re.IGNORECASE)
_OPERATOR = re.compile(r"(?<!\S)AND(?!\S)")
_ANY_OPERATOR = re.compile(rf"(?<!\S)(?:{'|'.join(sorted(OPERATORS))})(?!\S)")
_SLUG_WORD = re.compile(r"[^\W\d_]{2,}")


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
            plugins.OperatorsPlugin(AndMaybe=None, Require=None),
            _PlusMinusPlugin(plusexpr=r"(?<![^\s(])\+(?=[\w\"(])", minusexpr=r"(?<![^\s(])-(?=[\w\"(])"),
            plugins.WildcardPlugin(),
            plugins.FuzzyTermPlugin(),
            plugins.BoostPlugin(),
            plugins.EveryPlugin(),
        ],
    )


def query_of(text: str, **options: Any) -> Query:
    """Return the search for a text; `options` are other fields of `Query`."""
    return Query(text, parse(text), **options)


def parse(text: str, today: dt.date | None = None) -> Parsed:
    """Return what a user's text means; an empty text matches every article. `today` is what `yesterday` counts from."""
    lowering = Lowering(today or dt.datetime.now(dt.UTC).date())
    searched = _ADDRESS.sub(_words_of_address, text.translate(_QUOTES).replace("\0", " "))
    balanced = _balance(_quiet(searched), lowering.warnings)
    if not balanced.strip():
        return Parsed(balanced, tree.Every(), tuple(lowering.warnings))
    children = list(_required(_parser().parse(balanced, normalize=False)))
    strict = _OPERATOR.search(balanced) is not None  # who writes AND means it
    words: list[Word] = []
    others: list[Word] = []
    for child in children:
        node = lowering.lower(child)
        if node is not None and not strict and _is_plain(child):
            words.append(Word(child.text, child.startchar, child.endchar, node, tuple(analysis.tokenize(child.text))))
        elif node is not None:
            others.append(_other(child, node, balanced))
    return _assembled(balanced, words, others, lowering)


def _assembled(text: str, words: Sequence[Word], others: Sequence[Word], lowering: Lowering) -> Parsed:
    functions = _functions(words)
    said = [word for word in words if word not in functions]
    sentence = len(said) > MAX_SENTENCE_KEYWORDS or (len(said) < len(words) and len(said) >= MIN_SENTENCE_WORDS)
    said = said or list(words)
    if sentence:
        asking = [match.span() for match in function_words.ASKING.finditer(text)]
        topic = [
            word
            for word in said
            if word.text not in function_words.FILLERS and not any(start <= word.start < end for start, end in asking)
        ]
        said = topic or said
    rest = [other.node for other in others]
    nodes = [*rest, *(word.node for word in said)]
    warnings = lowering.warnings
    if not nodes:
        warnings.append("The query holds nothing that can be searched; all articles are shown.")
        return Parsed(text, tree.Every(), tuple(dict.fromkeys(warnings)))
    whole = _all(nodes)
    if _only_excludes(whole):
        whole = tree.And([tree.Every(), whole])
    other = _all(rest) if rest else None
    if other is not None and _only_excludes(other):
        other = tree.And([tree.Every(), other])
    unique = tuple(dict.fromkeys(warnings))
    patterns = tuple(leaf for leaf in whole.leaves() if isinstance(leaf, PATTERNS))
    return Parsed(text, whole, unique, tuple(said), other, tuple(others), sentence, lowering.term_count, patterns)


def _other(typed: tree.Query, node: tree.Query, text: str) -> Word:
    """Return a part that is no plain word with the text that it was typed as: field, quotes and signs and all."""
    start, end = typed.startchar, typed.endchar
    if start is None or end is None:
        return Word("", 0, 0, node)
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    before = text[:start].rstrip()
    if isinstance(node, tree.Not) and before.endswith("NOT"):
        start = len(before) - len("NOT")
    return Word(text[start:end], start, end, node)


def _all(nodes: Sequence[tree.Query]) -> tree.Query:
    return nodes[0] if len(nodes) == 1 else tree.And(list(nodes))


def _quiet(text: str) -> str:
    """Return a headline in capitals with its `AND`, `OR` and `NOT` in small letters, as they are words in it."""
    if not text.isupper() or len(text.split()) < HEADLINE_WORDS:
        return text
    return _ANY_OPERATOR.sub(lambda match: match[0].lower(), text)


def _required(node: tree.Query) -> Iterator[tree.Query]:
    """Yield what must all hold, and a NOT for what must not; brackets around words change nothing."""
    if isinstance(node, tree.And) and node.boost == 1.0:
        for child in node.subqueries:
            yield from _required(child)
    elif isinstance(node, tree.AndNot):
        yield from _required(node.a)
        for each in node.b.subqueries if isinstance(node.b, tree.Or) else [node.b]:
            excluded = tree.Not(each)
            excluded.startchar, excluded.endchar = each.startchar, each.endchar
            yield excluded
    else:
        yield node


def _is_plain(node: tree.Query) -> bool:
    """Tell whether a node of Whoosh's tree is a word as anybody types it; `who won?` ends in prose, not a pattern."""
    return (
        isinstance(node, tree.Term | tree.Wildcard)
        and node.fieldname == "text"
        and node.boost == 1.0
        and node.startchar is not None
        and node.text not in OPERATORS
        and not {"*", "?"} & set(node.text.rstrip("?"))
    )


def _functions(words: Sequence[Word]) -> list[Word]:
    """Return the function words among the plain words, in the language that has most of them.

    Words in capitals (`WHO`) are no function words, unless the text is mostly in capitals.
    """
    folded = {token.word for word in words for token in word.tokens}
    found = {language: listed & folded for language, listed in function_words.lists().items()}
    telling = {language: listed - function_words.ALSO_ENGLISH for language, listed in found.items()}
    language = max(telling, key=lambda one: len(telling[one]))  # the first of equal ones; the lists keep their order
    english = found[function_words.ENGLISH]
    is_foreign = len(telling[language]) >= max(function_words.MIN_FOREIGN, len(english) + 1)
    known = found[language] if is_foreign else english
    loud = sum(word.text.isupper() for word in words) * 2 > len(words)
    return [
        word
        for word in words
        if len(word.tokens) == 1
        and word.tokens[0].word in known
        and (loud or len(word.text) == 1 or not word.text.isupper())
    ]


def _words_of_address(match: re.Match[str]) -> str:
    """Return the words of a web address: of its last part that has some, where it tells the headline."""
    try:
        parts = urlsplit(match[0] if "://" in match[0] else f"//{match[0]}")
    except ValueError:  # brackets that name no host
        return f" {' '.join(_SLUG_WORD.findall(match[0]))} "
    found = [_SLUG_WORD.findall(folder.partition(".")[0]) for folder in unquote(parts.path).split("/")]
    best = max(found, key=len, default=[])
    words = best if len(best) > 1 else [parts.netloc.rpartition("@")[2].partition(":")[0]]
    return f" {' '.join(words)} "


def _balance(text: str, warnings: list[str]) -> str:
    """Take out quotes and brackets without a partner, which would change how the rest of the text is read."""
    if text.count('"') % 2:
        cut = text.rindex('"')
        text = text[:cut] + " " + text[cut + 1 :]
        warnings.append("A quotation mark without its partner was ignored.")
    pairs, lonely = _brackets(text)
    deep = {place for pair, depth in pairs if depth > MAX_DEPTH for place in pair}
    if lonely or deep:
        text = "".join(" " if place in lonely or place in deep else letter for place, letter in enumerate(text))
    if lonely:
        warnings.append("A bracket without its partner was ignored.")
    if deep:
        warnings.append(f"Brackets inside {MAX_DEPTH} others were ignored.")
    known = ", ".join(f"{name}:" for name in (*SYNTAX, "country", "date") if name != "text")
    for unknown in _UNKNOWN_FIELD.finditer(text):
        if not _KNOWN_FIELD.match(text, unknown.start()):
            warnings.append(f"There is no field {unknown[1]}: and it was searched as a word. Fields are {known}.")
            text = f"{text[: unknown.end() - 1]} {text[unknown.end() :]}"  # as long as before
    return text


def _brackets(text: str) -> tuple[list[tuple[tuple[int, int], int]], set[int]]:
    """Return the pairs of brackets outside of quotes, each with how deep it is, and the brackets without a partner."""
    pairs: list[tuple[tuple[int, int], int]] = []
    lonely: set[int] = set()
    open_at: list[int] = []
    quoted = False
    for place, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "(" and not quoted:
            open_at.append(place)
        elif letter == ")" and not quoted and open_at:
            pairs.append(((open_at.pop(), place), len(open_at) + 1))
        elif letter == ")" and not quoted:
            lonely.add(place)
    return pairs, lonely | set(open_at)


def _only_excludes(node: tree.Query) -> bool:
    if isinstance(node, tree.Not):
        return True
    return isinstance(node, tree.And | tree.Or) and all(_only_excludes(child) for child in node.subqueries)
