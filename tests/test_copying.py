"""`dateline copy` copies a complete index between engines, verifies the copy, and resumes after an interruption."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from conftest import new_index, opened
from support.command_line import SAMPLES, answer, complete, run
from support.factories import article

from index.copying import copy
from search.engine import open_engine
from search.engines import writing
from search.errors import IndexDamagedError
from search.storage.records import Checksum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.engines.protocols import Generation
    from search.model import Article

KILLED = """
import os, signal, sys
from search.engines import base, writing
writing.BATCH, writing.CHECKPOINT_EVERY = 10, 20
original = base.GenerationsEngine.articles

def articles(self, after=""):
    for number, one in enumerate(original(self, after)):
        if number == 45:
            os.kill(os.getpid(), signal.SIGKILL)
        yield one

base.GenerationsEngine.articles = articles
sys.argv = ["dateline", "copy", *sys.argv[1:]]
from index.cli.main import main
main()
"""
"""A program that copies an index and kills itself after 40 articles are written."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"tantivy://{tmp_path_factory.mktemp('samples')}/index"
    assert run("reindex", SAMPLES, url=url).exit_code == 0
    return url


def copied(source: str, target: str) -> dict[str, Any]:
    return answer("copy", source, target)


@pytest.mark.parametrize(
    "kinds",
    [
        ("whoosh", "tantivy"),
        pytest.param(("opensearch", "whoosh", "tantivy"), marks=pytest.mark.opensearch),
    ],
)
def test_the_checksum_is_the_same_on_all_engines(samples: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    everything = list(open_engine(samples).articles())
    sums = []
    with ExitStack() as stack:
        url = samples
        for number, kind in enumerate(kinds):
            target = stack.enter_context(new_index(kind, tmp_path / str(number)))
            done = copied(url, target)
            assert (done["articles"], done["resumed"]) == (62, 0)
            sums.append(done["checksum"])
            assert open_engine(target).info().engine == kind
            assert open_engine(target).check() == ()
            url = target
        assert list(open_engine(url).articles()) == everything
    assert len(set(sums)) == 1


def test_any_difference_changes_the_checksum(samples: str) -> None:
    everything = list(open_engine(samples).articles())

    def of(articles: list[Article]) -> str:
        checksum = Checksum()
        for one in articles:
            checksum.add(one)
        return checksum.hex

    whole = of(everything)
    assert of(everything[::-1]) == whole
    assert of(everything[1:]) != whole
    assert of([*everything, everything[0]]) != whole
    for name, value in (("title", "x"), ("digest", "x"), ("signature", b"x"), ("persons", ()), ("story", "x")):
        assert of([replace(everything[0], **{name: value}), *everything[1:]]) != whole


@pytest.mark.parametrize("kind", ["tantivy", "whoosh", pytest.param("opensearch", marks=pytest.mark.opensearch)])
def test_a_killed_copy_resumes(samples: str, kind: str, tmp_path: Path) -> None:
    with new_index(kind, tmp_path / "to") as target:
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, samples, target], capture_output=True, timeout=120, check=False
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        done = copied(samples, target)
        assert (done["articles"], done["resumed"]) == (62, 40)
        assert list(open_engine(target).articles()) == list(open_engine(samples).articles())
        assert copied(samples, target)["resumed"] == 0


@pytest.mark.parametrize("kind", ["tantivy", "whoosh", pytest.param("opensearch", marks=pytest.mark.opensearch)])
@pytest.mark.parametrize("keep", [1, 2])
def test_an_incomplete_copy_is_not_swapped_in(
    samples: str, kind: str, keep: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_index(kind, tmp_path / "to") as url:
        target = opened(url)
        target.rebuild([article(1, "kept")], keep=2)
        read, serving = writing.articles, open_engine(samples).info().generation

        def without_one(generation: Generation, after: str = "") -> Iterator[Article]:
            return islice(read(generation, after), int(generation.name != serving), None)

        monkeypatch.setattr(writing, "articles", without_one)
        with pytest.raises(IndexDamagedError, match="holds 61 articles"):
            copy(open_engine(samples), target, keep)
        assert target.get("1").title == "kept"
        monkeypatch.undo()
        assert copy(open_engine(samples), target, keep).resumed == 0


def test_impossible_copies_are_refused(samples: str, tmp_path: Path) -> None:
    for source, target, said in (
        (samples, samples, "onto itself"),
        (f"tantivy://{tmp_path}/none", f"tantivy://{tmp_path}/to", "no index"),
        ("nothing://x", f"tantivy://{tmp_path}/to", "names no index"),
    ):
        result = run("copy", source, target)
        assert result.exit_code == 1
        assert said in result.stderr
    assert not (tmp_path / "to").exists()


def test_the_output_names_the_copied_articles(samples: str, tmp_path: Path) -> None:
    done = complete("copy", samples, f"tantivy://{tmp_path}/to", url="")
    checksum = copied(samples, f"tantivy://{tmp_path}/to")["checksum"]
    assert done.stdout.startswith("Copied 62 articles in ")
    assert f"checksum {checksum}" in done.stdout
