"""Special cases of Whoosh: segments and merging, damaged files, and an index that Whoosh itself can search."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.factories import article, query
from whoosh import query as tree
from whoosh.index import open_dir

from search.engine import open_engine
from search.engines import writing
from search.engines.whoosh import checksums, terms, writer
from search.engines.whoosh.order import first
from search.engines.whoosh.query import rounded
from search.engines.whoosh.segments import Segment
from search.errors import IndexDamagedError, IndexVersionError, SearchError
from search.model import Person, Sort

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.engine import Engine
    from search.model import Article


@pytest.fixture(scope="session")
def kind() -> str:
    return "whoosh"


def folder_of(engine: Engine) -> Path:
    folder: Path = engine.store.path(engine.store.current())  # type: ignore[attr-defined]
    return folder


def segments(engine: Engine) -> list[tuple[int, int]]:
    """Return for each segment the number of articles and the number of deleted ones."""
    reader = engine._current()  # type: ignore[attr-defined]
    return [(segment.size, len(segment.deleted)) for segment in reader.terms.segments]


def test_whoosh_itself_can_search_the_index(engine: Engine) -> None:
    engine.rebuild([article(n, f"harbour {n}", "pier and " * n + "the harbour") for n in range(20)], keep=1)
    engine.write([article(30, "harbour", "at the pier")], ["3"], keep=1)
    with open_dir(str(folder_of(engine)), indexname="dateline").searcher() as searcher:
        for node in (
            tree.Term("text", "pier"),
            tree.Phrase("body_words", ["the", "harbour"]),
            tree.And([tree.Term("title_words", "harbour"), tree.Term("id", "30")]),
        ):
            found = {hit["name"] for hit in searcher.search(node, limit=None)}
            reader = engine._current()  # type: ignore[attr-defined]
            assert found == {reader.terms.stored(n)["name"] for n in reader.runner.matching(node).nonzero()[0].tolist()}


def test_lengths_are_rounded_as_in_other_engines() -> None:
    """Check the steps of SmallFloat.intToByte4 in Lucene 9: 24 exact values, then four binary digits."""
    known = {
        0: 0,
        7: 7,
        24: 24,
        39: 39,
        40: 40,
        41: 40,
        43: 42,
        55: 54,
        57: 56,
        59: 56,
        60: 60,
        88: 88,
        95: 88,
        119: 112,
    }
    assert rounded(np.array(list(known))).tolist() == list(known.values())


def test_small_segments_are_merged_and_large_ones_left_alone(engine: Engine) -> None:
    engine.rebuild([article(n) for n in range(100)], keep=1)
    for n in range(writer.SEGMENTS + 3):
        engine.write([article(1000 + n, f"treaty {n}", persons=(Person("Kim Jong Un"),))], [str(n)], keep=1)
        found = segments(engine)
        assert len(found) <= writer.SEGMENTS
        assert found[0] == (100, n + 1)
        assert sum(size - deleted for size, deleted in found) == engine.info().articles == 100
        results = engine.search(query("treaty", sort=Sort.NEWEST, per_page=50))
        assert sorted(hit.article.id for hit in results.hits) == [str(1000 + m) for m in range(n + 1)]
        assert [value.count for value in results.persons] == [n + 1]
        assert engine.check() == ()


def test_a_segment_with_many_deleted_articles_is_rewritten(engine: Engine) -> None:
    engine.rebuild([article(n, f"{'zebra' if n < 20 else 'harbour'} pier") for n in range(40)], keep=1)
    engine.write([], [str(n) for n in range(10)], keep=1)
    assert segments(engine) == [(40, 10)]
    engine.write([], [str(n) for n in range(10, 20)], keep=1)
    assert segments(engine) == [(20, 0)]
    assert engine.search(query("pier")).total == 20
    assert engine.suggest("zebr", 9) == ()
    engine.write([], [str(n) for n in range(20, 40)], keep=1)
    assert segments(engine) == []
    assert (engine.search(query("pier")).total, engine.check()) == (0, ())


def test_a_merge_stops_at_the_memory_limit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge collects postings in memory, like a write. Segments beyond the limit wait for the next write."""
    monkeypatch.setattr(writer, "POSTINGS", 1)
    for n in range(writer.SEGMENTS + 4):
        engine.write([article(n)], [], keep=1)
    assert len(segments(engine)) > writer.SEGMENTS
    assert (engine.info().articles, engine.check()) == (writer.SEGMENTS + 4, ())


def test_a_segment_is_written_out_when_its_postings_are_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "POSTINGS", 2_000)
    engine.rebuild([*(article(n, f"harbour {n}") for n in range(1200)), article(3, "pier")], keep=1)
    assert len(segments(engine)) == 3
    assert (engine.search(query("harbour")).total, engine.get("3").title) == (1199, "pier")
    assert engine.check() == ()


def test_frequencies_are_the_same_from_texts_and_from_postings(engine: Engine) -> None:
    """A write asks for many frequencies, so it reads the texts of deleted articles instead of all postings."""
    chance = random.Random(5)
    words = "harbour harbours pier treaty Müller 7 don't".split()
    engine.rebuild([article(n, chance.choice(words), " ".join(chance.choices(words, k=5))) for n in range(50)], keep=1)
    engine.write([article(3, "pier")], [str(n) for n in range(5, 15)], keep=1)
    reader = engine._current()  # type: ignore[attr-defined]
    other = terms.Terms(reader.terms.segments, all_words=True)
    for field in ("title_words", "body_words"):
        known = reader.terms.words(field)
        assert len(known) > 5
        for word in known:
            assert other.frequency(field, word) == reader.terms.frequency(field, word) == known[word]


def test_postings_that_do_not_fit_the_cache_are_read_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.rebuild([article(n, f"harbour{n} pier", f"body{n}") for n in range(30)], keep=1)
    monkeypatch.setattr(terms, "CACHED", 500)
    other = open_engine(engine.info().url)
    for _ in range(2):
        for n in range(30):
            assert other.search(query(f"harbour{n} pier AND body{n}")).total == 1
    recent = other._current().terms._cache  # type: ignore[attr-defined]
    assert 0 < recent._held <= 500


@pytest.mark.parametrize("most", [0, 1, 3, 7, 50])
def test_the_first_numbers_are_sorted(most: int) -> None:

    chance = np.random.default_rng(most)
    numbers, scores, times = np.arange(40), chance.integers(0, 4, 40), chance.permutation(40)
    expected = sorted(numbers.tolist(), key=lambda n: (scores[n], times[n]))[:most]
    assert first(numbers, (scores, times), most).tolist() == expected


@pytest.mark.parametrize("seed", range(4))
def test_lookups_find_the_articles_of_all_segments(engine: Engine, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Look up random keys, stories, ids and persons after rebuilds, writes, deletes and merges."""
    monkeypatch.setattr(writer, "SEGMENTS", 3)
    monkeypatch.setattr(writer, "POSTINGS", 1_000)
    chance = random.Random(seed)
    held: dict[str, Article] = {}

    def made(number: int) -> Article:
        names = chance.sample(["Kim Jong Un", "Ann Lee", "Bob Ray"], chance.randrange(3))
        keys = tuple(f"k{chance.randrange(12)}" for _ in range(chance.randrange(8)))
        return article(number, story=str(chance.randrange(9)), keys=keys, persons=tuple(map(Person, names)))

    for step in range(7):
        new = [made(chance.randrange(60)) for _ in range(30 if step == 0 else chance.randrange(6))]
        gone = chance.sample(sorted(held), min(len(held), chance.randrange(5)))
        held = {one: had for one, had in held.items() if one not in gone} | {one.id: one for one in new}
        engine.write(new, [one for one in gone if one not in {other.id for other in new}], keep=1)
        values = {
            one.id: {"id": {one.id}, "story": {one.story}, "keys": set(one.keys)}
            | {"person": {person.name for person in one.persons}}
            for one in held.values()
        }
        for field in ("id", "story", "keys", "person"):
            terms_of = [*sorted({term for own in values.values() for term in own[field]}), "none"]
            asked = [chance.choice(terms_of) for _ in range(6)]
            for least in (0, 1, 2, 3):
                node = tree.Or([tree.Term(field, term) for term in asked], minmatch=least)
                times = {one: sum(term in own[field] for term in asked) for one, own in values.items()}
                expected = {one for one, count in times.items() if count >= max(least, 1)}
                assert {one.id for one in engine._current().select(node, 100)} == expected
                best = [times[one.id] for one in engine._current().select(node, 5)]
                assert best == sorted(times.values(), reverse=True)[: min(5, len(expected))]
            for term in asked[:2]:
                expected = {one for one, own in values.items() if term in own[field]}
                assert engine._current().frequency(field, term) == len(expected)
                assert {one.id for one in engine._current().select(tree.Term(field, term), 100)} == expected
        assert list(engine.ids()) == sorted(held)


def test_a_write_reads_only_what_it_adds(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a write depends on the write: the columns and checksums of old segments are kept."""
    engine.rebuild([article(n, f"harbour {n}") for n in range(200)], keep=1)
    old = {path.name: path.stat().st_ino for path in folder_of(engine).glob("dateline_*")}
    sizes, summed = set[int](), summed_files(monkeypatch)
    read = Segment.stored

    def stored(segment: Segment, number: int) -> dict[str, Any]:
        sizes.add(segment.size)
        return read(segment, number)

    monkeypatch.setattr(Segment, "stored", stored)
    engine.write([article(500, "pier")], [], keep=1)
    assert sizes == {1}
    new = {path.name: path.stat().st_ino for path in folder_of(engine).glob("dateline_*")}
    assert old.items() <= new.items()
    assert not old.keys() & set(summed)
    assert engine.check() == ()


def test_files_that_are_no_links_are_summed_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have no hard links. A copy that went wrong must not keep the old checksum."""

    def fail_to_link(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("os.link", fail_to_link)
    engine.rebuild([article(1)], keep=1)
    summed = summed_files(monkeypatch)
    engine.write([article(2)], [], keep=1)
    assert summed == sorted(path.name for path in folder_of(engine).iterdir() if path.name != checksums.FILE)


def summed_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that receives the name of each file whose checksum is computed."""
    names: list[str] = []
    crc = checksums._crc

    def noted(path: Path) -> int:
        names.append(path.name)
        return crc(path)

    monkeypatch.setattr(checksums, "_crc", noted)
    return names


def test_a_killed_build_is_resumed_at_its_checkpoint(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments that were written after the checkpoint are dropped: their articles may have changed since."""
    monkeypatch.setattr(writer, "POSTINGS", 100)
    monkeypatch.setattr(writing, "BATCH", 10)
    monkeypatch.setattr(writing, "CHECKPOINT_EVERY", 20)
    articles = [article(n, "harbour", id=f"a{n:02}", story=f"a{n:02}") for n in range(60)]

    def killed(count: int) -> Iterator[Article]:
        yield from articles[:count]
        raise ZeroDivisionError

    for count, point in ((15, ""), (38, "a19")):
        with pytest.raises(ZeroDivisionError):
            engine.rebuild(killed(count), keep=1, build_name="abc")
        assert engine.resume_point("abc") == point
    engine.rebuild(articles[20:25], keep=1, build_name="abc")
    assert list(engine.ids()) == [one.id for one in articles[:25]]
    assert [one.count for one in engine.suggest("harb", 8) if one.type == "word"] == [25]
    assert engine.check() == ()


def problems(engine: Engine) -> tuple[str, ...]:
    """Return the problems that a new engine finds when it checks the index."""
    try:
        return open_engine(engine.info().url).check()
    except (IndexDamagedError, IndexVersionError) as error:
        return (f"{error} {error.remedy}",)


class TestDamage:
    @pytest.fixture
    def written(self, engine: Engine) -> Engine:
        text = "the harbour pier treaty "
        engine.rebuild([article(n, f"harbour report {n}", text * (n % 7 + 1)) for n in range(300)], keep=1)
        engine.write([article(500, "harbour")], ["7"], keep=1)
        return engine

    def test_each_truncated_changed_or_missing_file_is_reported(self, written: Engine) -> None:
        for path in sorted(folder_of(written).iterdir()):
            whole = path.read_bytes()
            middle = len(whole) // 2
            flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :] if whole else None
            for damaged in (whole[:middle] or None, flipped, None):
                path.unlink(missing_ok=True)
                if damaged is not None:
                    path.write_bytes(damaged)
                assert problems(written), path.name
            path.write_bytes(whole)
        assert problems(written) == ()

    @pytest.mark.slow
    def test_damage_raises_only_our_own_errors(self, written: Engine) -> None:
        chance = random.Random(1)
        files = [path for path in sorted(folder_of(written).iterdir()) if path.stat().st_size]
        paths = [path for path in files if path.suffix in {".toc", ".trm", ".pst", ".col"}]
        for _ in range(150):
            path = chance.choice(paths)
            whole = path.read_bytes()
            place = chance.randrange(len(whole))
            path.write_bytes(whole[:place] + bytes([chance.randrange(256)]) + whole[place + 1 :])
            with suppress(SearchError):
                damaged = open_engine(written.info().url)
                for text in ("harbour", '"harbour pier"', "har*", "*ty", "treaty~", ""):
                    damaged.search(query(text))
                damaged.get("3")
                list(damaged.articles())
            path.write_bytes(whole)
