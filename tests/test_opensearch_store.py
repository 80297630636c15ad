"""Generations of an index in a real OpenSearch cluster."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import opened
from support.command_line import ROOT
from support.factories import article, query
from support.opensearch_fixtures import *  # noqa: F403
from support.opensearch_fixtures import indexes
from test_opensearch_client import answering
from whoosh import query as tree

from search.engines.opensearch import documents, generations
from search.engines.opensearch.client import Client, MissingIndex
from search.engines.opensearch.generations import ClusterStore, settle
from search.engines.opensearch.listing import Place
from search.errors import IndexDamagedError, IndexLockedError, NoIndexError, NotFoundError, SearchError, SettingError
from search.model import Filters, Person
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article

ONE_SHARD = Settings(opensearch_replicas=0)


@pytest.mark.opensearch
class TestGenerations:
    def test_a_generation_is_two_indexes_with_two_aliases(self, engine: Engine, client: Client) -> None:
        for word in ("first", "second", "third"):
            engine.rebuild([article(1, word)], keep=2)
        assert indexes(client) == ["-000002", "-000002-files", "-000003", "-000003-files", "-lock"]
        name = client.address.name
        for alias, index in ((name, f"{name}-000003"), (f"{name}-files", f"{name}-000003-files")):
            assert client.ask("GET", f"/_alias/{alias}") == {index: {"aliases": {alias: {}}}}
        assert engine.info().generations == (f"{name}-000002", f"{name}-000003")

    def test_a_serving_generation_rejects_writes(self, engine: Engine, client: Client) -> None:
        name = engine.rebuild([article(1)], keep=2).generation
        for index in (name, f"{name}-files"):
            with pytest.raises(SearchError, match="block"):
                client.ask("PUT", f"/{index}/_doc/x", {})

    def test_indexes_with_a_common_prefix_are_independent(self, url: str, client: Client) -> None:
        engines = [opened(f"{url}{suffix}") for suffix in ("", "-2024", "-000001x", "2")]
        try:
            for number, engine in enumerate(engines):
                engine.rebuild([article(n) for n in range(number + 1)], keep=1)
            engines[0].rebuild([article(1)], keep=1)
            engines[0].write([article(2)], [], keep=1)
            assert [engine.info().articles for engine in engines] == [2, 2, 3, 4]
            assert [len(engine.info().generations) for engine in engines] == [1] * 4
        finally:
            for one in indexes(client):
                client.ask("DELETE", f"/{client.address.name}{one}")

    def test_an_index_of_another_program_is_left_alone(self, engine: Engine, client: Client) -> None:
        client.ask("PUT", f"/{client.address.name}")
        try:
            with pytest.raises(SettingError, match="did not make"):
                engine.rebuild((pytest.fail("an article was read") for _ in "1"), keep=1)
            assert indexes(client) == ["", "-lock"]
        finally:
            client.ask("DELETE", f"/{client.address.name}")

    def test_a_failed_write_is_removed(self, engine: Engine, client: Client) -> None:
        engine.rebuild([article(1)], keep=1)

        def broken() -> Iterator[Article]:
            yield from (article(n) for n in range(600))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            engine.write(broken(), [], keep=1)
        assert indexes(client) == ["-000001", "-000001-files", "-lock"]

    def test_an_incomplete_build_is_removed(self, engine: Engine, client: Client) -> None:
        index = f"{client.address.name}-000007"
        client.ask("PUT", f"/{index}", {"aliases": {f"{index}-building-ab-Draft1": {}}})
        assert engine.resume_point("Draft1") == ""
        assert engine.rebuild([article(1)], keep=1, build_name="Draft1").generation == f"{client.address.name}-000001"
        assert indexes(client) == ["-000001", "-000001-files", "-lock"]

    def test_a_refused_document_is_named(self, engine: Engine) -> None:
        with pytest.raises(SearchError, match=r"article 'odd'.*immense"):
            engine.rebuild([article(1), article("odd", persons=(Person("x" * 40_000),))], keep=1)
        with pytest.raises(NoIndexError):
            engine.info()

    def test_a_lone_surrogate_finds_nothing(self, engine: Engine) -> None:
        engine.rebuild([article(1, "harbour")], keep=1)
        for filters in (Filters(persons=("\udcff",)), Filters(sources=("\udcff",)), Filters(story="\udcff")):
            assert engine.search(query("harbour", filters=filters)).total == 0
        for text in ("\udcff", '"\udcff"', "harbour\udcff"):  # a surrogate is not part of a word
            assert engine.search(query(text)).total == 1, ascii(text)
        assert engine.suggest("\udcff", 3) == ()
        assert engine.facet_values("person", "\udcff", query("harbour")).values == ()
        assert list(engine.articles("\udcff")) == []
        with pytest.raises(NotFoundError):
            engine.get("\udcff")

    def test_a_generation_may_be_removed_while_it_is_checked(self, engine: Engine, url: str) -> None:
        engine.rebuild([article(1)], keep=1)
        assert engine.check() == ()
        for word in ("second", "third"):
            opened(url).rebuild([article(1, word)], keep=1)
        assert engine.check() == ()
        with pytest.raises(MissingIndex):
            ClusterStore(engine.store._client).size(f"{engine.store._name}-000001")  # type: ignore[attr-defined]

    def test_a_generation_that_is_being_removed_has_no_size(self) -> None:
        with answering((200, b'{"_all": {"primaries": {}, "total": {}}}')) as server, pytest.raises(MissingIndex):
            ClusterStore(Client(f"opensearch://127.0.0.1:{server.server_port}/news", ONE_SHARD)).size("news-000001")

    def test_ids_may_be_long_and_have_any_characters(self, engine: Engine) -> None:
        ids = {"a" * 2_000, "é/ü?#%&", '"', "{}", "\U0001f5de", " "}
        engine.rebuild([article(one) for one in ids], keep=1)
        engine.write([article('"', "harbour")], [" "], keep=1)
        assert {one.id for one in engine.articles()} == ids - {" "}
        assert engine.get('"').title == "harbour"
        assert engine.check() == ()

    def test_an_article_whose_first_copy_is_written_keeps_its_keys(self, engine: Engine) -> None:
        engine.rebuild([article(1, keys=("k1", "k2")), article(2, keys=("k2",)), article(3)], keep=1)
        engine.write([article(4, story="1"), article(5, story="4"), article(6, "changed", keys=("k9",))], [], keep=1)
        assert engine.search(query()).stories == 5
        assert engine.check() == ()
        assert engine.frequencies("keys", ["k1", "k2", "k9", "none"]) == [1, 2, 1, 0]
        both = tree.Or([tree.Term("keys", one) for one in ("k1", "k2", "k9")], minmatch=2)
        assert [one.id for one in engine._current().select(both, 10)] == ["1"]

    def test_the_original_of_a_story_may_come_after_its_copies(self, engine: Engine, url: str) -> None:
        engine.rebuild([article(2, story="1"), article(3, story="9"), article(4, story="5")], keep=1, build_name="a")
        for number in (1, 9):
            opened(url).write([article(number)], [], keep=1)
        opened(url).write([article(5), article(6)], ["4"], keep=1)
        assert engine.check() == ()
        hits = engine.search(query()).hits
        assert {hit.article.id: hit.copies for hit in hits} == {"1": 1, "2": 1, "3": 1, "9": 1, "5": 0, "6": 0}

    def test_more_articles_are_selected_than_one_response_has(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(documents, "ARTICLE_PAGE", 3)
        engine.rebuild([article(number, story="0") for number in range(11)], keep=1)
        for limit in (2, 3, 7, 10_000):
            found = [one.id for one in engine._current().select(tree.Term("story", "0"), limit)]
            assert len(set(found)) == len(found) == min(limit, 11)

    def test_a_damaged_companion_is_named(self, engine: Engine, client: Client, url: str) -> None:
        generation = engine.rebuild([article(1)], keep=1).generation
        client.ask("PUT", f"/{generation}-files/_settings", {"index.blocks.write": None})
        client.ask("PUT", f"/{generation}-files/_doc/lexicon.bin-0", {"data": "AAAA"})
        with pytest.raises(IndexDamagedError, match=r"lexicon\.bin"):
            opened(url).search(query("report"))


def test_waiting_for_replicas_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "SETTLING", 0.5)
    late = b'{"timed_out": true}'
    with answering((408, late), (200, b"{}"), (408, late), (200, b"{}"), (200, late)) as server:
        hosts = f"127.0.0.1:{server.server_port},localhost:{server.server_port}"
        client = Client(f"opensearch://{hosts}/news", Settings(opensearch_timeout=2))
        settle(client, Place("news-000001", "ab"))
    asked = [one for one in server.asked if "health" in one]
    assert len(asked) > 1
    assert all("timeout=3s" in one for one in asked)


REBUILDS = """
import sys, time
from search.engine import open_engine
from search.model import Article

def articles():
    for n in range(100_000):
        if n == 2_000:
            print("far", flush=True)
        if n >= 2_000:
            time.sleep(0.01)
        yield Article(f"a{n}", f"Report {n}", "The harbour", story=f"a{n}")

open_engine(sys.argv[1]).rebuild(articles(), keep=2)
"""


@pytest.mark.opensearch
@pytest.mark.slow
def test_a_client_may_be_killed_while_it_rebuilds(
    engine: Engine, url: str, client: Client, pauses: list[float]
) -> None:
    engine.rebuild([article(1, "kept harbour")], keep=2)
    with subprocess.Popen([sys.executable, "-c", REBUILDS, url], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"far\n"
        with pytest.raises(IndexLockedError, match=str(process.pid)):
            engine.write([article(2)], [], keep=2)
        process.send_signal(signal.SIGKILL)
    assert "-000002" in indexes(client)
    assert engine.search(query("harbour")).total == 1
    pauses.clear()
    assert engine.write([article(2, "new harbour")], [], keep=2).added == 1
    assert sum(pauses) < 10
    assert engine.search(query("harbour")).total == 2
    assert indexes(client) == ["-000001", "-000001-files", "-000002", "-000002-files", "-lock"]
    assert engine.check() == ()
