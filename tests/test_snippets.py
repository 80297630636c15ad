"""Snippets: each range is a true match, fragments are pieces of the text, and nothing is HTML."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.naive_matches import Range, naive_matches
from whoosh import query as tree

from search.answers import to_html
from search.highlight import sentences
from search.highlight.matching import leaves
from search.highlight.snippets import BODY_FIELDS, FRAGMENT_CHARS, MAX_FRAGMENTS, Highlighter
from search.query.parsing import parse
from search.results import Snippet

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
        ('"korea agreed"~3', ["Korea", "agreed"]),
        ("kim -russia", ["Kim"]),
        ("title:kim", []),
        ("country:RU", []),
    ],
)
def test_matching_terms_have_ranges(query: str, ranges: list[str]) -> None:
    assert [text for snippet in fragments(query) for text in marked(snippet)] == ranges


def test_the_best_fragments_come_in_the_order_of_the_text() -> None:
    pieces = fragments("russia erdogan")
    assert [marked(snippet) for snippet in pieces] == [["Russia"], ["Erdoğan’s"]]
    assert pieces[0].text.startswith("North Korea has agreed")
    assert pieces[0].text.endswith("treaties.")


def test_a_further_fragment_needs_a_further_word() -> None:
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
def test_fragments_are_pieces_of_the_text_with_all_true_matches(query: str, body: str) -> None:
    node = parse(query).tree
    flat = body.replace("\n", " ")
    true = {match for leaf in leaves(node) if leaf.fieldname in BODY_FIELDS for match in naive_matches(leaf, body)}
    pieces = Highlighter(node).fragments(body)
    assert len(pieces) <= MAX_FRAGMENTS
    assert bool(true) == any(snippet.ranges for snippet in pieces)
    for snippet in pieces:
        bare = snippet.text.removeprefix("… ").removesuffix(" …")
        shift = 2 if snippet.text.startswith("… ") else 0
        marks = tuple((start - shift, end - shift) for start, end in snippet.ranges)
        places = [place for place in range(len(flat)) if flat.startswith(bare, place)]
        assert marks in [_ranges(true, place, place + len(bare)) for place in places]


def _ranges(true: set[Range], left: int, right: int) -> tuple[tuple[int, int], ...]:
    """Return the expected ranges in a piece of the text: overlapping matches merged, touching ones apart."""
    inside = [parts or ((start, end),) for start, end, parts in true if left <= start and end <= right]
    merged: list[list[int]] = []
    for start, end in sorted(part for parts in inside for part in parts):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return tuple((start - left, end - left) for start, end in merged)


@settings(max_examples=200, deadline=None)
@given(st.text("<>&\"'amp;mark/ é", max_size=30), st.data())
def test_html_is_escaped_except_for_the_highlights(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True)))
    ranges = tuple(zip(ends[::2], ends[1::2], strict=False))
    html = to_html(Snippet(text, ranges))
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert html.count("<mark>") == html.count("</mark>") == len(ranges)


def test_a_fragment_has_about_the_documented_length() -> None:
    (snippet,) = fragments("weeks", "word " * 200 + "weeks " + "word " * 200)
    assert len(snippet.text) <= FRAGMENT_CHARS + 10
    assert marked(snippet) == ["weeks"]


FILLER = "Nothing of note was said about it on that day by anyone at all. "


def texts(node: tree.Query, body: str, **options: str) -> list[str]:
    return [snippet.text for snippet in Highlighter(node).fragments(body, **options)]


def any_of(*stems: str) -> tree.Query:
    return tree.Or([tree.Term("text", stem) for stem in stems])


def test_up_to_three_fragments_each_with_a_new_word_in_text_order() -> None:
    paragraphs = [FILLER, "The storm came.", FILLER * 3, "A flood came after the storm.", FILLER * 3, "A quake, too."]
    body = "\n\n".join([*paragraphs, FILLER, "And fire."])
    snippets = Highlighter(any_of("storm", "flood", "quak", "fire")).fragments(body)
    assert [marked(snippet) for snippet in snippets] == [["flood", "storm"], ["quake"], ["fire"]]
    assert len(Highlighter(any_of("storm", "flood", "quak", "fire")).fragments(body, 2)) == 2
    assert [marked(snippet) for snippet in Highlighter(any_of("storm", "flood")).fragments(body)] == [
        ["flood", "storm"]
    ]


def test_fragments_that_touch_are_one() -> None:
    body = "The storm came. " + FILLER * 3 + "The flood came. " + FILLER * 3
    (snippet,) = Highlighter(any_of("storm", "flood")).fragments(body)
    assert marked(snippet) == ["storm", "flood"]
    assert snippet.text.startswith("The storm came.")
    apart = Highlighter(any_of("storm", "flood")).fragments(
        "The storm came. " + FILLER * 8 + "The flood came. " + FILLER * 3
    )
    assert [marked(snippet) for snippet in apart] == [["storm"], ["flood"]]


def test_a_rare_word_weighs_more_and_a_phrase_more_than_its_words() -> None:
    body = "War it was.\n\nSanctions it was.\n\nThe war and the cold.\n\nThe cold war."
    node = any_of("war", "sanction")
    best = Highlighter(node, weights={"war": 1.0, "sanction": 5.0}).fragments(body, 1)
    assert [snippet.text for snippet in best] == ["Sanctions it was."]
    phrase = tree.Or([tree.Phrase("body_words", ["cold", "war"]), any_of("cold", "war")])
    assert texts(phrase, body) == ["The cold war."]


def test_prefers_more_matches_and_then_the_first_fragment() -> None:
    assert texts(any_of("war"), "War it was.\n\n" + FILLER + "\n\nWar it is.") == ["War it was."]
    assert texts(any_of("war"), "War it was.\n\n" + FILLER + "\n\nThe war of wars on war after the war, a war.") == [
        "The war of wars on war after the war, a war."
    ]


@pytest.mark.parametrize(
    "node",
    [tree.Term("country", "RU"), tree.Term("title", "storm"), tree.Every(), tree.Not(tree.Term("text", "storm"))],
    ids=str,
)
def test_an_article_that_matches_by_facet_or_title_shows_its_lead(node: tree.Query) -> None:
    lead = "A storm has torn the roofs off forty houses on the coast of Norland, the police said."
    assert texts(node, f"\n\nBERGEN\n\n  {lead}\n\n{FILLER}") == [lead]
    assert texts(node, "BERGEN\n\nShort.") == ["BERGEN"]
    assert texts(node, " \n\n ") == []
    assert texts(node, f"{lead}\n\n{FILLER}", headline=lead.rstrip(".")) == [FILLER.strip()]


def test_a_repeated_headline_is_the_last_choice_for_a_fragment() -> None:
    body = f"Storm hits the coast.\n\n{FILLER}\n\nThere was a storm."
    assert texts(any_of("storm", "coast"), body) == ["Storm hits the coast."]
    assert texts(any_of("storm", "coast"), body, headline="Storm Hits The Coast") == ["There was a storm."]
    assert texts(any_of("coast"), body, headline="Storm Hits The Coast") == ["Storm hits the coast."]


@pytest.mark.parametrize(
    "text",
    [
        "He met Mr. Smith and Sen. Jones of the U.S. Senate in St. Louis.| She left.",
        "J. K. Rowling and George W. Bush were No. 5 on Jan. 6.| No.| He was not.",
        "It cost 3.5 million, i.e. too much.| “Why?”| “Because…” he began... Well, not yet!| She left (at last.)| Then he.",
        "He is from the U.S.| The firm is Apple Inc.| It said so, but Apple Inc. denied it.",
        "他来了。|我走了！|“好？”|你呢",
        "Он сказал.| В. Путин ответил.",
        "ماذا حدث؟ |ثم ذهب.",
        "Wait... what? and so on!| Yes",
    ],
)
def test_where_sentences_end(text: str) -> None:
    plain = text.replace("|", "")
    begins = sentences.starts(plain, 0, len(plain))
    pieces = [plain[start:end].strip() for start, end in pairwise(begins)]
    assert pieces == [sentence.strip() for sentence in text.split("|")]


def test_shows_whole_sentences_if_they_fit() -> None:
    body = (
        FILLER * 2 + "Mr. Smith of the U.S. Senate saw the storm. " + FILLER * 2 + "X" * 100 + " and so on. " + FILLER
    )
    (snippet,) = texts(any_of("storm"), body)
    assert snippet == ("Mr. Smith of the U.S. Senate saw the storm. " + FILLER * 2).strip()
    long = "word " * 70 + "storm " + "word " * 70
    (snippet,) = texts(any_of("storm"), long + ". End.")
    assert snippet.startswith("… word ")
    assert snippet.endswith(" word …")


PIECES = st.lists(
    st.sampled_from(
        [
            "word ",
            "e\u0301\u0323a ",
            "👩\u200d👧",
            "🇩🇪",
            "北京",
            "か\u3099",
            "กำ",
            "हिन्दी ",
            "👍🏽 ",
            "a-b ",
            ", ",
            "storm ",
        ]
    ),
    min_size=20,
    max_size=400,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(PIECES, st.sampled_from([any_of("storm"), any_of("word"), tree.Every()]))
def test_no_word_letter_or_emoji_is_cut(body: str, node: tree.Query) -> None:
    spans = [match.span() for match in re.finditer(r"[a-z\u0300-\u036f]+", body)]
    for snippet in Highlighter(node).fragments(body):
        bare = snippet.text.removeprefix("… ").removesuffix(" …")
        places = [place for place in range(len(body)) if body.startswith(bare, place)]
        assert any(_is_clean(body, cut, spans) for place in places for cut in [(place, place + len(bare))])


def _is_clean(body: str, cuts: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    for cut in cuts:
        if any(start < cut < end for start, end in spans):
            return False
        flags = len(body[:cut]) - len(body[:cut].rstrip("🇩🇪"))
        after, before = body[cut : cut + 1], body[max(cut - 1, 0) : cut]
        if before == "\u200d" or after in {"\u200d", "🏽"} or (flags % 2 and after in {"🇩", "🇪"}):
            return False
        if after and unicodedata.category(after) in {"Mn", "Mc"}:
            return False
    return True
