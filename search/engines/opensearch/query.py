"""Compiles query trees and filters into OpenSearch's queries. Pure functions, no server needed.

OpenSearch 2.x rejects queries of more than 1,024 clauses (`indices.query.bool.max_clause_count`). The filters of score
functions are not counted. Therefore parts with a constant score, and parts that only count weights, become functions of
a `function_score` query. So a query may be a sentence of 200 words.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from whoosh import query as tree

from search.engines.opensearch.mapping import GAP, key
from search.engines.plan_result import DAY_SECONDS, MAX_HALF_LIVES
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from search.model import Filters

Dsl: TypeAlias = dict[str, Any]
"""A query, as JSON."""

EVERYTHING: Final[Dsl] = {"match_all": {}}

MOST_TERMS: Final = 65_536
"""Maximum values in one `terms` query (`index.max_terms_count`)."""


class SimilarWords(Protocol):
    """The part of a lexicon that the compiler needs."""

    def near(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter within `typos` edits of a folded word."""
        ...


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles query trees for one generation. Fuzzy terms become the similar words of its lexicon."""

    words: SimilarWords

    def compile(self, node: tree.Query, boost: float = 1.0) -> Dsl:
        """Return the query for a tree. It matches the same articles as the other engines."""
        boost *= getattr(node, "boost", 1.0)
        if isinstance(node, tree.ConstantScoreQuery):
            return {"constant_score": {"filter": self.compile(node.child), "boost": node.score * boost}}
        if isinstance(node, tree.And):
            return _all_of(self._required(node.subqueries), boost)
        if isinstance(node, tree.Or):
            return self._at_least(node, boost) if node.minmatch else self._any(node.subqueries, boost)
        if isinstance(node, tree.Not):
            return _all_of(self._required([node]), boost)
        if isinstance(node, tree.AndMaybe):
            optional = node.b.subqueries if _is_plain_or(node.b) else [node.b]
            return _all_of(self._required([node.a]) | {"should": self.sum(optional)}, boost)
        return self._leaf(node, boost)

    def _required(self, nodes: Sequence[tree.Query]) -> Dsl:
        """Return the clauses of a bool query that requires all nodes. A Not adds no score."""
        must, filtering, excluded = [], [], []
        for node in nodes:
            if isinstance(node, tree.Not):
                excluded.append(self.compile(node.query))
            elif isinstance(node, tree.ConstantScoreQuery) and not node.score:
                filtering.append(self.compile(node.child))
            else:
                must.append(self.compile(node))
        return {"must": _merged(must), "filter": filtering if must or filtering else [EVERYTHING], "must_not": excluded}

    def sum(self, nodes: Sequence[tree.Query]) -> list[Dsl]:
        """Return optional clauses that add the score of each node that an article matches."""
        constant = [node for node in nodes if isinstance(node, tree.ConstantScoreQuery)]
        others = [self.compile(node) for node in nodes if not isinstance(node, tree.ConstantScoreQuery)]
        if len(constant) < 2:
            return [*_merged(others), *(self.compile(node) for node in constant)]
        return [*_merged(others), self._weighed(EVERYTHING, constant, 1.0)]

    def _any(self, nodes: Sequence[tree.Query], boost: float) -> Dsl:
        """Return a query that matches any of the nodes, with the sum of their scores."""
        if len(nodes) > 1 and all(isinstance(node, tree.ConstantScoreQuery) for node in nodes):
            return self._weighed(self._one_of(node.child for node in nodes), nodes, boost)
        either = _merged([self.compile(node) for node in nodes])
        return _bool({"should": either, "minimum_should_match": 1}, boost)

    def _weighed(self, among: Dsl, nodes: Sequence[tree.Query], boost: float) -> Dsl:
        """Return a query that matches like `among` and is scored by the nodes, which have constant scores."""
        weighed = [(self.compile(node.child), node.score * getattr(node, "boost", 1.0) * boost) for node in nodes]
        return _weights(among, weighed)

    def _at_least(self, node: tree.Query, boost: float) -> Dsl:
        """Return a query that matches at least `minmatch` children. A repeated child counts as often as it occurs."""
        counts = _counted([self.compile(child) for child in node.subqueries])
        if all(count == 1 for _, count in counts):
            return _bool({"should": [one for one, _ in counts], "minimum_should_match": node.minmatch}, boost)
        weighed = [(one, float(count)) for one, count in counts]
        counted = _weights(self._one_of(dict.fromkeys(node.subqueries)), weighed)
        counted["function_score"]["min_score"] = float(node.minmatch)
        return counted

    def _one_of(self, nodes: Iterable[tree.Query]) -> Dsl:
        """Return a query that matches any of the nodes. It has few clauses, and its score has no meaning."""
        values: dict[str, list[str]] = {}
        others = []
        for node in nodes:
            if isinstance(node, tree.Term) and node.fieldname != "id":
                values.setdefault(node.fieldname, []).append(node.text)
            else:
                others.append(self.compile(node))
        either = [*({"terms": {field: sorted(set(texts))}} for field, texts in values.items()), *others]
        return either[0] if len(either) == 1 else _bool({"should": either, "minimum_should_match": 1})

    def _leaf(self, node: tree.Query, boost: float) -> Dsl:
        if isinstance(node, tree.Every):
            return {"match_all": {"boost": boost}}
        if isinstance(node, tree.NumericRange):
            return {"range": {node.fieldname: {"gte": node.start, "lte": node.end, "boost": boost}}}
        if isinstance(node, tree.Phrase):
            return _phrase(node, boost)
        if isinstance(node, tree.FuzzyTerm):
            return {"terms": {node.fieldname: self.words.near(node.text, node.maxdist), "boost": boost}}
        return _term(node, boost)


def _term(node: tree.Query, boost: float) -> Dsl:
    """Return the query for a term or a pattern. An id is looked up by the key of its document."""
    if isinstance(node, tree.Term) and node.fieldname == "id":
        return {"ids": {"values": [key(node.text)], "boost": boost}}
    if isinstance(node, tree.Wildcard) and not node.text.strip("*?"):
        spelt = node.text.replace("*", r"[^\|]*").replace("?", r"[^\|]")  # any word except `NAME_BREAK`
        return {"regexp": {node.fieldname: {"value": spelt, "flags": "NONE", "boost": boost}}}
    kind = "prefix" if isinstance(node, tree.Prefix) else "wildcard" if isinstance(node, tree.Wildcard) else "term"
    return {kind: {node.fieldname: {"value": node.text, "boost": boost}}}


def _is_plain_or(node: tree.Query) -> bool:
    return isinstance(node, tree.Or) and not node.minmatch and node.boost == 1.0


def _counted(clauses: Sequence[Dsl]) -> list[tuple[Dsl, int]]:
    """Return the distinct queries, each with its number of occurrences."""
    times: dict[str, tuple[Dsl, int]] = {}
    for one in clauses:
        text = json.dumps(one)
        times[text] = (one, times[text][1] + 1 if text in times else 1)
    return list(times.values())


def _merged(clauses: Sequence[Dsl]) -> list[Dsl]:
    """Return the clauses without repetitions. A repeated clause is boosted, so that the score stays the same."""
    return [one if times == 1 else _bool({"must": [one]}, float(times)) for one, times in _counted(clauses)]


def _phrase(node: tree.Phrase, boost: float) -> Dsl:
    """Return a phrase query. If gaps are allowed, return one phrase for each combination of gaps.

    `slop` of OpenSearch 2.x cannot be used: it allows other orders of the words, and limits the sum of all gaps.
    """
    phrases = []
    for steps in product(range(1, node.slop + 1), repeat=len(node.words) - 1):
        places = [0, *accumulate(steps)]
        gaps = [" ".join(["", *[GAP] * (after - before - 1), ""]) for before, after in pairwise(places)]
        text = "".join(word + gap for word, gap in zip(node.words, [*gaps, ""], strict=True))
        phrases.append({"match_phrase": {node.fieldname: {"query": text, "analyzer": "gapped", "boost": boost}}})
    return phrases[0] if len(phrases) == 1 else _bool({"should": phrases, "minimum_should_match": 1})


def _bool(clauses: Dsl, boost: float = 1.0) -> Dsl:
    kept = {name: clause for name, clause in clauses.items() if clause}
    return {"bool": kept if boost == 1.0 else kept | {"boost": boost}}


def _all_of(clauses: Dsl, boost: float) -> Dsl:
    """Return a bool query, or the only query in it if it needs nothing else."""
    only = clauses["must"]
    if len(only) == 1 and boost == 1.0 and not any(clauses.get(name) for name in ("filter", "must_not", "should")):
        return dict(only[0])
    return _bool(clauses, boost)


def _weights(among: Dsl, weighed: Sequence[tuple[Dsl, float]]) -> Dsl:
    """Return a query that matches like `among`. The score is the sum of the weights of all matching queries, or 0.

    A function that always matches is added, because OpenSearch 2.x scores 1 if no function matches.
    """
    functions = [{"filter": one, "weight": weight} for one, weight in weighed]
    functions.append({"filter": EVERYTHING, "weight": 0.0})
    return {"function_score": {"query": among, "functions": functions, "score_mode": "sum", "boost_mode": "replace"}}


def restrict(query: Dsl, filters: Filters, *, without: str = "") -> Dsl:
    """Return the query with all filters except the one on facet `without`. Scores do not change."""
    parts = restrictions(filters, without=without)
    return _bool({"must": [query], "filter": parts}) if parts else query


def unscored(query: Dsl, *more: Dsl) -> Dsl:
    """Return a query that requires all of the queries, with the score 0."""
    return _bool({"filter": [query, *more]})


def restrictions(filters: Filters, *, without: str = "") -> list[Dsl]:
    """Return a query for each filter except the one on facet `without`."""
    parts: list[Dsl] = []
    for name, values in (("country", filters.countries), ("person", filters.persons), ("source", filters.sources)):
        if values and name != without:
            parts.append({"terms": {name: list(values)}})
    if (filters.date_from or filters.date_to) and without != "date":
        low = (filters.date_from or dt.date.min).toordinal()
        high = (filters.date_to or dt.date.max).toordinal()
        parts.append({"range": {"day": {"gte": low, "lte": high}}})
    if filters.story is not None:
        parts.append(of_story(filters.story))
    return parts


def of_story(story: str) -> Dsl:
    """Return a query that matches all articles of a story: the one that gave it its id, and the copies."""
    key = key_of(story)
    return _bool({"should": [{"term": {name: key}} for name in ("own_key", "group")], "minimum_should_match": 1})


def excluding(query: Dsl, own_keys: Sequence[int]) -> Dsl:
    """Return the query without the articles with these keys. Scores do not change."""
    parts = [own_keys[start : start + MOST_TERMS] for start in range(0, len(own_keys), MOST_TERMS)]
    return _bool({"must": [query], "must_not": [{"terms": {"own_key": list(part)}} for part in parts]})


def fresh(query: Dsl, now: float, half_life: float) -> Dsl:
    """Return the query with scores multiplied by freshness: they halve with each half-life of an article's age.

    `half_life` is in days, `now` in seconds since 1970.
    """
    scale = half_life * DAY_SECONDS
    dated = {"range": {"instant": {"gte": int(now - MAX_HALF_LIVES * scale)}}}
    functions: list[Dsl] = [
        {"filter": {"range": {"instant": {"gte": int(now)}}}, "weight": 1.0},
        {"filter": dated, "exp": {"instant": {"origin": int(now), "scale": scale, "decay": 0.5}}},
        {"filter": EVERYTHING, "weight": 2.0**-MAX_HALF_LIVES},
    ]
    return {"function_score": {"query": query, "functions": functions, "score_mode": "first", "boost_mode": "multiply"}}
