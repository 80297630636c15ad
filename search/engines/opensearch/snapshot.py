"""One open generation of an OpenSearch index: its metadata, its companion, and the requests for reading it."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from search.engines.opensearch import requests
from search.engines.opensearch.client import KEEP_ALIVE
from search.engines.opensearch.mapping import key
from search.engines.opensearch.query import Compiler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.client import Client
    from search.engines.opensearch.companion import Companion
    from search.engines.opensearch.query import Dsl
    from search.engines.opensearch.requests import Body
    from search.lexicon import Lexicon
    from search.model import Query

BUILD = "build"
"""Field of the companion with the id of the build; it differs between two generations of the same name."""

IDS_AT_ONCE = 1_000
"""Articles that one search looks up by key."""


class Swapped(Exception):  # noqa: N818 - not an error: another generation serves
    """The open generation no longer serves."""


class Snapshot:
    """One open generation, during one call of the engine.

    The first request also asks which generation serves, and raises `Swapped` if it is another one. Every request raises
    `MissingIndex` if the generation was pruned. Searches of the same `preference` use the same shard copies.
    """

    def __init__(self, client: Client, name: str, meta: Mapping[str, Any], companion: Companion) -> None:
        self.name = name
        self.meta = meta
        self.client = client
        self.companion = companion
        self.preference = ""
        self.totals: dict[str, int] = {}
        """The numbers of matches of queries that were counted."""
        self.scores: dict[str, list[float]] = {}
        """The best scores of queries that were scored."""
        self._is_current = False

    def ensure_current(self) -> None:
        """Raise `Swapped` if another generation serves. No request is sent if an earlier one has checked it."""
        if not self._is_current:
            self.ask()

    @property
    def size(self) -> int:
        """The number of articles."""
        return int(self.meta["articles"])

    @property
    def shards(self) -> int:
        """The number of shards. If it is unknown, the value is 2, which works for any number above 1."""
        return int(self.meta.get("shards", 2))

    @property
    def lexicon(self) -> Lexicon:
        """The lexicon of the generation."""
        return self.companion.lexicon

    @cached_property
    def compiler(self) -> Compiler:
        """The compiler of query trees for this generation."""
        return Compiler(self)

    def near(self, word: str, typos: int) -> list[str]:
        """Return the similar words of the lexicon: see `search.engines.opensearch.query.SimilarWords`."""
        return self.lexicon.near(word, typos)

    def ask(self, *bodies: Body) -> Sequence[Answer]:
        """Send searches of this generation in one request and return their responses.

        Raises:
            Swapped: This is the first request, and another generation serves.
            MissingIndex: The generation was removed.
        """
        searches: list[tuple[str, Mapping[str, Any]]] = [(self.name, body) for body in bodies]
        if self._is_current:
            return self.client.msearch(searches, self.preference or None) if searches else ()
        alias = f"{self.name.rpartition('-')[0]}-files"
        serving, *answers = self.client.msearch(
            [(alias, requests.generation(BUILD)), *searches], self.preference or None
        )
        hits = serving["hits"]["hits"]
        if not hits or hits[0]["_index"] != f"{self.name}-files" or hits[0]["_source"][BUILD] != self.meta[BUILD]:
            raise Swapped
        self._is_current = True
        return answers

    def all_values(self, query: Dsl, field: str) -> dict[Any, int]:
        """Return all values of a field among the matches, with their exact counts."""
        counts: dict[Any, int] = {}
        after = None
        while True:
            aggregation = {"values": requests.all_values(field, after)}
            (answer,) = self.ask({"size": 0, "query": query, "aggs": aggregation, "track_total_hits": False})
            buckets = answer["aggregations"]["values"]["buckets"]
            counts.update((bucket["key"]["value"], bucket["doc_count"]) for bucket in buckets)
            if len(buckets) < requests.PAGE_OF_BUCKETS:
                return counts
            after = buckets[-1]["key"]["value"]

    def scan(self, body: Body) -> Iterator[Answer]:
        """Yield all hits of a search in order, a page of the body's size at a time."""
        point = self.client.open_point_in_time(self.name)
        body = body | {"pit": {"id": point, "keep_alive": KEEP_ALIVE}}
        try:
            while True:
                answer = self.client.search_point_in_time(body)
                hits: list[Answer] = answer["hits"]["hits"]
                yield from hits
                if len(hits) < body["size"]:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            self.client.close_point_in_time(point)

    def deep(self, ranked: Dsl, query: Query) -> list[Answer]:
        """Return a page beyond the hits that one request can reach."""
        first = (query.page - 1) * query.per_page
        body = requests.listing(ranked, query.sort, ["id"])
        page = islice(self.scan(body), first, first + query.per_page)
        places = {key(hit["fields"]["id"][0]): hit["sort"] for hit in page}
        hits = {hit["_id"]: hit for hit in self.by_key(list(places), ["record"])}
        return [{**hits[hit_key], "sort": sort} for hit_key, sort in places.items()]

    def by_key(self, keys: Sequence[str], fields: Sequence[str]) -> list[Answer]:
        """Return the hits of the articles with these keys, with some fields of their sources."""
        parts = [keys[start : start + IDS_AT_ONCE] for start in range(0, len(keys), IDS_AT_ONCE)]
        bodies = [
            {"size": len(part), "query": {"ids": {"values": list(part)}}, "_source": list(fields) or False}
            for part in parts
        ]
        return [hit for body in bodies for answer in self.ask(body) for hit in answer["hits"]["hits"]]
