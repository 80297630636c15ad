"""The lexicon of a generation: its file, and its suggestions compared with a naive implementation of the rules."""

from __future__ import annotations

import os
import string
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.naive_lexicon import DAY, lexicon, naive_suggestions, types_and_labels

from search import analysis
from search.errors import IndexDamagedError, IndexVersionError
from search.lexicon import Contents, Dated, Headline, Lexicon, build, completion, layer, packing
from search.lexicon.contents import ArticleFacts, contents
from search.lexicon.entries import HALF_LIFE, score
from search.lexicon.files import FILE
from search.lexicon.spelling import MAX_CALLS
from search.lexicon.suggesting import shares
from search.storage import mapped_arrays
from search.storage.fields import NAME_BREAK, rotations

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence


NEWS = {
    "words": [("reactor", 9), ("reactors", 4), ("react", 2), ("korea", 40), ("putin", 30), ("erdogan", 12)],
    "persons": [
        Dated("Vladimir Putin", 30, DAY),
        Dated("Kim Jong Un", 20, DAY),
        Dated("Recep Tayyip Erdoğan", 12, DAY),
        Dated("习近平", 8, DAY),
        Dated("Владимир Путин", 6, DAY),
        Dated("김정은", 5, DAY),
        Dated("محمد بن سلمان", 4, DAY),
        Dated("Αλέξης Τσίπρας", 3, DAY),
        Dated("Putinov", 1, 0),
    ],
    "countries": [Dated("KP", 25, DAY), Dated("KR", 12, DAY), Dated("US", 50, DAY), Dated("GB", 9, DAY)],
    "headlines": [
        Headline("a1", "North Korea restarts its reactor", DAY, 3),
        Headline("a2", "Putin visits Korea", DAY - 400, 1),
        Headline("a3", "Путин едет в Корею", DAY, 1),
    ],
    "surfaces": [("erdogan", "Erdoğan")],
}


@pytest.fixture(scope="module")
def news() -> Lexicon:
    return lexicon(**NEWS)  # type: ignore[arg-type]


WORDS = st.sampled_from(
    ["Kim", "Ki", "Kimberley", "Jong", "Un", "Erdoğan", "O’Brien", "习近平", "Wolfeschlegelsteinhausenbergerdorff"]
)


class TestNames:
    """The names that a facet search lists: a typed prefix matches from any word of a name."""

    @pytest.mark.parametrize(
        ("prefix", "names"),
        [
            ("putin", ["Vladimir Putin", "Putinov"]),
            ("vladimir pu", ["Vladimir Putin"]),
            ("jong un", ["Kim Jong Un"]),
            ("un kim", []),
            ("近", ["习近平"]),
            ("korea", []),
            ("nobody", []),
        ],
    )
    def test_a_prefix_finds_names_from_any_word(self, news: Lexicon, prefix: str, names: list[str]) -> None:
        assert news.names(prefix, 10) == names

    def test_there_is_no_list_beyond_the_limit(self, news: Lexicon) -> None:
        assert news.names("p", 2) == ["Vladimir Putin", "Putinov"]
        assert news.names("p", 1) is None
        assert news.names("", 1_000) is None

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=12, unique=True), st.data())
    def test_the_names_have_a_rotation_with_the_prefix(self, names: list[str], data: st.DataObject) -> None:
        found = lexicon(persons=[Dated(name, 1, DAY) for name in names], countries=[Dated("KR", 3, DAY)])
        text = " ".join(data.draw(st.lists(WORDS, min_size=1, max_size=3)))
        prefix = " ".join(analysis.streams(text[: data.draw(st.integers(1, len(text)))])[0].split())
        expected = [name for name in names if any(part.startswith(prefix) for part in rotations(name))]
        if prefix:
            assert sorted(found.names(prefix, 20) or ()) == sorted(expected)


class TestSuggestions:
    @pytest.mark.parametrize(
        ("typed", "first"),
        [
            ("putin", ("person", "Vladimir Putin")),
            ("Vladimir PU", ("person", "Vladimir Putin")),
            ("putin vl", ("person", "Vladimir Putin")),
            ("vl pu", ("person", "Vladimir Putin")),
            ("korea", ("country", "North Korea")),
            ("south k", ("country", "South Korea")),
            ("usa", ("country", "United States")),
            ("U.S.", ("country", "United States")),
            ("uk", ("country", "United Kingdom")),
            ("erdog", ("person", "Recep Tayyip Erdoğan")),
            ("ERDOĞ", ("person", "Recep Tayyip Erdoğan")),
            ("习", ("person", "习近平")),
            ("习近", ("person", "习近平")),
            ("Пути", ("person", "Владимир Путин")),
            ("김정", ("person", "김정은")),
            ("سلما", ("person", "محمد بن سلمان")),
            ("τσιπ", ("person", "Αλέξης Τσίπρας")),
            ("restarts rea", ("headline", "North Korea restarts its reactor")),
            ("корею ед", ("headline", "Путин едет в Корею")),
        ],
    )
    def test_a_prefix_of_any_word_finds_an_entry(self, news: Lexicon, typed: str, first: tuple[str, str]) -> None:
        assert types_and_labels(news.suggest(typed, 8))[0] == first

    @pytest.mark.parametrize(
        ("typed", "label"),
        [
            ("vladmir", "Vladimir Putin"),  # a letter is missing
            ("vlladim", "Vladimir Putin"),  # an extra letter in the prefix
            ("vlaidmi", "Vladimir Putin"),  # two letters swapped
            ("xladimir", "Vladimir Putin"),  # the first letter is wrong
            ("putni", "Vladimir Putin"),
            ("vladmir pu", "Vladimir Putin"),
            ("erdpga", "Recep Tayyip Erdoğan"),
            ("koera", "North Korea"),
            ("влаидмир", "Владимир Путин"),
            ("τσιρπα", "Αλέξης Τσίπρας"),
            ("سلمام", "محمد بن سلمان"),
        ],
    )
    def test_one_typo_is_forgiven(self, news: Lexicon, typed: str, label: str) -> None:
        assert label in [one.label for one in news.suggest(typed, 8)]

    @pytest.mark.parametrize("typed", ["pxt", "vlamdir xutin", "vladmir putni", "kroae", "习近乎"])
    def test_no_typo_is_allowed_in_three_letters_nor_two_typos(self, news: Lexicon, typed: str) -> None:
        assert [one for one in news.suggest(typed, 8) if one.type == "person"] == []

    def test_exact_matches_come_before_typos(self) -> None:
        found = lexicon(
            words=[("marin", 1), ("marinade", 2), ("martian", 500)],
            persons=[Dated("Ann Martin", 900, DAY), Dated("Sanna Marin", 1, 0)],
        )
        assert types_and_labels(found.suggest("marin", 8)) == [
            ("person", "Sanna Marin"),
            ("word", "marinade"),
            ("person", "Ann Martin"),
            ("word", "martin"),
        ]

    def test_frequent_and_fresh_names_come_first(self) -> None:
        persons = [Dated("Ann Old", 100, DAY - 1000), Dated("Ann New", 100, DAY), Dated("Ann Undated", 100, 0)]
        persons += [Dated("Ann Rare", 2, DAY), Dated("Ann Everywhere", 50_000, DAY - 1000)]
        found = [one.label for one in lexicon(persons=persons).suggest("ann", 8)]
        assert found == ["Ann Everywhere", "Ann New", "Ann Old", "Ann Undated", "Ann Rare"]

    def test_the_score_follows_its_formula(self) -> None:
        assert score(9, DAY, DAY) == pytest.approx(np.log(10))
        assert score(9, DAY - int(HALF_LIFE), DAY) == pytest.approx(np.log(10) * 0.75)
        assert score(9, 0, DAY) == pytest.approx(np.log(10) / 2)

    def test_counts_types_and_values(self, news: Lexicon) -> None:
        found = {(one.type, one.value, one.label, one.count) for one in news.suggest("korea", 8)}
        assert {("country", "KP", "North Korea", 25), ("headline", "a2", "Putin visits Korea", 1)} <= found
        assert [(one.value, one.count) for one in news.suggest("restarts", 8)] == [("a1", 3)]

    def test_words_complete_the_last_word_and_keep_the_text_before(self, news: Lexicon) -> None:
        found = [one for one in news.suggest("+Kim  -reac", 8) if one.type == "word"]
        assert [(one.value, one.label, one.count) for one in found] == [
            ("+Kim  -reactor", "+Kim  -reactor", 9),
            ("+Kim  -reactors", "+Kim  -reactors", 4),
            ("+Kim  -react", "+Kim  -react", 2),
        ]

    def test_a_word_that_is_complete_is_not_suggested(self, news: Lexicon) -> None:
        assert [one.label for one in news.suggest("reactor", 8) if one.type == "word"] == ["reactors"]
        assert [one.label for one in news.suggest("reac ", 8) if one.type == "word"] == []

    def test_words_have_their_most_frequent_spelling(self, news: Lexicon) -> None:
        (found,) = [one for one in news.suggest("kim erdo", 8) if one.type == "word"]
        assert (found.value, found.label) == ("kim erdogan", "kim Erdoğan")
        assert news.surface("erdogan") == "Erdoğan"
        assert news.surface("putin") == "putin"
        assert news.surface("nowhere") == "nowhere"

    def test_words_occur_together_with_the_words_before(self, news: Lexicon) -> None:
        asked = []

        def together(words: Sequence[str]) -> int:
            asked.append(list(words))
            return {"reactor": 1, "react": 7}.get(words[-1], 0)

        found = [(one.label, one.count) for one in news.suggest("Kim reac", 8, together) if one.type == "word"]
        assert found == [("Kim react", 7), ("Kim reactor", 1)]
        assert all(words[0] == "kim" for words in asked)
        rare = lexicon([("reactor", 30_000), ("reacted", 90_000), ("reac", 100_000), ("react", 2), ("reacts", 9)])
        some = {one.label: one.count for one in rare.suggest("kim reac", 8, lambda _: 1) if one.type == "word"}
        assert some == {"kim reactor": 1, "kim reacted": 1, "kim reacts": 1}
        assert len(asked) <= MAX_CALLS

    def test_no_type_crowds_out_another(self) -> None:
        found = lexicon(
            words=[(f"star{letter}", 5) for letter in string.ascii_lowercase],
            persons=[Dated(f"Star {letter}", 100, DAY) for letter in string.ascii_uppercase],
            headlines=[Headline(letter, f"Star {letter * 2}", DAY, 1) for letter in string.ascii_lowercase],
        )
        types = [one.type for one in found.suggest("star", 8)]
        assert types == ["person"] * 4 + ["headline"] * 2 + ["word"] * 2
        assert [one.type for one in found.suggest("star a", 8)].count("headline") == 1

    @given(st.lists(st.integers(0, 9), min_size=3, max_size=3), st.integers(1, 12))
    def test_places_are_shared(self, sizes: list[int], room: int) -> None:
        found = shares(sizes, room)
        assert all(0 <= one <= size for one, size in zip(found, sizes, strict=True))
        assert sum(found) == min(sum(sizes), room)
        assert all(one >= min(size, room // 4) for one, size in zip(found, sizes, strict=True))

    @pytest.mark.parametrize(
        "typed", ["", "  ", "!?", "\0\n\t", "🙂", "\ud800", "a" * 2000, "a " * 1000, "x\u0301" * 900]
    )
    def test_hostile_texts_get_an_answer(self, news: Lexicon, typed: str) -> None:
        for limit in (-1, 0, 8):
            assert len(news.suggest(typed, limit)) <= max(limit, 0)
        news.corrections(typed, 5)
        news.correct([typed, typed], len)

    @pytest.mark.timing
    @pytest.mark.parametrize("unit", ["a", "a ", "x\u0301", "!?", "🙂", "ab cd "])
    def test_hostile_texts_take_linear_time(self, news: Lexicon, unit: str) -> None:
        def seconds(chars: int) -> float:
            typed = unit * (chars // len(unit))
            start = time.process_time()
            news.suggest(typed, 8)
            news.corrections(typed, 5)
            news.correct([typed, typed], len)
            return time.process_time() - start

        seconds(100)
        assert min(seconds(8_000) for _ in range(3)) < 8 * min(seconds(2_000) for _ in range(3)) + 0.02

    @given(st.text(max_size=60))
    @settings(max_examples=150, deadline=None)
    def test_any_text_gets_an_answer(self, text: str) -> None:
        for one in EVERYTHING.suggest(text, 8):
            assert one.label
            assert one.count > 0
        assert len(EVERYTHING.corrections(text, 3)) <= 3
        EVERYTHING.correct(text.split(), lambda _: 0)


EVERYTHING = lexicon(**NEWS)  # type: ignore[arg-type]

WORD = st.text("abcd", min_size=1, max_size=6)
NAME = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
COUNT = st.integers(1, 40)
ARCHIVE = st.builds(
    Contents,
    words=st.dictionaries(WORD, COUNT, max_size=12).map(lambda found: list(found.items())),
    persons=st.dictionaries(NAME, st.tuples(COUNT, st.integers(DAY - 99, DAY)), max_size=12).map(
        lambda found: [Dated(name, *rest) for name, rest in found.items()]
    ),
    countries=st.just([Dated("TD", 3, DAY), Dated("CA", 4, 0)]),
    headlines=st.dictionaries(NAME, COUNT, max_size=8).map(
        lambda found: [Headline(f"id {text}", text, DAY - copies, copies) for text, copies in found.items()]
    ),
)


@st.composite
def archives_and_texts(draw: st.DrawFn) -> tuple[Contents, str]:
    contents = draw(ARCHIVE)
    known = [one.value for one in contents.persons] + [one.text for one in contents.headlines]
    text = draw(st.sampled_from(known) | NAME if known else NAME)
    return contents, text[: draw(st.integers(1, 20))].strip() or "a"


class TestAgainstTheRules:
    @given(archives_and_texts())
    @settings(max_examples=300, deadline=None)
    def test_all_matches_are_suggested_in_order(self, case: tuple[Contents, str]) -> None:
        contents, text = case
        assert types_and_labels(lexicon(*contents).suggest(text, 1000)) == naive_suggestions(contents, text)

    @given(archives_and_texts(), st.integers(1, 8))
    @settings(max_examples=150, deadline=None)
    def test_a_short_list_is_a_part_of_the_long_one(self, case: tuple[Contents, str], limit: int) -> None:
        contents, text = case
        found, wanted = types_and_labels(lexicon(*contents).suggest(text, limit)), naive_suggestions(contents, text)
        assert len(found) == min(limit, len(wanted))
        places = [wanted.index(one) for one in found]
        assert places == sorted(places)

    @given(archives_and_texts())
    @settings(max_examples=150, deadline=None)
    def test_large_alphabets_give_the_same_suggestions(self, case: tuple[Contents, str]) -> None:
        contents, text = case
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(completion, "FEW_LETTERS", 0)
            assert types_and_labels(lexicon(*contents).suggest(text, 1000)) == naive_suggestions(contents, text)

    @given(archives_and_texts(), st.integers(0, 5))
    @settings(max_examples=200, deadline=None)
    def test_precomputed_blocks_give_the_best_entries(self, case: tuple[Contents, str], many: int) -> None:
        contents, text = case
        with pytest.MonkeyPatch.context() as patch:
            for module, name, value in ((packing, "BLOCK", 3), (packing, "BEST", 2), (layer, "CHUNK", 2)):
                patch.setattr(module, name, value)
            names = lexicon(*contents)._suggester._tables["names"]
            size = len(contents.persons) + len(contents.countries)
            ranges = [names.prefix(word) for word in text.split()]
            assert names.best(ranges, 2) == names.best(ranges, 1000)[:2]
            every = names.best(ranges, 1000)
            known = [names.entry(number).label.casefold().split() for number in range(size)]
            fits = [any(word.startswith(text.split()[0]) for word in words) for words in known]
            assert names.best(ranges[:1], 1000) == [number for number, fit in enumerate(fits) if fit]
            patch.setattr(layer, "MANY", many)
            some = names.best(ranges, 1000)
            assert some == [number for number in every if number in some]

    @given(ARCHIVE, st.randoms(use_true_random=False))
    @settings(max_examples=60, deadline=None)
    def test_the_order_of_the_contents_does_not_matter(self, contents: Contents, rng: random.Random) -> None:
        mixed = Contents(*(rng.sample(list(part), len(list(part))) for part in contents))
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            build(Path(one), contents)
            build(Path(other), mixed)
            assert (Path(one) / FILE).read_bytes() == (Path(other) / FILE).read_bytes()


class TestFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        build(tmp_path, Contents(**NEWS))  # type: ignore[arg-type]
        return tmp_path

    def test_an_empty_archive_has_a_lexicon(self) -> None:
        empty = lexicon()
        assert empty.suggest("putin", 8) == ()
        assert empty.corrections("putin", 8) == ()
        assert empty.correct(["putin", "korea"], lambda _: 1) == ()

    def test_a_lexicon_is_one_file(self, folder: Path) -> None:
        assert [path.name for path in folder.iterdir()] == [FILE]

    def test_a_new_build_does_not_change_a_hard_link_to_the_old_file(self, folder: Path) -> None:
        other = folder / "older"
        os.link(folder / FILE, other)
        before = other.read_bytes()
        opened = Lexicon.open(folder)
        build(folder, Contents([], [], [], []))
        assert other.read_bytes() == before
        assert opened.suggest("putin", 8)
        assert Lexicon.open(folder).suggest("putin", 8) == ()

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(IndexDamagedError) as raised:
            Lexicon.open(tmp_path)
        assert "dateline" in raised.value.remedy
        assert FILE in raised.value.message

    @pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9, 0.999])
    def test_a_truncated_file_is_damaged(self, folder: Path, share: float) -> None:
        data = (folder / FILE).read_bytes()
        (folder / FILE).write_bytes(data[: int(len(data) * share)])
        with pytest.raises(IndexDamagedError):
            Lexicon.open(folder)
        assert not mapped_arrays.is_whole(folder / FILE)

    @pytest.mark.parametrize("drop", [1, 64, 1000])
    def test_a_file_without_its_beginning_is_damaged(self, folder: Path, drop: int) -> None:
        data = (folder / FILE).read_bytes()
        (folder / FILE).write_bytes(data[drop:])
        with pytest.raises(IndexDamagedError):
            Lexicon.open(folder)

    def test_the_checksum_finds_a_changed_byte(self, folder: Path) -> None:
        assert mapped_arrays.is_whole(folder / FILE)
        data = bytearray((folder / FILE).read_bytes())
        data[100] ^= 1
        (folder / FILE).write_bytes(data)
        assert not mapped_arrays.is_whole(folder / FILE)

    def test_another_version_is_refused(self, folder: Path) -> None:
        arrays, facts = mapped_arrays.read(folder / FILE)
        mapped_arrays.write(folder / FILE, arrays, facts | {"version": 0})
        with pytest.raises(IndexVersionError, match="reindex"):
            Lexicon.open(folder)

    def test_a_part_that_is_missing_is_damage(self, folder: Path) -> None:
        arrays, facts = mapped_arrays.read(folder / FILE)
        for name in ("names.words", "words.by_word", "spelling.bags", "headlines.labels_ends"):
            mapped_arrays.write(folder / FILE, {one: array for one, array in arrays.items() if one != name}, facts)
            with pytest.raises(IndexDamagedError):
                Lexicon.open(folder)

    def test_arrays_are_mapped_and_read_only(self, folder: Path) -> None:
        arrays, _ = mapped_arrays.read(folder / FILE)
        assert not any(array.flags.writeable or array.flags.owndata for array in arrays.values() if array.size)

    def test_words_are_split_by_the_analyzer(self) -> None:
        text = "L’Élysée says U.S. isn’t Erdoğan’s"
        found = lexicon(headlines=[Headline("a", text, DAY, 1)])
        assert all(found.knows(word) for word in analysis.streams(text)[0].split())


def test_the_break_between_names_is_no_word() -> None:
    facts = [ArticleFacts("1", "Harbour", 0, "1", ("Ann Lee",), ("FR",))]
    assert list(contents([(NAME_BREAK, 9), ("harbour", 1)], facts).words) == [("harbour", 1)]
