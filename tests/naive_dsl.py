"""What OpenSearch answers to the queries that we make, written down without a server."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any

import oracle

from search.storage.fields import key_of

if TYPE_CHECKING:
    from search.engines.opensearch.query import Dsl
    from search.model import Article

TOKENS = frozenset({"text", "title", "body", "title_words", "body_words", "person_words", "source_words"})


def values(article: Article, field: str) -> list[Any]:
    if field in TOKENS:
        return oracle.field_tokens(article, field)
    found = {
        "country": [country.code for country in article.countries],
        "person": [person.name for person in article.persons],
        "source": [article.source] if article.source else [],
        "day": [article.day.toordinal()] if article.day else [],
        "own_key": [key_of(article.id)],
        "group": [key_of(article.story)],
        "story": [article.story],
    }
    return found[field]


def score(query: Dsl, article: Article) -> float | None:
    """Return the score of an article, each term and phrase counting 1; None where it does not match."""
    ((kind, body),) = query.items()
    if kind == "bool":
        return _bool(body, article)
    if kind == "function_score":
        return _function_score(body, article)
    if kind == "constant_score":
        return None if score(body["filter"], article) is None else body["boost"]
    if kind == "match_all":
        return float(body.get("boost", 1.0))
    return body_boost(kind, body) if _leaf(kind, body, article) else None


def body_boost(kind: str, body: Dsl) -> float:
    if kind == "terms":
        return float(body.get("boost", 1.0))
    (asked,) = body.values()
    return float(asked.get("boost", 1.0)) if isinstance(asked, dict) else 1.0


def _bool(body: Dsl, article: Article) -> float | None:
    assert set(body) <= {"must", "filter", "should", "must_not", "minimum_should_match", "boost"}
    assert body.get("must") or body.get("filter") or body.get("should")
    needed = [score(one, article) for one in body.get("must", ())]
    silent = [score(one, article) for one in body.get("filter", ())]
    optional = [found for one in body.get("should", ()) if (found := score(one, article)) is not None]
    least = body.get("minimum_should_match", 0 if needed or silent else 1)
    if None in needed or None in silent or len(optional) < least:
        return None
    if any(score(one, article) is not None for one in body.get("must_not", ())):
        return None
    return (sum(one for one in needed if one) + sum(optional)) * body.get("boost", 1.0)


def _function_score(body: Dsl, article: Article) -> float | None:
    assert body["score_mode"] == "sum"
    assert body["boost_mode"] == "replace"
    if score(body["query"], article) is None:
        return None
    weights = [one["weight"] for one in body["functions"] if score(one["filter"], article) is not None]
    total = sum(weights) if weights else 1.0
    return None if total < body.get("min_score", 0.0) else float(total)


def _leaf(kind: str, body: Dsl, article: Article) -> bool:
    field = next(name for name in body if name != "boost")
    asked, found = body[field], values(article, field)
    if kind == "terms":
        return not set(asked).isdisjoint(found)
    if kind == "term":
        return (asked["value"] if isinstance(asked, dict) else asked) in found
    if kind == "prefix":
        return any(token.startswith(asked["value"]) for token in found)
    if kind == "wildcard":
        return any(re.fullmatch(fnmatch.translate(asked["value"]), token) for token in found)
    if kind == "regexp":
        return any(re.fullmatch(asked["value"], token) for token in found)
    if kind == "range":
        return any(asked["gte"] <= value <= asked["lte"] for value in found)
    assert kind == "match_phrase"
    assert asked["analyzer"] == "gapped"
    words = asked["query"].split(" ")
    runs = (found[start : start + len(words)] for start in range(len(found)))
    return any(
        len(run) == len(words) and all(word in ("¦", token) for word, token in zip(words, run, strict=True))
        for run in runs
    )
