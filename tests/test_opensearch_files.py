"""The companion's files in the cluster and in the cache, and the tally compared with a recount."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from conftest import opened
from hypothesis import given
from hypothesis import strategies as st
from support.factories import article, query
from support.opensearch_fixtures import *  # noqa: F403

from search.engines.opensearch import companion
from search.engines.opensearch import tally as tallies
from search.engines.opensearch.tally import FIELDS, FILE, Counts, Table, Tally
from search.errors import SettingError
from search.model import Country, Person
from search.settings import Settings
from search.storage.fields import fields_of

if TYPE_CHECKING:
    from pathlib import Path

    from search.engine import Engine
    from search.model import Article

ONE_SHARD = Settings(opensearch_replicas=0)


@pytest.mark.opensearch
class TestFiles:
    def test_files_are_downloaded_once_on_each_machine(
        self, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine.rebuild([article(1, "harbour")], keep=2)
        downloaded: list[str] = []
        download = companion._download

        def noted(*args: Any) -> bytes:
            downloaded.append(args[2])
            return download(*args)

        monkeypatch.setattr(companion, "_download", noted)
        for _ in range(3):
            assert opened(url).suggest("harb", 3)
        assert sorted(downloaded) == ["lexicon.bin", "tally.bin"]
        engine.rebuild([article(1, "lighthouse")], keep=2)
        assert opened(url).suggest("light", 3)
        assert len(downloaded) == 4

    def test_a_file_may_consist_of_many_pieces(self, engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(companion, "PIECE", 1_000)
        engine.rebuild([article(1, "harbour")], keep=2)
        assert engine.suggest("harb", 3)
        engine.write([article(2, "lighthouse")], [], keep=2)
        for one in (engine, opened(url)):
            assert one.search(query("lighthouse")).total == 1
            assert one.frequencies("text", ["lighthous", "harbour", "pier"]) == [1, 1, 0]
            assert one.check() == ()

    def test_a_cache_folder_that_is_not_writable_is_named(
        self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine.rebuild([article(1)], keep=1)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        (tmp_path / "dateline").mkdir()
        (tmp_path / "dateline/opensearch").write_text("no folder")
        with pytest.raises(SettingError, match=re.escape(str(tmp_path))) as raised:
            opened(engine.store._client.address.url).search(query("report"))  # type: ignore[attr-defined]
        assert "XDG_CACHE_HOME" in raised.value.remedy

    def test_old_files_are_removed_and_damaged_ones_are_downloaded_again(self, engine: Engine, url: str) -> None:
        from search.engines.opensearch.companion import _cache

        for word in ("first", "second"):
            engine.rebuild([article(1, word)], keep=2)
            engine.suggest("a", 1)
        (root,) = [one for one in _cache().iterdir() if one.name.startswith(url.rpartition("/")[2])]
        (folder,) = root.iterdir()
        (folder / FILE).write_bytes(b"cut off")
        assert opened(url).suggest("seco", 3)


def test_only_changed_pieces_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companion, "PIECE", 4)
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, lexicon, delta in ((before, b"0123456789", b""), (after, b"0123----89ab", b"xyz")):
        folder.mkdir()
        (folder / "lexicon.bin").write_bytes(lexicon)
        if delta:
            (folder / "lexicon-delta.bin").write_bytes(delta)
    changed = ["lexicon.bin-1", "lexicon.bin-2", "lexicon-delta.bin-0"]
    assert [key for key, _ in companion.pieces(after, before)] == changed
    assert [key for key, _ in companion.pieces(after, None)] == ["lexicon.bin-0", *changed]
    assert not list(companion.pieces(after, after))


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
def test_a_tally_equals_a_recount(changes: list[tuple[Article, bool, int]]) -> None:
    """Write and delete articles. At some checkpoints the counts continue in a new tally."""
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
    total, recount = Tally(), Tally()
    for part in parts:
        total.merge(part)
    for one in held.values():
        recount.add(fields_of(one))
    assert {field: +counter for field, counter in total.counts.items()} == recount.counts
    assert all(count >= 0 for counter in total.counts.values() for count in counter.values())


NUMBERS = st.dictionaries(st.text(min_size=1), st.integers(-5, 1_000))
FEW_NUMBERS = st.dictionaries(st.text("aé日\ud800", min_size=1, max_size=2), st.integers(-1, 1))
CHANGES = st.dictionaries(st.sampled_from(("title_words", "body_words")), FEW_NUMBERS)


@given(st.lists(CHANGES, max_size=6), st.integers(0, 4))
def test_changes_are_added_to_the_table_before(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, dict[str, int]]], most: int
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / f"changes-{FILE}"
    counts, total, table = Counts(path, None), Tally(), None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tallies, "MOST_CHANGES", most)
        for some in changes:
            tally = Tally()
            for field, terms in some.items():
                tally.counts[field] = Counter(terms)
            counts.merge(tally)
            total.merge(tally)
            table = counts.save() if most == 4 else table
    table = counts.save()
    for field in FIELDS:
        kept = {term: count for term, count in total.counts[field].items() if count}
        assert dict(table.items(field)) == kept
        assert [table.count(field, term) for term in kept] == list(kept.values())
    titles, bodies = (dict(table.items(field)) for field in ("title_words", "body_words"))
    both = titles.keys() & bodies.keys()
    assert dict(table.words()) == titles | bodies | {word: max(titles[word], bodies[word]) for word in both}


@given(st.dictionaries(st.sampled_from(FIELDS), NUMBERS))
def test_a_tally_is_read_from_its_file(
    tmp_path_factory: pytest.TempPathFactory, counts: dict[str, dict[str, int]]
) -> None:
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
