"""Translates OpenSearch's error responses into Dateline's errors. Pure functions, no server needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from opensearchpy import ConnectionError as NotConnected
from opensearchpy import ConnectionTimeout, SSLError

from search.errors import IndexLockedError, InvalidQueryError, SearchError, SettingError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opensearchpy import TransportError

    from search.engines.opensearch.address import Address

PASSING: Final = frozenset({429, 502, 503, 504})
"""HTTP statuses of temporary failures: the cluster is overloaded, or has just lost a node."""

GONE: Final = frozenset(
    {"index_not_found_exception", "search_context_missing_exception", "aliases_not_found_exception"}
)

TOO_LARGE: Final = re.compile(
    r"too_many(_nested)?_clauses|maxClauseCount|too_many_buckets|too_complex_to_determinize", re.IGNORECASE
)

DISK: Final = re.compile(r"flood-stage|read-only|disk usage", re.IGNORECASE)

REMEDY: Final = "Check that it is running, and try again in a moment."


class MissingIndex(SearchError):  # noqa: N818 - usually no error: the index was pruned
    """An index, an alias or a point in time does not exist (any more)."""


class BusyError(UnavailableError):
    """The cluster answers, but temporarily rejects requests: it is overloaded, or has just lost a node."""


class ConflictError(SearchError):
    """The document already exists, or has another version than the request names."""


def is_passing(error: TransportError) -> bool:
    """Return whether the same request may succeed on another host or a little later."""
    if isinstance(error, NotConnected):
        return True
    return error.status_code in PASSING and not (TOO_LARGE.search(_reason(error)) or DISK.search(_reason(error)))


def failure(error: TransportError, address: Address) -> SearchError:
    """Return the exception for a failed request."""
    if isinstance(error, NotConnected):
        return _not_connected(error, address)
    return _refused(int(error.status_code), _reason(error), error.info, address)


def failure_of_item(error: Mapping[str, Any], address: Address, status: int = 500) -> SearchError:
    """Return the exception for the error of a single document in a bulk or multi-get response."""
    return _refused(status, _described(error), error, address)


def no_opensearch(address: Address) -> SettingError:
    """Return the exception for a response that cannot come from OpenSearch."""
    return SettingError(
        f"The server at {address.listed} is not OpenSearch.",
        remedy="Write the host and port of OpenSearch into the URL, as in opensearch://host:9200/name.",
        field="DATELINE_INDEX",
    )


def taken_over() -> IndexLockedError:
    """Return the exception for a build whose alias is gone."""
    return IndexLockedError(
        "Another process has taken over the index and removed this build.",
        remedy="Nothing was changed. Run the command again when the other process has ended.",
    )


def failure_of_search(answer: Mapping[str, Any], address: Address) -> SearchError | None:
    """Return the exception for a failed or partial search response, or None."""
    if "error" in answer:
        return _refused(int(answer.get("status", 500)), _described(answer["error"]), answer, address)
    shards = answer.get("_shards")
    if not isinstance(shards, dict):
        return no_opensearch(address)
    if answer.get("timed_out") or shards["failed"]:
        reason = "; ".join(_causes(shards.get("failures", []))) or "it took too long"
        return _busy(f"did not answer from all shards: {reason}", address)
    return None


def _not_connected(error: NotConnected, address: Address) -> SearchError:
    cause = str(error.info)
    if isinstance(error, SSLError):
        plain = "WRONG_VERSION_NUMBER" in cause or "record layer" in cause
        return SettingError(
            f"OpenSearch at {address.listed} is not trusted: {cause}.",
            remedy="It does not use HTTPS: write opensearch://."
            if plain
            else "Set DATELINE_OPENSEARCH_CA to a file with the certificates that signed its certificate.",
            field="DATELINE_INDEX" if plain else "DATELINE_OPENSEARCH_CA",
        )
    late = isinstance(error, ConnectionTimeout) or "timed out" in cause
    problem = "does not answer in time" if late else f"does not answer: {_last(cause)}"
    return UnavailableError(f"OpenSearch at {address.listed} {problem}.", remedy=REMEDY)


def _refused(status: int, reason: str, info: Any, address: Address) -> SearchError:  # noqa: PLR0911 - a table
    if GONE & set(_types(info)):
        return MissingIndex(
            f"The index or point in time is gone from OpenSearch: {reason}.", remedy="Run the command again."
        )
    if status == 409:
        return ConflictError(
            f"OpenSearch has another version of the document: {reason}.", remedy="Run the command again."
        )
    if TOO_LARGE.search(reason):
        return InvalidQueryError(
            "The query is too large for the OpenSearch cluster.",
            remedy="Simplify the query, or raise indices.query.bool.max_clause_count in the cluster.",
            field="q",
        )
    if status == 401 or "security_exception" in reason:
        return _no_access(status, address)
    if DISK.search(reason):
        return SearchError(f"OpenSearch rejects all writes: {reason}.", remedy="Check that its disks have free space.")
    if status in PASSING or status >= 500:
        return _busy(f"is busy: {reason}", address)
    return SearchError(f"OpenSearch at {address.listed} refuses the request ({status}): {reason}.")


def _no_access(status: int, address: Address) -> SettingError:
    problem = "the user name or the password is wrong" if status == 401 else "the user lacks the rights"
    return SettingError(
        f"OpenSearch at {address.listed} refuses access: {problem}.",
        remedy="Write user and password into the URL, as in opensearch+https://user:password@host/name. "
        "The user needs the rights to read and manage the indexes of that name.",
        field="DATELINE_INDEX",
    )


def _busy(problem: str, address: Address) -> BusyError:
    return BusyError(f"OpenSearch at {address.listed} {problem}.", remedy=REMEDY)


def _reason(error: TransportError) -> str:
    info = error.info
    return _described(info["error"]) if isinstance(info, dict) and "error" in info else str(error.error)[:300]


def _described(error: Any) -> str:
    """Return the types and reasons in a nested OpenSearch error, each once."""
    return "; ".join(dict.fromkeys(_causes(error)))[:1000] or str(error)[:300]


def _causes(error: Any) -> Iterator[str]:
    if isinstance(error, dict):
        if isinstance(error.get("reason"), str):
            yield f"{error.get('type', 'error')}: {error['reason']}"
        for below in error.values():
            yield from _causes(below)
    elif isinstance(error, list):
        for one in error:
            yield from _causes(one)


def _types(error: Any) -> Iterator[str]:
    if isinstance(error, dict):
        if isinstance(error.get("type"), str):
            yield error["type"]
        for below in error.values():
            yield from _types(below)
    elif isinstance(error, list):
        for one in error:
            yield from _types(one)


def _last(cause: str) -> str:
    """Return the last part of a message that starts with a chain of classes and functions."""
    return cause.rpartition(": ")[2].strip("'\")( ") or cause
