"""Builds the bodies of search requests. Pure functions, no server needed."""

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
"""Maximum hits that one request can reach (`index.max_result_window`)."""

MOST_BUCKETS: Final = 60_000
"""Maximum values requested in one aggregation. OpenSearch 2.x allows 65,535 in a search (`search.max_buckets`)."""

PAGE_OF_BUCKETS: Final = 10_000
"""Values in one request when all values of a field are read."""

FIRST_WIDTH: Final = 200
"""Values requested at first from each of several shards: enough to be certain of the first ten."""

FEW_DAYS: Final = 281
"""Days requested for `auto`: one more than the days of the longest span that it shows by days or weeks."""

BEST_FIRST: Final = ({"_score": "desc"}, {ORDER: "asc"})
SORTS: Final[dict[Sort, tuple[Dsl, ...]]] = {
    Sort.RELEVANCE: BEST_FIRST,
    Sort.NEWEST: ({ORDER: "asc"},),
    Sort.OLDEST: ({"instant": {"order": "asc", "missing": "_last"}}, {"id": "asc"}),
}

UNREAD: Final[Body] = {"stored_fields": "_none_", "track_total_hits": False}
"""Options that read no stored fields, not even document ids. Reading stored fields of 200 articles took 13 ms."""

MEMBERS: Final = ("group", "own_key", "length", "instant")
"""The fields that decide which article of a story is shown."""


def count(query: Dsl) -> Body:
    """Return the request that counts the articles a query matches."""
    return {"size": 0, "query": query, "track_total_hits": True}


def scores(query: Dsl, places: int) -> Body:
    """Return the request for the `places` best scores."""
    return {"size": places, "query": query, **UNREAD}


def page(query: Dsl, sort: Sort, first: int, size: int) -> Body:
    """Return the request for a page of articles, sorted, from rank `first` on. The total is not counted."""
    return {
        "from": first,
        "size": size,
        "query": query,
        "sort": list(SORTS[sort]),
        "_source": ["record"],
        "track_total_hits": False,
    }


def listing(query: Dsl, sort: Sort, fields: Sequence[str]) -> Body:
    """Return the request for the first `MOST_HITS` articles, sorted, with the values of some fields."""
    return {"size": MOST_HITS, "query": query, "sort": list(SORTS[sort]), "docvalue_fields": list(fields), **UNREAD}


def members(query: Dsl) -> Body:
    """Return the request for all matches that belong to stories with copies."""
    among = {"bool": {"filter": [query, {"exists": {"field": "group"}}]}}
    return listing(among, Sort.NEWEST, MEMBERS) | {"track_total_hits": True}


def part(query: Dsl, keys: Sequence[str]) -> Body:
    """Return the request that finds which of the articles with these `mapping.key`s match a query, with scores."""
    among = {"bool": {"must": [query], "filter": [{"ids": {"values": list(keys)}}]}}
    return {"size": len(keys), "query": among, "_source": False, "track_total_hits": False}


def generation(build: str) -> Body:
    """Return the request to the companion alias for the build id of the serving generation, in the field `build`."""
    return {"size": 1, "query": {"ids": {"values": ["generation"]}}, "_source": [build]}


def groups() -> Body:
    """Return the aggregation that counts the matches of each story with copies."""
    return terms("group", PAGE_OF_BUCKETS)


def terms(field: str, size: int, include: Collection[str] | None = None) -> Body:
    """Return the aggregation of the `size` most frequent values, from each shard. `include` restricts the values."""
    options: Body = {"field": field, "size": size, "shard_size": size}
    if include is not None:
        return {"terms": options | {"include": sorted(include)}}
    return {"terms": options | {"show_term_doc_count_error": True}}


def all_values(field: str, after: Any = None) -> Body:
    """Return the aggregation for one page of a field's values in sorted order, starting after the value `after`."""
    composite: Body = {"size": PAGE_OF_BUCKETS, "sources": [{"value": {"terms": {"field": field}}}]}
    return {"composite": composite if after is None else composite | {"after": {"value": after}}}


def facet(name: str, query: Query, shards: int) -> dict[str, Body]:
    """Return the aggregations that count a facet, by name."""
    if name == "date":
        return _dates(query.interval)
    selected = query.filters.countries if name == "country" else query.filters.persons
    aggregations: dict[str, Body] = {}
    if query.facet_size:
        aggregations[name] = terms(name, width(query.facet_size, shards))
    if selected:
        aggregations[f"{name}_selected"] = terms(name, len(set(selected)), set(selected))
    return aggregations


def width(size: int, shards: int) -> int:
    """Return the number of values to request at first, for `size` values with certain counts."""
    return size if shards == 1 else max(FIRST_WIDTH, size + 1)


def _dates(interval: Interval) -> dict[str, Body]:
    month, day = terms("month", PAGE_OF_BUCKETS), terms("day", PAGE_OF_BUCKETS)
    if interval is Interval.AUTO:
        return {"span": {"stats": {"field": "day"}}, "month": month, "day": terms("day", FEW_DAYS)}
    return {"month": month} if interval in (Interval.MONTH, Interval.YEAR) else {"day": day}
