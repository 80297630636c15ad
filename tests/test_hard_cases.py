"""Checks each row of hard_cases.md: the countries and persons of a sentence that is easily misread."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from index.facets import find
from search import territories
from search.model import SEPARATOR

TABLE = Path(__file__).parent / "hard_cases.md"
COLUMNS = ("text", "countries", "persons", "limit")
HEADLINE = re.compile(r"\*\*(.+?)\*\* (.+)")
FEWEST = 500
"""Minimum number of rows, so that none are lost in editing."""


class Case(NamedTuple):
    """A row: an article, its language (BCP 47) and the expected tags; `limit` is the reason why it fails today."""

    kind: str
    text: str
    countries: str
    persons: str
    limit: str
    language: str = "en"


def read(lines: list[str]) -> list[Case]:
    """Return the rows of all tables; `kind` is the heading above the table."""
    cases: list[Case] = []
    kind, columns = "", list(COLUMNS)
    for line in lines:
        if line.startswith("## "):
            kind = line.removeprefix("## ")
        elif line.startswith("| text "):
            columns = _cells(line)
        elif line.startswith("| "):
            cells = _cells(line)
            assert len(cells) == len(columns), f"a row of {kind} has {len(cells)} cells: {line}"
            cases.append(Case(kind, **dict(zip(columns, cells, strict=True))))
    return cases


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _names(cell: str) -> list[str]:
    return sorted(name.strip() for name in cell.split(";") if name.strip())


def answer(case: Case) -> tuple[list[str], list[str]]:
    """Return the country codes and the persons' names that Dateline finds, sorted."""
    with_headline = HEADLINE.fullmatch(case.text)
    title, body = with_headline.groups() if with_headline else ("", case.text)
    facets = find(f"{title}{SEPARATOR}{body}".replace("<br>", "\n"), len(title), case.language)
    return sorted(one.code for one in facets.countries), sorted(one.name for one in facets.persons)


CASES = read(TABLE.read_text(encoding="utf-8").splitlines())


KNOWN_LIMITS = [[pytest.mark.xfail(reason=case.limit, raises=AssertionError)] if case.limit else [] for case in CASES]
ROWS = [
    pytest.param(case, id=f"{case.kind}: {case.text}", marks=marks)
    for case, marks in zip(CASES, KNOWN_LIMITS, strict=True)
]


@pytest.mark.parametrize("case", ROWS)
def test_a_hard_case(case: Case) -> None:
    assert answer(case) == (sorted(case.countries.split()), _names(case.persons))


def test_the_table_is_consistent() -> None:
    assert len(CASES) >= FEWEST
    assert len({(case.text, case.language) for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.kind
        assert set(case.countries.split()) <= set(territories.names()), case.text
        words = re.findall(r"[\w-]+", case.text.replace("’", "'"))
        assert set(re.findall(r"[\w-]+", case.persons)) <= set(words), case.text


@pytest.mark.parametrize(
    ("line", "message"),
    [("| One. | FR | Ann Lee |", "has 3 cells"), ("| One | two. | FR | Ann Lee | |", "has 5 cells")],
)
def test_a_row_with_a_missing_or_extra_cell_is_refused(line: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        read(["## Kind", "| text | countries | persons | limit |", "|---|---|---|---|", line])
