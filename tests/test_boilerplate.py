"""Lines that recur in the stories of one source: which are removed, which stay, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.command_line import prose

from index.archive import boilerplate, cleaned, expected_lines, line_counts, pipeline, workers
from index.archive.pipeline import Preparation
from index.clean.steps import Rejected
from index.sources.raw import RawArticle
from search import analysis
from search.model import SEPARATOR, TITLE_PLACE, Article
from search.settings import Settings

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

ONE = Settings(workers=1)
ABOVE = "The Gazette of Portvale is read in every house that has a boat."
BELOW = "Ring the editors when a whale comes to town in Iceland, day and night."
SIGNATURE = "Portvale desk"


def story(number: int, *, above: str = "", below: str = "", inside: str = "", **fields: str) -> RawArticle:
    """Return an article of three paragraphs that are unique to `number`, with lines above, between and below them."""
    first, second, third = (prose(1000 * number + part, 30) for part in range(3))
    text = "\n\n".join(part for part in (above, first, second, inside, third, below) if part)
    given = {"language": "en", "title": f"Report {number}", "source": "Gazette", **fields}
    return RawArticle(f"a{number:03}", f"news:{number}", text=text, **given)  # type: ignore[arg-type]


def prepared(raws: Sequence[RawArticle], settings: Settings = ONE) -> dict[str, Article]:
    items = list(Preparation(settings).articles(raws))
    assert [item.id for item in items] == [raw.id for raw in raws]
    return {item.id: item for item in items if isinstance(item, Article)}


def count_articles_with(raws: Sequence[RawArticle], line: str) -> int:
    """Return the number of articles that keep a line."""
    return sum(line in article.body.split("\n\n") for article in prepared(raws).values())


class TestRemovedLines:
    @pytest.mark.parametrize("line", [BELOW, SIGNATURE])
    @pytest.mark.parametrize("place", ["above", "below"])
    def test_a_line_at_the_edge_of_four_stories_is_removed(self, line: str, place: str) -> None:
        assert count_articles_with([story(number, **{place: line}) for number in range(3)], line) == 3
        found = prepared([story(number, **{place: line}) for number in range(4)])
        assert [article.body for article in found.values()] == [
            article.body for article in prepared([story(number) for number in range(4)]).values()
        ]

    def test_several_lines_at_the_edge_are_removed_together(self) -> None:
        raws = [story(number, above=ABOVE, below=f"{BELOW}\n\n{SIGNATURE}\n\n{ABOVE}") for number in range(5)]
        for line in (ABOVE, BELOW, SIGNATURE):
            assert count_articles_with(raws, line) == 0

    def test_a_line_in_few_stories_of_a_large_source_stays(self) -> None:
        raws = [story(number, below=BELOW if number < 5 else "") for number in range(300)]
        assert boilerplate.EDGE_SHARE * len(raws) > 5
        assert count_articles_with(raws, BELOW) == 5
        assert count_articles_with(raws[:200], BELOW) == 0

    def test_a_sentence_at_the_end_of_some_stories_and_inside_others_stays(self) -> None:
        raws = [story(number, below=SIGNATURE) for number in range(6)]
        raws += [story(number, inside=SIGNATURE) for number in range(6, 9)]
        assert count_articles_with(raws, SIGNATURE) == 9
        assert count_articles_with(raws[:7], SIGNATURE) == 1  # at the edge of six of seven: removed there

    def test_inside_a_story_short_lines_stay_and_frequent_long_lines_are_removed(self) -> None:
        raws = [story(number, inside=SIGNATURE) for number in range(8)]
        assert count_articles_with(raws, SIGNATURE) == 8
        raws = [story(number, inside=BELOW) for number in range(8)]
        assert count_articles_with(raws, BELOW) == 0
        raws += [story(number) for number in range(8, 33)]
        assert count_articles_with(raws, BELOW) == 8  # of 33 stories, less than a fourth

    def test_lines_are_counted_by_source(self) -> None:
        raws = [story(number, below=BELOW, source=f"Gazette {number % 4}") for number in range(12)]
        assert count_articles_with(raws, BELOW) == 12
        raws = [story(number, below=BELOW, url=f"https://www.gazette.example/{number}") for number in range(4)]
        assert count_articles_with(raws, BELOW) == 0
        raws = [story(number, below=BELOW, source="") for number in range(4)]
        assert count_articles_with(raws, BELOW) == 0

    def test_a_title_from_the_text_of_half_of_the_stories_is_removed(self) -> None:
        slogan = "Portvale Gazette, news of the harbour"
        raws = [story(number, above=slogan, title="") for number in range(6)]
        assert prepared(raws[:1])["a000"].title == slogan
        assert {article.title for article in prepared(raws).values()} == {""}
        named = [story(number, title=slogan) for number in range(6)]
        assert {article.title for article in prepared(named).values()} == {slogan}


class TestKeptText:
    def test_copies_of_one_story_keep_their_text(self) -> None:
        text = story(0, above=ABOVE, inside=SIGNATURE, below=BELOW).text
        copies = [
            RawArticle(f"c{n}", "x", text=f"{text}\n\n{prose(9000 + n, 10)}", title="Report", source="S")
            for n in range(9)
        ]
        others = [story(number, source="S") for number in range(1, 9)]
        found = prepared([*copies, *others])
        for copy in copies:
            for line in str(text).split("\n\n"):
                assert line in found[copy.id].body

    def test_an_article_of_only_boilerplate_stays_unchanged(self) -> None:
        raws = [story(number, below=BELOW) for number in range(5)]
        raws.append(RawArticle("stub", "x", text=BELOW, title="Report", language="en", source="Gazette"))
        found = prepared(raws)
        assert found["stub"].body == BELOW
        assert BELOW not in found["a000"].body

    def test_tokens_and_facets_are_made_from_the_remaining_text(self) -> None:
        raws = [story(number, above=ABOVE, below=BELOW) for number in range(5)]
        alone, found = prepared(raws[:1])["a000"], prepared(raws)["a000"]
        assert "Iceland" in [country.name for country in alone.countries]
        assert found.tokens == analysis.tokens_of(found.title, found.body)
        assert len(found.body) < len(alone.body)
        for named in (*found.countries, *found.persons):
            assert all(found.text[one.start : one.end] == one.text for one in named.mentions)
        inside = {name for name in ("Iceland", "Norway", "Kenya", "Brazil", "Japan", "Poland") if name in found.body}
        assert inside <= {country.name for country in found.countries}
        assert (found.digest, found.signature, found.story) == (alone.digest, alone.signature, alone.story)

    def test_rejected_articles_and_repeated_versions_do_not_count(self) -> None:
        raws = [story(number, below=BELOW) for number in range(4)]
        mixed = [*raws, RawArticle("short", "x", text="Two words", source="Gazette"), *raws[:2]]
        items = list(Preparation(ONE).articles(mixed))
        assert isinstance(items[4], Rejected)
        assert [item for item in items if isinstance(item, Article)] == [
            *prepared(raws).values(),
            *prepared(raws[:2] + raws[2:]).values(),
        ][:6]


PARAGRAPHS = st.lists(st.sampled_from(["a", "b", "a\n", "\nb", "", f"{'long ' * 10}line"]), min_size=1, max_size=9)


@given(PARAGRAPHS, st.sampled_from([("", False), ("a title", False), ("a title", True)]), st.sets(st.integers(0, 9)))
def test_restored_puts_back_what_was_removed(paragraphs: list[str], titled: tuple[str, bool], chosen: set[int]) -> None:
    title, own_title = titled
    article = Article("x", title, SEPARATOR.join(paragraphs), source="S", own_title=own_title)
    keys = boilerplate.keys_of(article, own_title=own_title)
    cut = boilerplate.remove(article, keys, {key for place, key in enumerate(keys.tolist()) if place in chosen})
    assert boilerplate.restored(cut) == article
    shown = boilerplate.keys_of(cut, own_title=own_title and bool(cut.title))
    assert boilerplate.shown_keys(cut, keys.tolist()) == set(shown.tolist())
    assert (cut == article) == (not cut.removed)
    assert all(text in article.body.split(SEPARATOR) for place, text in cut.removed if place != TITLE_PLACE)


def test_removed_lines_are_recorded_with_their_places() -> None:
    slogan = "Portvale Gazette, news of the harbour"
    raws = [story(number, above=f"{slogan}\n\n{ABOVE}", below=BELOW, title="") for number in range(6)]
    for article in prepared(raws).values():
        assert article.removed == ((TITLE_PLACE, slogan), (0, ABOVE), (4, BELOW))
        whole = boilerplate.restored(article)
        assert (whole.title, whole.own_title) == (slogan, True)
        assert whole.body.split(SEPARATOR)[::4] == [ABOVE, BELOW]
        assert (whole.countries, whole.persons, whole.tokens) == ((), (), None)


LINES = [ABOVE, BELOW, SIGNATURE, "", ""]


@given(
    st.lists(st.tuples(*[st.sampled_from(LINES)] * 3, st.sampled_from(["S", "T", ""])), min_size=1, max_size=14),
    st.randoms(use_true_random=False),
    st.integers(1, 7),
)
@hypothesis_settings(max_examples=40, deadline=None)
def test_neither_order_nor_chunks_matter(
    drawn: list[tuple[str, str, str, str]], order: random.Random, articles_a_chunk: int
) -> None:
    raws = [
        story(number, above=above, inside=inside, below=below, source=source)
        for number, (above, inside, below, source) in enumerate(drawn)
    ]
    expected = prepared(raws)
    order.shuffle(raws)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "CHUNK_ARTICLES", articles_a_chunk)
        patched.setattr(expected_lines, "EVERY", 1)
        patched.setattr(expected_lines, "MIN_ARTICLES", 1)
        patched.setattr(workers, "MIN_CHUNKS", 0)
        assert prepared(raws) == expected


def test_most_articles_with_boilerplate_are_finished_in_the_first_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    raws = [story(number, above=ABOVE, below=BELOW if number < 60 else "") for number in range(100)]
    expected = prepared(raws)
    tagged: list[str] = []
    find = cleaned.facets.find
    monkeypatch.setattr(cleaned.facets, "find", lambda *given: tagged.append(given[0]) or find(*given))
    monkeypatch.setattr(pipeline, "CHUNK_ARTICLES", 4)
    monkeypatch.setattr(expected_lines, "EVERY", 4)
    assert prepared(raws) == expected
    assert 100 < len(tagged) < 140
    assert all(article.removed for article in expected.values())


def test_the_number_of_processes_does_not_matter() -> None:
    raws = [story(number, above=ABOVE if number % 3 else "", below=BELOW) for number in range(200)]
    by_two = prepared(raws, Settings(workers=2))
    assert by_two == prepared(raws)
    assert not any(BELOW in article.body for article in by_two.values())
    assert not any(ABOVE in article.body for article in by_two.values())


def test_lines_that_share_a_counter_are_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    raws = [story(number, below=BELOW, inside=SIGNATURE if number < 3 else "") for number in range(8)]
    expected = prepared(raws)
    monkeypatch.setattr(line_counts, "SLOT_BITS", 2)  # four counters: each holds many lines
    assert prepared(raws) == expected
