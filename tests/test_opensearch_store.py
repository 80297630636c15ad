"""Generations, locks, tallies and companions of an index in a real OpenSearch cluster."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from commandline import ROOT
from conftest import opened
from corpora import article, query
from hypothesis import given
from hypothesis import strategies as st
from test_opensearch_client import answering

from search.documents import fields_of
from search.engines import opensearch_files, opensearch_lock, opensearch_store
from search.engines import opensearch_stored as stored
from search.engines.opensearch_client import Client, MissingIndex
from search.engines.opensearch_lock import Lock
from search.engines.opensearch_store import Clustered, Place, settle
from search.engines.opensearch_tally import FIELDS, FILE, Table, Tally
from search.engines.opensearch_writer import Copies, drafting
from search.errors import IndexDamagedError, IndexLockedError, NoIndexError, NotFoundError, SearchError, SettingError
from search.lexicon.contents import Told
from search.model import Country, Filters, Person
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.engine import Engine
    from search.model import Article

ONE_SHARD = Settings(opensearch_replicas=0)


@pytest.fixture(scope="session")
def kind() -> str:
    return "opensearch"


@pytest.fixture
def client(url: str) -> Client:
    return Client(url, ONE_SHARD)


def _indexes(client: Client) -> list[str]:
    name = client.address.name
    return sorted(one.removeprefix(name) for one in client.ask("GET", f"/{name}*/_alias", expand_wildcards="all"))


@pytest.mark.opensearch
class TestGenerations:
    def test_each_is_two_indexes_and_two_aliases(self, engine: Engine, client: Client) -> None:
        for word in ("first", "second", "third"):
            engine.rebuild([article(1, word)], keep=2)
        assert _indexes(client) == ["-000002", "-000002-files", "-000003", "-000003-files", "-lock"]
        name = client.address.name
        for alias, index in ((name, f"{name}-000003"), (f"{name}-files", f"{name}-000003-files")):
            assert client.ask("GET", f"/_alias/{alias}") == {index: {"aliases": {alias: {}}}}
        assert engine.info().generations == (f"{name}-000002", f"{name}-000003")

    def test_one_that_serves_is_not_written_to(self, engine: Engine, client: Client) -> None:
        name = engine.rebuild([article(1)], keep=2).generation
        for index in (name, f"{name}-files"):
            with pytest.raises(SearchError, match="block"):
                client.ask("PUT", f"/{index}/_doc/x", {})

    def test_names_that_begin_alike_do_not_touch_each_other(self, url: str, client: Client) -> None:
        engines = [opened(f"{url}{suffix}") for suffix in ("", "-2024", "-000001x", "2")]
        try:
            for number, engine in enumerate(engines):
                engine.rebuild([article(n) for n in range(number + 1)], keep=1)
            engines[0].rebuild([article(1)], keep=1)
            engines[0].write([article(2)], [], keep=1)
            assert [engine.info().articles for engine in engines] == [2, 2, 3, 4]
            assert [len(engine.info().generations) for engine in engines] == [1] * 4
        finally:
            for one in _indexes(client):
                client.ask("DELETE", f"/{client.address.name}{one}")

    def test_an_index_of_another_program_is_left_alone(self, engine: Engine, client: Client) -> None:
        client.ask("PUT", f"/{client.address.name}")
        try:
            with pytest.raises(SettingError, match="did not make"):
                engine.rebuild((pytest.fail("an article was read") for _ in "1"), keep=1)
            assert _indexes(client) == ["", "-lock"]
        finally:
            client.ask("DELETE", f"/{client.address.name}")

    def test_what_a_failed_write_made_is_removed(self, engine: Engine, client: Client) -> None:
        engine.rebuild([article(1)], keep=1)

        def broken() -> Iterator[Article]:
            yield from (article(n) for n in range(600))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            engine.write(broken(), [], keep=1)
        assert _indexes(client) == ["-000001", "-000001-files", "-lock"]

    def test_half_of_a_draft_is_removed(self, engine: Engine, client: Client) -> None:
        index = f"{client.address.name}-000007"
        client.ask("PUT", f"/{index}", {"aliases": {f"{index}-building-ab-Draft1": {}}})
        assert engine.drafted("Draft1") == ""
        assert engine.rebuild([article(1)], keep=1, draft="Draft1").generation == f"{client.address.name}-000001"
        assert _indexes(client) == ["-000001", "-000001-files", "-lock"]

    def test_a_document_that_is_refused_is_named(self, engine: Engine) -> None:
        with pytest.raises(SearchError, match=r"article 'odd'.*immense"):
            engine.rebuild([article(1), article("odd", persons=(Person("x" * 40_000),))], keep=1)
        with pytest.raises(NoIndexError):
            engine.info()

    def test_half_of_a_surrogate_pair_finds_nothing(self, engine: Engine) -> None:
        engine.rebuild([article(1, "harbour")], keep=1)
        for filters in (Filters(persons=("\udcff",)), Filters(sources=("\udcff",)), Filters(story="\udcff")):
            assert engine.search(query("harbour", filters=filters)).total == 0
        for text in ("\udcff", '"\udcff"', "harbour\udcff"):  # it is no part of a word
            assert engine.search(query(text)).total == 1, ascii(text)
        assert engine.suggest("\udcff", 3) == ()
        assert engine.facet_values("person", "\udcff", query("harbour")).values == ()
        assert list(engine.articles("\udcff")) == []
        with pytest.raises(NotFoundError):
            engine.get("\udcff")

    def test_one_that_is_removed_while_it_is_checked_or_measured(self, engine: Engine, url: str) -> None:
        engine.rebuild([article(1)], keep=1)
        assert engine.check() == ()
        for word in ("second", "third"):
            opened(url).rebuild([article(1, word)], keep=1)
        assert engine.check() == ()
        with pytest.raises(MissingIndex):
            Clustered(engine.store._client).size(f"{engine.store._name}-000001")  # type: ignore[attr-defined]

    def test_one_that_is_just_being_removed_has_no_size(self) -> None:
        with answering((200, b'{"_all": {"primaries": {}, "total": {}}}')) as server, pytest.raises(MissingIndex):
            Clustered(Client(f"opensearch://127.0.0.1:{server.server_port}/news", ONE_SHARD)).size("news-000001")

    def test_long_ids_and_odd_ones(self, engine: Engine) -> None:
        ids = {"a" * 2_000, "é/ü?#%&", '"', "{}", "\U0001f5de", " "}
        engine.rebuild([article(one) for one in ids], keep=1)
        engine.write([article('"', "harbour")], [" "], keep=1)
        assert {one.id for one in engine.articles()} == ids - {" "}
        assert engine.get('"').title == "harbour"
        assert engine.check() == ()

    def test_a_companion_that_is_not_whole_is_told(self, engine: Engine, client: Client, url: str) -> None:
        generation = engine.rebuild([article(1)], keep=1).generation
        client.ask("PUT", f"/{generation}-files/_settings", {"index.blocks.write": None})
        client.ask("PUT", f"/{generation}-files/_doc/lexicon.bin-0", {"data": "AAAA"})
        with pytest.raises(IndexDamagedError, match=r"lexicon\.bin"):
            opened(url).search(query("report"))


@pytest.mark.opensearch
class TestLock:
    def test_it_names_its_holder_and_is_freed(self, client: Client) -> None:
        lock, other = Lock(client), Lock(client)
        lock.acquire()
        with pytest.raises(IndexLockedError, match=f"Process {os.getpid()} on {socket.gethostname()} is writing"):
            other.acquire()
        lock.confirm()
        lock.release()
        other.acquire()
        other.release()

    def test_of_many_that_want_it_one_has_it(self, client: Client) -> None:
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
    def test_it_is_taken_from_those_that_are_gone(self, client: Client, changed: dict[str, Any], *, free: bool) -> None:
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
        other.confirm()  # and is not freed by the one that lost it
        other.release()

    def test_it_is_kept_fresh(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(opensearch_lock, "RENEWAL", 0.05)
        monkeypatch.setattr(opensearch_lock, "LEASE", 1.0)
        lock = Lock(client)
        lock.acquire()
        time.sleep(1.5)
        with pytest.raises(IndexLockedError):
            Lock(client).acquire()
        lock.release()

    def test_a_writer_that_lost_it_changes_nothing(self, engine: Engine, url: str, client: Client) -> None:
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
        assert _indexes(client) == ["-000001", "-000001-files", "-000002", "-000002-files", "-lock"]
        assert engine.write([article(3)], [], keep=2).added == 1

    def test_nor_does_it_touch_what_the_other_builds_under_the_name(self, url: str) -> None:
        client = Client(url, Settings(opensearch_timeout=2))
        lost, other = Clustered(client), Clustered(client)
        path = f"/{client.address.name}-lock/_doc/lock"
        copies = Copies(1, 0)
        with lost.writing(), lost.building() as place, drafting(client, place, None, copies) as draft:
            draft.put([article(1)], [])
            client.ask("PUT", path, client.ask("GET", path)["_source"] | {"renewed": 0})
            with other.writing(), other.building() as taken, drafting(client, taken, None, copies) as more:
                assert (taken.index, taken.target != place.target) == (place.index, True)
                more.put([article(2)], [])
                start = time.monotonic()
                with pytest.raises(IndexLockedError, match="taken over"):
                    draft.finish([])
                with pytest.raises(IndexLockedError, match="taken over"):
                    settle(client, place)
                with pytest.raises(MissingIndex):
                    stored.articles(client, place.target, ["x"])
                with pytest.raises(IndexLockedError, match="taken over"):
                    lost.swap(place, 1)
                assert time.monotonic() - start < 15
                more.put([article(3)], [])
                more.finish([Told.of(article(2)), Told.of(article(3))])
                assert other.swap(taken, 1) == taken.index


def test_copies_are_waited_for_in_parts_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch_store, "SETTLING", 0.5)
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
def test_a_client_that_is_killed_while_it_rebuilds(engine: Engine, url: str, client: Client) -> None:
    engine.rebuild([article(1, "kept harbour")], keep=2)
    with subprocess.Popen([sys.executable, "-c", REBUILDS, url], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"far\n"
        with pytest.raises(IndexLockedError, match=str(process.pid)):
            engine.write([article(2)], [], keep=2)
        process.send_signal(signal.SIGKILL)
    assert "-000002" in _indexes(client)
    assert engine.search(query("harbour")).total == 1
    start = time.monotonic()
    assert engine.write([article(2, "new harbour")], [], keep=2).added == 1
    assert time.monotonic() - start < 10
    assert engine.search(query("harbour")).total == 2
    assert _indexes(client) == ["-000001", "-000001-files", "-000002", "-000002-files", "-lock"]
    assert engine.check() == ()


@pytest.mark.opensearch
class TestFiles:
    def test_they_are_fetched_once_a_machine(self, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        engine.rebuild([article(1, "harbour")], keep=2)
        fetched: list[str] = []
        download = opensearch_files._download

        def noted(*args: Any) -> bytes:
            fetched.append(args[2])
            return download(*args)

        monkeypatch.setattr(opensearch_files, "_download", noted)
        for _ in range(3):
            assert opened(url).suggest("harb", 3)
        assert sorted(fetched) == ["lexicon.bin", "tally.bin"]
        engine.rebuild([article(1, "lighthouse")], keep=2)
        assert opened(url).suggest("light", 3)
        assert len(fetched) == 4

    def test_many_pieces(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(opensearch_files, "PIECE", 1_000)
        engine.rebuild([article(1, "harbour")], keep=2)
        assert engine.suggest("harb", 3)

    def test_a_folder_that_takes_none_is_named(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine.rebuild([article(1)], keep=1)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        (tmp_path / "dateline").mkdir()
        (tmp_path / "dateline/opensearch").write_text("no folder")
        with pytest.raises(SettingError, match=re.escape(str(tmp_path))) as raised:
            opened(engine.store._client.address.url).search(query("report"))  # type: ignore[attr-defined]
        assert "XDG_CACHE_HOME" in raised.value.remedy

    def test_old_ones_go_and_what_is_damaged_is_fetched_again(self, engine: Engine, url: str) -> None:
        from search.engines.opensearch_files import _cache

        for word in ("first", "second"):
            engine.rebuild([article(1, word)], keep=2)
            engine.suggest("a", 1)
        (root,) = [one for one in _cache().iterdir() if one.name.startswith(url.rpartition("/")[2])]
        (folder,) = root.iterdir()
        (folder / FILE).write_bytes(b"cut off")
        assert opened(url).suggest("seco", 3)


WORDS = ["harbour", "pier", "über", "a", "Ships", "ship", "shipping", "日本", "\U0001f5de"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
ARTICLES = st.builds(
    lambda number, title, body, names, codes: article(
        number, title, body, persons=tuple(map(Person, names)), countries=tuple(Country(one, one) for one in codes)
    ),
    st.integers(0, 5),
    TEXTS,
    TEXTS,
    st.lists(st.sampled_from(["Ann Lee", "Bob Ray", "Ann Ray"]), unique=True),
    st.lists(st.sampled_from(["FR", "RU"]), unique=True),
)


@given(st.lists(st.tuples(ARTICLES, st.booleans(), st.integers(0, 3))))
def test_a_tally_is_what_counting_anew_gives(changes: list[tuple[Article, bool, int]]) -> None:
    """Articles are written and deleted, and now and then what was counted is saved and gone on with."""
    held: dict[str, Article] = {}
    parts = [Tally()]
    for changed, deleted, save in changes:
        if changed.id in held:
            parts[-1].subtract(fields_of(held.pop(changed.id)))
        if not deleted:
            held[changed.id] = changed
            parts[-1].add(fields_of(changed))
        if not save:
            parts.append(Tally())
    total, anew = Tally(), Tally()
    for part in parts:
        total.merge(part)
    for one in held.values():
        anew.add(fields_of(one))
    assert {field: +counter for field, counter in total.counts.items()} == anew.counts
    assert all(count >= 0 for counter in total.counts.values() for count in counter.values())
    assert total.words() == anew.words()


@given(st.dictionaries(st.sampled_from(FIELDS), st.dictionaries(st.text(min_size=1), st.integers(-5, 1_000))))
def test_a_tally_in_a_file(tmp_path_factory: pytest.TempPathFactory, counts: dict[str, dict[str, int]]) -> None:
    tally = Tally()
    for field, terms in counts.items():
        tally.counts[field] = Counter(terms)
    path: Path = tmp_path_factory.getbasetemp() / FILE
    tally.write(path)
    kept = {field: {term: count for term, count in terms.items() if count} for field, terms in tally.counts.items()}
    assert Tally.read(path).counts == kept
    table = Table(path)
    for field, terms in kept.items():
        assert all(table.count(field, term) == count for term, count in terms.items())
        assert table.count(field, "not there") == 0
