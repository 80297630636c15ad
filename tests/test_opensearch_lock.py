"""The write lock of an index in OpenSearch: acquired, renewed, taken over, and lost."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from conftest import opened
from support.command_line import wait_for
from support.factories import article
from support.opensearch_fixtures import *  # noqa: F403
from support.opensearch_fixtures import indexes
from whoosh import query as tree

from search.engines.opensearch import documents as stored
from search.engines.opensearch import lock as opensearch_lock
from search.engines.opensearch.client import Client, MissingIndex
from search.engines.opensearch.generations import ClusterStore, settle
from search.engines.opensearch.lock import Lock
from search.engines.opensearch.writer import Layout, open_build
from search.errors import IndexLockedError
from search.lexicon import LexiconBuilder
from search.settings import Settings
from search.storage.fields import meta_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article


@pytest.mark.opensearch
class TestLock:
    def test_a_lock_names_its_holder_and_is_released(self, client: Client) -> None:
        lock, other = Lock(client), Lock(client)
        lock.acquire()
        with pytest.raises(IndexLockedError, match=f"Process {os.getpid()} on {socket.gethostname()} is writing"):
            other.acquire()
        lock.confirm()
        lock.release()
        other.acquire()
        other.release()

    def test_one_of_many_clients_acquires_the_lock(self, client: Client) -> None:
        locks = [Lock(client) for _ in range(8)]
        held: list[Lock] = []

        def acquire(lock: Lock) -> None:
            with suppress(IndexLockedError):
                lock.acquire()
                held.append(lock)

        threads = [threading.Thread(target=acquire, args=(lock,)) for lock in locks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(held) == 1
        held[0].release()

    @pytest.mark.parametrize(
        ("changed", "free"),
        [
            ({"renewed": time.time() - 1_000}, True),
            ({"renewed": time.time() + 3_600}, True),
            ({"process": 2**22 + 1}, True),
            ({"started": "1"}, True),
            ({"process": 1}, True),
            ({"space": "another machine", "process": 2**22 + 1}, False),
            ({}, False),
        ],
    )
    def test_a_lock_is_taken_over_if_its_holder_is_gone(
        self, client: Client, changed: dict[str, Any], *, free: bool
    ) -> None:
        lock, other = Lock(client), Lock(client)
        lock.acquire()
        path = f"/{client.address.name}-lock/_doc/lock"
        client.ask("PUT", path, client.ask("GET", path)["_source"] | changed)
        if not free:
            with pytest.raises(IndexLockedError):
                other.acquire()
            lock.release()
            return
        other.acquire()
        with pytest.raises(IndexLockedError, match="taken over"):
            lock.confirm()
        lock.release()
        other.confirm()  # the former holder did not free it
        other.release()

    def test_a_held_lock_is_renewed(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(opensearch_lock, "RENEWAL", 0.05)
        monkeypatch.setattr(opensearch_lock, "LEASE", 2.0)
        lock = Lock(client)
        lock.acquire()

        def renewed() -> float:
            path = f"/{client.address.name}-lock/_doc/lock"
            return float(client.ask("GET", path)["_source"]["renewed"])

        first = renewed()
        wait_for(lambda: renewed() > first + 2, "a renewal after the first lease")
        with pytest.raises(IndexLockedError):
            Lock(client).acquire()
        lock.release()

    def test_a_writer_that_lost_the_lock_changes_nothing(self, engine: Engine, url: str, client: Client) -> None:
        engine.rebuild([article(1, "kept")], keep=2)
        path = f"/{client.address.name}-lock/_doc/lock"

        def articles() -> Iterator[Article]:
            yield from (article(n, "late") for n in range(600))
            client.ask("PUT", path, client.ask("GET", path)["_source"] | {"renewed": 0})
            opened(url).write([article(2, "taken")], [], keep=2)
            yield from (article(n, "late") for n in range(600, 1_200))

        with pytest.raises(IndexLockedError, match="taken over"):
            engine.rebuild(articles(), keep=2)
        assert sorted(one.title for one in engine.articles()) == ["kept", "taken"]
        assert indexes(client) == ["-000001", "-000001-files", "-000002", "-000002-files", "-lock"]
        assert engine.write([article(3)], [], keep=2).added == 1

    def test_a_writer_that_lost_the_lock_does_not_touch_the_other_build(self, url: str, pauses: list[float]) -> None:
        client = Client(url, Settings(opensearch_timeout=10))
        lost, other = ClusterStore(client), ClusterStore(client)
        path = f"/{client.address.name}-lock/_doc/lock"
        layout = Layout(1, 0)
        with lost.building() as place, open_build(client, place, None, layout) as build:
            build.put([article(1)], [])
            client.ask("PUT", path, client.ask("GET", path)["_source"] | {"renewed": 0})
            with other.building() as taken, open_build(client, taken, None, layout) as more:
                assert (taken.index, taken.target != place.target) == (place.index, True)
                more.put([article(2)], [])
                pauses.clear()
                with pytest.raises(IndexLockedError, match="taken over"):
                    build.commit()
                with pytest.raises(IndexLockedError, match="taken over"):
                    build.finish(meta_of(1))
                with pytest.raises(IndexLockedError, match="taken over"):
                    settle(client, place)
                with pytest.raises(MissingIndex):
                    stored.articles(client, place.target, ["x"])
                with pytest.raises(IndexLockedError, match="taken over"):
                    lost.swap(place, 1)
                assert sum(pauses) < 15
                more.put([article(3)], [])
                generation = more.commit()
                assert [one.id for one in generation.select(tree.Term("id", "3"), 5)] == ["3"]
                LexiconBuilder().write(more.folder, generation.words())
                more.finish(meta_of(generation.size))
                assert other.swap(taken, 1) == taken.index
