"""Tables that are compiled once and shared: in a process of its own, whole or not at all, with or without a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from index.facets import compiled
from index.facets.countries.gazetteer import decoded, encoded
from index.facets.countries.places import Kind, Place
from index.facets.persons import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = f"{__name__}:pairs"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder for this process and those that it starts."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled.tempfile, "tempdir", str(tmp_path))
    compiled.table.cache_clear()
    yield tmp_path / "cache" / "dateline"
    compiled.table.cache_clear()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_table_is_written_once_and_then_only_opened(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiled.table("index.facets.persons.lists:words")
    (path,) = files(cache)
    written = path.stat().st_mtime_ns
    compiled.table.cache_clear()
    monkeypatch.setattr(compiled, "_compile_aside", pytest.fail)

    second = compiled.table("index.facets.persons.lists:words")

    assert files(cache) == [path]
    assert path.stat().st_mtime_ns == written
    for word in ("Vladimir", "President", "Smith"):
        assert int.from_bytes(first.get(word) or b"") == int.from_bytes(second.get(word) or b"") == words.flags(word)
        assert words.flags(word)
    assert second.get("Xqzzy") is None
    assert second.get("") is None


@pytest.mark.parametrize("damaged", [b"", b"no trie at all" * 100])
def test_a_damaged_table_is_written_anew(cache: Path, damaged: bytes) -> None:
    compiled.table("index.facets.persons.lists:words")
    (path,) = files(cache)
    path.unlink()
    path.write_bytes(damaged)
    compiled.table.cache_clear()

    found = compiled.table("index.facets.persons.lists:words")

    assert int.from_bytes(found.get("Vladimir") or b"") == words.flags("Vladimir")
    assert files(cache) == [path]
    assert path.stat().st_size > 100_000


def test_where_no_folder_can_be_written_the_table_is_built_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "a file"
    nowhere.write_text("")
    monkeypatch.setattr(compiled, "_folders", lambda: iter([nowhere / "deeper"]))
    compiled.table.cache_clear()

    found = compiled.table("index.facets.persons.lists:words")

    assert int.from_bytes(found.get("Vladimir") or b"") == words.flags("Vladimir")
    assert files(tmp_path) == [nowhere]
    compiled.table.cache_clear()


def test_the_spare_folder_is_used_where_the_cache_is_none(cache: Path, tmp_path: Path) -> None:
    cache.parent.write_text("a file where the folder should be")

    compiled.table("index.facets.persons.lists:words")

    (path,) = files(tmp_path / f"dateline-{os.getuid()}")
    assert path.name == "words-all.marisa"
    assert path.parent.parent.stat().st_mode & 0o077 == 0


def test_processes_that_start_together_all_get_the_table(cache: Path) -> None:
    code = "from index.facets.persons.words import flags; print(flags('Vladimir'))"
    run = [sys.executable, "-c", code]

    with ThreadPoolExecutor(3) as pool:
        told = list(
            pool.map(lambda _: subprocess.run(run, capture_output=True, check=True, text=True).stdout, range(3))
        )

    assert told == [f"{words.flags('Vladimir')}\n"] * 3
    assert [path.name for path in files(cache)] == ["words-all.marisa"]


def test_tables_of_other_versions_that_nobody_opens_are_removed(cache: Path) -> None:
    old, fresh = cache / "0123", cache / "4567"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
        (folder / "words-all.marisa").write_bytes(b"")
    long_ago = time.time() - (compiled.UNUSED_DAYS + 1) * compiled.DAY
    os.utime(old, (long_ago, long_ago))

    compiled.table("index.facets.persons.lists:words")

    assert not old.exists()
    assert fresh.exists()


def test_another_version_of_a_package_has_other_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled._fingerprint.cache_clear()
    before = compiled._fingerprint()
    compiled._fingerprint.cache_clear()
    monkeypatch.setattr(compiled.metadata, "version", lambda name: f"{name} of tomorrow")

    assert compiled._fingerprint() != before

    compiled._fingerprint.cache_clear()


def test_places_come_back_as_they_were_kept() -> None:
    places = (
        Place.of("Congo", Kind.NAME, "CD", "CG"),
        Place.of("Þórshöfn", Kind.WEAK, "IS", also=("FO",)),
        Place.of("Москва", Kind.CITY, "RU")._replace(large=True),
    )

    assert decoded(encoded(places)) == places
    assert decoded(encoded(())) == ()
