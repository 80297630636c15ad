"""A naive search in memory, without an index. Every engine must give the same answers."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis
from search.storage.fields import NAME_BREAK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from search.model import Article, Filters, Query

    Weights: TypeAlias = Sequence[tuple[tree.Query, int]]


def field_tokens(article: Article, field: str) -> list[str]:
    """Return the tokens of one field of an article, in order."""
    if field == "person_words":
        joined: list[str] = []
        for person in article.persons:
            joined += [*(token.word for token in analysis.tokenize(person.name)), NAME_BREAK]
        return joined
    if field == "text":
        return field_tokens(article, "title") + field_tokens(article, "body")
    text = {"title": article.title, "body": article.body, "source": article.source or ""}[field.removesuffix("_words")]
    return [token.word if field.endswith("_words") else token.stem for token in analysis.tokenize(text)]


def matches(node: tree.Query, article: Article) -> bool:
    if isinstance(node, tree.Every):
        return True
    if isinstance(node, tree.And):
        return all(matches(child, article) for child in node.subqueries)
    if isinstance(node, tree.Or):
        return sum(matches(child, article) for child in node.subqueries) >= max(node.minmatch, 1)
    if isinstance(node, tree.ConstantScoreQuery):
        return matches(node.child, article)
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
        return any(_follow(tokens, start, node.words, node.slop) for start in range(len(tokens)))
    if isinstance(node, tree.FuzzyTerm):
        return any(t[:1] == node.text[:1] and edit_distance(t, node.text) <= node.maxdist for t in tokens)
    if isinstance(node, tree.Prefix):
        return any(token.startswith(node.text) for token in tokens)
    if isinstance(node, tree.Wildcard):
        pattern = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in node.text))
        return any(pattern.fullmatch(token) for token in tokens if token != NAME_BREAK)
    return node.text in tokens


def _follow(tokens: Sequence[str], place: int, words: Sequence[str], slop: int) -> bool:
    """Return whether the words follow from `place` on, each at most `slop` places after the previous one."""
    if tokens[place] != words[0]:
        return False
    after = range(place + 1, min(place + slop, len(tokens) - 1) + 1)
    return len(words) == 1 or any(_follow(tokens, other, words[1:], slop) for other in after)


def edit_distance(left: str, right: str) -> int:
    """Return the optimal string alignment distance, computed by its definition."""
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


def passes_filters(filters: Filters, article: Article, *, without: str = "") -> bool:
    codes = {country.code for country in article.countries}
    names = {person.name for person in article.persons}
    if filters.countries and without != "country" and not codes & set(filters.countries):
        return False
    if filters.persons and without != "person" and not names & set(filters.persons):
        return False
    if filters.story is not None and filters.story not in (article.id, article.story):
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


def results(query: Query, articles: Sequence[Article], *, without: str = "") -> list[Article]:
    """Return the articles that match the query after relaxing and pass the filters."""
    query = query_to_relax(query, articles)
    least, weights = relaxation(query, articles)
    return [
        article
        for article in articles
        if passes_filters(query.filters, article, without=without)
        and (matches(query.parsed.tree, article) if least is None else weight_of(query, article, weights) >= least)
    ]


def relaxation(query: Query, articles: Sequence[Article]) -> tuple[int | None, Weights]:
    """Return the minimum weight that a result needs, and the words with their weights.

    The minimum is None if all words are required. docs/query.md states the rules.
    """
    words = [(tuple(token.stem for token in word.tokens), word.node) for word in query.parsed.plain_words]
    weights = {stems: (node, rarity(stems, articles)) for stems, node in words}
    strict_matches = [article for article in articles if matches(query.parsed.tree, article)]
    few = len(weights) <= 2
    if not words or (len(weights) <= 5 and len(strict_matches) >= (1 if few else 10)):
        return None, []
    known = sorted((one for one in weights.values() if one[1]), key=lambda one: one[1])
    if not known:
        return None, []
    if query.parsed.is_sentence:
        size = len(articles)
        idfs = [math.log(1 + (size - n + 0.5) / (n + 0.5)) for _, n in known]
        weighted = [(node, max(1, round(4 * idf / max(idfs)))) for (node, _), idf in zip(known, idfs, strict=True)]
    else:
        weighted = [(node, 2**place) for (node, _), place in zip(known, reversed(range(len(known))), strict=True)]
    enough = min(200, max(10, len(articles) // 10)) if query.parsed.is_sentence or not few else 1
    totals = sorted((weight_of(query, article, weighted) for article in articles), reverse=True)
    totals = [one for one in totals if one]
    return max(totals[min(enough, len(totals)) - 1] if totals else 0, 1), weighted


def query_to_relax(query: Query, articles: Sequence[Article]) -> Query:
    """Return the query to relax. Phrases of a sentence become plain words if too few articles have them."""
    strict_matches = [article for article in articles if matches(query.parsed.tree, article)]
    stems = {tuple(token.stem for token in word.tokens) for word in query.parsed.plain_words}
    if not query.parsed.is_sentence or (len(stems) <= 5 and len(strict_matches) >= (1 if len(stems) <= 2 else 10)):
        return query
    candidates = [
        one
        for one in articles
        if _has_required(query, one) and any(matches(w.node, one) for w in query.parsed.plain_words)
    ]
    quoted = [part for part in query.parsed.other_parts if phrase_of(part.node)]
    if not quoted or len(candidates) >= 10:
        return query
    words = list(query.parsed.plain_words)
    for part in quoted:
        tokens = tuple(analysis.tokenize(" ".join(phrase_of(part.node))))
        if len(tokens) > 1 and all(token.word.isascii() and len(token.word) > 1 for token in tokens):
            words += [replace(part, node=tree.Term("text", one.stem), tokens=(one,)) for one in tokens]
        else:
            words.append(replace(part, tokens=tokens))
    required = [part.node for part in query.parsed.other_parts if part not in quoted]
    rest = tree.And([tree.Every(), *required])
    whole = tree.And([rest, *(word.node for word in words)])
    return replace(query, parsed=replace(query.parsed, plain_words=tuple(words), required=rest, tree=whole))


def phrase_of(node: tree.Query) -> tuple[str, ...]:
    """Return the words of a node that requires one phrase, in the title or the body; () for any other node."""
    leaves = [] if isinstance(node, tree.Not) else list(node.leaves())
    if {leaf.fieldname for leaf in leaves} not in ({"title_words", "body_words"}, {"title", "body"}):
        return ()
    if any(not isinstance(leaf, tree.Phrase) and type(leaf) is not tree.Term for leaf in leaves):
        return ()
    phrases = {tuple(leaf.words) if isinstance(leaf, tree.Phrase) else (leaf.text,) for leaf in leaves}
    return phrases.pop() if len(phrases) == 1 else ()


def _has_required(query: Query, article: Article) -> bool:
    """Return whether an article matches all parts of the query that are required besides the plain words."""
    return query.parsed.required is None or matches(query.parsed.required, article)


def rarity(stems: Sequence[str], articles: Sequence[Article]) -> int:
    return min(sum(stem in field_tokens(article, "text") for article in articles) for stem in stems)


def weight_of(query: Query, article: Article, weights: Weights) -> int:
    """Return the total weight of the words in an article, or 0 if it lacks another required part of the query."""
    if not _has_required(query, article):
        return 0
    return sum(weight for node, weight in weights if matches(node, article))


def counts(query: Query, articles: Sequence[Article], facet: str) -> Counter[str]:
    """Return the counts of all values of a facet."""
    total: Counter[str] = Counter()
    for article in results(query, articles, without=facet):
        if facet == "country":
            total.update({country.code for country in article.countries})
        elif facet == "person":
            total.update({person.name for person in article.persons})
        elif article.day:
            total[f"{article.day:%Y-%m}"] += 1
    return total


def listed_values(query: Query, articles: Sequence[Article], facet: str) -> list[tuple[str, int]]:
    """Return the values that a facet lists: the best by count, then by value, and all selected values."""
    total = counts(query, articles, facet)
    best = sorted(total.items(), key=lambda item: (-item[1], item[0]))[: query.facet_size]
    selected = query.filters.countries if facet == "country" else query.filters.persons
    listed = {value for value, _ in best}
    return [*best, *((value, total[value]) for value in dict.fromkeys(selected) if value not in listed)]


def is_sorted(values: Sequence[object]) -> bool:
    return all(a <= b for a, b in pairwise(values))  # type: ignore[operator]
