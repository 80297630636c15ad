"""From what OpenSearch answers when something is wrong to our errors. Pure functions, no server."""

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
"""Answers of a cluster that has too much to do, or has lost a node a moment ago."""

GONE: Final = frozenset(
    {"index_not_found_exception", "search_context_missing_exception", "aliases_not_found_exception"}
)

TOO_LARGE: Final = re.compile(
    r"too_many(_nested)?_clauses|maxClauseCount|too_many_buckets|too_complex_to_determinize", re.IGNORECASE
)

DISK: Final = re.compile(r"flood-stage|read-only|disk usage", re.IGNORECASE)

REMEDY: Final = "Look whether it runs, and try again in a moment."


class MissingIndex(SearchError):  # noqa: N818 - what is missing is mostly no error, but was pruned
    """An index, an alias or a point in time that is not there (any more)."""


class BusyError(UnavailableError):
    """A cluster that answers, and cannot do it at this moment: it has too much to do, or has just lost a node."""


class ConflictError(SearchError):
    """A document is there already, or another one than the request was made for."""


def is_passing(error: TransportError) -> bool:
    """Return whether the same request may succeed on another host, or a little later."""
    if isinstance(error, NotConnected):
        return True
    return error.status_code in PASSING and not (TOO_LARGE.search(_reason(error)) or DISK.search(_reason(error)))


def failure(error: TransportError, address: Address) -> SearchError:
    """Return what to raise for a request that failed."""
    if isinstance(error, NotConnected):
        return _not_connected(error, address)
    return _refused(int(error.status_code), _reason(error), error.info, address)


def failure_of_item(error: Mapping[str, Any], address: Address, status: int = 500) -> SearchError:
    """Return what to raise for the error of one document out of several."""
    return _refused(status, _told(error), error, address)


def no_opensearch(address: Address) -> SettingError:
    """Return what to raise for an answer that OpenSearch does not give."""
    return SettingError(
        f"What answers at {address.listed} is no OpenSearch.",
        remedy="Write the host and the port at which OpenSearch listens into the URL, "
        "as in opensearch://host:9200/name.",
        field="DATELINE_INDEX",
    )


def taken_over() -> IndexLockedError:
    """Return what to raise where the alias of what is built is gone."""
    return IndexLockedError(
        "Another process has taken over the index and removed what was built.",
        remedy="Nothing was changed. Run the command again when the other has ended.",
    )


def failure_of_search(answer: Mapping[str, Any], address: Address) -> SearchError | None:
    """Return what to raise for an answer to a search that is none, or not from all shards; None if it is well."""
    if "error" in answer:
        return _refused(int(answer.get("status", 500)), _told(answer["error"]), answer, address)
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
            remedy="It speaks no https: write opensearch://."
            if plain
            else "Set DATELINE_OPENSEARCH_CA to the certificates that its own is signed with.",
            field="DATELINE_INDEX" if plain else "DATELINE_OPENSEARCH_CA",
        )
    late = isinstance(error, ConnectionTimeout) or "timed out" in cause
    what = "does not answer in time" if late else f"does not answer: {_last(cause)}"
    return UnavailableError(f"OpenSearch at {address.listed} {what}.", remedy=REMEDY)


def _refused(status: int, reason: str, info: Any, address: Address) -> SearchError:  # noqa: PLR0911 - a table
    if GONE & set(_types(info)):
        return MissingIndex(f"OpenSearch no longer has it: {reason}.", remedy="Run the command again.")
    if status == 409:
        return ConflictError(f"OpenSearch has another version: {reason}.", remedy="Run the command again.")
    if TOO_LARGE.search(reason):
        return InvalidQueryError(
            "Asks for more than the OpenSearch cluster allows in one query.",
            remedy="Ask for less, or raise indices.query.bool.max_clause_count in the cluster.",
            field="q",
        )
    if status == 401 or "security_exception" in reason:
        return _no_access(status, address)
    if DISK.search(reason):
        return SearchError(f"OpenSearch takes no writes: {reason}.", remedy="Look whether its disks have room.")
    if status in PASSING or status >= 500:
        return _busy(f"cannot do it now: {reason}", address)
    return SearchError(f"OpenSearch at {address.listed} refuses the request ({status}): {reason}.")


def _no_access(status: int, address: Address) -> SettingError:
    what = "user name or the password" if status == 401 else "rights of the user"
    return SettingError(
        f"OpenSearch at {address.listed} refuses access: the {what} will not do.",
        remedy="Write them into the URL, as in opensearch+https://user:password@host/name, "
        "and see that the user may read and manage the indexes of that name.",
        field="DATELINE_INDEX",
    )


def _busy(what: str, address: Address) -> BusyError:
    return BusyError(f"OpenSearch at {address.listed} {what}.", remedy=REMEDY)


def _reason(error: TransportError) -> str:
    info = error.info
    return _told(info["error"]) if isinstance(info, dict) and "error" in info else str(error.error)[:300]


def _told(error: Any) -> str:
    """Return the types and reasons in an error as OpenSearch nests them, each once."""
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
    """Return the end of a message that names the classes and places it came through."""
    return cause.rpartition(": ")[2].strip("'\")( ") or cause
