"""The generations of an index in OpenSearch: building, swapping, pruning and rolling back.

The names of the indexes and aliases:

- `NAME-000007`: the articles of a generation; read-only after the swap
- `NAME-000007-files`: its companion with the lexicon, the tally and the metadata
- `NAME`, `NAME-files`: aliases of the serving generation and of its companion; one request moves both
- `NAME-000007-building-…`: alias of a running or killed build; its companion has one, too
- `NAME-lock`: the write lock; see `search.engines.opensearch.lock`

A build reads and writes through its alias, which is new for each attempt. If another process takes over and removes the
build, requests fail. Without the alias they would create the index again, or change the build of the other process.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from search.engines.opensearch.client import WRITE_TIMES, MissingIndex
from search.engines.opensearch.failures import taken_over
from search.engines.opensearch.listing import Listing, Place
from search.engines.opensearch.lock import Lock
from search.errors import IndexDamagedError, NoIndexError, SearchError, SettingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from search.engines.opensearch.client import Client

log = logging.getLogger("dateline.engine")

CHECKPOINT: Final = "saved"
"""Kind of the checkpoint documents in a companion; see `search.engines.opensearch.writer`."""

SETTLING: Final = 60.0
"""Maximum seconds to wait for the replicas of a build."""


class ClusterStore:
    """The generations of one index in a cluster. See `search.engines.protocols.Store`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._name = client.address.name
        self._lock: Lock | None = None

    def current(self) -> str:
        """Return the name of the serving generation. Raises `NoIndexError` if none serves."""
        serving = self._listing().serving
        if not serving:
            raise self.no_index()
        return serving

    def no_index(self) -> NoIndexError:
        """Return the exception for a missing index."""
        return NoIndexError(
            f"There is no index at {self._client.address.url} yet.", remedy="Build one: dateline reindex PATH..."
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of all complete generations, oldest first."""
        return self._listing().kept

    def size(self, name: str) -> int:
        """Return the size of a generation in bytes, without replicas. Raises `MissingIndex` if it was removed."""
        primaries = self._client.ask("GET", f"/{name},{name}-files/_stats/store")["_all"]["primaries"]
        if "store" not in primaries:  # the index is being removed
            raise MissingIndex(f"Generation {name} was removed meanwhile.", remedy="Run the command again.")
        return int(primaries["store"]["size_in_bytes"])

    @contextmanager
    def _writing(self, build_name: str = "") -> Iterator[None]:
        """Hold the write lock. First remove the remains of killed writers, except the build named `build_name`.

        Raises:
            IndexLockedError: Another process holds the lock; the message names its machine and its process id.
            SettingError: An index of another program has this name.
        """
        lock = Lock(self._client)
        lock.acquire()
        self._lock = lock
        try:
            self._remove(self._listing(patient=True).leftovers(build_name))
            yield
        finally:
            lock.release()

    @contextmanager
    def building(self, build_name: str = "") -> Iterator[Place]:
        """Hold the write lock, and yield a place to build in: see `search.engines.protocols.Store`.

        Raises:
            IndexLockedError: Another process holds the lock; the message names its machine and its process id.
            SettingError: An index of another program has this name.
        """
        with self._writing(build_name):
            listing = self._listing(patient=True)
            place = listing.resumable(build_name)
            if place is None:
                numbers = [int(one.removesuffix("-files")[-6:]) for one in listing.aliases]
                place = Place(f"{self._name}-{max(numbers, default=0) + 1:06d}", uuid.uuid4().hex, build_name)
            else:
                place = self._taken_over(place)
            try:
                yield place
            except BaseException as error:
                if not build_name or isinstance(error, IndexDamagedError):
                    with suppress(SearchError):  # the next write removes it
                        self._discard(place)
                raise
            self._discard(place)

    def _taken_over(self, place: Place) -> Place:
        """Return an interrupted build under a new alias, so that the process that started it can no longer write."""
        again = Place(place.index, uuid.uuid4().hex, place.build_name, started=True)
        moves = (
            (place.index, place.target, again.target),
            (place.companion, place.companion_target, again.companion_target),
        )
        actions: list[dict[str, Any]] = []
        for index, old, new in moves:
            actions.append({"remove": {"index": index, "alias": old, "must_exist": False}})
            actions.append({"add": {"index": index, "alias": new}})
        self._client.insist("POST", "/_aliases", {"actions": actions})
        self._client.insist("PUT", f"/{again.targets}/_settings", {"index.blocks.write": None})
        return again

    def _discard(self, place: Place) -> None:
        """Remove a build that was not swapped in. Builds that another process has taken over are left alone."""
        current = self._listing().places.get(place.index)
        if current is not None and current.target == place.target:
            self._remove([place.index, place.companion])

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article before the last checkpoint of a build, or "" without one."""
        place = self._listing().resumable(build_name)
        if place is None:
            return ""
        self._client.ask("POST", f"/{place.companion}/_refresh")
        newest = {"query": {"term": {"kind": CHECKPOINT}}, "_source": ["last"], "sort": [{"number": "desc"}], "size": 1}
        hits = self._client.search(place.companion, newest)["hits"]["hits"]
        return str(hits[0]["_source"]["last"]) if hits else ""

    def swap(self, place: Place, keep: int) -> str:
        """Make a build the serving generation, prune to the newest `keep`, and return its name.

        Raises:
            IndexLockedError: Another process has taken over the lock. Nothing was changed.
        """
        settle(self._client, place)
        self._client.insist("PUT", f"/{place.targets}/_settings", {"index.blocks.write": True})
        listing = self._listing(patient=True)
        kept = sorted({*listing.kept, place.index})
        pruned = [one for one in kept[: -max(keep, 1)] if one != place.index]
        build_indexes = [(place.index, place.target), (place.companion, place.companion_target)]
        self._held_lock().confirm()
        build_aliases = [{"remove": {"index": one, "alias": two, "must_exist": True}} for one, two in build_indexes]
        self._serve(place.index, listing, pruned, build_aliases)
        log.info("Swapped in generation %s", place.index, extra={"generation": place.index})
        for old in pruned:
            log.info("Pruned generation %s", old, extra={"generation": old})
        return place.index

    def rollback(self) -> None:
        """Serve the previous generation, and delete the current one: see `search.engines.protocols.Store`."""
        self.current()  # raises if there is no index, before a lock is taken
        with self._writing():
            listing = self._listing()
            older = [one for one in listing.kept if one < listing.serving]
            if not older:
                raise NoIndexError(
                    f"No generation older than {listing.serving} is kept at {self._client.address.url}.",
                    remedy="Keep more with --keep or DATELINE_KEEP, or build the index anew: dateline reindex PATH...",
                )
            self._held_lock().confirm()
            self._serve(older[-1], listing, [listing.serving], [])
        facts = {"before": listing.serving, "generation": older[-1]}
        log.info("Rolled back from generation %s to %s", listing.serving, older[-1], extra=facts)

    def _serve(self, index: str, listing: Listing, dropped: Collection[str], more: list[dict[str, Any]]) -> None:
        """Move the aliases to another generation and delete the dropped ones, in one atomic request.

        `more` are further alias actions for the same request.
        """
        actions = list(more)
        for suffix in ("", "-files"):
            if listing.serving and listing.serving not in dropped:
                alias = self._name + suffix
                actions.append({"remove": {"index": listing.serving + suffix, "alias": alias}})
            actions.append({"add": {"index": index + suffix, "alias": self._name + suffix}})
            actions += [{"remove_index": {"index": one + suffix}} for one in dropped]
        try:
            self._client.insist("POST", "/_aliases", {"actions": actions})
        except SearchError:
            if self._listing(patient=True).serving == index:  # a response was lost and the request repeated
                return
            raise

    def _held_lock(self) -> Lock:
        if self._lock is None:
            raise AssertionError("swap and rollback are called while writing")
        return self._lock

    def _listing(self, *, patient: bool = False) -> Listing:
        """Return the current indexes and aliases. An index `news` does not include those of `news-2024`.

        Raises `SettingError` if another program has an index with the name of the alias.
        """
        request = self._client.insist if patient else self._client.ask
        path = f"/{self._name},{self._name}-*/_alias"
        indexes = request("GET", path, expand_wildcards="all", ignore_unavailable="true")
        if self._name in indexes:
            raise self._foreign()
        pattern = re.compile(rf"{re.escape(self._name)}-\d{{6}}(-files)?")
        return Listing(
            self._name, {index: frozenset(indexes[index]["aliases"]) for index in indexes if pattern.fullmatch(index)}
        )

    def _remove(self, indexes: list[str]) -> None:
        for one in indexes:
            with suppress(MissingIndex):
                self._client.insist("DELETE", f"/{one}")

    def _foreign(self) -> SettingError:
        return SettingError(
            f"In OpenSearch, {self._name!r} is an index that Dateline did not make.",
            remedy="Give this index another name.",
            field="DATELINE_INDEX",
        )


def settle(client: Client, place: Place) -> None:
    """Wait up to a minute until all replicas of a build are complete, as far as the cluster has nodes for them.

    Each request only waits for a part of this time, so that it stays below the timeout of a host.

    Raises:
        IndexLockedError: Another process has taken over the index and removed the build.
    """
    conditions: dict[str, Any] = {
        "wait_for_status": "yellow",
        "wait_for_no_initializing_shards": "true",
        "wait_for_events": "languid",
        "timeout": f"{max(1, int(client.timeout * WRITE_TIMES / 4))}s",
    }
    end = time.monotonic() + SETTLING
    while client.insist("GET", f"/_cluster/health/{place.targets}", ignore=(408,), **conditions)["timed_out"]:
        try:
            client.insist("GET", f"/{place.targets}/_alias")
        except MissingIndex as error:
            raise taken_over() from error
        if time.monotonic() > end:
            return
