"""The query language: parses any text into a query tree.

Whoosh's parser reads the text. `lowering` then rewrites the tree for the fields and tokens that all engines index.
Parsing never raises: unusable parts are searched as words or ignored, with a warning.
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

MAX_KEYWORDS = 5
"""Maximum number of words of a keyword query. A query of more words is a sentence."""

MIN_SENTENCE_WORDS = 3
"""Minimum number of content words of a sentence with function words. A query of fewer content words is keywords."""

PATTERNS = (tree.FuzzyTerm, tree.Prefix, tree.Wildcard)
"""Nodes that stand for several words of the index."""

MAX_DEPTH = 8
"""Maximum nesting of brackets. Each level doubles the time of Whoosh's parser (whoosh3 3.54)."""

HEADLINE_WORDS = 5
"""Minimum number of words of a headline in capitals. In a shorter text, `RUSSIA OR CHINA`, OR is an operator."""

_QUOTES = str.maketrans("“”„‟«»＂", '"""""""', "\u00ad\u200b\u2060\ufeff")
"""Makes all quotation marks equal and removes soft hyphens and invisible characters, which pasted text may contain."""

_KNOWN_FIELD = re.compile(r"\b(?:text|title|person|source|country|date):")
_UNKNOWN_FIELD = re.compile(r"(?<![\w:/.])([a-z]{2,20}):(?=[\w\"(\[])")
_ADDRESS = re.compile(r"(?<![\w:\"])(?:https?://|www\.)[^\s\"<>]+", re.IGNORECASE)
_OPERATOR = re.compile(r"(?<!\S)AND(?!\S)")
_ANY_OPERATOR = re.compile(rf"(?<!\S)(?:{'|'.join(sorted(OPERATORS))})(?!\S)")
_SLUG_WORD = re.compile(r"[^\W\d_]{2,}")


class _Phrase(plugins.PhrasePlugin.PhraseNode):  # type: ignore[misc]
    """Keeps a quoted phrase unchanged, even a single word: quotes request exact words."""

    def query(self, parser: QueryParser) -> tree.Query:
        name = self.fieldname or parser.fieldname
        return tree.Phrase(name, [self.text], slop=self.slop, boost=self.boost)


class _PhrasePlugin(plugins.PhrasePlugin):  # type: ignore[misc]
    PhraseNode = _Phrase


class _PlusMinusPlugin(plugins.PlusMinusPlugin):  # type: ignore[misc]
    """Reads + and - inside brackets. Whoosh's own plugin reads those of the outermost group and fails on others."""

    def do_plusminus(self, parser: QueryParser, group: Any) -> Any:
        for place, node in enumerate(group):
            if isinstance(node, syntax.GroupNode):
                group[place] = self.do_plusminus(parser, node)
        marked = any(isinstance(node, self.Plus | self.Minus) for node in group)
        return super().do_plusminus(parser, group) if marked else group


@cache
def _parser() -> QueryParser:
    """Return Whoosh's parser without an analyzer: `lowering` analyzes the words when it knows their fields."""
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
    """Parse a text. An empty text matches every article. Dates such as `yesterday` are relative to `today`."""
    lowering = Lowering(today or dt.datetime.now(dt.UTC).date())
    searched = _ADDRESS.sub(_words_of_address, text.translate(_QUOTES).replace("\0", " "))
    balanced = _balance(_lowered_headline(searched), lowering.warnings)
    if not balanced.strip():
        return Parsed(balanced, tree.Every(), tuple(lowering.warnings))
    children = list(_required_parts(_parser().parse(balanced, normalize=False)))
    strict = _OPERATOR.search(balanced) is not None  # with AND, all words are required
    words: list[Word] = []
    others: list[Word] = []
    for child in children:
        node = lowering.lower(child)
        if node is not None and not strict and _is_plain(child):
            words.append(Word(child.text, child.startchar, child.endchar, node, tuple(analysis.tokenize(child.text))))
        elif node is not None:
            others.append(_other_part(child, node, balanced))
    return _assembled(balanced, words, others, lowering)


def _assembled(text: str, words: Sequence[Word], others: Sequence[Word], lowering: Lowering) -> Parsed:
    functions = _function_words(words)
    content = [word for word in words if word not in functions]
    has_function_words = len(content) < len(words)
    is_sentence = len(content) > MAX_KEYWORDS or (has_function_words and len(content) >= MIN_SENTENCE_WORDS)
    content = content or list(words)
    if is_sentence:
        asking = [match.span() for match in function_words.ASKING.finditer(text)]
        topic = [
            word
            for word in content
            if word.text not in function_words.FILLERS and not any(start <= word.start < end for start, end in asking)
        ]
        content = topic or content
    other_nodes = [other.node for other in others]
    nodes = [*other_nodes, *(word.node for word in content)]
    warnings = lowering.warnings
    if not nodes:
        warnings.append("The query has nothing that can be searched, so all articles are shown.")
        return Parsed(text, tree.Every(), tuple(dict.fromkeys(warnings)))
    whole = _all_of(nodes)
    if _only_excludes(whole):
        whole = tree.And([tree.Every(), whole])
    required = _all_of(other_nodes) if other_nodes else None
    if required is not None and _only_excludes(required):
        required = tree.And([tree.Every(), required])
    unique = tuple(dict.fromkeys(warnings))
    patterns = tuple(leaf for leaf in whole.leaves() if isinstance(leaf, PATTERNS))
    return Parsed(
        text, whole, unique, tuple(content), required, tuple(others), is_sentence, lowering.term_count, patterns
    )


def _other_part(typed: tree.Query, node: tree.Query, text: str) -> Word:
    """Return a part that is not a plain word, with its typed text: field name, quotes and signs included."""
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


def _all_of(nodes: Sequence[tree.Query]) -> tree.Query:
    return nodes[0] if len(nodes) == 1 else tree.And(list(nodes))


def _lowered_headline(text: str) -> str:
    """Write operators such as `AND` in small letters if the text is a headline in capitals: they are words there."""
    if not text.isupper() or len(text.split()) < HEADLINE_WORDS:
        return text
    return _ANY_OPERATOR.sub(lambda match: match[0].lower(), text)


def _required_parts(node: tree.Query) -> Iterator[tree.Query]:
    """Yield the required parts of a tree, and a NOT for each excluded one. Brackets around words change nothing."""
    if isinstance(node, tree.And) and node.boost == 1.0:
        for child in node.subqueries:
            yield from _required_parts(child)
    elif isinstance(node, tree.AndNot):
        yield from _required_parts(node.a)
        for each in node.b.subqueries if isinstance(node.b, tree.Or) else [node.b]:
            excluded = tree.Not(each)
            excluded.startchar, excluded.endchar = each.startchar, each.endchar
            yield excluded
    else:
        yield node


def _is_plain(node: tree.Query) -> bool:
    """Return whether a node of Whoosh's tree is a plain word. The question mark of `who won?` is punctuation."""
    return (
        isinstance(node, tree.Term | tree.Wildcard)
        and node.fieldname == "text"
        and node.boost == 1.0
        and node.startchar is not None
        and node.text not in OPERATORS
        and not {"*", "?"} & set(node.text.rstrip("?"))
    )


def _function_words(words: Sequence[Word]) -> list[Word]:
    """Return the function words among the plain words, in the language that has most of them.

    Words in capitals (`WHO`) are no function words, unless the text is mostly in capitals.
    """
    folded = {token.word for word in words for token in word.tokens}
    listed_words = {language: listed & folded for language, listed in function_words.lists().items()}
    typical_words = {language: listed - function_words.ALSO_ENGLISH for language, listed in listed_words.items()}
    # If several languages have as many words, the first one is taken: the lists keep their order.
    language = max(typical_words, key=lambda name: len(typical_words[name]))
    english = listed_words[function_words.ENGLISH]
    is_foreign = len(typical_words[language]) >= max(function_words.MIN_FOREIGN, len(english) + 1)
    known = listed_words[language] if is_foreign else english
    in_capitals = sum(word.text.isupper() for word in words) * 2 > len(words)
    return [
        word
        for word in words
        if len(word.tokens) == 1
        and word.tokens[0].word in known
        and (in_capitals or len(word.text) == 1 or not word.text.isupper())
    ]


def _words_of_address(match: re.Match[str]) -> str:
    """Return the words of the path segment that has most, or the host name if no segment has two words."""
    try:
        parts = urlsplit(match[0] if "://" in match[0] else f"//{match[0]}")
    except ValueError:  # brackets around something that is no host
        return f" {' '.join(_SLUG_WORD.findall(match[0]))} "
    parts_words = [_SLUG_WORD.findall(folder.partition(".")[0]) for folder in unquote(parts.path).split("/")]
    best = max(parts_words, key=len, default=[])
    words = best if len(best) > 1 else [parts.netloc.rpartition("@")[2].partition(":")[0]]
    return f" {' '.join(words)} "


def _balance(text: str, warnings: list[str]) -> str:
    """Remove unpaired quotes and brackets, which would change the meaning of the rest; warn about unknown fields."""
    if text.count('"') % 2:
        cut = text.rindex('"')
        text = text[:cut] + " " + text[cut + 1 :]
        warnings.append("An unpaired quotation mark was ignored.")
    pairs, lonely = _brackets(text)
    deep = {place for pair, depth in pairs if depth > MAX_DEPTH for place in pair}
    if lonely or deep:
        text = "".join(" " if place in lonely or place in deep else letter for place, letter in enumerate(text))
    if lonely:
        warnings.append("An unpaired bracket was ignored.")
    if deep:
        warnings.append(f"Brackets inside {MAX_DEPTH} others were ignored.")
    known = ", ".join(f"{name}:" for name in (*SYNTAX, "country", "date") if name != "text")
    for unknown in _UNKNOWN_FIELD.finditer(text):
        if not _KNOWN_FIELD.match(text, unknown.start()):
            warnings.append(f"There is no field {unknown[1]}: so it was searched as a word. The fields are {known}.")
            text = f"{text[: unknown.end() - 1]} {text[unknown.end() :]}"  # the text keeps its length
    return text


def _brackets(text: str) -> tuple[list[tuple[tuple[int, int], int]], set[int]]:
    """Return the pairs of brackets outside quotes, each with its depth, and the unpaired brackets."""
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
