"""A naive search in memory: what every engine must answer, written down without an index."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis
from search.query import NAME_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from search.model import Article, Filters, Query


def field_tokens(article: Article, field: str) -> list[str]:
    """Return the tokens of one field of an article, in order."""
    if field == "person_words":
        joined: list[str] = []
        for person in article.persons:
            joined += [*(token.word for token in analysis.tokenize(person.name)), NAME_BREAK]
        return joined
    text = {"title": article.title, "body": article.body, "source": article.source or ""}[field.removesuffix("_words")]
    return [token.word if field.endswith("_words") else token.stem for token in analysis.tokenize(text)]


def matches(node: tree.Query, article: Article) -> bool:
    if isinstance(node, tree.Every):
        return True
    if isinstance(node, tree.And):
        return all(matches(child, article) for child in node.subqueries)
    if isinstance(node, tree.Or):
        return any(matches(child, article) for child in node.subqueries)
    if isinstance(node, tree.Not):
        return not matches(node.query, article)
    if isinstance(node, tree.AndMaybe):
        return matches(node.a, article)
    if isinstance(node, tree.NumericRange):
        return article.day is not None and node.start <= article.day.toordinal() <= node.end
    if node.fieldname == "country":
        return node.text in {country.code for country in article.countries}
    return _matches_words(node, field_tokens(article, node.fieldname))


def _matches_words(node: tree.Query, tokens: Sequence[str]) -> bool:
    if isinstance(node, tree.Phrase):
        assert node.slop == 1, "the oracle knows adjacent words alone"
        size = len(node.words)
        return any(list(tokens[start : start + size]) == node.words for start in range(len(tokens)))
    if isinstance(node, tree.FuzzyTerm):
        return any(t[:1] == node.text[:1] and edits(t, node.text) <= node.maxdist for t in tokens)
    if isinstance(node, tree.Prefix):
        return any(token.startswith(node.text) for token in tokens)
    if isinstance(node, tree.Wildcard):
        pattern = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in node.text))
        return any(pattern.fullmatch(token) for token in tokens)
    return node.text in tokens


def edits(left: str, right: str) -> int:
    """Return the optimal string alignment distance, by its definition."""
    known: dict[tuple[int, int], int] = {}

    def distance(i: int, j: int) -> int:
        if (i, j) not in known:
            if not i or not j:
                known[i, j] = i + j
            else:
                best = min(
                    distance(i - 1, j) + 1,
                    distance(i, j - 1) + 1,
                    distance(i - 1, j - 1) + (left[i - 1] != right[j - 1]),
                )
                if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                    best = min(best, distance(i - 2, j - 2) + 1)
                known[i, j] = best
        return known[i, j]

    return distance(len(left), len(right))


def passes(filters: Filters, article: Article, *, without: str = "") -> bool:
    codes = {country.code for country in article.countries}
    names = {person.name for person in article.persons}
    if filters.countries and without != "country" and not codes & set(filters.countries):
        return False
    if filters.persons and without != "person" and not names & set(filters.persons):
        return False
    if filters.sources and article.source not in filters.sources:
        return False
    if without == "date" or not (filters.date_from or filters.date_to):
        return True
    day = article.day
    return (
        day is not None
        and (not filters.date_from or filters.date_from <= day)
        and (not filters.date_to or day <= filters.date_to)
    )


def found(query: Query, articles: Iterable[Article], *, without: str = "") -> list[Article]:
    return [a for a in articles if matches(query.tree, a) and passes(query.filters, a, without=without)]


def counts(query: Query, articles: Iterable[Article], facet: str) -> Counter[str]:
    """Return all values of a facet with their counts."""
    total: Counter[str] = Counter()
    for article in found(query, articles, without=facet):
        if facet == "country":
            total.update({country.code for country in article.countries})
        elif facet == "person":
            total.update({person.name for person in article.persons})
        elif article.day:
            total[f"{article.day:%Y-%m}"] += 1
    return total


def listed(query: Query, articles: Iterable[Article], facet: str) -> list[tuple[str, int]]:
    """Return what a facet lists: the best by count, then value; the selected in any case."""
    total = counts(query, articles, facet)
    best = sorted(total.items(), key=lambda item: (-item[1], item[0]))[: query.facet_size]
    selected = query.filters.countries if facet == "country" else query.filters.persons
    shown = {value for value, _ in best}
    return [*best, *((value, total[value]) for value in dict.fromkeys(selected) if value not in shown)]


def is_sorted(values: Sequence[object]) -> bool:
    return all(a <= b for a, b in pairwise(values))  # type: ignore[operator]
