"""The analyzer: matching spellings and forms, offsets, and a fingerprint that changes only with the analyzer."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import analysis

TEXTS = st.text(st.characters(codec="utf-8"), max_size=80) | st.lists(
    st.sampled_from(
        [
            "U.S.",
            "Erdoğan",
            "l’Élysée",
            "北京",
            "हिन्दी",
            "Москва",
            "😀",
            " ",
            "'",
            "’",
            ".",
            ",",
            "1,000.5",
            "é",
            "ß",
            "ﬁ",
        ]
    ),
    max_size=12,
).map("".join)


def words(text: str) -> list[str]:
    return [token.word for token in analysis.tokenize(text)]


def stems(text: str) -> list[str]:
    return [token.stem for token in analysis.tokenize(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U.S.", "US"),
        ("U.S", "us"),
        ("U.S.S.R.", "USSR"),
        ("Erdoğan", "ERDOGAN"),
        ("Russia’s", "Russia"),
        ("Russia's", "russia"),
        ("O’Brien", "OBrien"),
        ("l’Élysée", "Elysee"),
        ("qu'Emmanuel", "Emmanuel"),
        ("Łódź", "Lodz"),
        ("Højlund", "hojlund"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Diyarbakır", "diyarbakir"),
        ("Þórður", "thordur"),
        ("1,000", "1000"),
        ("ＡＢＣ", "abc"),
        ("cafe\u0301", "café"),
        ("مُحَمَّد", "محمد"),
        ("Зелёный", "зелёныи".replace("и", "й")),
    ],
)
def test_spellings_that_match(one: str, other: str) -> None:
    assert words(one)[-1:] == words(other)[-1:]


@pytest.mark.parametrize(
    ("one", "other"), [("treaty", "treaties"), ("talks", "talking"), ("Москва", "Москвы"), ("running", "runs")]
)
def test_forms_that_match_only_by_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)
    assert words(one) != words(other)


@pytest.mark.parametrize(("one", "other"), [("assad", "ambassador"), ("Columbia", "Colombia"), ("3.5", "35")])
def test_words_that_do_not_match(one: str, other: str) -> None:
    assert set(words(one)).isdisjoint(words(other))
    assert set(stems(one)).isdisjoint(stems(other))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("U.S.-led talks", ["us", "led", "talks"]),
        ("in the U.S. Then", ["in", "the", "us", "then"]),
        ("北京市", ["北", "京", "市"]),
        ("हिन्दी कहानी", ["हिन्दी", "कहानी"]),
        ("end.Next", ["end", "next"]),
        ("a_b 'quoted'", ["a", "b", "quoted"]),
        ("COVID-19", ["covid", "19"]),
        ("😀!?", []),
    ],
)
def test_where_tokens_end(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_offsets_are_the_ranges_of_the_tokens(text: str) -> None:
    end = 0
    for token in analysis.tokenize(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end
        assert token.word
        assert not set(token.word + token.stem) & set(" \t\n\r|\x1f")
        assert words(text[token.start : token.end]) == [token.word]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_streams_are_the_tokens_joined_by_spaces(text: str) -> None:
    assert analysis.streams(text) == (" ".join(words(text)), " ".join(stems(text)))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_folding_twice_equals_folding_once(text: str) -> None:
    once = analysis.fold(text)
    assert analysis.fold(once) == once


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), max_size=20))
def test_case_and_composition_make_no_difference(text: str) -> None:
    assert words(text) == words(unicodedata.normalize("NFD", text))


def test_long_tokens_are_cut() -> None:
    assert words("x" * 500) == ["x" * analysis.MAX_TOKEN]


def test_a_megabyte_of_one_word_is_analyzed() -> None:
    assert len(words("a'" * 500_000)) == 1
    assert len(words("1,2" * 300_000)) == 1


def test_the_fingerprint_names_the_analyzer() -> None:
    assert len(analysis.fingerprint()) == 16
    assert analysis.fingerprint.__wrapped__() == analysis.fingerprint()
