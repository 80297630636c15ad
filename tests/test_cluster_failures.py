"""Nodes of a real cluster are killed while an index is built and while it is searched."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from conftest import cluster_hosts
from support.command_line import wait_for
from support.factories import article, query

from api import create_app
from search.engine import open_engine
from search.errors import SearchError, UnavailableError
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster import Cluster

    from search.engine import Engine
    from search.model import Article

OLD, NEW = 300, 6_000
SEARCHERS = 3
SETTINGS = Settings(opensearch_shards=2, opensearch_replicas=1)

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]


def articles(count: int, word: str) -> Iterator[Article]:
    for n in range(count):
        yield article(n, f"{word} report {n}", f"harbour pier {n % 7} " * 20, published=f"2024-01-{n % 28 + 1:02}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield a cluster of three nodes for this module only. Other tests use another cluster."""
    cluster_hosts()  # skips the tests if the other cluster does not run: then OpenSearch is probably not installed
    from cluster import Cluster

    with Cluster(tmp_path_factory.mktemp("nodes"), _free_port()) as started:
        yield started


def _free_port() -> int:
    """Return a port that is free and, probably, followed by free ports for the other nodes."""
    for port in range(21_200, 29_000, 300):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 100))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


@pytest.fixture
def engine(cluster: Cluster) -> Iterator[Engine]:
    """Wait for all nodes, then yield an engine with an old index."""
    cluster.wait_for(timeout=90)
    hosts = ",".join(url.removeprefix("http://") for url in cluster.urls)
    engine = open_engine(f"opensearch://{hosts}/news", SETTINGS)
    engine.rebuild(articles(OLD, "old"), keep=2)
    yield engine
    for number in range(3):
        if number not in cluster.pids:
            cluster.restart(number)


class Searchers:
    """Threads that search continuously. `totals` are the results, `failed` the errors."""

    def __init__(self, engine: Engine) -> None:
        self.totals: list[int] = []
        self.failed: list[SearchError] = []
        self._engine = engine
        self._ended = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._search) for _ in range(SEARCHERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def _search(self) -> None:
        while not self._ended.is_set():
            try:
                found = self._engine.search(query("harbour report", per_page=3))
            except SearchError as error:
                self.failed.append(error)
                continue
            assert sum(bucket.count for bucket in found.dates) == found.total
            assert len(found.hits) == 3
            self.totals.append(found.total)


def test_killing_a_node_during_a_build_loses_nothing(cluster: Cluster, engine: Engine) -> None:
    def with_a_crash() -> Iterator[Article]:
        for number, one in enumerate(articles(NEW, "new")):
            if number == NEW // 2:
                cluster.kill(1)
            yield one

    searchers = Searchers(engine)
    with searchers.running():
        report = engine.rebuild(with_a_crash(), keep=2)
    assert (report.added, report.replaced) == (NEW, 0)
    assert set(searchers.totals) <= {OLD, NEW}
    assert not searchers.failed
    assert engine.search(query("harbour report")).total == NEW
    assert engine.check() == ()
    assert {one.id for one in engine.articles()} == {str(n) for n in range(NEW)}


def test_searches_continue_when_a_node_is_killed(cluster: Cluster, engine: Engine) -> None:
    searchers = Searchers(engine)
    with searchers.running():
        wait_for(lambda: len(searchers.totals) > 10, "searches")
        cluster.kill(2)
        before = len(searchers.totals)
        wait_for(lambda: searchers.failed or len(searchers.totals) > before + 200, "searches without the node")
        cluster.restart(2)
        cluster.wait_for(timeout=90)
        after = len(searchers.totals)
        wait_for(lambda: searchers.failed or len(searchers.totals) > after, "searches after its return")
    assert set(searchers.totals) == {OLD}
    assert not searchers.failed
    assert engine.write([article(OLD, "old report", "harbour")], [], keep=2).added == 1
    assert engine.search(query("harbour report")).total == OLD + 1


def test_a_returning_cluster_is_used_without_a_restart(cluster: Cluster, engine: Engine, pauses: list[float]) -> None:
    app = create_app(Settings(index=engine.info().url, opensearch_timeout=3))
    client = app.test_client()

    def ask(path: str) -> tuple[int, dict[str, Any]]:
        response = client.get(path)
        return response.status_code, response.get_json()

    assert ask("/v1/search?q=harbour")[1]["total"] == OLD
    for number in range(3):
        cluster.kill(number)
    pauses.clear()
    status, problem = ask("/v1/search?q=harbour")
    assert sum(pauses) < 10
    assert status == 503
    assert "OpenSearch" in problem["detail"]
    for read in (engine.info, lambda: engine.get("1"), lambda: engine.rebuild(articles(3, "new"), keep=2)):
        with pytest.raises(UnavailableError):
            read()
    for number in range(3):
        cluster.restart(number)
    cluster.wait_for(timeout=120)
    assert ask("/v1/search?q=harbour")[1]["total"] == OLD
    assert engine.rebuild(articles(5, "new"), keep=2).added == 5
