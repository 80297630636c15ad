"""Documents written to OpenSearch many at a time: whatever happens to it, each is there once, or there is an error."""

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
"""Of one request; larger ones are no quicker, and weigh on the memory of the cluster."""

AT_ONCE: Final = 2
"""Requests under way while the next articles are made ready."""

TOLD: Final = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"


class Item(NamedTuple):
    """One document to write, or to delete where there is no text; `label` is what messages call it."""

    label: str
    action: str
    text: str | None


def written(key: str, document: Mapping[str, Any], label: str) -> Item:
    """Return what writes a document in place of what stands under its key."""
    return Item(label, json.dumps({"index": {"_id": key}}), json.dumps(document, ensure_ascii=False))


def deleted(key: str, label: str) -> Item:
    """Return what deletes a document; one that is not there is no error."""
    return Item(label, json.dumps({"delete": {"_id": key}}), None)


def send(client: Client, alias: str, items: Iterable[Item]) -> None:
    """Write documents to the index of an alias. When this returns, they are on the disks of all its copies.

    What the cluster cannot take now is sent again, for some minutes.

    Raises:
        SearchError: A document is refused; the message names it.
        SettingError: The user may not write.
        IndexLockedError: The alias is gone: another process has taken over.
        UnavailableError: The cluster did not take them in all this time.
    """
    for chunk in _chunks(items):
        end, pause = time.monotonic() + PATIENCE, 0.25
        left = _sent(client, alias, chunk)
        while left:
            if time.monotonic() > end:
                raise UnavailableError(
                    f"OpenSearch has not taken {len(left)} documents for {PATIENCE:.0f} s.",
                    remedy="Look whether it has room and memory, then run the command again.",
                )
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - so that not all writers come at once
            pause = min(pause * 2, 15.0)
            left = _sent(client, alias, left)


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


def _sent(client: Client, alias: str, chunk: list[Item]) -> list[Item]:
    """Send documents, and return those that the cluster could not take now."""
    body = "".join(f"{line}\n" for item in chunk for line in (item.action, item.text) if line is not None)
    answer = client.insist("POST", f"/{alias}/_bulk", body, require_alias="true", timeout="30s", filter_path=TOLD)
    if not answer["errors"]:
        return []
    left = []
    for item, told in zip(chunk, answer["items"], strict=True):
        ((_, result),) = told.items()
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
        f"OpenSearch cannot take {item.label}: {reason[:500]}.", remedy="Leave it out, or report this, please."
    )


class Sender:
    """Sends documents while the next are made ready: what `send` raises comes up later, at the latest in `drain`.

    `first` is done before anything is sent.
    """

    def __init__(self, client: Client, alias: str, first: Callable[[], None]) -> None:
        self._client = client
        self._alias = alias
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=alias)
        self._first = self._threads.submit(first)
        self._under_way: list[Future[None]] = []

    def send(self, items: list[Item]) -> None:
        """Have documents sent; waits where enough are under way. Two of one key must not be so at once: `drain`."""
        while len(self._under_way) > AT_ONCE:
            self._under_way.pop(0).result()
        self._under_way.append(self._threads.submit(self._send, items))

    def drain(self) -> None:
        """Wait until all that was sent is there. Raises as `send` of this module does."""
        self._first.result()
        while self._under_way:
            self._under_way.pop(0).result()

    def _send(self, items: list[Item]) -> None:
        self._first.result()
        send(self._client, self._alias, items)

    def close(self) -> None:
        """Give up what has not begun, and wait for the rest."""
        self._threads.shutdown(cancel_futures=True)
