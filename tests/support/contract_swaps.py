"""The contract of swaps: failed and killed rebuilds, readers, locks, resumed builds, other schemas.

Each test cites the clauses of docs/engines.md that it tests. `test_contract_*.py` imports all tests for each engine.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.command_line import ROOT
from support.factories import article, query

from search import analysis
from search.engine import open_engine
from search.errors import IndexLockedError, IndexVersionError
from search.storage import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article

clause = pytest.mark.clause

KILLED = """
import os, signal, sys
from search.engine import open_engine
from search.engines import writing
from search.model import Article

url, build_name, begin = sys.argv[1:]
writing.BATCH, writing.CHECKPOINT_EVERY = 50, 100

def articles():
    for n in range(int(begin), 500):
        if n == 380:
            os.kill(os.getpid(), signal.SIGKILL)
        yield Article(f"a{n:04}", f"Report {n}", "The harbour", story=f"a{n - n % 2:04}")

open_engine(url).rebuild(articles(), keep=2, build_name=build_name)
"""
"""A program that rebuilds an index and kills itself at article 380.

By then 350 are written and 300 are checkpointed.
"""


def killed(url: str, build_name: str = "") -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, url, build_name, "0"], cwd=ROOT, timeout=120, check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


class TestSwaps:
    @clause(21)
    def test_a_rebuild_that_fails_leaves_the_old_index(self, engine: Engine) -> None:
        engine.rebuild([article(1, "kept")], keep=2)

        def broken() -> Iterator[Article]:
            yield from (article(n) for n in range(600))
            raise ZeroDivisionError

        for write in (lambda: engine.rebuild(broken(), keep=2), lambda: engine.write(broken(), [], keep=2)):
            with pytest.raises(ZeroDivisionError):
                write()
            assert engine.get("1").title == "kept"
            assert len(engine.info().generations) == 1

    @clause(21)
    def test_a_build_that_its_caller_rejects_does_not_serve(self, engine: Engine) -> None:
        engine.rebuild([article(1, "kept")], keep=1)
        seen: list[Article] = []

        def verify(articles: Iterator[Article]) -> None:
            seen.extend(articles)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            engine.rebuild([article(3), article(2)], keep=1, verify=verify)
        assert [one.id for one in seen] == ["2", "3"]
        assert engine.get("1").title == "kept"
        assert len(engine.info().generations) == 1

    @clause(26)
    @pytest.mark.parametrize("keep", [1, 3])
    def test_another_instance_follows_a_swap(self, engine: Engine, keep: int) -> None:
        engine.rebuild([article(1, "first")], keep)
        reader = open_engine(engine.info().url)
        assert reader.get("1").title == "first"
        engine.rebuild([article(1, "second")], keep)
        assert reader.get("1").title == "second"
        engine.rebuild([article(2, "third")], keep)
        assert [hit.article.title for hit in reader.search(query()).hits] == ["third"]
        assert reader.suggest("thir", 3)[0].label == "third"

    @clause(26)
    def test_reading_continues_when_the_generation_is_pruned(self, engine: Engine) -> None:
        engine.rebuild([article(n, "first") for n in range(5)], keep=1)
        articles = engine.articles()
        seen = [next(articles)]
        engine.rebuild([article(n, "second") for n in range(9)], keep=1)
        assert [one.title for one in [*seen, *articles]] == ["first"] * 5

    @clause(27)
    def test_a_second_writer_is_refused_and_the_first_is_named(self, engine: Engine) -> None:
        engine.rebuild([article(1, "kept")], keep=2)
        other = open_engine(engine.info().url)

        def articles() -> Iterator[Article]:
            yield article(2)
            for write in (lambda: other.rebuild([], keep=2), lambda: other.write([], [], keep=2), other.rollback):
                with pytest.raises(IndexLockedError, match=rf"\b{os.getpid()}\b") as raised:
                    write()
                assert "Wait" in raised.value.remedy
            assert other.get("1").title == "kept"

        engine.rebuild(articles(), keep=2)
        assert engine.get("2")
        assert other.write([article(3)], [], keep=2).added == 1

    @clause(33)
    def test_another_schema_or_analyzer_is_refused(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        engine.rebuild([article(1)], keep=1)
        url = engine.info().url
        newer = fields.SCHEMA_VERSION + 1
        for place, patches in (
            (fields, {"SCHEMA_VERSION": newer, "READABLE": {newer}}),
            (analysis, {"fingerprint": lambda: "0" * 16}),
        ):
            with monkeypatch.context() as patched:
                for name, value in patches.items():
                    patched.setattr(place, name, value)
                other = open_engine(url)
                with pytest.raises(IndexVersionError, match="dateline reindex"):
                    other.search(query())
                other.rebuild([article(2)], keep=1)
                assert other.get("2")


@pytest.mark.slow
class TestKilled:
    @clause(28)
    def test_a_killed_rebuild_leaves_the_old_index_and_is_removed(self, engine: Engine) -> None:
        engine.rebuild([article(1, "kept")], keep=2)
        killed(engine.info().url)
        assert engine.get("1").title == "kept"
        assert engine.search(query("harbour")).total == 0
        engine.write([article(2)], [], keep=2)
        assert len(engine.info().generations) == 2
        assert list(engine.ids()) == ["1", "2"]

    @clause(29)
    def test_a_killed_build_resumes(self, engine: Engine, url: str) -> None:
        killed(url, "abc123")
        assert engine.resume_point("abc123") == "a0299"
        assert engine.resume_point("other") == ""
        rest = [
            article(n, f"Report {n}", "The harbour", id=f"a{n:04}", story=f"a{n - n % 2:04}") for n in range(300, 500)
        ]
        report = engine.rebuild(rest, keep=2, build_name="abc123")
        assert (report.added, report.replaced) == (500, 0)
        found = engine.search(query("harbour"))
        assert (found.total, found.stories, found.hits[0].copies) == (500, 250, 1)
        assert engine.check() == ()
        assert engine.suggest("harb", 3)[0].count == 500
        assert [one.id for one in engine.articles()] == [f"a{n:04}" for n in range(500)]
        assert engine.resume_point("abc123") == ""
