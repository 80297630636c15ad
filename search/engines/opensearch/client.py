"""Requests to an OpenSearch cluster: over all its hosts, within a time, with errors that say what to do.

What goes wrong is told apart here and nowhere else: a cluster that is away (`UnavailableError`), an index that is gone
(`MissingIndex`), a document that was changed by another (`ConflictError`), a query that is too large
(`InvalidQueryError`), a setting that is wrong (`SettingError`).
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
"""A host that takes longer to accept a connection is passed over."""

DEAD_SECONDS: Final = 1.0
"""A host that failed is not asked for so long, doubled with each further failure up to eight times; it is asked all the
same when all others failed, too."""

WRITE_TIMES: Final = 6
"""Writes have so many times as long as searches."""

PATIENCE: Final = 180.0
"""Seconds for which a write tries again: a cluster that has lost a node needs up to a minute to go on."""

PAUSES: Final = (0.2, 0.6)
"""Seconds after which a search is tried again that the cluster could not run."""

KEEP_ALIVE: Final = "5m"
"""How long a point in time is kept after each page that is read of it."""

SEARCHES: Final = {"allow_partial_search_results": "false"}

T = TypeVar("T")


class Client:
    """Requests to the cluster that a URL names. Threads may share one; making one opens no connection.

    Raises:
        SettingError: The URL or the certificates' file cannot be used.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self.address = address_of(url)
        self.timeout = float(settings.opensearch_timeout)
        self._attempts = max(2, len(self.address.hosts))  # one more where a host has closed an idle connection
        self._transport = Transport(
            [{"host": host.name, "port": host.port} for host in self.address.hosts],
            connection_class=Connection,
            max_retries=0,
            retry_on_timeout=True,  # with no retries, this only marks the host as dead
            dead_timeout=DEAD_SECONDS,
            timeout_cutoff=3,
            pool_maxsize=16,
            headers=authorization(self.address.login),
            **(certificates(settings.opensearch_ca) if self.address.secure else {}),
        )

    # Requests of any kind

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Return the answer to a request, decoded; all hosts are asked in turn until one answers.

        Raises:
            UnavailableError: No host answers in time, or the cluster cannot do it now.
            MissingIndex: An index, an alias or a point in time is not there.
            ConflictError: The document is another than the request says.
            SettingError: The certificate, the user or the user's rights do not do, or it is no OpenSearch.
            SearchError: It is refused for another reason; the message has it.
        """
        return self._patiently(lambda: self._ask(method, path, body, params))

    def insist(
        self, method: str, path: str, body: Any = None, accept: Callable[[Any], bool] | None = None, **params: Any
    ) -> Any:
        """Do as `ask`, but with more time, and again and again for `PATIENCE` seconds while the cluster cannot.

        For requests that do no harm when they are done twice. An answer that `accept` does not take is none.
        """
        end, pause = time.monotonic() + PATIENCE, 0.25
        while True:
            try:
                answer = self._perform(method, path, body, params, self.timeout * WRITE_TIMES)
                if accept is None or accept(answer):
                    return answer
                if time.monotonic() > end:
                    raise UnavailableError(f"OpenSearch at {self.address.listed} answers in part.", remedy=REMEDY)
            except TransportError as error:
                if not is_passing(error) or time.monotonic() > end:
                    raise failure(error, self.address) from error
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - so that not all writers come at once
            pause = min(pause * 2, 15.0)

    def _ask(self, method: str, path: str, body: Any, params: Mapping[str, Any]) -> Any:
        try:
            return self._perform(method, path, body, params, self.timeout)
        except TransportError as error:
            raise failure(error, self.address) from error

    def _patiently(self, request: Callable[[], T]) -> T:
        """Return what a request does, made again a little later while the cluster answers that it cannot now.

        For some tenths of a second after a node has ended, others may still count on it.
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
        """Ask one host after another; while others are left, none has more than half of the time."""
        end = time.monotonic() + seconds
        text = body if body is None or isinstance(body, str) else json.dumps(body)  # ASCII: half of a pair is well
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
        """Return what all shards of an index answer to a search. Raises as `msearch`."""
        params = {"search_type": "dfs_query_then_fetch", **SEARCHES}
        return self._patiently(lambda: self._whole(self._ask("POST", f"/{index}/_search", body, params)))

    def msearch(
        self, searches: Sequence[tuple[str, Mapping[str, Any]]], preference: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the answers to several searches, each an index's name and a body, of one request.

        Searches of the same `preference` go to the same copies of the shards, as long as these are there.

        Raises:
            UnavailableError: The cluster is away, or a shard did not answer: part of an answer is never taken.
            MissingIndex: One of the indexes, or a point in time, is gone.
            InvalidQueryError: A query has more parts than the cluster allows.
        """
        header = {"search_type": "dfs_query_then_fetch", "allow_partial_search_results": False}
        if preference is not None:
            header["preference"] = preference
        lines = [json.dumps(line) for index, one in searches for line in ({"index": index, **header}, one)]
        body = "\n".join(lines) + "\n"
        return self._patiently(
            lambda: [self._whole(one) for one in self._ask("POST", "/_msearch", body, {})["responses"]]
        )

    def open_point_in_time(self, index: str) -> str:
        """Return what names the present state of an index, for `search_point_in_time`; it is kept for some minutes."""
        path = f"/{index}/_search/point_in_time"
        answer = self.ask("POST", path, keep_alive=KEEP_ALIVE, allow_partial_pit_creation="false")
        return str(answer["pit_id"])

    def close_point_in_time(self, pit: str) -> None:
        """Free what a point in time holds; one that is gone is no error."""
        try:
            self.ask("DELETE", "/_search/point_in_time", {"pit_id": [pit]})
        except MissingIndex:
            return

    def search_point_in_time(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a search whose body names a point in time under `pit`."""
        return self._whole(self.ask("POST", "/_search", body, search_type="dfs_query_then_fetch", **SEARCHES))

    def _whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a search if it is one, and from all shards."""
        error = failure_of_search(answer, self.address)
        if error is not None:
            raise error
        return answer
