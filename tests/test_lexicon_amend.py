"""Amended lexicons answer as if they had been built at once; a builder writes the same file as `build`."""

from __future__ import annotations

import datetime as dt
import os
import string
import tarfile
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.naive_lexicon import DAY

from search import analysis
from search.errors import IndexDamagedError
from search.lexicon import (
    Changes,
    Contents,
    Dated,
    Headline,
    Lexicon,
    LexiconBuilder,
    amend,
    amending,
    build,
    building,
    completion,
    files,
    layer,
    packing,
)
from search.lexicon.contents import ArticleFacts, contents
from search.lexicon.words import is_stored
from search.model import Article, Country, Person
from search.storage import mapped_arrays

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

WORDS = [
    *("a", "ab", "abc", "abcd", "abcde", "abcdefgh", "abcdefhg", "bcde", "bcdf", "cdef", "cdefab", "dabc", "ddddd"),
    *(
        "жизнь",
        "жизни",
        "жизненный",
        "习",
        "近",
        "acbd",
        "abcdeabcde",
        "abcdeabcdx",
        "w" * 24,
        "w" * 24 + "x",
        "w" * 30,
    ),
]
WORD = st.sampled_from(WORDS)
NAME = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
COUNT = st.integers(0, 6)
ANY_DAY = st.sampled_from([0, DAY - 90, DAY - 30, DAY - 1, DAY, DAY + 5])
COUNTRY = st.sampled_from(["TD", "CA", "GB", "US"])


class State(NamedTuple):
    """A model of the archive: what an amended lexicon must know."""

    words: dict[str, int]
    persons: dict[str, Dated]
    countries: dict[str, Dated]
    headlines: dict[str, Headline]
    labels: dict[str, str]

    def uses(self) -> dict[str, tuple[int, int, int]]:
        """Return the uses of each stored word: articles, headlines, names."""
        found: dict[str, list[int]] = {word: [count, 0, 0] for word, count in self.words.items() if count}
        for one in self.headlines.values():
            for word in set(analysis.streams(one.text)[0].split()):
                found.setdefault(word, [0, 0, 0])[1] += 1
        for person in self.persons.values():
            for word in set(analysis.streams(person.value)[0].split()):
                found.setdefault(word, [0, 0, 0])[2] += person.articles
        return {word: (one[0], one[1], one[2]) for word, one in found.items() if is_stored(word)}

    def apply(self, changes: Changes) -> None:
        before = self.uses()
        self.words.update(changes.words)
        for stored, changed in ((self.persons, changes.persons), (self.countries, changes.countries)):
            for one in changed:
                last = max(one.last, stored[one.value].last) if one.value in stored else one.last
                if one.articles:
                    stored[one.value] = one._replace(last=last)
                else:
                    stored.pop(one.value, None)
        for gone in changes.gone:
            self.headlines.pop(gone.article)
        self.headlines.update({one.article: one for one in changes.headlines})
        after = self.uses()
        for word in before.keys() | after.keys():
            if word not in after:
                self.labels.pop(word, None)
            elif after[word] != before.get(word):
                self.labels.setdefault(word, changes.surfaces.get(word, word))
                if self.labels[word] == word:
                    self.labels[word] = changes.surfaces.get(word, word)

    def contents(self) -> Contents:
        return Contents(
            [(word, count) for word, count in self.words.items() if count],
            self.persons.values(),
            self.countries.values(),
            self.headlines.values(),
            self.labels.items(),
        )


def empty_state() -> State:
    return State({}, {}, {}, {}, {})


@st.composite
def changes_of(draw: st.DrawFn, state: State) -> Changes:
    """Draw changes of a state, and apply them to it."""
    shown = list(state.headlines.values())
    gone = draw(st.lists(st.sampled_from(shown), max_size=3, unique=True)) if shown else []
    kept = [one for one in shown if one not in gone]
    counted = draw(st.lists(st.sampled_from(kept), max_size=3, unique=True)) if kept else []
    titles = [one._replace(copies=draw(st.integers(1, 6)), day=draw(ANY_DAY)) for one in counted]
    ids = [f"id {number}" for number in range(14) if f"id {number}" not in {one.article for one in kept}]
    new = draw(st.lists(st.sampled_from(ids), max_size=5, unique=True))
    titles += [Headline(one, draw(NAME), draw(ANY_DAY), draw(st.integers(1, 6))) for one in new]
    changes = Changes(
        draw(st.dictionaries(WORD, COUNT, max_size=8)),
        [
            Dated(name, *rest)
            for name, rest in draw(st.dictionaries(NAME, st.tuples(COUNT, ANY_DAY), max_size=6)).items()
        ],
        [
            Dated(one, *rest)
            for one, rest in draw(st.dictionaries(COUNTRY, st.tuples(COUNT, ANY_DAY), max_size=2)).items()
        ],
        gone,
        titles,
        draw(st.dictionaries(WORD, WORD.map(str.upper), max_size=3)),
    )
    state.apply(changes)
    return changes


def built_at_once(state: State, newest: int) -> Lexicon:
    """Return the lexicon of a state, with scores that are relative to a newest day."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(building, "newest_day", lambda _: newest)
        build(Path(folder), state.contents())
        return Lexicon.open(Path(folder))


NAMES = ("chad", "canada", "uk", "united", "america")
TEXTS = [*WORDS, *NAMES, "abxc", "bcdx", "abcdefg", "xabcd", "ждзнь", "ab cd", "abc ", "chaad", "abcde abcdx", "ж"]
TEXTS += ["abc a", "abcd bcd", "bcde abxd", "жизнь жиз", "united s", "abcdefgx", "d", "abcdebcde"]
PATTERNS = ("a*", "ab?d*", "*", "?bc*", "жизн?", "z*")


def answers(lexicon: Lexicon, texts: list[str]) -> Iterator[object]:
    """Yield the answers of a lexicon to many questions, each after the question."""
    for text in texts:
        for limit in (1, 4, 1000):
            yield text, limit, lexicon.suggest(text, limit)
        yield "corrections", text, lexicon.corrections(text, 9)
        yield "surface", text, lexicon.surface(text), lexicon.knows(text)
        yield "near", text, lexicon.near(text, 1), lexicon.near(text, 2)
        yield "names", text, lexicon.names(text, 3), lexicon.names(text, 1000)
        yield "correct", text, lexicon.correct([text, "abc", "abxcd"], len)
    for pattern in PATTERNS:
        yield "expansions", pattern, [lexicon.expansions(pattern, most) for most in (0, 2, 1000)]


@pytest.fixture(params=[(2, 8), (10**6, 8)], ids=["merged often", "never merged"])
def _small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use small blocks, and merge after few changes or never."""
    few, share = request.param
    monkeypatch.setattr(amending, "FEW", few)
    monkeypatch.setattr(amending, "SHARE", share)
    for module, name, value in ((packing, "BLOCK", 3), (packing, "BEST", 2), (layer, "CHUNK", 2)):
        monkeypatch.setattr(module, name, value)


def check_random_writes(data: st.DataObject) -> None:
    state = empty_state()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "0"
        folder.mkdir()
        data.draw(changes_of(state))
        build(folder, state.contents())
        for number in range(1, data.draw(st.integers(2, 5))):
            before, folder = folder, Path(root) / str(number)
            folder.mkdir()
            if data.draw(st.booleans()):
                os.link(before / files.FILE, folder / files.FILE)
            amend(folder, before, data.draw(changes_of(state)))
            texts = data.draw(st.lists(st.sampled_from(TEXTS), min_size=6, max_size=6, unique=True))
            expected = answers(built_at_once(state, files.read(folder).newest), texts)
            for found, wanted in zip(answers(Lexicon.open(folder), texts), expected, strict=True):
                assert found == wanted
            assert all(mapped_arrays.is_whole(path) for path in folder.iterdir())


@pytest.mark.usefixtures("_small")
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_an_amended_lexicon_answers_as_one_built_at_once(data: st.DataObject) -> None:
    check_random_writes(data)


@pytest.mark.usefixtures("_small")
@settings(max_examples=8, deadline=None)
@given(st.data())
def test_large_alphabets_give_the_same_answers(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(completion, "FEW_LETTERS", 0)
        check_random_writes(data)


def amended(tmp_path: Path, persons: list[Dated], *changes: list[Dated]) -> Lexicon:
    """Return a lexicon of persons after writes that change some of them."""
    build(tmp_path, Contents([], persons, [], []))
    for changed in changes:
        amend(tmp_path, tmp_path, Changes({}, changed, [], [], [], {}))
    return Lexicon.open(tmp_path)


@pytest.mark.usefixtures("_small")
def test_a_person_keeps_the_last_day(tmp_path: Path) -> None:
    persons = [Dated("Ann Ab", 5, DAY), Dated("Ann Cd", 5, DAY - 20)]
    found = amended(tmp_path, persons, [Dated("Ann Ab", 5, DAY - 90)], [Dated("Ann Ab", 6, DAY - 80)])
    assert [one.label for one in found.suggest("ann", 2)] == ["Ann Ab", "Ann Cd"]
    found = amended(tmp_path, persons, [Dated("Ann Ab", 0, DAY)], [Dated("Ann Ab", 5, DAY - 90)])
    assert [one.label for one in found.suggest("ann", 2)] == ["Ann Cd", "Ann Ab"]


@pytest.mark.usefixtures("_small")
def test_the_best_entries_of_a_block_are_computed_again(tmp_path: Path) -> None:
    persons = [Dated(f"Ann {letter}", 30 - at, DAY) for at, letter in enumerate("abcdefghijkl")]
    gone = [[person._replace(articles=0)] for person in persons[:8]]
    assert [one.label for one in amended(tmp_path, persons, gone[0], gone[1]).suggest("ann", 1)] == ["Ann c"]
    assert [one.label for one in amended(tmp_path, persons, *gone[1:]).suggest("ann", 1)] == ["Ann a"]
    assert [one.label for one in amended(tmp_path, persons, *gone[:4]).suggest("ann", 1)] == ["Ann e"]
    assert [one.label for one in amended(tmp_path, persons, *gone).suggest("ann", 1)] == ["Ann i"]


def article(number: int, title: str, day: int, story: int, persons: list[str]) -> Article:
    return Article(
        f"id {number}",
        title,
        "",
        published=dt.date.fromordinal(day).isoformat() if day else None,
        story=f"story {story}",
        persons=tuple(map(Person, persons)),
        countries=(Country("TD", "Chad"),) if number % 2 else (),
    )


ARTICLES = st.lists(
    st.tuples(
        st.sampled_from(["", "Élan", "élan ÉLAN", "w" * 30]) | NAME,
        ANY_DAY,
        st.integers(0, 3),
        st.lists(NAME, max_size=3, unique=True),
    ),
    max_size=8,
).map(lambda drawn: [article(number, *facts) for number, facts in enumerate(drawn)])


@settings(max_examples=30, deadline=None)
@given(ARTICLES, st.dictionaries(WORD, st.integers(1, 9), max_size=9), st.randoms(use_true_random=False))
def test_a_builder_writes_the_same_file_as_build(
    articles: list[Article], words: dict[str, int], rng: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        build(Path(one), contents(words.items(), [ArticleFacts.of(article) for article in articles]))
        rng.shuffle(articles)
        with LexiconBuilder() as builder:
            for article in articles:
                builder.add(article)
            builder.write(Path(other), [*words.items(), ("|", 4), ("w" * 30, 1)])
        assert (Path(one) / files.FILE).read_bytes() == (Path(other) / files.FILE).read_bytes()


ONE = Changes({"reactor": 1}, [Dated("Ann Lee", 1, DAY)], [], [], [Headline("b", "Reactor restarts", DAY, 1)], {})


@pytest.mark.usefixtures("_small")
class TestFiles:
    @pytest.fixture
    def before(self, tmp_path: Path) -> Path:
        folder = tmp_path / "before"
        folder.mkdir()
        words = [(f"word{number}", 1) for number in range(40)]
        build(folder, Contents(words, [Dated("Kim Jong Un", 2, DAY)], [], [Headline("a", "Old news", DAY, 1)]))
        return folder

    @pytest.fixture
    def after(self, tmp_path: Path) -> Path:
        (tmp_path / "after").mkdir()
        return tmp_path / "after"

    def test_the_base_is_linked_and_never_changed(self, before: Path, after: Path) -> None:
        data = (before / files.FILE).read_bytes()
        amend(after, before, ONE)
        assert (before / files.FILE).read_bytes() == data
        is_merged = not (after / files.DELTA).exists()
        assert (before / files.FILE).samefile(after / files.FILE) != is_merged
        assert [one.label for one in Lexicon.open(after).suggest("reac", 9)] == ["Reactor restarts", "reactor"]
        assert Lexicon.open(before).suggest("reac", 9) == ()

    def test_a_merge_removes_the_delta_of_before(
        self, before: Path, after: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(amending, "FEW", 100)
        amend(before, before, ONE)
        for path in before.iterdir():
            os.link(path, after / path.name)
        data = {path.name: path.read_bytes() for path in before.iterdir()}
        monkeypatch.setattr(amending, "FEW", 0)
        amend(after, before, ONE._replace(words={"reactors": 2}))
        assert [path.name for path in after.iterdir()] == [files.FILE]
        assert {path.name: path.read_bytes() for path in before.iterdir()} == data
        assert Lexicon.open(after).expansions("reactor*", 9) == 2

    def test_a_build_removes_a_delta(self, before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(amending, "FEW", 100)
        amend(before, before, ONE)
        build(before, Contents([("new", 1)], [], [], []))
        assert [path.name for path in before.iterdir()] == [files.FILE]
        assert Lexicon.open(before).knows("new")

    def test_a_damaged_or_foreign_delta_is_refused(
        self, before: Path, after: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(amending, "FEW", 100)
        amend(after, before, ONE)
        data = (after / files.DELTA).read_bytes()
        for damaged in (data[:-1], data[: len(data) // 2], data[64:], b""):
            (after / files.DELTA).write_bytes(damaged)
            with pytest.raises(IndexDamagedError, match=files.DELTA):
                Lexicon.open(after)
            assert not mapped_arrays.is_whole(after / files.DELTA)
        (after / files.DELTA).write_bytes(data)
        arrays, facts = mapped_arrays.read(after / files.DELTA)
        for name in ("names.hidden", "words.before", "headlines.scores", "spelling.names"):
            mapped_arrays.write(after / files.DELTA, {one: arrays[one] for one in arrays if one != name}, facts)
            with pytest.raises(IndexDamagedError, match="lacks a part"):
                Lexicon.open(after)
        (after / files.DELTA).write_bytes(data)
        build(before, Contents([], [], [], []))
        (after / files.FILE).unlink()
        os.link(before / files.FILE, after / files.FILE)
        with pytest.raises(IndexDamagedError, match="belongs to another"):
            Lexicon.open(after)


def test_a_lexicon_of_version_1_is_read(tmp_path: Path) -> None:
    with tarfile.open(Path(__file__).parent / "indexes" / "schema-5-whoosh.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    (base,) = tmp_path.glob("whoosh/0*/lexicon.bin")
    arrays, facts = mapped_arrays.read(base)
    assert facts["version"] == 1
    old = Lexicon.open(base.parent)
    word = arrays["words.words"][0].decode()
    assert old.knows(word)
    found = {(one.label, one.count) for text in string.ascii_lowercase for one in old.suggest(text, 1000)}
    labels, ends = arrays["names.labels"].tobytes(), arrays["names.labels_ends"].tolist()
    names = [labels[start:end].decode() for start, end in pairwise(ends)]
    assert set(zip(names, arrays["names.counts"].tolist(), strict=True)) <= found
    weights = dict(zip(arrays["words.words"].tolist(), arrays["spelling.weights"].tolist(), strict=True))
    spelling, words = files.read(base.parent).base["spelling"], files.read(base.parent).base["words"]
    sums = words["counts"][words["by_word"]] + 10.0 * spelling["headlines"] + 3.0 * spelling["names"]
    assert dict(zip(words["words"].tolist(), np.maximum(sums, 1).tolist(), strict=True)) == weights
