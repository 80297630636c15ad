"""`dateline reindex` is killed at any moment. The old index still serves, and the next run succeeds and cleans up."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

import pytest
from support.command_line import ROOT, complete, members, run, start, story, wait_for, write_lines

from search.engine import open_engine
from search.query.parsing import query_of

if TYPE_CHECKING:
    from pathlib import Path

    from search.engine import Engine

OLD, NEW = 40, 300
"""Numbers of articles in the old and the new index. They show which index gave an answer."""

KILLS = 12
SEED = 20_240_121

KILL_AT = """
import os, signal, sys
from search.engine import open_engine
from search.model import Article

def watch(event, args):
    global left
    if event == wanted and root in str(args[0]):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

root, wanted, left, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
articles = [Article(f"a{n:04}", f"Report {n}", "The body", story=f"a{n:04}") for n in range(count)]
sys.addaudithook(watch)
open_engine(f"tantivy://{root}").rebuild(articles, keep=2)
"""
"""A program that rebuilds an index and kills itself just before the n-th system call of one kind on the index."""


def killed(root: Path, event: str, count: int) -> None:
    command = [sys.executable, "-c", KILL_AT, str(root), event, str(count), str(NEW)]
    ended = subprocess.run(command, cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL


class Watcher:
    """Searches continuously. `seen` has all totals, `torn` the answers that fit neither index."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seen: list[int] = []
        self.torn: list[str] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._search)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _search(self) -> None:
        query = query_of("report", per_page=50)
        while not self._ended.is_set():
            found = self.engine.search(query)
            sources = {hit.article.source for hit in found.hits}
            whole = {OLD: {"Old Gazette"}, NEW: {"New Gazette"}}.get(found.total)
            if sources != whole or sum(bucket.count for bucket in found.dates) != found.total:
                self.torn.append(f"{found.total} articles of {sources}")
            self.seen.append(found.total)
            time.sleep(0.01)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "old.jsonl", [story(n, source="Old Gazette") for n in range(OLD)])


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "new.jsonl", [story(n, source="New Gazette") for n in range(NEW)])


def wait_for_workers(session: int) -> None:
    wait_for(lambda: not members(session), "the end of the workers")


def leftovers(root: Path) -> list[str]:
    """Return the files that are neither a kept generation nor part of every index."""
    kept = set(open_engine(f"tantivy://{root}").info().generations)
    return sorted(path.name for path in root.iterdir() if path.name not in {"CURRENT", "lock", *kept})


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path, old: Path, new: Path) -> None:
    root = tmp_path / "index"
    url = f"tantivy://{root}"
    run("reindex", old, url=url)
    begin = time.monotonic()
    assert complete("reindex", new, "--workers", 2, url=url).returncode == 0
    whole = time.monotonic() - begin
    moments = random.Random(SEED)
    outcomes = []
    for number in range(KILLS):
        run("reindex", old, url=url)
        with Watcher(open_engine(url)) as watcher:
            process = start("reindex", new, "--workers", 2, url=url)
            time.sleep(whole * (number + moments.random()) / KILLS)
            process.kill()
            process.communicate(timeout=60)
            wait_for_workers(process.pid)
            after = open_engine(url).info().articles
        assert not watcher.torn
        assert watcher.seen == sorted(watcher.seen), "the old index came back after the new one"
        assert watcher.seen[0] == OLD
        assert after in (OLD, NEW)
        assert run("check", url=url).stdout == "No problems found.\n"
        outcomes.append(after)
    assert OLD in outcomes
    assert run("reindex", new, url=url).exit_code == 0
    assert open_engine(url).info().articles == NEW
    assert leftovers(root) == []


SWAP = {
    "before the new generation has its name": ("os.rename", 1, OLD),
    "before it serves": ("os.rename", 2, OLD),
    "before the oldest one is pruned": ("shutil.rmtree", 1, NEW),
}


@pytest.mark.parametrize("moment", SWAP)
def test_killed_during_the_swap(tmp_path: Path, old: Path, new: Path, moment: str) -> None:
    event, count, serving = SWAP[moment]
    root = tmp_path / "index"
    url = f"tantivy://{root}"
    for _ in range(2):
        run("reindex", old, url=url)
    reader = open_engine(url)
    assert reader.info().articles == OLD
    killed(root, event, count)
    assert reader.info().articles == open_engine(url).info().articles == serving
    assert run("check", url=url).exit_code == 0
    assert run("reindex", new, url=url).exit_code == 0
    assert reader.info().articles == NEW
    assert leftovers(root) == []
    assert len(reader.info().generations) == 2
    run("rollback", url=url)
    assert reader.info().articles == serving, "a generation that never served must not be rolled back to"


def test_killed_during_the_swap_of_the_first_index(tmp_path: Path, new: Path) -> None:
    root = tmp_path / "index"
    url = f"tantivy://{root}"
    killed(root, "os.rename", 2)
    result = run("search", "report", url=url)
    assert result.exit_code == 1
    assert "There is no index" in result.stderr
    assert run("reindex", new, url=url).exit_code == 0
    assert leftovers(root) == []


def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    url = f"tantivy://{tmp_path}/index"
    lines = (tmp_path / "lines.jsonl", [story(n) for n in range(250)])
    with start("reindex", "-", "--workers", 2, url=url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(write_lines(*lines).read_text(encoding="utf-8"))
        process.stdin.flush()
        wait_for(lambda: len(members(process.pid)) >= 4, "two workers and the tracker of their semaphores")
        process.kill()
        process.communicate(timeout=60)
    wait_for_workers(process.pid)
