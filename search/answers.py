"""Results as the JSON object of `GET /v1/search`, for `dateline search --json`; and the one place that makes HTML.

The API describes the same shape with schemas; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.model import DateBucket, Explanation, FacetCount, Help, Hit, Results, Snippet


def to_html(snippet: Snippet) -> str:
    """Return a snippet as HTML: its ranges in `<mark>`, all else escaped."""
    parts = []
    done = 0
    for start, end in snippet.ranges:
        parts += [escape(snippet.text[done:start]), "<mark>", escape(snippet.text[start:end]), "</mark>"]
        done = end
    return "".join([*parts, escape(snippet.text[done:])])


def results(found: Results) -> dict[str, Any]:
    """Return what `GET /v1/search` answers."""
    counts = {
        "country": [_count(value) for value in found.countries],
        "person": [_count(value) for value in found.persons],
        "date": [_bucket(bucket) for bucket in found.dates],
    }
    return {
        "query": found.query.text,
        "total": found.total,
        "stories": found.stories,
        "took_ms": round(found.took_ms, 2),
        "page": found.query.page,
        "per_page": found.query.per_page,
        "corrected": found.corrected,
        "correction": found.correction,
        "relaxed": list(found.relaxed),
        "warnings": list(found.query.warnings),
        "hits": [_hit(hit) for hit in found.hits],
        "facets": {name: counts[name] for name in found.query.facets},
        "help": _help(found.help) if found.help else None,
    }


def _help(ways: Help) -> dict[str, Any]:
    return {
        "drops": [
            {"part": drop.part, "label": drop.label, "query": drop.text, "total": drop.total} for drop in ways.drops
        ],
        "near": [asdict(one) for one in ways.near],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    article = hit.article
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "published": article.published,
        "countries": [{"code": one.code, "name": one.name} for one in article.by_weight],
        "persons": [person.name for person in article.persons],
        "score": hit.score,
        "highlights": {"title": to_html(hit.title), "body": [to_html(fragment) for fragment in hit.fragments]},
        "copies": hit.copies,
        "story": article.story,
        **({"explanation": _explanation(hit.explanation)} if hit.explanation else {}),
    }


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "reasons": [{"label": reason.label, "score": reason.score} for reason in explanation.reasons],
        "recency": explanation.recency,
    }


def _count(value: FacetCount) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "count": value.count, "selected": value.selected}


def _bucket(bucket: DateBucket) -> dict[str, Any]:
    return {
        "value": bucket.value,
        "from": bucket.first.isoformat(),
        "to": bucket.last.isoformat(),
        "count": bucket.count,
    }
