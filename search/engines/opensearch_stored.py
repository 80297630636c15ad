"""What a write reads of an index in OpenSearch: all articles, some of them, what a draft saved. Readers have more."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any, Final

from search import records
from search.engines.opensearch_client import KEEP_ALIVE, MissingIndex
from search.engines.opensearch_failures import failure_of_item
from search.engines.opensearch_store import SAVED
from search.errors import IndexDamagedError, SettingError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.engines.opensearch_client import Client
    from search.model import Article

TELLING: Final = ("id", "headline", "day", "story", "person", "country", "group")
"""What a lexicon needs to know of an article, and whether it is known to have copies."""

WHOLE: Final = ("record", "digest", "signature")

PAGE, WHOLE_PAGE = 2_000, 500
"""Articles of which a request tells that, or all."""

FAILURES: Final = 8
"""Times in a row that reading is taken up again where it was broken off: a point in time ends with its node."""


def articles(client: Client, index: str, keys: Sequence[str]) -> list[Article]:
    """Return articles as they are now, also those that searches do not see yet.

    Raises:
        IndexDamagedError: One of them is not there, or cannot be read.
        MissingIndex: The index is gone.
        SettingError: The user may not read it.
    """
    body = {"docs": [{"_id": one, "_source": list(WHOLE)} for one in keys]}

    def is_whole(answer: Mapping[str, Any]) -> bool:
        for document in answer["docs"]:
            error = failure_of_item(document["error"], client.address) if "error" in document else None
            if isinstance(error, (MissingIndex, SettingError)):
                raise error
            if error is not None:
                return False
        return True

    answer = client.insist("POST", f"/{index}/_mget", body, accept=is_whole)
    return [_article(document) for document in answer["docs"]]


def _article(document: Mapping[str, Any]) -> Article:
    try:
        found = document["_source"]
        signature = base64.b64decode(found["signature"])
        return records.restore(found["record"].encode(), digest=found["digest"], signature=signature)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise IndexDamagedError(
            f"The stored form of an article cannot be read: {error}.",
            remedy="Go back with dateline rollback, or build the index anew: dateline reindex PATH...",
        ) from error


def every(client: Client, index: str) -> Iterator[Article]:
    """Yield all whole articles of an index, by id. Raises `IndexDamagedError` where one cannot be read."""
    return map(_article, scan(client, index, {"match_all": {}}, WHOLE))


def scan(
    client: Client, index: str, query: Mapping[str, Any], fields: Sequence[str] = TELLING
) -> Iterator[Mapping[str, Any]]:
    """Yield all articles that match, by id; nobody may write to them. It goes on when a node ends."""
    size = PAGE if fields == TELLING else WHOLE_PAGE
    body: dict[str, Any] = {"query": query, "_source": list(fields), "sort": [{"id": "asc"}], "size": size}
    body["track_total_hits"] = False
    failures = 0
    while True:
        try:
            point = client.open_point_in_time(index)
            try:
                body["pit"] = {"id": point, "keep_alive": KEEP_ALIVE}
                while hits := client.search_point_in_time(body)["hits"]["hits"]:
                    yield from hits
                    body["search_after"], failures = hits[-1]["sort"], 0
                return
            finally:
                client.close_point_in_time(point)
        except (UnavailableError, MissingIndex):
            failures += 1
            if failures > FAILURES:
                raise
            time.sleep(failures)


def saves(client: Client, index: str) -> Iterator[Mapping[str, Any]]:
    """Yield what was saved of a draft, in order."""
    body: dict[str, Any] = {"query": {"term": {"kind": SAVED}}, "sort": [{"number": "asc"}], "size": 20}
    while hits := client.search(index, body)["hits"]["hits"]:
        yield from hits
        body["search_after"] = hits[-1]["sort"]
