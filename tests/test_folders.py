"""Engines with an index in a folder: failed writes leave no files, and damage is reported."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.command_line import ROOT
from support.factories import article, query

from search.engine import open_engine
from search.engines import writing
from search.engines.folder import Generations
from search.errors import IndexDamagedError, SettingError
from search.storage import files

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.engines.protocols import OpenGeneration

KINDS = ("tantivy", "whoosh")

READING = """
import sys
from search.engine import open_engine
from search.query.parsing import query_of

engine, seen = open_engine(sys.argv[1]), []
print("reading", flush=True)
while not seen or seen[-1] != int(sys.argv[2]):
    results = engine.search(query_of("harbour", per_page=100))
    assert len(results.hits) == results.total == sum(bucket.count for bucket in results.dates)
    assert len({hit.article.title for hit in results.hits}) == 1
    if results.total not in seen:
        seen.append(results.total)
print(*seen)
"""
"""A program that searches until an index has the given number of articles, then prints all numbers it has seen."""


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def broken() -> object:
    yield article(2)
    raise ZeroDivisionError


@pytest.mark.parametrize("code", [errno.ENOTEMPTY, errno.ENOENT])
def test_a_folder_is_removed_although_a_merge_still_writes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """While a folder is removed, a merge of tantivy may still create or remove files in it."""
    url = f"tantivy://{tmp_path}/index"
    engine = open_engine(url)
    engine.rebuild([article(1, "kept")], keep=2)
    before = sorted(tmp_path.rglob("*"))
    failures = [OSError(code, os.strerror(code))] * 3
    remove = shutil.rmtree

    def rmtree(folder: Path, *args: object, **options: object) -> None:
        if failures:
            raise failures.pop()
        remove(folder, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(files.shutil, "rmtree", rmtree)
    with pytest.raises(ZeroDivisionError):
        engine.rebuild(broken(), keep=2)  # type: ignore[arg-type]
    assert failures == []
    assert sorted(tmp_path.rglob("*")) == before
    failures += [OSError(code, os.strerror(code))] * 3
    assert engine.write([], ["no such article"], keep=2).deleted == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_cannot_be_removed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rmtree(_: Path) -> None:
        raise PermissionError(errno.EACCES, "no")

    url = f"tantivy://{tmp_path}/index"
    open_engine(url).rebuild([article(1, "kept")], keep=2)
    monkeypatch.setattr(files.shutil, "rmtree", rmtree)
    with pytest.raises(PermissionError):
        open_engine(url).write([], ["no such article"], keep=2)


def test_a_failed_rebuild_leaves_no_files(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    engine.rebuild([article(1, "kept")], keep=2)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ZeroDivisionError):
        engine.rebuild(broken(), keep=2)  # type: ignore[arg-type]
    assert sorted(tmp_path.rglob("*")) == before


def test_the_next_write_removes_an_abandoned_build(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    with pytest.raises(ZeroDivisionError):
        engine.rebuild(broken(), keep=2, build_name="abc")  # type: ignore[arg-type]
    assert list(tmp_path.glob("index/building-*"))
    engine.write([article(1)], [], keep=2)
    assert not list(tmp_path.glob("index/building-*"))


def test_a_build_that_is_killed_twice_has_no_duplicates(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a kill between a commit and its checkpoint, the resumed build writes some articles again.

    The new copies must replace the first ones.
    """
    monkeypatch.setattr(writing, "BATCH", 10)
    monkeypatch.setattr(writing, "CHECKPOINT_EVERY", 10)
    engine = open_engine(url)
    articles = [article(n, "harbour", id=f"a{n:02}", story=f"a{n:02}") for n in range(40)]
    save = files.write_checkpoint

    def failing_at(last: str) -> Callable[[Path, str], None]:
        def failing(folder: Path, saved: str) -> None:
            if saved == last:
                raise ZeroDivisionError
            save(folder, saved)

        return failing

    for last in ("a19", "a29"):
        monkeypatch.setattr(files, "write_checkpoint", failing_at(last))
        with pytest.raises(ZeroDivisionError):
            engine.rebuild([one for one in articles if one.id > engine.resume_point("abc")], keep=1, build_name="abc")
    monkeypatch.setattr(files, "write_checkpoint", save)
    assert engine.resume_point("abc") == "a19"
    engine.rebuild(articles[20:], keep=1, build_name="abc")
    assert engine.search(query("harbour")).total == 40
    assert [one.count for one in engine.suggest("harb", 8) if one.type == "word"] == [40]
    assert engine._current().frequency("text", "harbour") == 40  # type: ignore[attr-defined]
    assert engine.check() == ()


def test_an_unreadable_build_is_discarded(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 1)
    monkeypatch.setattr(writing, "CHECKPOINT_EVERY", 1)
    engine = open_engine(url)
    with pytest.raises(ZeroDivisionError):
        engine.rebuild(broken(), keep=2, build_name="abc")  # type: ignore[arg-type]
    for path in tmp_path.glob("index/building-*/*"):
        if path.name == "meta.json" or path.suffix == ".toc":
            path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(IndexDamagedError):
        engine.rebuild([article(3)], keep=2, build_name="abc")
    assert engine.rebuild([article(3)], keep=2, build_name="abc").added == 1


@pytest.mark.slow
def test_many_checkpoints_work_beside_merges(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 25)
    monkeypatch.setattr(writing, "CHECKPOINT_EVERY", 25)
    engine = open_engine(url)
    articles = [article(n, "harbour", id=f"a{n:04}", story=f"a{n:04}") for n in range(1000)]
    assert engine.rebuild(articles, keep=1, build_name="abc").added == 1000


def test_a_read_is_retried_if_its_generation_is_pruned(url: str) -> None:
    engine = open_engine(url)
    engine.rebuild([article(1)], keep=1)
    seen: list[str] = []

    def read_name(generation: OpenGeneration) -> str:
        seen.append(generation.name)
        if len(seen) == 1:
            engine.rebuild([article(2)], keep=1)
        return generation.name

    assert engine._read_stable(read_name) == "000002"  # type: ignore[attr-defined]
    assert seen == ["000001", "000002"]


@pytest.mark.slow
def test_info_and_check_work_while_generations_are_pruned(url: str) -> None:
    engine, ended = open_engine(url), threading.Event()
    engine.rebuild([article(1)], keep=1)
    other = open_engine(url)

    def build() -> None:
        for number in range(25):
            engine.rebuild([article(n) for n in range(number)], keep=1)
        ended.set()

    writing = threading.Thread(target=build)
    writing.start()
    while not ended.is_set():
        assert other.info().size > 0
        assert other.check() == ()
    writing.join()


def test_a_generation_is_removed_atomically(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A concurrent reader sees all files of a generation or no folder."""
    engine = open_engine(url)
    engine.rebuild([article(1)], keep=1)
    folder = Generations(Path(url.partition("://")[2])).path(engine.info().generation)
    left: list[bool] = []
    remove = shutil.rmtree

    def watched(path: Path, **options: bool) -> None:
        left.append(folder.exists())
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", watched)
    engine.rebuild([article(2)], keep=1)
    assert left == [False]
    assert engine.search(query("body")).total == 1


@pytest.mark.slow
def test_processes_read_whole_generations_during_writes(url: str) -> None:
    engine = open_engine(url)
    sizes = [10, 20, 30, 40, 50]

    def build(size: int) -> None:
        engine.rebuild([article(n, f"Of {size}", "harbour", published="2024-01-01") for n in range(size)], keep=1)

    build(sizes[0])
    command = [sys.executable, "-c", READING, url, str(sizes[-1])]
    readers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
    for size in sizes[1:]:
        build(size)
    for reader in readers:
        out, _ = reader.communicate(timeout=60)
        seen = [int(size) for size in out.split()]
        assert reader.returncode == 0
        assert seen == sorted(seen)
        assert set(seen) <= set(sizes)


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_lexicon_is_reported(url: str, tmp_path: Path, damage: str) -> None:
    open_engine(url).rebuild([article(1, "harbour")], keep=1)
    (path,) = tmp_path.glob("index/0*/lexicon.bin")
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
    other = open_engine(url)
    if damage == "changed":
        assert other.check() == ("lexicon.bin has changed since it was written.",)
    else:
        with pytest.raises(IndexDamagedError, match=r"lexicon.bin") as raised:
            other.search(query("harbour"))
        assert "dateline reindex" in raised.value.remedy


def reports_damage(url: str) -> bool:
    """Return whether an index reports that it is damaged."""
    try:
        return bool(open_engine(url).check())
    except IndexDamagedError as error:
        return "dateline reindex" in error.remedy


def test_any_damaged_file_is_reported_without_a_traceback(url: str, tmp_path: Path) -> None:
    """Truncate each file of the index, or change its last byte.

    `check` names the file, or the index cannot be opened.
    """
    open_engine(url).rebuild([article(n, f"harbour {n}", "pier and quay " * n) for n in range(20)], keep=1)
    (folder,) = tmp_path.glob("index/0*")
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        if len(data) < 2 or path.name.startswith(".") or "lock" in path.name.lower():
            continue
        for damaged in (data[: len(data) // 2], data[:-1] + bytes([data[-1] ^ 255])):
            path.unlink()  # an earlier reader may have mapped it into memory
            path.write_bytes(damaged)
            assert reports_damage(url), path.name
        path.unlink()
        path.write_bytes(data)
    assert open_engine(url).check() == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", ["://", "://host/path", ":///", ""])
def test_a_url_without_a_folder_gets_an_example(kind: str, rest: str) -> None:
    with pytest.raises(SettingError, match="names no") as raised:
        open_engine(f"{kind}{rest}")
    assert f"{kind}:///./data/index" in raised.value.remedy or "tantivy:///./data/index" in raised.value.remedy
