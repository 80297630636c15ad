"""Reads stored documents of an OpenSearch index: all articles, some of them, and the checkpoints of a build."""

from __future__ import annotations

import base64
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from search.engines.opensearch.client import KEEP_ALIVE, MissingIndex
from search.engines.opensearch.failures import failure_of_item
from search.engines.opensearch.generations import CHECKPOINT
from search.errors import SettingError, UnavailableError
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from search.engines.opensearch.client import Client
    from search.model import Article

ARTICLE_FIELDS: Final = ("id", "record", "digest", "signature")
"""The fields that make a complete article."""

PAGE, ARTICLE_PAGE = 2_000, 500
"""Articles in one response: with few fields, and with whole articles."""

FAILURES: Final = 8
"""Maximum failures in a row before reading stops. A point in time is lost when its node stops."""


def articles(client: Client, index: str, keys: Sequence[str]) -> list[Article]:
    """Return the current versions of articles, including those not yet visible to searches.

    Raises:
        IndexDamagedError: An article is missing or cannot be read.
        MissingIndex: The index is gone.
        SettingError: The user may not read it.
    """
    body = {"docs": [{"_id": one, "_source": list(ARTICLE_FIELDS)} for one in keys]}

    def is_complete(answer: Mapping[str, Any]) -> bool:
        for document in answer["docs"]:
            error = failure_of_item(document["error"], client.address) if "error" in document else None
            if isinstance(error, (MissingIndex, SettingError)):
                raise error
            if error is not None:
                return False
        return True

    answer = client.insist("POST", f"/{index}/_mget", body, accept=is_complete)
    return [whole(document) for document in answer["docs"]]


def whole(document: Mapping[str, Any]) -> Article:
    """Return the complete article of a stored document. Raises `IndexDamagedError` if it cannot be read."""
    source = document.get("_source", {})
    with records.readable(source.get("id", "")):
        signature = base64.b64decode(source["signature"])
        return records.restore(source["record"].encode(), digest=source["digest"], signature=signature)


def scan(client: Client, index: str, fields: Sequence[str], after: str = "") -> Iterator[Mapping[str, Any]]:
    """Yield the documents of all articles after the id `after`, in id order. Nobody may write to the index meanwhile.

    If a node stops, reading resumes after the last document.

    Raises:
        MissingIndex: The index is gone.
        UnavailableError: The cluster does not answer for more than half a minute.
    """
    size = ARTICLE_PAGE if "record" in fields else PAGE
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
                with suppress(UnavailableError):  # it expires by itself
                    client.close_point_in_time(point)


def checkpoints(client: Client, index: str) -> Iterator[Mapping[str, Any]]:
    """Yield the checkpoint documents of a build, in order."""
    body: dict[str, Any] = {"query": {"term": {"kind": CHECKPOINT}}, "sort": [{"number": "asc"}], "size": 20}
    while hits := client.search(index, body)["hits"]["hits"]:
        yield from hits
        body["search_after"] = hits[-1]["sort"]
