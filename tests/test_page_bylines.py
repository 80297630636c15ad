"""Bylines as newspapers print them and pages state them: only the names of persons are returned."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pages.facts.bylines import authors, given_authors, is_byline, writers_at_end


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By JANE DOE, Staff writer", "Jane Doe"), ("JANE DOE and JOHN ROE", "Jane Doe, John Roe"), ("By Jane Doe", "Jane Doe"),
        ("By JOHN ROE AP Sports Writer", "John Roe"), ("By JANE DOE Portvale Record", "Jane Doe"), ("By Jane Doe, AFP", "Jane Doe"),
        ("BY JANE O'NEILL", "Jane O'Neill"), ("By IDA MCDONALD-ROE", "Ida McDonald-Roe"), ("LUDWIG VAN DER BERG", "Ludwig van der Berg"),
        ("J.K. ROE", "J.K. Roe"), ("By Ida Berg-Åsen | Post Denver Bureau", "Ida Berg-Åsen"), ("Author : Subhash K Rao", "Subhash K Rao"),
        ("By: Jane Doe , Mon, 07 Jan 2008 17:22:12 GMT", "Jane Doe"), ("By Jane Doe January 18, 2008 | 12:11 PM", "Jane Doe"),
        ("By Jane Doe in Seoul and John Roe in Tokyo", "Jane Doe, John Roe"), ("Jane Doe, John Roe & Ann Lee", "Jane Doe, John Roe, Ann Lee"),
        ("By Dr. Vahid Noor, M.D. - Mar 27, 2024", "Vahid Noor"), ("Posted by Peter Roe on August 21, 2019", "Peter Roe"),
        ("By Jane Doe jane@post.example", "Jane Doe"), ("By Jane Doe (@janedoe)", "Jane Doe"), ("By Jane Doe for the Post", "Jane Doe"),
        ("Por Juan Pérez", "Juan Pérez"), ("Von Max Muster", "Max Muster"), ("Par Jean DUPONT", "Jean Dupont"), ("Di Mario Rossi", "Mario Rossi"),
        ("Von Anna Schmidt, Berlin", "Anna Schmidt"), ("Автор: Сергей Ёлкин", "Сергей Ёлкин"), ("作者：王明", "王明"), ("By Kristin", "Kristin"),
        ("By Mohammed bin Salim al Said", "Mohammed bin Salim al Said"), ("By Jane Doe and agencies", "Jane Doe"),
    ],
)  # fmt: skip
def test_only_names_are_returned(line: str, names: str) -> None:
    assert authors(line, abroad=True) == names


@pytest.mark.parametrize(
    "line",
    [
        "By staff writers", "By The Associated Press", "By CP", "Reuters Staff", "By NBC News Channel", "https://post.example/jane", "@jane",
        "jane@post.example", "By Monday the boats had sailed twice", "12 March 2024", "", "By", "admin", "By Post Reporter", "Monday",
    ],
)  # fmt: skip
def test_texts_without_a_name(line: str) -> None:
    assert authors(line, abroad=True) is None


def test_a_field_may_have_an_unusual_name() -> None:
    assert given_authors("jdoe", None) == "jdoe"
    assert given_authors("Von Miller", None) == "Von Miller"
    assert given_authors("https://facebook.example/jane", None) is None
    assert given_authors("Reuters", None) is None
    assert given_authors("Portvale Post", "Portvale Post") is None
    assert given_authors("By JANE DOE, Editor", "Portvale Post") == "Jane Doe"


def test_bylines_begin_with_by_in_any_language() -> None:
    assert all(
        is_byline(line)
        for line in ("By Jane Doe", "- BY JANE DOE", "Von Max Muster", "Por Juan Pérez", "Written by Ann Lee")
    )
    assert not any(is_byline(line) for line in ("Bye Jane", "von dem Berge", "por la noche", "Jane Doe", ""))


def test_authors_credited_in_the_last_lines() -> None:
    text = "The ferry sailed. (Reporting by Jane Doe in Lima and John Roe; Editing by Ann Lee)"
    assert writers_at_end(text) == "Jane Doe, John Roe"
    assert writers_at_end("The ferry sailed. (Reporting was hard)") is None


@given(st.text(max_size=80))
def test_any_text_is_accepted_and_names_stay_names(text: str) -> None:
    names = authors(text, abroad=True)
    assert names is None or (names and names == names.strip() and not any(mark in names for mark in "@|<>()0123456789"))
    given_authors(text, text)


@pytest.mark.timing
@pytest.mark.parametrize("unit", ["A", "A ", "(", "By ", "and ", " in ", "@", "a@", ", ", "www."])
def test_hostile_lines_take_linear_time(unit: str) -> None:
    seconds = []
    for size in (5_000, 20_000):
        start = time.process_time()
        authors(unit * (size // len(unit)), abroad=True)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 0.1 + 8 * seconds[0]
