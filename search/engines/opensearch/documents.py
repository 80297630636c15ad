"""What is stored in an index in OpenSearch, read whole: all articles, some of them, what a draft saved."""

from __future__ import annotations

import base64
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from search.engines.opensearch.client import KEEP_ALIVE, MissingIndex
from search.engines.opensearch.failures import failure_of_item
from search.engines.opensearch.generations import SAVED
from search.errors import SettingError, UnavailableError
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.engines.opensearch.client import Client
    from search.model import Article

TELLING: Final = ("id", "headline", "day", "story", "person", "country", "group")
"""What a lexicon needs to know of an article, and whether it is known to have copies."""

WHOLE: Final = ("id", "record", "digest", "signature")

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
    return [whole(document) for document in answer["docs"]]


def whole(document: Mapping[str, Any]) -> Article:
    """Return the article of which a document is stored. Raises `IndexDamagedError`."""
    found = document.get("_source", {})
    with records.readable(found.get("id", "")):
        signature = base64.b64decode(found["signature"])
        return records.restore(found["record"].encode(), digest=found["digest"], signature=signature)


def every(client: Client, index: str, after: str = "", *, more: Sequence[str] = ()) -> Iterator[Mapping[str, Any]]:
    """Yield all articles by id, from the one that follows `after`, as `whole` takes them, with `more` fields."""
    return scan(client, index, (*WHOLE, *more), after)


def scan(client: Client, index: str, fields: Sequence[str] = TELLING, after: str = "") -> Iterator[Mapping[str, Any]]:
    """Yield all articles by id, from the one that follows `after`; nobody may write to them.

    It goes on when a node ends.

    Raises:
        MissingIndex: The index is gone.
        UnavailableError: The cluster is away for longer than half a minute.
    """
    size = PAGE if fields == TELLING else WHOLE_PAGE
    body: dict[str, Any] = {"_source": list(fields), "sort": [{"id": "asc"}], "size": size, "track_total_hits": False}
    if after:
        body["search_after"] = [after]
    failures = 0
    while True:
        point = ""
        try:
            point = client.open_point_in_time(index)
            body["pit"] = {"id": point, "keep_alive": KEEP_ALIVE}
            while True:
                hits = client.search_point_in_time(body)["hits"]["hits"]
                yield from hits
                if len(hits) < size:
                    return
                body["search_after"], failures = hits[-1]["sort"], 0
        except (UnavailableError, MissingIndex) as error:
            failures += 1
            is_gone = isinstance(error, MissingIndex) and not point
            if is_gone or failures > FAILURES:
                raise
            time.sleep(failures)
        finally:
            if point:
                with suppress(UnavailableError):  # it ends by itself
                    client.close_point_in_time(point)


def saves(client: Client, index: str) -> Iterator[Mapping[str, Any]]:
    """Yield what was saved of a draft, in order."""
    body: dict[str, Any] = {"query": {"term": {"kind": SAVED}}, "sort": [{"number": "asc"}], "size": 20}
    while hits := client.search(index, body)["hits"]["hits"]:
        yield from hits
        body["search_after"] = hits[-1]["sort"]
