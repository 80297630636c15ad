"""The write lock of an index in OpenSearch: one document, which its holder renews.

Another process takes over the lock in two cases:

- The lock was not renewed for `LEASE` seconds, by the clocks of the two machines.
- The holder ran on the same machine and has ended.

Each change names the version that it replaces. So if two processes change the lock at once, one of them fails.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from search.engines.opensearch.failures import ConflictError, MissingIndex, failure_of_item
from search.errors import IndexLockedError, SearchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.engines.opensearch.client import Client

LEASE: Final = 30.0
"""Seconds without a renewal after which a lock is free."""

RENEWAL: Final = 5.0
"""Seconds between two renewals."""

ATTEMPTS: Final = 3
"""Attempts to take the lock. Another process may free it or take it over between two requests."""

INDEX: Final = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
    "mappings": {"dynamic": False, "properties": {}},
}


class Lock:
    """The write lock of one index. One thread acquires and releases it once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._index = f"{client.address.name}-lock"
        self._token = uuid.uuid4().hex
        self._since = time.time()
        self._version: dict[str, int] = {}
        self._changing = threading.Lock()
        self._ended = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name=f"{self._index}", daemon=True)

    def acquire(self) -> None:
        """Take the lock and start to renew it.

        Raises:
            IndexLockedError: Another process holds the lock; the message names its machine and its process id.
        """
        for _ in range(ATTEMPTS):
            held = self._held()
            if held is not None and not _is_free(held["_source"]):
                raise self._locked(held["_source"])
            try:
                self._write(self._client.ask, _version(held) if held is not None else {"op_type": "create"})
            except ConflictError:
                continue
            self._renewing.start()
            return
        held = self._held()
        raise self._locked(held["_source"] if held is not None else {})

    def confirm(self) -> None:
        """Renew the lock now. Raises `IndexLockedError` if another process has taken it over."""
        with self._changing:
            try:
                self._write(self._client.insist, self._version)
            except ConflictError:
                held = self._held()
                raise self._locked(held["_source"] if held is not None else {}, lost=True) from None

    def release(self) -> None:
        """Free the lock. If the request fails, the lock expires after `LEASE` seconds."""
        self._ended.set()
        self._renewing.join()
        with suppress(SearchError):
            self._client.ask("DELETE", f"/{self._index}/_doc/lock", **self._version)

    def _held(self) -> dict[str, Any] | None:
        """Return the current lock document, or None if nobody holds the lock."""
        body = {"docs": [{"_id": "lock"}]}
        document: dict[str, Any] = self._client.ask("POST", f"/{self._index}/_mget", body)["docs"][0]
        if "error" in document:
            error = failure_of_item(document["error"], self._client.address)
            if not isinstance(error, MissingIndex):
                raise error
            self._client.ask("PUT", f"/{self._index}", INDEX, ignore=(400,))  # 400: another process has just created it
        return document if document.get("found") else None

    def _write(self, request: Callable[..., Any], condition: dict[str, Any]) -> None:
        """Write the lock as held by this process. Raises `ConflictError` if the condition does not hold."""
        body = {
            "token": self._token,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "started": _started(os.getpid()),
            "space": _pid_namespace(),
            "since": self._since,
            "renewed": time.time(),
        }
        try:
            answer = request("PUT", f"/{self._index}/_doc/lock", body, **condition)
        except ConflictError:  # perhaps with this process: a response was lost and the request repeated
            held = self._held()
            if held is None or held["_source"]["token"] != self._token:
                raise
            answer = held
        self._version = _version(answer)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL):
            with self._changing, suppress(SearchError):  # `confirm` checks before a swap that the lock is still held
                self._write(self._client.ask, self._version)

    def _locked(self, holder: dict[str, Any], *, lost: bool = False) -> IndexLockedError:
        who = f"Process {holder['process']} on {holder['host']}" if holder else "Another process"
        name = self._client.address.url
        if lost:
            return IndexLockedError(
                f"{who} has taken over the index at {name}, because this process did not renew its lock in time.",
                remedy="Nothing was changed. Run the command again when the other process has ended.",
            )
        return IndexLockedError(
            f"{who} is writing to the index at {name}.",
            remedy="Wait until it has ended, or stop it. Then run the command again.",
        )


def _version(document: dict[str, Any]) -> dict[str, int]:
    return {"if_seq_no": document["_seq_no"], "if_primary_term": document["_primary_term"]}


def _is_free(holder: dict[str, Any]) -> bool:
    """Return whether a lock has expired or its holder has ended."""
    if abs(time.time() - holder["renewed"]) > LEASE:
        return True
    if holder["space"] != _pid_namespace():
        return False
    try:
        os.kill(holder["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # the process exists and belongs to another user
        return False
    return bool(holder["started"] != _started(holder["process"]))


@cache
def _pid_namespace() -> str:
    """Return an id shared by all processes that can look each other up by process id.

    It names the boot of the machine and the container.
    """
    try:
        booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {booted} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return f"{socket.gethostname()} {uuid.getnode()}"


def _started(process: int) -> str:
    """Return the start time of a process, in the kernel's clock ticks, or "" if it is unknown."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
