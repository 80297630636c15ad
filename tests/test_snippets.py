"""Snippets: every range is a true match, fragments are pieces of the text, and nothing is HTML yet."""

from __future__ import annotations

import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import analysis
from search.answers import to_html
from search.model import Snippet
from search.query import parse
from search.snippets import FRAGMENT_CHARS, MAX_FRAGMENTS, Highlighter, within

BODY = (
    "North Korea has agreed to further cooperation with Russia, state media said. Kim praised the treaties.\n\n"
    + "Nothing of note happened in the long weeks that followed the meeting. " * 8
    + "\n\nMr Erdoğan’s envoy met 北京 officials 😀 in the U.S. capital. The treaty was signed by Kim Jong Un."
)


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.ranges]


def fragments(query: str, body: str = BODY) -> list[Snippet]:
    return list(Highlighter(parse(query).tree).fragments(body))


@pytest.mark.parametrize(
    ("query", "ranges"),
    [
        ("treaty", ["treaties"]),
        ('"treaty"', ["treaty"]),
        ('"kim jong un"', ["Kim Jong Un"]),
        ("erdogan", ["Erdoğan’s"]),
        ("北京", ["北京"]),
        ("us", ["U.S."]),
        ("koop* coop*", ["cooperation"]),
        ("rusia~", ["Russia"]),
        ("r?ssia", ["Russia"]),
        ('"korea agreed"~3', ["Korea has agreed"]),
        ("kim -russia", ["Kim"]),
        ("title:kim", []),
        ("country:RU", []),
    ],
)
def test_terms_are_marked_as_matched(query: str, ranges: list[str]) -> None:
    assert [text for snippet in fragments(query) for text in marked(snippet)] == ranges


def test_the_best_fragments_come_in_the_order_of_the_text() -> None:
    found = fragments("russia erdogan")
    assert [marked(snippet) for snippet in found] == [["Russia"], ["Erdoğan’s"]]
    assert found[0].text.startswith("North Korea has agreed")
    assert found[0].text.endswith("treaties.")


def test_another_fragment_is_shown_for_another_word_alone() -> None:
    assert len(fragments("treaty kim")) == 1
    assert len(fragments("treaty erdogan praised")) == 2


def test_without_a_match_the_beginning_is_shown() -> None:
    (lead,) = fragments("country:RU")
    assert BODY.startswith(lead.text.removesuffix(" …"))
    assert lead.ranges == ()


def test_an_empty_body_has_no_fragment() -> None:
    assert fragments("kim", "") == []


def test_the_title_is_shown_whole() -> None:
    title = Highlighter(parse("russia").tree).title("Russia and Russia's ports")
    assert title == Snippet("Russia and Russia's ports", ((0, 6), (11, 19)))


QUERIES = st.lists(
    st.sampled_from(
        ["kim", "treaty", '"kim jong"', "rus*", "erdgan~", "北京", '"in the"', "t?eaty", "no", "😀", "u.s."]
    ),
    min_size=1,
    max_size=3,
).map(" OR ".join)
BODIES = st.lists(
    st.sampled_from(
        [
            "Kim Jong Un.",
            "treaties ",
            "in the ",
            "北京",
            "😀 ",
            "Russia’s ",
            "Erdoğan; ",
            "\n\n",
            "word " * 30,
            "x" * 300,
            "! ",
            "U.S. ",
        ]
    ),
    max_size=20,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(QUERIES, BODIES)
def test_fragments_hold_the_text_and_true_matches(query: str, body: str) -> None:
    node = parse(query).tree
    flat = body.replace("\n", " ")
    found = Highlighter(node).fragments(body)
    assert len(found) <= MAX_FRAGMENTS
    for snippet in found:
        bare = snippet.text.removeprefix("… ").removesuffix(" …")
        assert bare in flat
        last = 0
        for start, end in snippet.ranges:
            assert last <= start < end <= len(snippet.text)
            last = end
            surface = snippet.text[start:end]
            assert any(_is_match(leaf, surface) for leaf in _leaves(node)), surface


def _leaves(node: object) -> list[object]:
    children = getattr(node, "subqueries", None)
    return [leaf for child in children for leaf in _leaves(child)] if children else [node]


def _is_match(leaf: object, surface: str) -> bool:
    field = leaf.fieldname  # type: ignore[attr-defined]
    tokens = [t.word if field.endswith("_words") else t.stem for t in analysis.tokenize(surface)]
    return oracle._matches_words(leaf, tokens)


@settings(max_examples=300, deadline=None)
@given(st.text("abcdé", max_size=7), st.text("abcdé", max_size=7), st.integers(0, 2))
def test_typos_are_counted_as_by_definition(left: str, right: str, typos: int) -> None:
    assert within(left, right, typos) == (left[:1] == right[:1] and oracle.edits(left, right) <= typos)


@settings(max_examples=200, deadline=None)
@given(st.text("<>&\"'amp;mark/ é", max_size=30), st.data())
def test_html_is_escaped_but_for_the_marks(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True)))
    ranges = tuple(zip(ends[::2], ends[1::2], strict=False))
    html = to_html(Snippet(text, ranges))
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert html.count("<mark>") == html.count("</mark>") == len(ranges)


def test_a_fragment_is_about_as_long_as_promised() -> None:
    (snippet,) = fragments("weeks", "word " * 200 + "weeks " + "word " * 200)
    assert len(snippet.text) <= FRAGMENT_CHARS + 10
    assert marked(snippet) == ["weeks"]
