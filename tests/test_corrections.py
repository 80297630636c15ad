"""Corrections of words and queries: candidates are words of the archive, the likeliest first."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.naive_lexicon import DAY, edit_distance, lexicon

from search.lexicon import Dated, Headline, channel
from search.lexicon.spelling import MAX_CALLS, Change

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = st.integers(1, 40)


@st.composite
def counts_and_words(draw: st.DrawFn) -> tuple[dict[str, int], str]:
    """Draw an archive, and a word a few edits away from one of its words."""
    counts = draw(st.dictionaries(st.text("abcd", min_size=1, max_size=10), COUNT, min_size=1, max_size=20))
    typed = draw(st.sampled_from(sorted(counts)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(typed)))
        typed = typed[:at] + draw(st.text("abcd", max_size=1)) + typed[at + draw(st.integers(0, 1)) :]
    return counts, typed


class TestCorrections:
    @pytest.mark.parametrize(
        ("typed", "intended"),
        [
            ("reactro", "reactor"),
            ("rwactor", "reactor"),
            ("reacttor", "reactor"),
            ("raector", "reactor"),
            ("eractors", "reactors"),
            ("presdient", "president"),
            ("northkorea", "north korea"),
            ("прездент", "президент"),
            ("προεδροσς", "προεδροσ"),
            ("الرئسي", "الرئيس"),
            ("대퉁령", "대통령"),
            ("interntionall", "international"),  # two edits in a long word
            ("xudgementz", "judgements"),
        ],
    )
    def test_the_intended_word_comes_first(self, typed: str, intended: str) -> None:
        assert SPELLER.corrections(typed, 3)[0].word == intended

    def test_candidates_have_distance_and_frequency(self) -> None:
        assert SPELLER.corrections("presdient", 1)[0][:3] == ("president", 1, 50)
        assert SPELLER.corrections("interntionall", 1)[0][:3] == ("international", 2, 20)
        assert SPELLER.corrections("northkorea", 1)[0][:3] == ("north korea", 1, 30)

    @pytest.mark.parametrize(
        "typed", ["reactor", "rector", "xqzvjk", "re", "reactor1", "习近平", "", "preisdnet" * 9, "prsident x"]
    )
    def test_no_candidates_for_a_known_word_or_without_a_similar_one(self, typed: str) -> None:
        assert SPELLER.corrections(typed, 3) == ()

    def test_two_edits_only_in_long_words_without_a_nearer_candidate(self) -> None:
        assert SPELLER.corrections("raector", 9)[0].distance == 1
        assert all(one.distance == 1 for one in SPELLER.corrections("internationl", 9))
        assert SPELLER.corrections("rxxctor", 9) == ()

    def test_words_of_headlines_and_names_weigh_more(self) -> None:
        words = [("harper", 5), ("harder", 5), ("hammer", 5)]
        assert lexicon(words).corrections("harqer", 2)[0].word == "harder"
        named = lexicon(words, persons=[Dated("Jane Harper", 5, DAY)])
        assert named.corrections("harqer", 2)[0].word == "harper"
        titled = lexicon(words, headlines=[Headline("a", "A harper plays", DAY, 1)])
        assert titled.corrections("harqer", 2)[0].word == "harper"

    def test_words_of_headlines_and_names_are_in_the_archive(self) -> None:
        found = lexicon(persons=[Dated("Jane Harper", 5, DAY)], headlines=[Headline("a", "Quiet evening", DAY, 1)])
        assert found.knows("harper")
        assert found.knows("quiet")
        assert found.corrections("harpre", 1)[0].word == "harper"
        assert found.corrections("quiet", 1) == ()

    @pytest.mark.parametrize(
        ("likelier", "less"),
        [
            (("teh", "the"), ("thx", "the")),  # transposed letters; wrong letter
            (("acomodate", "accomodate"), ("acomodae", "acomodate")),  # lost a doubled letter; lost a single letter
            (("reporrt", "report"), ("reporxt", "report")),  # typed a letter twice; added another letter
            (("repirt", "report"), ("repxrt", "report")),  # pressed a neighbouring key
            (("reperr", "repurr"), ("repkrr", "repurr")),  # replaced a vowel by a vowel
            (("rxport", "report"), ("xeport", "report")),  # wrong first letter
            (("пнезидент", "президент"), ("пюезидент", "президент")),
        ],
    )
    def test_some_edits_are_likelier(self, likelier: tuple[str, str], less: tuple[str, str]) -> None:
        assert channel.chance(*likelier) > channel.chance(*less)

    @given(counts_and_words())
    @settings(max_examples=400, deadline=None)
    def test_finds_exactly_the_words_within_the_distance(self, case: tuple[dict[str, int], str]) -> None:
        counts, typed = case
        found = lexicon(counts.items()).corrections(typed, 1000)
        if typed in counts or len(typed) < 3:
            assert found == ()
            return
        near = {word for word in counts if edit_distance(word, typed) <= 1}
        splits = {
            f"{typed[:at]} {typed[at:]}"
            for at in range(2, len(typed) - 1)
            if typed[:at] in counts and typed[at:] in counts
        }
        far = (
            {word for word in counts if edit_distance(word, typed) == 2}
            if len(typed) >= 8 and not near | splits
            else set()
        )
        assert {one.word for one in found} == near | splits | far
        assert all(one.distance == edit_distance(typed, one.word) for one in found)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        assert all(one.frequency == min(counts[part] for part in one.word.split()) for one in found)

    @given(st.lists(st.text("abcя𝒳", max_size=8), min_size=1, max_size=20), st.text("abcя𝒳", max_size=8))
    @settings(max_examples=300)
    def test_distances_follow_the_definition(self, words: list[str], typed: str) -> None:
        found = channel.distances(typed, np.array(words))
        assert found.tolist() == [min(edit_distance(typed, word), 3) for word in words]


SPELLER = lexicon(
    words=[
        *[("reactor", 40), ("reactors", 9), ("rector", 4), ("president", 50), ("north", 60), ("korea", 30)],
        *[("international", 20), ("internal", 4), ("президент", 9), ("προεδροσ", 3), ("الرئيس", 5), ("대통령", 6)],
        *[
            ("rally", 30),
            ("really", 60),
            ("zelensky", 8),
            ("sky", 9),
            ("kyiv", 12),
            ("judgements", 2),
            ("march", 30),
            ("match", 10),
        ],
    ]
)


class TestQueries:
    def test_the_other_words_of_the_query_decide(self) -> None:
        assert SPELLER.corrections("mach", 1)[0].word == "march"
        for counts in ({"march": 1, "match": 1000}, {"match": 1}):
            found = SPELLER.correct(["kyiv", "mach"], lambda words, counts=counts: counts.get(words[-1], 0))
            assert found == (Change(1, 2, ("match",)),)

    def test_frequency_decides_if_the_articles_do_not(self) -> None:
        found = lexicon([("band", 1000), ("bland", 1), ("rock", 5)])
        assert found.correct(["rock", "blnd"], lambda _: 1) == (Change(1, 2, ("band",)),)

    def test_without_other_words_or_articles_the_likeliest_candidate_wins(self) -> None:
        alone = SPELLER.correct(["presdient"], pytest.fail)
        assert alone == (Change(0, 1, ("president",)),)
        assert SPELLER.correct(["kyiv", "presdient"], lambda _: 0) == (Change(1, 2, ("president",)),)

    def test_two_wrong_words_are_judged_together(self) -> None:
        found = SPELLER.correct(["presdient", "raly"], lambda words: 4 if list(words) == ["president", "rally"] else 0)
        assert found == (Change(0, 1, ("president",)), Change(1, 2, ("rally",)))

    def test_an_unrelated_word_does_not_hide_the_evidence_of_the_rarest(self) -> None:
        lookups: list[tuple[str, ...]] = []

        def together(words: Sequence[str]) -> int:
            lookups.append(tuple(words))
            return 3 if set(words) == {"zelensky", "match"} else 0

        assert SPELLER.correct(["korea", "zelensky", "mach"], together) == (Change(2, 3, ("match",)),)
        assert SPELLER.correct(["korea", "mach"], together) == (Change(1, 2, ("march",)),)
        assert len(lookups) == len(set(lookups))

    def test_looks_up_only_the_likely_ones_of_many_candidates(self) -> None:
        many = lexicon([*((f"ba{letter}er", 9) for letter in "cdfghjklmnpqrstvwxyz"), ("one", 9), ("two", 9)])
        for words in (["one", "two", "baaer"], ["one", "two", "baaer", "baeer"], ["one", "two", *["baaer"] * 9]):
            lookups = 0

            def together(_: Sequence[str]) -> int:
                nonlocal lookups
                lookups += 1
                return 0

            many.correct(words, together)
            assert 0 < lookups <= MAX_CALLS

    def test_words_are_split_and_joined(self) -> None:
        assert SPELLER.correct(["northkorea", "rally"], lambda _: 1) == (Change(0, 1, ("north", "korea")),)
        assert SPELLER.correct(["kyiv", "zelen", "sky"], lambda _: 1) == (Change(1, 3, ("zelensky",)),)

    @pytest.mark.parametrize(
        "words", [[], ["kyiv"], ["kyiv", "rally"], ["xqzvjk"], ["kyiv", "xqzvjk", "2024"], ["习", "近"]]
    )
    def test_a_query_without_typos_or_candidates_stays(self, words: list[str]) -> None:
        assert SPELLER.correct(words, lambda _: 1) == ()

    @given(
        st.lists(st.sampled_from(["raly", "presdient", "kyiv", "reactro", "sky", "northkorea", "zz"]), max_size=40),
        COUNT,
    )
    @settings(max_examples=150, deadline=None)
    def test_few_index_lookups_and_changes_in_order(self, words: list[str], count: int) -> None:
        calls = 0

        def together(_: Sequence[str]) -> int:
            nonlocal calls
            calls += 1
            return count % 2

        changes = SPELLER.correct(words, together)
        assert calls <= MAX_CALLS
        assert list(changes) == sorted(changes)
        assert all(one.last <= other.first for one, other in itertools.pairwise(changes))
        for change in changes:
            assert all(map(SPELLER.knows, change.words))
            assert not all(map(SPELLER.knows, words[change.first : change.last]))
