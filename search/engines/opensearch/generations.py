"""Where the generations of an index in OpenSearch are.

    NAME-000007                the articles of a generation; never written to after the swap
    NAME-000007-files          its companion: its lexicon, its tally, what it says of itself
    NAME, NAME-files           aliases of the generation that serves and of its companion, moved in one request
    NAME-000007-building-…     alias of one that is being built, or what a killed build left; so has its companion
    NAME-lock                  see `search.engines.opensearch.lock`

Whoever builds asks and writes through the alias, which is new with each attempt: where another process has taken over
and removed what was built, that fails instead of making an index of that name anew, or changing the other's.
"""

from __future__ import annotations

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

CHECKPOINT: Final = "saved"
"""Kind of the documents in a companion that say up to which id a draft is safe: see `opensearch_writer`."""

SETTLING: Final = 60.0
"""Seconds for which copies of what is built are waited for."""


class Clustered:
    """The generations of one index in a cluster: see `search.engines.base.Store`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._name = client.address.name
        self._lock: Lock | None = None

    def current(self) -> str:
        """Return the name of the generation that serves. Raises `NoIndexError` where there is none."""
        serving = self._listing().serving
        if not serving:
            raise self.no_index()
        return serving

    def no_index(self) -> NoIndexError:
        """Return what to raise where there is no index."""
        return NoIndexError(
            f"There is no index at {self._client.address.url} yet.", remedy="Build one: dateline reindex PATH..."
        )

    def names(self) -> tuple[str, ...]:
        """Return the generations that are kept, oldest first."""
        return self._listing().kept

    def size(self, name: str) -> int:
        """Return the bytes of a generation, each shard counted once. Raises `MissingIndex` where it was removed."""
        primaries = self._client.ask("GET", f"/{name},{name}-files/_stats/store")["_all"]["primaries"]
        if "store" not in primaries:  # it is just being removed
            raise MissingIndex(f"Generation {name} was removed while it was asked.", remedy="Run the command again.")
        return int(primaries["store"]["size_in_bytes"])

    @contextmanager
    def writing(self, build_name: str = "") -> Iterator[None]:
        """Hold the write lock; what an earlier, killed writer left is removed first, but for the draft of that name.

        Raises:
            IndexLockedError: Another process holds it; the message names machine and process.
            SettingError: An index of another program has the name.
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
        """Yield a place to build in, where there is nothing yet or a broken-off draft. Call it while `writing`.

        What was built there is removed when the block raises; that of a draft only when it turns out to be damaged.
        """
        listing = self._listing(patient=True)
        place = listing.resumable(build_name)
        if place is None:
            numbers = [int(one.removesuffix("-files")[-6:]) for one in listing.aliases]
            place = Place(f"{self._name}-{max(numbers, default=0) + 1:06d}", uuid.uuid4().hex, build_name)
        else:
            place = self._gone_on_with(place)
        try:
            yield place
        except BaseException as error:
            if not build_name or isinstance(error, IndexDamagedError):
                with suppress(SearchError):  # it is removed by the next write, then
                    self.discard(place)
            raise

    def _gone_on_with(self, place: Place) -> Place:
        """Give what is built a new alias, so that the process that began it can write to it no more."""
        again = Place(place.index, uuid.uuid4().hex, place.build_name, started=True)
        moves = ((place.index, place.target, again.target), (place.files, place.files_target, again.files_target))
        actions: list[dict[str, Any]] = []
        for index, old, new in moves:
            actions.append({"remove": {"index": index, "alias": old, "must_exist": False}})
            actions.append({"add": {"index": index, "alias": new}})
        self._client.insist("POST", "/_aliases", {"actions": actions})
        self._client.insist("PUT", f"/{again.targets}/_settings", {"index.blocks.write": None})
        return again

    def discard(self, place: Place) -> None:
        """Remove what was built for nothing, as far as it was made; never what another process builds by now."""
        made = self._listing().places.get(place.index)
        if made is not None and made.target == place.target:
            self._remove([place.index, place.files])

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article that a broken-off draft has safely; empty where there is none."""
        place = self._listing().resumable(build_name)
        if place is None:
            return ""
        self._client.ask("POST", f"/{place.files}/_refresh")
        newest = {"query": {"term": {"kind": CHECKPOINT}}, "_source": ["last"], "sort": [{"number": "desc"}], "size": 1}
        hits = self._client.search(place.files, newest)["hits"]["hits"]
        return str(hits[0]["_source"]["last"]) if hits else ""

    def swap(self, place: Place, keep: int) -> str:
        """Make what was built the serving generation, prune to the newest `keep`, and return its name.

        Raises:
            IndexLockedError: Another process has taken the lock over meanwhile. Nothing was changed.
        """
        settle(self._client, place)
        self._client.insist("PUT", f"/{place.targets}/_settings", {"index.blocks.write": True})
        listing = self._listing(patient=True)
        kept = sorted({*listing.kept, place.index})
        pruned = [one for one in kept[: -max(keep, 1)] if one != place.index]
        own = [(place.index, place.target), (place.files, place.files_target)]
        self._confirmed().confirm()
        ended = [{"remove": {"index": one, "alias": two, "must_exist": True}} for one, two in own]
        self._serve(place.index, listing, pruned, ended)
        return place.index

    def rollback(self) -> None:
        """Serve the newest older generation, and drop the current one."""
        listing = self._listing()
        if not listing.serving:
            raise self.no_index()
        older = [one for one in listing.kept if one < listing.serving]
        if not older:
            raise NoIndexError(
                f"No generation older than {listing.serving} is kept at {self._client.address.url}.",
                remedy="Keep more with --keep or DATELINE_KEEP, or build the index anew: dateline reindex PATH...",
            )
        self._confirmed().confirm()
        self._serve(older[-1], listing, [listing.serving], [])

    def _serve(self, index: str, listing: Listing, dropped: Collection[str], also: list[dict[str, Any]]) -> None:
        """Let another generation serve and remove others, all in one step that readers see whole or not at all."""
        actions = list(also)
        for suffix in ("", "-files"):
            if listing.serving and listing.serving not in dropped:
                alias = self._name + suffix
                actions.append({"remove": {"index": listing.serving + suffix, "alias": alias}})
            actions.append({"add": {"index": index + suffix, "alias": self._name + suffix}})
            actions += [{"remove_index": {"index": one + suffix}} for one in dropped]
        try:
            self._client.insist("POST", "/_aliases", {"actions": actions})
        except SearchError:
            if self._listing(patient=True).serving == index:  # an answer was lost, and the request made again
                return
            raise

    def _confirmed(self) -> Lock:
        if self._lock is None:
            raise AssertionError("swap and rollback are called while writing")
        return self._lock

    def _listing(self, *, patient: bool = False) -> Listing:
        """Return what there is. `news` and `news-2024` do not see each other's.

        Raises `SettingError` where another program has an index of the name that the alias has.
        """
        request = self._client.insist if patient else self._client.ask
        path = f"/{self._name},{self._name}-*/_alias"
        found = request("GET", path, expand_wildcards="all", ignore_unavailable="true")
        if self._name in found:
            raise self._foreign()
        own = re.compile(rf"{re.escape(self._name)}-\d{{6}}(-files)?")
        return Listing(self._name, {one: frozenset(found[one]["aliases"]) for one in found if own.fullmatch(one)})

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
    """Wait until all copies of what is built are whole, as far as the cluster has machines for them, for a minute.

    The cluster is asked to wait a part of that at a time: less than any of its hosts has to answer.

    Raises:
        IndexLockedError: Another process has taken over and removed it.
    """
    wanted: dict[str, Any] = {
        "wait_for_status": "yellow",
        "wait_for_no_initializing_shards": "true",
        "wait_for_events": "languid",
        "timeout": f"{max(1, int(client.timeout * WRITE_TIMES / 4))}s",
    }
    end = time.monotonic() + SETTLING
    while client.insist("GET", f"/_cluster/health/{place.targets}", ignore=(408,), **wanted)["timed_out"]:
        try:
            client.insist("GET", f"/{place.targets}/_alias")
        except MissingIndex as error:
            raise taken_over() from error
        if time.monotonic() > end:
            return
