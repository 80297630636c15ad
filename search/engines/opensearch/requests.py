"""The bodies of searches that OpenSearch is asked to run. Pure functions, no server needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from search.model import Interval, Sort
from search.storage.fields import ORDER

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from search.engines.opensearch.query import Dsl
    from search.model import Query

Body: TypeAlias = dict[str, Any]

MOST_HITS: Final = 10_000
"""What one request may reach (`index.max_result_window`)."""

MOST_BUCKETS: Final = 60_000
"""Values that one aggregation is asked for; a search may have 65,535 of them (`search.max_buckets`)."""

PAGE_OF_BUCKETS: Final = 10_000
"""Values that are asked for at a time where all of them are wanted."""

FIRST_WIDTH: Final = 200
"""Values asked of each of several shards at first: enough to be sure of ten."""

FEW_DAYS: Final = 281
"""Distinct days, and one more, of the longest span that `auto` shows by days or weeks."""

BEST_FIRST: Final = ({"_score": "desc"}, {ORDER: "asc"})
SORTS: Final[dict[Sort, tuple[Dsl, ...]]] = {
    Sort.RELEVANCE: BEST_FIRST,
    Sort.NEWEST: ({ORDER: "asc"},),
    Sort.OLDEST: ({"instant": {"order": "asc", "missing": "_last"}}, {"id": "asc"}),
}

UNREAD: Final[Body] = {"stored_fields": "_none_", "track_total_hits": False}
"""Of articles nothing is read from where they are stored, not even their keys: 200 of them took 13 ms."""

MEMBERS: Final = ("group", "own_key", "length", "instant")
"""What says which article of a story is shown."""


def count(query: Dsl) -> Body:
    """Return what counts the articles that a query matches."""
    return {"size": 0, "query": query, "track_total_hits": True}


def scores(query: Dsl, places: int) -> Body:
    """Return what lists the best scores, so many."""
    return {"size": places, "query": query, **UNREAD}


def page(query: Dsl, sort: Sort, first: int, size: int) -> Body:
    """Return what lists articles in order, from a place on; their total is not counted."""
    return {
        "from": first,
        "size": size,
        "query": query,
        "sort": list(SORTS[sort]),
        "_source": ["record"],
        "track_total_hits": False,
    }


def listing(query: Dsl, sort: Sort, fields: Sequence[str]) -> Body:
    """Return what lists articles in order, as many as one request may, with values of some fields."""
    return {"size": MOST_HITS, "query": query, "sort": list(SORTS[sort]), "docvalue_fields": list(fields), **UNREAD}


def members(query: Dsl) -> Body:
    """Return what lists, out of the matches, those of stories that have copies."""
    among = {"bool": {"filter": [query, {"exists": {"field": "group"}}]}}
    return listing(among, Sort.NEWEST, MEMBERS) | {"track_total_hits": True}


def part(query: Dsl, keys: Sequence[str]) -> Body:
    """Return what tells which of some articles (by `opensearch_mapping.key`) match a query, and with what score."""
    among = {"bool": {"must": [query], "filter": [{"ids": {"values": list(keys)}}]}}
    return {"size": len(keys), "query": among, "_source": False, "track_total_hits": False}


def generation(build: str) -> Body:
    """Return what tells, asked of the alias of the companions, which generation serves; `build` names the field."""
    return {"size": 1, "query": {"ids": {"values": ["generation"]}}, "_source": [build]}


def groups() -> Body:
    """Return the aggregation of the matches by their story, of those that have copies."""
    return terms("group", PAGE_OF_BUCKETS)


def terms(field: str, size: int, include: Collection[str] | None = None) -> Body:
    """Return the aggregation of the most frequent values, as many a shard; `include` are those that count."""
    wanted: Body = {"field": field, "size": size, "shard_size": size}
    if include is not None:
        return {"terms": wanted | {"include": sorted(include)}}
    return {"terms": wanted | {"show_term_doc_count_error": True}}


def all_values(field: str, after: Any = None) -> Body:
    """Return the aggregation of a field's values in their order, a page of them, from the one that follows `after`."""
    composite: Body = {"size": PAGE_OF_BUCKETS, "sources": [{"value": {"terms": {"field": field}}}]}
    return {"composite": composite if after is None else composite | {"after": {"value": after}}}


def facet(name: str, query: Query, shards: int) -> dict[str, Body]:
    """Return the aggregations of a facet, by name."""
    if name == "date":
        return _dates(query.interval)
    selected = query.filters.countries if name == "country" else query.filters.persons
    found: dict[str, Body] = {}
    if query.facet_size:
        found[name] = terms(name, width(query.facet_size, shards))
    if selected:
        found[f"{name}_selected"] = terms(name, len(set(selected)), set(selected))
    return found


def width(size: int, shards: int) -> int:
    """Return how many values are asked for at first to be sure of so many."""
    return size if shards == 1 else max(FIRST_WIDTH, size + 1)


def _dates(interval: Interval) -> dict[str, Body]:
    month, day = terms("month", PAGE_OF_BUCKETS), terms("day", PAGE_OF_BUCKETS)
    if interval is Interval.AUTO:
        return {"span": {"stats": {"field": "day"}}, "month": month, "day": terms("day", FEW_DAYS)}
    return {"month": month} if interval in (Interval.MONTH, Interval.YEAR) else {"day": day}
