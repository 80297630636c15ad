"""The lock of the process that writes an index in OpenSearch: one document, which its holder keeps fresh.

A lock is taken over when it was not renewed for `LEASE` seconds, by the clocks of the two machines, or when its process
is gone from the machine that both run on. Each change names the version that it replaces, so of two that change it at
once one fails.
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
"""Seconds after which a lock that was not renewed is nobody's."""

RENEWAL: Final = 5.0
"""Seconds between two renewals."""

ATTEMPTS: Final = 3
"""A lock may be freed, or taken over by another, between two requests."""

INDEX: Final = {
    "settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"},
    "mappings": {"dynamic": False, "properties": {}},
}


class Lock:
    """The write lock of one index, held by one block of one thread."""

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
        """Take the lock, and keep it fresh from now on.

        Raises:
            IndexLockedError: Another process holds it; the message names machine and process.
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
        """Renew the lock now. Raises `IndexLockedError` where it was lost to another process."""
        with self._changing:
            try:
                self._write(self._client.insist, self._version)
            except ConflictError:
                held = self._held()
                raise self._locked(held["_source"] if held is not None else {}, lost=True) from None

    def release(self) -> None:
        """Free the lock; what cannot be freed now frees itself when its time is over."""
        self._ended.set()
        self._renewing.join()
        with suppress(SearchError):
            self._client.ask("DELETE", f"/{self._index}/_doc/lock", **self._version)

    def _held(self) -> dict[str, Any] | None:
        """Return the lock as it stands; None where nobody holds it."""
        body = {"docs": [{"_id": "lock"}]}
        document: dict[str, Any] = self._client.ask("POST", f"/{self._index}/_mget", body)["docs"][0]
        if "error" in document:
            error = failure_of_item(document["error"], self._client.address)
            if not isinstance(error, MissingIndex):
                raise error
            self._client.ask("PUT", f"/{self._index}", INDEX, ignore=(400,))  # 400: another made it just now
        return document if document.get("found") else None

    def _write(self, request: Callable[..., Any], condition: dict[str, Any]) -> None:
        """Write the lock as ours if the condition holds. Raises `ConflictError` where it does not."""
        body = {
            "token": self._token,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "started": _started(os.getpid()),
            "space": _space(),
            "since": self._since,
            "renewed": time.time(),
        }
        try:
            answer = request("PUT", f"/{self._index}/_doc/lock", body, **condition)
        except ConflictError:  # perhaps with ourselves: an answer was lost, and the request made again
            held = self._held()
            if held is None or held["_source"]["token"] != self._token:
                raise
            answer = held
        self._version = _version(answer)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWAL):
            with self._changing, suppress(SearchError):  # whoever swaps looks whether it is still ours
                self._write(self._client.ask, self._version)

    def _locked(self, holder: dict[str, Any], *, lost: bool = False) -> IndexLockedError:
        who = f"Process {holder['process']} on {holder['host']}" if holder else "Another process"
        name = self._client.address.url
        if lost:
            return IndexLockedError(
                f"{who} has taken over the index at {name}: this process was silent for too long.",
                remedy="Nothing was changed. Run the command again when the other has ended.",
            )
        return IndexLockedError(
            f"{who} is writing to the index at {name}.",
            remedy="Wait until it has ended, or end it, then run the command again.",
        )


def _version(document: dict[str, Any]) -> dict[str, int]:
    return {"if_seq_no": document["_seq_no"], "if_primary_term": document["_primary_term"]}


def _is_free(holder: dict[str, Any]) -> bool:
    """Return whether nobody can be holding a lock any more."""
    if abs(time.time() - holder["renewed"]) > LEASE:
        return True
    if holder["space"] != _space():
        return False
    try:
        os.kill(holder["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it is there, and somebody else's
        return False
    return bool(holder["started"] != _started(holder["process"]))


@cache
def _space() -> str:
    """Return what processes share that know each other by number: a start of a machine, or a container on it."""
    try:
        booted = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {booted} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # no Linux
        return f"{socket.gethostname()} {uuid.getnode()}"


def _started(process: int) -> str:
    """Return when a process was started, as the system counts; empty where it does not tell."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
