"""Writes documents to OpenSearch in bulk. Each document is stored exactly once, or an error is raised."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from search.engines.opensearch.client import PATIENCE
from search.engines.opensearch.failures import GONE, PASSING, failure_of_item, taken_over
from search.errors import SearchError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from search.engines.opensearch.client import Client

BYTES: Final = 5_000_000
"""Maximum bytes of one request. Larger requests are no faster and use more memory of the cluster."""

PARALLEL: Final = 2
"""Concurrent requests while the next articles are prepared."""

RESPONSE_FIELDS: Final = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
"""The fields that a response contains (`filter_path`)."""


class Item(NamedTuple):
    """A document to write, or to delete if `text` is None. `label` names the document in messages."""

    label: str
    action: str
    text: str | None


def written(key: str, document: Mapping[str, Any], label: str) -> Item:
    """Return the item that writes a document and replaces an older one with the same key."""
    return Item(label, json.dumps({"index": {"_id": key}}), json.dumps(document, ensure_ascii=False))


def deleted(key: str, label: str) -> Item:
    """Return the item that deletes a document. A missing document is no error."""
    return Item(label, json.dumps({"delete": {"_id": key}}), None)


def send(client: Client, alias: str, items: Iterable[Item]) -> None:
    """Write documents to the index of an alias. When this returns, they are on the disks of all replicas.

    Documents that the cluster temporarily rejects are sent again, for `PATIENCE` seconds.

    Raises:
        SearchError: OpenSearch refuses a document; the message names it.
        SettingError: The user may not write.
        IndexLockedError: The alias is gone, because another process has taken over the index.
        UnavailableError: The cluster rejected documents for `PATIENCE` seconds.
    """
    for chunk in _chunks(items):
        end, pause = time.monotonic() + PATIENCE, 0.25
        left = _send_once(client, alias, chunk)
        while left:
            if time.monotonic() > end:
                raise UnavailableError(
                    f"OpenSearch has rejected {len(left)} documents for {PATIENCE:.0f} s.",
                    remedy="Check its disk space and memory, then run the command again.",
                )
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the retries of several writers
            pause = min(pause * 2, 15.0)
            left = _send_once(client, alias, left)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        more = len(item.action) + len(item.text or "")
        if chunk and size + more > BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += more
    if chunk:
        yield chunk


def _send_once(client: Client, alias: str, chunk: list[Item]) -> list[Item]:
    """Send documents and return those to retry."""
    body = "".join(f"{line}\n" for item in chunk for line in (item.action, item.text) if line is not None)
    answer = client.insist(
        "POST", f"/{alias}/_bulk", body, require_alias="true", timeout="30s", filter_path=RESPONSE_FIELDS
    )
    if not answer["errors"]:
        return []
    left = []
    for item, outcome in zip(chunk, answer["items"], strict=True):
        ((_, result),) = outcome.items()
        if result["status"] in PASSING:
            left.append(item)
        elif "error" in result and result["status"] == 403:
            raise failure_of_item(result["error"], client.address, 403)
        elif "error" in result:
            raise _refused(item, result["error"])
    return left


def _refused(item: Item, error: Mapping[str, Any]) -> SearchError:
    if error["type"] in GONE:
        return taken_over()
    below = error.get("caused_by", {}).get("reason")
    reason = f"{error['reason']}: {below}" if below else error["reason"]
    return SearchError(
        f"OpenSearch refuses {item.label}: {reason[:500]}.", remedy="Leave it out, or report this as a bug."
    )


class Sender:
    """Sends documents in threads while the next ones are prepared.

    An error of a request is raised by a later call, at the latest by `drain`. `first` runs before the first request.
    """

    def __init__(self, client: Client, alias: str, first: Callable[[], None]) -> None:
        self._client = client
        self._alias = alias
        self._threads = ThreadPoolExecutor(PARALLEL, thread_name_prefix=alias)
        self._first = self._threads.submit(first)
        self._requests: list[Future[None]] = []

    def send(self, items: list[Item]) -> None:
        """Queue documents for sending; wait while too many requests are running.

        Call `drain` before a key is sent again: requests may overtake each other.
        """
        while len(self._requests) > PARALLEL:
            self._requests.pop(0).result()
        self._requests.append(self._threads.submit(self._send, items))

    def drain(self) -> None:
        """Wait until all documents are stored. Raises the errors of `send` in this module."""
        self._first.result()
        while self._requests:
            self._requests.pop(0).result()

    def _send(self, items: list[Item]) -> None:
        self._first.result()
        send(self._client, self._alias, items)

    def close(self) -> None:
        """Cancel the requests that have not started, and wait for the others."""
        self._threads.shutdown(cancel_futures=True)
