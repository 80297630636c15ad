"""One open generation of an OpenSearch index: articles by id, values in full, and what a call needs to stay with it."""

from __future__ import annotations

import base64
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from search.engines.opensearch import documents as stored
from search.engines.opensearch import requests
from search.engines.opensearch.client import KEEP_ALIVE, MissingIndex
from search.engines.opensearch.mapping import key
from search.engines.opensearch.query import Compiler
from search.engines.opensearch.view import View
from search.errors import IndexDamagedError, NotFoundError, UnavailableError
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.client import Client
    from search.engines.opensearch.companion import Files
    from search.engines.opensearch.query import Dsl
    from search.engines.opensearch.requests import Body
    from search.lexicon import Lexicon
    from search.model import Article, Entry, Query

BUILD = "build"
"""Of a generation's companion: what tells it from another one that had the same name."""

IDS_AT_ONCE = 1_000


class Swapped(Exception):  # noqa: N818 - nothing went wrong: another generation serves by now
    """Another generation serves than the one that is open."""


class Reader:
    """One generation, open. See `search.engines.base.OpenGeneration`.

    A call of the engine has a reader of its own (`for_call`): its first request also asks which generation serves, and
    raises `Swapped` where it is another one. Any request raises `MissingIndex` where the generation was pruned.
    """

    def __init__(self, client: Client, name: str, meta: Mapping[str, Any], files: Files) -> None:
        self.name = name
        self.meta = meta
        self._client = client
        self._files = files
        self._is_current = False
        self._preference = ""

    def for_call(self) -> Reader:
        """Return a reader of the same generation that looks anew whether this one serves."""
        return Reader(self._client, self.name, self.meta, self._files)

    def ensure_current(self) -> None:
        """Raise `Swapped` where another generation serves, unless an earlier request has looked."""
        if not self._is_current:
            self.ask()

    @property
    def size(self) -> int:
        """The number of articles."""
        return int(self.meta["articles"])

    @property
    def shards(self) -> int:
        """The number of its shards, or 2 where it is not known: what holds for two holds for more."""
        return int(self.meta.get("shards", 2))

    @property
    def lexicon(self) -> Lexicon:
        """Its words, names and headlines."""
        return self._files.lexicon

    @cached_property
    def compiler(self) -> Compiler:
        """What compiles trees for this generation."""
        return Compiler(self.lexicon)

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term."""
        return self._files.frequency(field, term)

    def view(self, query: Query) -> View:
        """See `Generation.view`. All pages of a text come from the same copies of the shards, as scores may differ."""
        self._preference = key(query.text)
        return View(self, query)

    # Requests

    def ask(self, *bodies: Body) -> Sequence[Answer]:
        """Return the answers to searches of this generation, all in one request.

        Raises:
            Swapped: It is the first request, and another generation serves.
            MissingIndex: The generation was removed.
        """
        searches: list[tuple[str, Mapping[str, Any]]] = [(self.name, body) for body in bodies]
        if self._is_current:
            return self._client.msearch(searches, self._preference or None) if searches else ()
        alias = f"{self.name.rpartition('-')[0]}-files"
        serving, *answers = self._client.msearch(
            [(alias, requests.generation(BUILD)), *searches], self._preference or None
        )
        hits = serving["hits"]["hits"]
        if not hits or hits[0]["_index"] != f"{self.name}-files" or hits[0]["_source"][BUILD] != self.meta[BUILD]:
            raise Swapped
        self._is_current = True
        return answers

    def all_values(self, query: Dsl, field: str) -> dict[Any, int]:
        """Return all values of a field among the articles that match, with their exact counts."""
        found: dict[Any, int] = {}
        after = None
        while True:
            aggregation = {"values": requests.all_values(field, after)}
            (answer,) = self.ask({"size": 0, "query": query, "aggs": aggregation, "track_total_hits": False})
            buckets = answer["aggregations"]["values"]["buckets"]
            found.update((bucket["key"]["value"], bucket["doc_count"]) for bucket in buckets)
            if len(buckets) < requests.PAGE_OF_BUCKETS:
                return found
            after = buckets[-1]["key"]["value"]

    def scan(self, body: Body) -> Iterator[Answer]:
        """Yield all that a search lists, in its order; it is asked for a page of its size at a time."""
        point = self._client.open_point_in_time(self.name)
        body = body | {"pit": {"id": point, "keep_alive": KEEP_ALIVE}}
        try:
            while True:
                answer = self._client.search_point_in_time(body)
                hits: list[Answer] = answer["hits"]["hits"]
                yield from hits
                if len(hits) < body["size"]:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            self._client.close_point_in_time(point)

    def deep(self, ranked: Dsl, query: Query) -> list[Answer]:
        """Return a page that lies further down than one request reaches."""
        first = (query.page - 1) * query.per_page
        body = requests.listing(ranked, query.sort, ["id"])
        wanted = islice(self.scan(body), first, first + query.per_page)
        places = {key(hit["fields"]["id"][0]): hit["sort"] for hit in wanted}
        found = {hit["_id"]: hit for hit in self._by_key(list(places), ["record"])}
        return [{**found[one], "sort": sort} for one, sort in places.items()]

    def _by_key(self, keys: Sequence[str], fields: Sequence[str]) -> list[Answer]:
        parts = [keys[start : start + IDS_AT_ONCE] for start in range(0, len(keys), IDS_AT_ONCE)]
        bodies = [
            {"size": len(part), "query": {"ids": {"values": list(part)}}, "_source": list(fields) or False}
            for part in parts
        ]
        return [hit for body in bodies for answer in self.ask(body) for hit in answer["hits"]["hits"]]

    # Articles

    def get(self, article_id: str) -> Article:
        """See `Generation.get`."""
        hits = self._by_key([key(article_id)], stored.ARTICLE_FIELDS)
        if not hits:
            raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
        return stored.whole(hits[0])

    def story_of(self, article_id: str) -> str | None:
        """See `Generation.story_of`."""
        hits = self._by_key([key(article_id)], ["story"])
        return str(hits[0]["_source"]["story"]) if hits else None

    def holds(self, ids: Collection[str]) -> set[str]:
        """See `OpenGeneration.holds`."""
        keys = {key(one): one for one in ids}
        return {keys[hit["_id"]] for hit in self._by_key(list(keys), [])}

    def articles(self, after: str) -> Iterator[Article]:
        """See `OpenGeneration.articles`."""
        return (stored.whole(hit) for hit in self._every(after))

    def entries(self) -> Iterator[Entry]:
        """See `OpenGeneration.entries`."""
        for hit in self._every(more=["story"]):
            source = hit["_source"]
            with records.readable(source["id"]):
                entry = records.entry(
                    source["record"].encode(),
                    digest=source["digest"],
                    story=source["story"],
                    signature=base64.b64decode(source["signature"]),
                )
            yield entry

    def _every(self, after: str = "", *, more: Sequence[str] = ()) -> Iterator[Answer]:
        """Yield what is stored of all articles, by id."""
        try:
            yield from stored.every(self._client, self.name, after, more=more)
        except MissingIndex as error:
            raise UnavailableError(
                "The generation was removed while it was read.", remedy="Run the command again."
            ) from error

    # Check

    def problems(self) -> Iterator[str]:
        """See `OpenGeneration.problems`."""
        self.ensure_current()
        yield from self._files.problems()
        held = 0
        with_copies: set[str] = set()
        alone: set[str] = set()
        for hit in self._every(more=["group"]):
            held += 1
            source = hit["_source"]
            try:
                article = stored.whole(hit)
            except IndexDamagedError as error:
                yield error.message
                continue
            if hit["_id"] != key(article.id):
                yield f"Article {article.id} is stored in another one's place."
            if article.story != article.id:
                with_copies.add(article.story)
            if "group" not in source:
                alone.add(article.id)
        if held != self.meta["articles"]:
            yield f"It holds {held} articles, but {self.meta['articles']} were written."
        for story in sorted(with_copies & alone):
            yield f"Article {story} has copies that it does not know of."
