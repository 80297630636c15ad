"""Matches of a query tree in a text: the fast search, which skips most of a text, equals a full analysis."""

from __future__ import annotations

import copy
import fnmatch
import itertools
import time
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import oracle
from support.naive_matches import Range, naive_matches
from whoosh import query as tree

from search import analysis
from search.highlight.matching import Matcher, head_of_stem, leaves
from search.highlight.patterns import wildcard, within
from search.highlight.scanning import scanner
from search.highlight.snippets import Highlighter

if TYPE_CHECKING:
    import re

WORDS = [
    "Kim", "KIM", "kim's", "the", "The", "treaty", "treaties", "dying", "dies", "city", "cities", "running", "O’Brien",
    "OBrien", "Russia’s", "RUSSIA", "ＲＵＳＳＩＡ", "Ru\u0301ssia", "U.S.", "U.S.S.R.", "us", "1,000.5", "1000", "v1.5",
    "Erdoğan", "Erdog\u0306an", "erdogan", "élite", "e\u0301lite", "straße", "STRASSE", "ﬁle", "file", "Æsir", "ŉote",
    "Ⅷ", "½", "²", "𝐑", "a𝐑", "北京", "a北", "か\u3099", "กำ", "l’Élysée", "l'été", "J’accuse", "Москва", "МОСКВЫ", "ёж",
    "йод", "Ἀθῆναι", "Αθήνα", "أَخْبار", "الأخبار", "٢٠٢٤", "2024", "ال2024", "1٢", "١a", "א٢", "\u0640", "\u0640kim", "\u0301kim",
    "'s", "😀", "👩\u200d👧kim", "x" * 70, "_kim", "kim_", "İstanbul", "istanbul", "ſaid", "said", "\u212aim", "हिन्दी", "한국",
    "\u1112\u1161\u11ab",
]  # fmt: skip
PARTS = [" ", " ", " ", "  ", "\n\n", "\n", "\t", "\u00a0", "-", ".", ". ", ", ", "’", "'", "“", "…", "", "—"]
UNSPACED = ["，", "。", "、", "", "", "\n"]
TEXTS = st.sampled_from([PARTS, UNSPACED]).flatmap(
    lambda parts: st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(parts)), max_size=25).map(
        lambda pairs: "".join(itertools.chain.from_iterable(pairs))
    )
)


@st.composite
def _leaf(draw: st.DrawFn, text: str) -> tree.Query:
    """Draw a leaf of a query tree; most of them match the text."""
    tokens = list(analysis.tokenize(text if text and draw(st.booleans()) else draw(TEXTS)))
    tokens = tokens or list(analysis.tokenize("Kim"))
    place = draw(st.integers(0, len(tokens) - 1))
    word, stem = tokens[place].word, tokens[place].stem
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return tree.Term("text", stem)
    if kind == 1:
        return tree.Term("body_words", word)
    if kind == 2:
        return tree.Prefix("body_words", word[: draw(st.integers(1, 4))])
    if kind == 3:
        cut = draw(st.integers(0, len(word) - 1))
        return tree.Wildcard("body_words", word[:cut] + draw(st.sampled_from(["*", "?", "*?"])) + word[cut + 1 :])
    if kind == 4:
        spelt = draw(st.permutations(word)) if len(word) < 4 else [*word[:2], *word[3:]]
        return tree.FuzzyTerm("body_words", "".join(spelt), maxdist=draw(st.integers(1, 2)), prefixlength=1)
    stemmed = draw(st.booleans())
    line = [token.stem if stemmed else token.word for token in tokens]
    step = draw(st.integers(1, 3))
    words = line[place::step][: draw(st.integers(1, 4))]
    return tree.Phrase("body" if stemmed else "body_words", words, slop=draw(st.sampled_from([1, step, 2, 40])))


def fast(nodes: list[tree.Query], text: str) -> set[Range]:
    found = Matcher(nodes, {}).matches(text)
    assert found == sorted(found)
    return {(match.start, match.end, match.parts) for match in found}


@settings(max_examples=1000, deadline=None)
@given(st.data(), TEXTS)
def test_the_fast_search_equals_the_full_analysis(data: st.DataObject, text: str) -> None:
    nodes = data.draw(st.lists(_leaf(text), min_size=1, max_size=4))
    assert fast(nodes, text) == {found for node in nodes for found in naive_matches(node, text)}


@pytest.mark.parametrize(
    ("node", "text", "marks"),
    [
        (tree.Term("text", "treati"), "Treaty, treaties; treated", ["Treaty", "treaties"]),
        (tree.Term("body_words", "treaty"), "Treaty, treaties", ["Treaty"]),
        (tree.Term("text", "die"), "dying, died, dice", ["dying", "died"]),
        (tree.Term("text", "us"), "us in the U.S. and US", ["us", "U.S.", "US"]),
        (tree.Term("text", "russia"), "Russia’s l’Russia RUSSIA", ["Russia’s", "Russia", "RUSSIA"]),
        (tree.Term("text", "erdogan"), "Erdoğan Erdog\u0306an’s ERDOĞAN", ["Erdoğan", "Erdog\u0306an’s", "ERDOĞAN"]),
        (tree.Term("text", "elit"), "e\u0301lite e\u0301lites", ["e\u0301lite", "e\u0301lites"]),
        (tree.Term("text", "kim"), "😀👩\u200d👧 Kim 😀", ["Kim"]),
        (tree.Term("body_words", "اخبار"), "قال أَخْبَار اليوم", ["أَخْبَار"]),
        (tree.Term("text", "москв"), "в Москве, Москвы и москвич", ["Москве", "Москвы"]),
        (tree.Term("text", "2024"), "٢٠٢٤ 2,024 ２０２４", ["٢٠٢٤", "2,024", "２０２４"]),
        (tree.Phrase("body_words", ["北", "京"]), "在北京，北 京。京北", ["北京", "北 京"]),
        (tree.Prefix("body_words", "coop"), "coop CO-OP Cooperation co.op", ["coop", "Cooperation"]),
        (tree.Prefix("body_words", "fi"), "ﬁle File", ["ﬁle", "File"]),
        (tree.Wildcard("body_words", "r?ss*a"), "Russia rssa Rossiya Roma", ["Russia", "Rossiya"]),
        (tree.Wildcard("body_words", "*tion"), "nation national NATION", ["nation", "NATION"]),
        (tree.FuzzyTerm("body_words", "russia", maxdist=1, prefixlength=1), "Rusia Rusisa Ruia Prussia", ["Rusia", "Rusisa"]),
        (tree.Phrase("body_words", ["kim", "jong", "un"]), "Kim Jong-Un, Kim Jong Il, Kim", ["Kim Jong-Un"]),
        (tree.Phrase("body", ["treati", "sign"]), "the treaties signed, signed treaty", ["treaties signed"]),
        (tree.Phrase("body_words", ["a", "b"], slop=2), "a x b a x x b", ["a", "b"]),
        (tree.Phrase("body_words", ["a", "b", "c"], slop=2), "a b x b x c", []),
        (tree.Phrase("body_words", ["a", "b", "c"], slop=2), "a b b x c", ["a", "b", "c"]),
        (tree.Phrase("body_words", ["a", "a"], slop=3), "a x x a", ["a", "a"]),
        (tree.Term("country", "RU"), "RU ru", []),
        (tree.Term("person_words", "kim"), "Kim", []),
    ],
)  # fmt: skip
def test_ranges_of_each_leaf(node: tree.Query, text: str, marks: list[str]) -> None:
    snippet = Highlighter(tree.Or([node, *_in_title(node)])).title(text)
    assert [text[start:end] for start, end in snippet.ranges] == marks


def _in_title(node: tree.Query) -> list[tree.Query]:
    """Return the same leaf for the title, because the parser makes one for each field."""
    twin = copy.copy(node)
    twin.fieldname = node.fieldname.replace("body", "title")
    return [twin]


def test_finds_a_phrase_that_a_greedy_search_misses() -> None:
    """The nearest `b` may not complete the phrase, and a match may begin before text scanned for another phrase."""
    assert fast([tree.Phrase("body_words", ["a", "b", "c"], slop=3)], "a b x b x x c") == {
        (0, 13, ((0, 1), (6, 7), (12, 13)))
    }
    two = [tree.Phrase("body_words", ["kim", "dying"], slop=3), tree.Phrase("body_words", ["treaty", "dying"])]
    assert fast(two, "Kim Kim treaty dying") == {(4, 20, ((4, 7), (15, 20))), (8, 20, ())}


def test_only_the_parts_that_make_an_article_match_have_ranges() -> None:
    word = {name: tree.Term("text", name) for name in "abcdefg"}
    node = tree.And(
        [
            tree.AndMaybe(word["a"], tree.Or([word["b"], tree.ConstantScoreQuery(word["c"], 2.0)])),
            tree.Not(word["d"]),
            tree.ConstantScoreQuery(word["e"], 1.0),
            tree.AndNot(tree.Or([word["f"]], minmatch=1), word["g"]),
            tree.NumericRange("day", 1, 2),
            tree.Every(),
        ]
    )
    assert [leaf.text for leaf in leaves(node)] == ["a", "b", "e", "f"]


def test_the_same_words_are_one_pattern_and_a_phrase_weighs_more_than_its_words() -> None:
    nodes = [tree.Term("text", "war"), tree.Term("body", "war"), tree.Phrase("body_words", ["the", "wars"])]
    assert Matcher(nodes, {"war": 3.0, "the": 0.5}).weights == [3.0, 7.0]


def test_each_letter_is_found_by_its_folded_form() -> None:
    missed = [letter for letter in "éжαあ北กى한" if not _scanner(letter).match(letter)]
    for letter in map(chr, range(0x80, 0x110000)):
        form = analysis.form(letter) if analysis.surfaces(letter) else None
        if form and form.word not in {"", letter}:
            heads = {form.word[0], form.stem[0]}
            missed += [letter for head in heads if not _scanner(head).match(letter)]
    assert missed == []


@cache
def _scanner(head: str) -> re.Pattern[str]:
    return scanner(frozenset([head]), " ")


@settings(max_examples=1000, deadline=None)
@given(st.from_regex(r"[a-z]{1,6}(ying|ies|ied|ity|ational|ization|bility|ly|s|ed|ing|er|y)?", fullmatch=True))
def test_a_word_begins_with_the_head_of_its_stem(word: str) -> None:
    assert word.startswith(head_of_stem(analysis.stem(word)))


@settings(max_examples=300, deadline=None)
@given(st.text("abcdé", max_size=7), st.text("abcdé", max_size=7), st.integers(0, 2))
def test_typos_are_counted_by_the_definition(left: str, right: str, typos: int) -> None:
    assert within(left, right, typos) == (left[:1] == right[:1] and oracle.edit_distance(left, right) <= typos)


@settings(max_examples=300, deadline=None)
@given(st.text("ab*?", min_size=1, max_size=6), st.text("ab", max_size=8))
def test_a_wildcard_matches_by_the_definition(pattern: str, word: str) -> None:
    assert bool(wildcard(pattern).fullmatch(word)) == fnmatch.fnmatchcase(word, pattern)


HUGE = {
    "one word": "x", "words": "word ", "lines": "word\n", "newlines": "\n", "dots": ".", "Han": "北", "marks": "\u0301",
    "flags": "🇩🇪", "emoji": "👩\u200d", "closing": '.")', "initials": "U.S.", "sentences": "The word is here. ", "the white": "the white ",
}  # fmt: skip
NODES = [
    tree.Term("text", "word"),
    tree.Prefix("body_words", "x"),
    tree.Wildcard("body_words", "*x*x*x*x*y"),
    tree.Phrase("body_words", ["北", "北"]),
    tree.Phrase("body_words", ["the", "white"]),
    tree.Phrase("body_words", ["white", "white", "white"], slop=6),
    tree.Phrase("body_words", ["the", "word"], slop=90),
    tree.Every(),
]


@pytest.mark.timing
@pytest.mark.parametrize("unit", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("node", NODES, ids=str)
def test_time_grows_linearly_with_the_text(unit: str, node: tree.Query) -> None:
    def seconds(size: int) -> float:
        body = unit * (size // len(unit))
        start = time.process_time()
        Highlighter(node).fragments(body)
        Highlighter(node).title(body[:10_000])
        return time.process_time() - start

    seconds(1000)
    assert seconds(400_000) < 8 * max(min(seconds(100_000), seconds(100_000)), 0.02)
