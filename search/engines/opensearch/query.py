"""How trees and filters become OpenSearch's queries. Pure functions, no server needed.

A cluster refuses queries of more than 1,024 clauses (`indices.query.bool.max_clause_count`); the filters of functions
are not counted. So what only adds a constant to a score, or counts the weights of words, is a function each: a
sentence of 200 words passes.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from whoosh import query as tree

from search.engines.opensearch.mapping import GAP
from search.engines.searching import DAY_SECONDS, OLDEST_HALF_LIVES
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from search.model import Filters

Dsl: TypeAlias = dict[str, Any]
"""A query, as JSON."""

EVERYTHING: Final[Dsl] = {"match_all": {}}

MOST_TERMS: Final = 65_536
"""Values in one `terms` query (`index.max_terms_count`)."""


class Near(Protocol):
    """The words of an archive, as far as compiling needs them."""

    def near(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter that are at most `typos` edits from a folded word."""
        ...


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles trees for one generation of an index: for its words."""

    words: Near

    def compile(self, node: tree.Query, boost: float = 1.0) -> Dsl:
        """Return the query that matches the same articles as the tree does on Whoosh."""
        boost *= getattr(node, "boost", 1.0)
        if isinstance(node, tree.ConstantScoreQuery):
            return {"constant_score": {"filter": self.compile(node.child), "boost": node.score * boost}}
        if isinstance(node, tree.And):
            return _all_of(self._required(node.subqueries), boost)
        if isinstance(node, tree.Or):
            return self._least(node, boost) if node.minmatch else self._any(node.subqueries, boost)
        if isinstance(node, tree.Not):
            return _all_of(self._required([node]), boost)
        if isinstance(node, tree.AndMaybe):
            optional = node.b.subqueries if _is_plain_or(node.b) else [node.b]
            return _all_of(self._required([node.a]) | {"should": self.sum(optional)}, boost)
        return self._leaf(node, boost)

    def _required(self, nodes: Sequence[tree.Query]) -> Dsl:
        """Return the clauses of a bool query that matches what all nodes do; a Not gives no score."""
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
        """Return optional clauses that give an article the scores of all nodes that it matches."""
        constant = [node for node in nodes if isinstance(node, tree.ConstantScoreQuery)]
        others = [self.compile(node) for node in nodes if not isinstance(node, tree.ConstantScoreQuery)]
        if len(constant) < 2:
            return [*_merged(others), *(self.compile(node) for node in constant)]
        return [*_merged(others), self._weighed(EVERYTHING, constant, 1.0)]

    def _any(self, nodes: Sequence[tree.Query], boost: float) -> Dsl:
        """Return what matches any of the nodes, with the sum of their scores."""
        if len(nodes) > 1 and all(isinstance(node, tree.ConstantScoreQuery) for node in nodes):
            return self._weighed(self._one_of(node.child for node in nodes), nodes, boost)
        either = _merged([self.compile(node) for node in nodes])
        return _bool({"should": either, "minimum_should_match": 1}, boost)

    def _weighed(self, among: Dsl, nodes: Sequence[tree.Query], boost: float) -> Dsl:
        """Return a query that finds what `among` does and scores it by the nodes, which have constant scores."""
        weighed = [(self.compile(node.child), node.score * getattr(node, "boost", 1.0) * boost) for node in nodes]
        return _weights(among, weighed)

    def _least(self, node: tree.Query, boost: float) -> Dsl:
        """Return what matches at least `minmatch` of the children, each as often as it is there."""
        counts = _counted([self.compile(child) for child in node.subqueries])
        if all(count == 1 for _, count in counts):
            return _bool({"should": [one for one, _ in counts], "minimum_should_match": node.minmatch}, boost)
        weighed = [(one, float(count)) for one, count in counts]
        counted = _weights(self._one_of(dict.fromkeys(node.subqueries)), weighed)
        counted["function_score"]["min_score"] = float(node.minmatch)
        return counted

    def _one_of(self, nodes: Iterable[tree.Query]) -> Dsl:
        """Return what matches any of the nodes, whatever the score, in few clauses."""
        values: dict[str, list[str]] = {}
        others = []
        for node in nodes:
            if isinstance(node, tree.Term):
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
            return _near(node, boost)
        if isinstance(node, tree.FuzzyTerm):
            return {"terms": {node.fieldname: self.words.near(node.text, node.maxdist), "boost": boost}}
        if isinstance(node, tree.Wildcard) and not node.text.strip("*?"):
            spelt = node.text.replace("*", r"[^\|]*").replace("?", r"[^\|]")  # any word but `NAME_BREAK`, which is none
            return {"regexp": {node.fieldname: {"value": spelt, "flags": "NONE", "boost": boost}}}
        kind = "prefix" if isinstance(node, tree.Prefix) else "wildcard" if isinstance(node, tree.Wildcard) else "term"
        return {kind: {node.fieldname: {"value": node.text, "boost": boost}}}


def _is_plain_or(node: tree.Query) -> bool:
    return isinstance(node, tree.Or) and not node.minmatch and node.boost == 1.0


def _counted(clauses: Sequence[Dsl]) -> list[tuple[Dsl, int]]:
    """Return different queries, each with how often it is there."""
    times: dict[str, tuple[Dsl, int]] = {}
    for one in clauses:
        text = json.dumps(one)
        times[text] = (one, times[text][1] + 1 if text in times else 1)
    return list(times.values())


def _merged(clauses: Sequence[Dsl]) -> list[Dsl]:
    """Return clauses that give the same score without a repetition: one that was there twice counts twice."""
    return [one if times == 1 else _bool({"must": [one]}, float(times)) for one, times in _counted(clauses)]


def _near(node: tree.Phrase, boost: float) -> Dsl:
    """Return a phrase; with gaps, one phrase for every way in which its words may stand.

    OpenSearch's own slop also takes words in another order, and counts all gaps together.
    """
    ways = []
    for steps in product(range(1, node.slop + 1), repeat=len(node.words) - 1):
        places = [0, *accumulate(steps)]
        gaps = [" ".join(["", *[GAP] * (after - before - 1), ""]) for before, after in pairwise(places)]
        text = "".join(word + gap for word, gap in zip(node.words, [*gaps, ""], strict=True))
        ways.append({"match_phrase": {node.fieldname: {"query": text, "analyzer": "gapped", "boost": boost}}})
    return ways[0] if len(ways) == 1 else _bool({"should": ways, "minimum_should_match": 1})


def _bool(clauses: Dsl, boost: float = 1.0) -> Dsl:
    kept = {name: clause for name, clause in clauses.items() if clause}
    return {"bool": kept if boost == 1.0 else kept | {"boost": boost}}


def _all_of(clauses: Dsl, boost: float) -> Dsl:
    """Return a bool query; one that only wraps a query is that query."""
    only = clauses["must"]
    if len(only) == 1 and boost == 1.0 and not any(clauses.get(name) for name in ("filter", "must_not", "should")):
        return dict(only[0])
    return _bool(clauses, boost)


def _weights(among: Dsl, weighed: Sequence[tuple[Dsl, float]]) -> Dsl:
    """Return a query that finds what `among` does and scores it by the weights of what it matches, 0 for none.

    OpenSearch gives 1 where no function holds, so one always does.
    """
    functions = [{"filter": one, "weight": weight} for one, weight in weighed]
    functions.append({"filter": EVERYTHING, "weight": 0.0})
    return {"function_score": {"query": among, "functions": functions, "score_mode": "sum", "boost_mode": "replace"}}


def restrict(query: Dsl, filters: Filters, *, without: str = "") -> Dsl:
    """Return the query under the filters, but for the facet that `without` names. Scores stay as they are."""
    parts = restrictions(filters, without=without)
    return _bool({"must": [query], "filter": parts}) if parts else query


def silent(query: Dsl, *more: Dsl) -> Dsl:
    """Return what all of the queries match, all with the score 0."""
    return _bool({"filter": [query, *more]})


def restrictions(filters: Filters, *, without: str = "") -> list[Dsl]:
    """Return a query for each filter, but for that of the facet that `without` names."""
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
    """Return what matches the articles of a story: the one that names it and its copies."""
    key = key_of(story)
    return _bool({"should": [{"term": {name: key}} for name in ("own_key", "group")], "minimum_should_match": 1})


def but_not(query: Dsl, own_keys: Sequence[int]) -> Dsl:
    """Return what the query matches but for the articles with these keys, with its scores."""
    parts = [own_keys[start : start + MOST_TERMS] for start in range(0, len(own_keys), MOST_TERMS)]
    return _bool({"must": [query], "must_not": [{"terms": {"own_key": list(part)}} for part in parts]})


def fresh(query: Dsl, now: float, half_life: float) -> Dsl:
    """Return the query with scores that halve with each half-life (days) of an article's age; `now` is in seconds."""
    scale = half_life * DAY_SECONDS
    dated = {"range": {"instant": {"gte": int(now - OLDEST_HALF_LIVES * scale)}}}
    functions: list[Dsl] = [
        {"filter": {"range": {"instant": {"gte": int(now)}}}, "weight": 1.0},
        {"filter": dated, "exp": {"instant": {"origin": int(now), "scale": scale, "decay": 0.5}}},
        {"filter": EVERYTHING, "weight": 2.0**-OLDEST_HALF_LIVES},
    ]
    return {"function_score": {"query": query, "functions": functions, "score_mode": "first", "boost_mode": "multiply"}}
