"""The documents of a tantivy index, and the tantivy queries for query trees and filters."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import accumulate, product
from typing import TYPE_CHECKING, Any, Protocol

import tantivy
from tantivy import FieldType, Occur, Query
from whoosh import query as tree

from search.storage import records
from search.storage.fields import NAME_BREAK, NUMBERS, ORDER, VALUE_FIELDS, WORD_FIELDS, fields_of, key_of, rotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.model import Article, Filters

SUGGEST_BREAK = "\x1f"
"""Separates a folded name from the name itself in `person_prefixes`, which has one entry for each word of a name."""


def schema() -> tantivy.Schema:
    """Return the schema. Texts are already analyzed, so tantivy only splits words at spaces and keeps values whole."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("record", stored=True)
    builder.add_bytes_field("signature", stored=True)
    for name in ("digest", "story"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("keys", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(ORDER, fast=True, tokenizer_name="raw", index_option="basic")
    for name in WORD_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in VALUE_FIELDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("person_prefixes", tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


def document(article: Article) -> tantivy.Document:
    """Return the document of an article."""
    names = [person.name for person in article.persons]
    prefixes = [rotation + SUGGEST_BREAK + name for name in names for rotation in rotations(name)]
    return tantivy.Document(**fields_of(article), person_prefixes=prefixes)


def listed(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Article:
    """Return a stored article as lists show it: without mentions, digest, signature, captions and removed lines."""
    record: Any = searcher.doc(address).get_first("record")
    return records.restore(bytes(record), mentions=False)


def id_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> str:
    """Return the id of a stored article."""
    return str(searcher.doc(address).get_first("id"))


class SimilarWords(Protocol):
    """The part of a lexicon that the compiler needs."""

    def near(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter within `typos` edits of a folded word."""
        ...


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles query trees for one generation: its schema and its words."""

    schema: tantivy.Schema
    words: SimilarWords

    def compile(self, node: tree.Query) -> Query:
        """Return the tantivy query of a tree. It matches the same articles as on the other engines."""
        compiled = self._compound(node)
        boost = getattr(node, "boost", 1.0)
        return compiled if boost == 1.0 else Query.boost_query(compiled, boost)

    def _compound(self, node: tree.Query) -> Query:
        if isinstance(node, tree.ConstantScoreQuery):
            return Query.const_score_query(self.compile(node.child), node.score)
        if isinstance(node, tree.And):
            return Query.boolean_query([(Occur.Must, self.compile(child)) for child in node.subqueries])
        if isinstance(node, tree.Or):
            either = [(Occur.Should, self.compile(child)) for child in node.subqueries]
            return Query.boolean_query(either, minimum_number_should_match=node.minmatch or None)
        if isinstance(node, tree.Not):
            everything = Query.const_score_query(Query.all_query(), 0.0)
            return Query.boolean_query([(Occur.Must, everything), (Occur.MustNot, self.compile(node.query))])
        if isinstance(node, tree.AndMaybe):
            return Query.boolean_query([(Occur.Must, self.compile(node.a)), (Occur.Should, self.compile(node.b))])
        return self._leaf(node)

    def _leaf(self, node: tree.Query) -> Query:
        if isinstance(node, tree.Every):
            return Query.const_score_query(Query.all_query(), 1.0)
        if isinstance(node, tree.NumericRange):
            return Query.const_score_query(_between(self.schema, node.fieldname, node.start, node.end), 1.0)
        if isinstance(node, tree.Phrase):
            return _near(self.schema, node)
        if isinstance(node, tree.FuzzyTerm):
            similar = self.words.near(node.text, node.maxdist)
            return Query.const_score_query(Query.term_set_query(self.schema, node.fieldname, similar), 1.0)
        if isinstance(node, tree.Prefix | tree.Wildcard):
            return _like(self.schema, node)
        return Query.term_query(self.schema, node.fieldname, whole(node.text))


def _like(schema: tantivy.Schema, node: tree.Query) -> Query:
    """Return a query for the words that match a prefix or wildcard; `NAME_BREAK` is not a word."""
    wildcards = {"*": f"[^{NAME_BREAK}]*", "?": f"[^{NAME_BREAK}]"}
    text = node.text + "*" * isinstance(node, tree.Prefix)
    return Query.regex_query(
        schema, node.fieldname, "".join(wildcards.get(letter) or re_escape(letter) for letter in text)
    )


def _near(schema: tantivy.Schema, node: tree.Phrase) -> Query:
    """Return a phrase query. A phrase with gaps becomes one phrase query for each combination of gaps.

    The slop of tantivy 0.26 also allows another order of words, and bounds the sum of all gaps instead of each gap.
    """
    steps = product(range(1, node.slop + 1), repeat=len(node.words) - 1)
    places = ((0, *accumulate(step)) for step in steps)
    phrases = [
        Query.phrase_query(schema, node.fieldname, list(zip(offsets, node.words, strict=True))) for offsets in places
    ]
    return phrases[0] if len(phrases) == 1 else Query.boolean_query([(Occur.Should, phrase) for phrase in phrases])


def re_escape(text: str) -> str:
    """Escape a text for tantivy's regular expressions, which only accept escapes of ASCII punctuation."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _between(schema: tantivy.Schema, name: str, low: int, high: int) -> Query:
    return Query.range_query(schema, name, FieldType.Integer, low, high)


def restrict(schema: tantivy.Schema, query: Query, filters: Filters, *, without: str = "") -> Query:
    """Return the query under all filters except the one on facet `without`. Scores do not change."""
    parts = [query]
    for name, values in (("country", filters.countries), ("person", filters.persons), ("source", filters.sources)):
        if values and name != without:
            parts.append(_any_of(schema, name, values))
    if (filters.date_from or filters.date_to) and without != "date":
        low = (filters.date_from or dt.date.min).toordinal()
        high = (filters.date_to or dt.date.max).toordinal()
        parts.append(_between(schema, "day", low, high))
    if filters.story is not None:
        parts.append(of_story(schema, filters.story))
    if len(parts) == 1:
        return query
    silent = [(Occur.Must, Query.const_score_query(part, 0.0)) for part in parts[1:]]
    return Query.boolean_query([(Occur.Must, query), *silent])


def of_story(schema: tantivy.Schema, story: str) -> Query:
    """Return a query for the articles of a story: the one whose id names it, and its copies."""
    key = key_of(story)
    same = [(Occur.Should, Query.term_query(schema, name, key)) for name in ("own_key", "copy_key")]
    return Query.boolean_query(same)


def _any_of(schema: tantivy.Schema, name: str, values: Sequence[str]) -> Query:
    return Query.boolean_query([(Occur.Should, Query.term_query(schema, name, whole(value))) for value in values])


def whole(text: str) -> str:
    """Replace lone surrogates, which a command line may contain and tantivy refuses."""
    return text.encode(errors="replace").decode()


def all_of(*queries: Query) -> Query:
    """Return a query for the articles that all of the queries match."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def excluding(query: Query, others: Query) -> Query:
    """Return the query without the articles that `others` matches. Scores do not change."""
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, others)])
