"""Sends requests to an OpenSearch cluster: to any of its hosts, within a time limit, with errors that name a remedy.

This module distinguishes all failures:

- `UnavailableError`: the cluster does not answer
- `MissingIndex`: the index is gone
- `ConflictError`: another process changed the document
- `InvalidQueryError`: the query is too large
- `SettingError`: a setting is wrong
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from opensearchpy import ConnectionTimeout, SerializationError, SSLError, Transport, TransportError
from urllib3.util import Timeout

from search.engines.opensearch.address import address_of
from search.engines.opensearch.connection import Connection, authorization, certificates
from search.engines.opensearch.failures import (
    REMEDY,
    BusyError,
    MissingIndex,
    failure,
    failure_of_search,
    is_passing,
    no_opensearch,
)
from search.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from search.settings import Settings

__all__ = ["Client", "MissingIndex"]

CONNECT_SECONDS: Final = 2.0
"""Maximum seconds to connect to a host. After that the next host is tried."""

DEAD_SECONDS: Final = 1.0
"""Seconds for which a failed host is skipped. Each further failure doubles them, up to eight times.

If all hosts have failed, they are tried nevertheless.
"""

WRITE_TIMES: Final = 6
"""Timeout of writes, as a multiple of the timeout of searches."""

PATIENCE: Final = 180.0
"""Seconds for which a write is retried. A cluster that has lost a node needs up to a minute to recover."""

PAUSES: Final = (0.2, 0.6)
"""Seconds to wait before the first and the second retry of a search."""

KEEP_ALIVE: Final = "5m"
"""Time for which OpenSearch keeps a point in time after each page that is read from it."""

SEARCHES: Final = {"allow_partial_search_results": "false"}

T = TypeVar("T")


class Client:
    """A client of the cluster that a URL names. It is safe to share between threads, and connects at the first request.

    Raises:
        SettingError: The URL is malformed, or the file of certificates cannot be read.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self.address = address_of(url)
        self.timeout = float(settings.opensearch_timeout)
        self._attempts = max(2, len(self.address.hosts))  # a retry in case a host has closed an idle connection
        self._transport = Transport(
            [{"host": host.name, "port": host.port} for host in self.address.hosts],
            connection_class=Connection,
            max_retries=0,
            retry_on_timeout=True,  # opensearch-py 3.2: without retries, only marks the host as dead
            dead_timeout=DEAD_SECONDS,
            timeout_cutoff=3,
            pool_maxsize=16,
            headers=authorization(self.address.login),
            **(certificates(settings.opensearch_ca) if self.address.secure else {}),
        )

    # Requests of any kind

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Return the decoded response to a request. The hosts are tried in turn until one answers.

        Raises:
            UnavailableError: No host answers in time, or the cluster is busy.
            MissingIndex: An index, an alias or a point in time does not exist.
            ConflictError: The document has another version than the request names.
            SettingError: The certificate, the login or the user's rights are wrong, or the server is not OpenSearch.
            SearchError: The cluster refuses the request for another reason; the message says it.
        """
        return self._retry_if_busy(lambda: self._ask(method, path, body, params))

    def insist(
        self, method: str, path: str, body: Any = None, accept: Callable[[Any], bool] | None = None, **params: Any
    ) -> Any:
        """Send a request as `ask` does, with a longer timeout and retries for `PATIENCE` seconds.

        The request must be idempotent. A response that `accept` returns False for is retried, too.
        """
        end, pause = time.monotonic() + PATIENCE, 0.25
        while True:
            try:
                answer = self._perform(method, path, body, params, self.timeout * WRITE_TIMES)
                if accept is None or accept(answer):
                    return answer
                if time.monotonic() > end:
                    raise UnavailableError(f"OpenSearch at {self.address.listed} answers only in part.", remedy=REMEDY)
            except TransportError as error:
                if not is_passing(error) or time.monotonic() > end:
                    raise failure(error, self.address) from error
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the retries of several writers
            pause = min(pause * 2, 15.0)

    def _ask(self, method: str, path: str, body: Any, params: Mapping[str, Any]) -> Any:
        try:
            return self._perform(method, path, body, params, self.timeout)
        except TransportError as error:
            raise failure(error, self.address) from error

    def _retry_if_busy(self, request: Callable[[], T]) -> T:
        """Return the result of a request; retry it twice while the cluster answers that it is busy.

        For some tenths of a second after a node stops, other nodes may still send requests to it.
        """
        start = time.monotonic()
        for pause in PAUSES:
            try:
                return request()
            except BusyError:
                if time.monotonic() - start > self.timeout / 2:
                    raise
            time.sleep(pause)
        return request()

    def _perform(self, method: str, path: str, body: Any, params: Mapping[str, Any], seconds: float) -> Any:
        """Try the hosts in turn. While another attempt remains, one host gets at most half of the remaining time."""
        end = time.monotonic() + seconds
        text = body if body is None or isinstance(body, str) else json.dumps(body)  # json escapes lone surrogates
        for left in reversed(range(self._attempts)):
            rest = max(end - time.monotonic(), 0.1)
            share = rest / 2 if left and len(self.address.hosts) > 1 else rest
            limits: Any = Timeout(connect=min(CONNECT_SECONDS, share), read=share)
            try:
                answer = self._transport.perform_request(method, path, params=dict(params), body=text, timeout=limits)
            except SerializationError as error:
                raise no_opensearch(self.address) from error
            except TransportError as error:
                late = isinstance(error, ConnectionTimeout) and len(self.address.hosts) == 1
                if not is_passing(error) or isinstance(error, SSLError) or late or not left or time.monotonic() > end:
                    raise
            else:
                if not isinstance(answer, dict):
                    raise no_opensearch(self.address)
                return answer
        raise AssertionError("the last attempt returns or raises")

    # Searches

    def search(self, index: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response of all shards of an index to a search. Raises the errors of `msearch`."""
        params = {"search_type": "dfs_query_then_fetch", **SEARCHES}
        return self._retry_if_busy(lambda: self._complete(self._ask("POST", f"/{index}/_search", body, params)))

    def msearch(
        self, searches: Sequence[tuple[str, Mapping[str, Any]]], preference: str | None = None
    ) -> list[dict[str, Any]]:
        """Run several searches in one request and return their responses. Each search is an index name and a body.

        Searches with the same `preference` go to the same shard copies while these are available.

        Raises:
            UnavailableError: The cluster does not answer, or a shard fails. Partial responses are never accepted.
            MissingIndex: One of the indexes, or a point in time, is gone.
            InvalidQueryError: A query has more clauses than the cluster allows.
        """
        header = {"search_type": "dfs_query_then_fetch", "allow_partial_search_results": False}
        if preference is not None:
            header["preference"] = preference
        lines = [json.dumps(line) for index, one in searches for line in ({"index": index, **header}, one)]
        body = "\n".join(lines) + "\n"
        return self._retry_if_busy(
            lambda: [self._complete(one) for one in self._ask("POST", "/_msearch", body, {})["responses"]]
        )

    def open_point_in_time(self, index: str) -> str:
        """Open a point in time of an index and return its id, for `search_point_in_time`. It expires after minutes."""
        path = f"/{index}/_search/point_in_time"
        answer = self.ask("POST", path, keep_alive=KEEP_ALIVE, allow_partial_pit_creation="false")
        return str(answer["pit_id"])

    def close_point_in_time(self, pit: str) -> None:
        """Close a point in time. A missing one is no error."""
        try:
            self.ask("DELETE", "/_search/point_in_time", {"pit_id": [pit]})
        except MissingIndex:
            return

    def search_point_in_time(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to a search whose body names a point in time under `pit`."""
        return self._complete(self.ask("POST", "/_search", body, search_type="dfs_query_then_fetch", **SEARCHES))

    def _complete(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return a search response if it is complete; otherwise raise the error."""
        error = failure_of_search(answer, self.address)
        if error is not None:
            raise error
        return answer
