"""What is special to engines whose index is a folder: nothing is left of failed writes, and damage is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from corpora import article, query

from search.engine import open_engine
from search.errors import IndexDamagedError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("tantivy", "whoosh")


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def broken() -> object:
    yield article(2)
    raise ZeroDivisionError


def test_nothing_is_left_of_a_rebuild_that_fails(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    engine.rebuild([article(1, "kept")], keep=2)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ZeroDivisionError):
        engine.rebuild(broken(), keep=2)  # type: ignore[arg-type]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_draft_that_nobody_goes_on_with_is_cleared_away_by_the_next_write(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    with pytest.raises(ZeroDivisionError):
        engine.rebuild(broken(), keep=2, draft="abc")  # type: ignore[arg-type]
    assert list(tmp_path.glob("index/building-*"))
    engine.write([article(1)], [], keep=2)
    assert not list(tmp_path.glob("index/building-*"))


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_lexicon_is_told(url: str, tmp_path: Path, damage: str) -> None:
    open_engine(url).rebuild([article(1, "harbour")], keep=1)
    (path,) = tmp_path.glob("index/0*/lexicon.bin")
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
    other = open_engine(url)
    if damage == "changed":
        assert other.check() == ("lexicon.bin is no longer what was written.",)
    else:
        with pytest.raises(IndexDamagedError, match=r"lexicon.bin") as raised:
            other.search(query("harbour"))
        assert "dateline reindex" in raised.value.remedy


def told(url: str) -> bool:
    """Return whether an index says that it is damaged."""
    try:
        return bool(open_engine(url).check())
    except IndexDamagedError as error:
        return "dateline reindex" in error.remedy


def test_any_damaged_file_is_told_without_a_traceback(url: str, tmp_path: Path) -> None:
    """Cut to a half or with a byte changed, a file of the index is named by `check`, or it cannot be opened."""
    open_engine(url).rebuild([article(n, f"harbour {n}", "pier and quay " * n) for n in range(20)], keep=1)
    (folder,) = tmp_path.glob("index/0*")
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        if len(data) < 2 or path.name.startswith(".") or "lock" in path.name.lower():
            continue
        for spoilt in (data[: len(data) // 2], data[:-1] + bytes([data[-1] ^ 255])):
            path.unlink()  # a reader of before may have it mapped
            path.write_bytes(spoilt)
            assert told(url), path.name
        path.unlink()
        path.write_bytes(data)
    assert open_engine(url).check() == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", ["://", "://host/path", ":///", ""])
def test_a_url_without_a_folder_says_what_to_write(kind: str, rest: str) -> None:
    with pytest.raises(SettingError, match="names no") as raised:
        open_engine(f"{kind}{rest}")
    assert f"{kind}:///./data/index" in raised.value.remedy or "tantivy:///./data/index" in raised.value.remedy
