"""Tokens of an article: capitalised words, where they stand, and what stands between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.facets.tokens import APART, JOINED, OPENING, WORD, tokenize

PIECES = [
    "Ana",
    "Mora",
    "X",
    "Dr",
    " ",
    ". ",
    " van der ",
    "-",
    "'s ",
    "’",
    "\n",
    "“",
    "é",
    "É",
    "\xa0",
    "said that he ",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_tokens_are_the_matches_of_the_pattern(text: str) -> None:
    tokens = tokenize(text)

    matches = list(WORD.finditer(tokens.text))
    assert tokens.words == [match.group() for match in matches]
    assert tokens.starts == [match.start() for match in matches]
    assert tokens.ends == [match.end() for match in matches]
    assert len(tokens.links) == len(tokens.words)
    assert tokens.links[:1] in ([], [OPENING])


@pytest.mark.parametrize(
    ("gap", "link"),
    [
        (" ", JOINED),
        (" van der ", JOINED),
        ("-", JOINED),
        (", ", APART),
        (" said ", APART),
        (" said after the meeting with ", APART),
        (". ", OPENING),
        (" said. “", OPENING),
        (" said after the meeting that. ", OPENING),
        (" said after the meeting that.  ", APART),
    ],
)
def test_a_link_describes_the_text_between_two_tokens(gap: str, link: int) -> None:
    assert tokenize(f"Ana{gap}Mora").links == [OPENING, link]


@pytest.mark.parametrize(("before", "link"), [("Dr", JOINED), ("X", JOINED), ("Xi", OPENING)])
def test_the_full_stop_of_an_abbreviation_ends_no_sentence(before: str, link: int) -> None:
    assert tokenize(f"{before}. Mora").links == [OPENING, link]
