"""A naive implementation of the OpenSearch queries that Dateline sends, without a server."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any

from support import oracle

from search.engines.opensearch.mapping import key
from search.storage.fields import key_of

if TYPE_CHECKING:
    from search.engines.opensearch.query import Dsl
    from search.model import Article

TOKENS = frozenset({"text", "title", "body", "title_words", "body_words", "person_words", "source_words"})


def values(article: Article, field: str) -> list[Any]:
    if field in TOKENS:
        return oracle.field_tokens(article, field)
    fields = {
        "country": [country.code for country in article.countries],
        "person": [person.name for person in article.persons],
        "source": [article.source] if article.source else [],
        "day": [article.day.toordinal()] if article.day else [],
        "own_key": [key_of(article.id)],
        "group": [key_of(article.story)],
        "story": [article.story],
        "keys": list(article.keys),
    }
    return fields[field]


def score(query: Dsl, article: Article) -> float | None:
    """Return the score of an article, or None if it does not match. Each term and phrase scores 1."""
    ((kind, body),) = query.items()
    if kind == "bool":
        return _bool(body, article)
    if kind == "function_score":
        return _function_score(body, article)
    if kind == "constant_score":
        return None if score(body["filter"], article) is None else body["boost"]
    if kind == "ids":
        return float(body["boost"]) if key(article.id) in body["values"] else None
    if kind == "match_all":
        return float(body.get("boost", 1.0))
    return body_boost(kind, body) if _leaf(kind, body, article) else None


def body_boost(kind: str, body: Dsl) -> float:
    if kind == "terms":
        return float(body.get("boost", 1.0))
    (options,) = body.values()
    return float(options.get("boost", 1.0)) if isinstance(options, dict) else 1.0


def _bool(body: Dsl, article: Article) -> float | None:
    assert set(body) <= {"must", "filter", "should", "must_not", "minimum_should_match", "boost"}
    assert body.get("must") or body.get("filter") or body.get("should")
    needed = [score(one, article) for one in body.get("must", ())]
    filters = [score(one, article) for one in body.get("filter", ())]
    optional = [points for one in body.get("should", ()) if (points := score(one, article)) is not None]
    least = body.get("minimum_should_match", 0 if needed or filters else 1)
    if None in needed or None in filters or len(optional) < least:
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
    wanted, held = body[field], values(article, field)
    if kind == "terms":
        return not set(wanted).isdisjoint(held)
    if kind == "term":
        return (wanted["value"] if isinstance(wanted, dict) else wanted) in held
    if kind == "prefix":
        return any(token.startswith(wanted["value"]) for token in held)
    if kind == "wildcard":
        return any(re.fullmatch(fnmatch.translate(wanted["value"]), token) for token in held)
    if kind == "regexp":
        return any(re.fullmatch(wanted["value"], token) for token in held)
    if kind == "range":
        return any(wanted["gte"] <= value <= wanted["lte"] for value in held)
    assert kind == "match_phrase"
    assert wanted["analyzer"] == "gapped"
    words = wanted["query"].split(" ")
    runs = (held[start : start + len(words)] for start in range(len(held)))
    return any(
        len(run) == len(words) and all(word in ("¦", token) for word, token in zip(words, run, strict=True))
        for run in runs
    )
