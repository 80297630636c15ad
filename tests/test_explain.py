"""`dateline extract --explain` gives the reason for every line, date and fact."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from support.command_line import ROOT, SAMPLES, run, write_lines

from index.clean.explain import RECURS, Explanation, explain
from index.clean.steps import Rejected
from index.cli.explanation import print_explanation
from index.jobs import Job
from index.pages.dating.choose import Candidate
from index.pages.facts.choose import Fact
from index.pages.page import Verdict
from index.sources.raw import RawArticle
from search.model import Article, Country, Mention, Person
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PAGE = SAMPLES / "text" / "telescope-first-light.txt"
BLOCKS = SAMPLES / "html" / "two-georgias.html"


def explained(*paths: Path | str) -> list[dict[str, Any]]:
    result = run("extract", "--explain", *paths)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def printed(explanation: Explanation, width: int, *, colour: bool = False) -> list[str]:
    stream = io.StringIO()
    system = "standard" if colour else None
    print_explanation(explanation, Console(file=stream, width=width, force_terminal=colour, color_system=system))
    return stream.getvalue().splitlines()


def of(path: Path) -> Explanation:
    return next(Job([str(path)], Settings()).explain())


class TestJson:
    @pytest.mark.parametrize("path", [PAGE, BLOCKS])
    def test_it_is_the_usual_object_with_the_reasons(self, path: Path) -> None:
        (row,) = explained(path)
        (usual,) = [json.loads(line) for line in run("extract", path).stdout.splitlines()]
        why = row.pop("explain")
        assert row == usual
        assert set(why) == {"lines", "dates", "sources"}
        assert {name: fact["value"] for name, fact in why["sources"].items()} == {
            name: row[name] for name in why["sources"]
        }
        assert all(bool(fact["value"]) == bool(fact["from"]) for fact in why["sources"].values())

    def test_every_country_and_person_has_its_mentions_with_place_and_rule(self) -> None:
        for row in explained(PAGE, BLOCKS):
            text = row["title"] + "\n\n" + row["body"]
            assert row["countries"]
            assert row["persons"]
            assert all(0 <= country["weight"] <= 1 for country in row["countries"])
            assert all(person["spelled"] for person in row["persons"])
            for one in row["countries"] + row["persons"]:
                assert one["mentions"]
                for mention in one["mentions"]:
                    assert set(mention) == {"text", "start", "end", "rule"}
                    assert text[mention["start"] : mention["end"]] == mention["text"]

    @pytest.mark.parametrize("path", [PAGE, BLOCKS])
    def test_kept_lines_are_the_body_and_cut_lines_have_a_reason(self, path: Path) -> None:
        (row,) = explained(path)
        lines = row["explain"]["lines"]
        assert [line["text"] for line in lines if line["kept"]] == row["body"].split("\n\n")
        assert all(line["kept"] == (not line["reason"]) for line in lines)
        assert any(line["text"] == row["title"] and not line["kept"] for line in lines)

    def test_the_chosen_date_comes_first(self) -> None:
        (row,) = explained(PAGE)
        first = row["explain"]["dates"][0]
        assert (first["published"], first["place"], first["refused"]) == (row["published"], row["published_from"], "")
        assert set(first) == {"place", "text", "published", "score", "refused"}

    def test_facts_name_their_places(self, tmp_path: Path) -> None:
        text = PAGE.read_text(encoding="utf-8")
        given = {
            "id": "x",
            "text": text,
            "title": "Given",
            "source": "Post",
            "author": "By ANN LEE",
            "language": "en-GB",
        }
        named = {"id": "y", "text": text, "url": "https://post.example/9/thin-mirrored-telescope-in-chile-finds-galaxy"}
        first, second = (
            row["explain"]["sources"] for row in explained(write_lines(tmp_path / "x.jsonl", [given, named]))
        )
        assert {name: first[name]["from"] for name in ("title", "source", "author", "language")} == dict.fromkeys(
            ("title", "source", "author", "language"), "field"
        )
        assert first["author"]["value"] == "Ann Lee"
        assert (second["title"]["from"], second["source"]) == ("address", {"value": "post.example", "from": "url"})
        assert (second["author"], second["language"]["from"]) == (
            {"value": "Benedikt Straubinger", "from": "byline"},
            "text",
        )

    def test_a_rejected_article_shows_its_lines(self) -> None:
        (row,) = explained(SAMPLES / "text" / "too-short.txt")
        assert row["rejected"] == "too short"
        assert [line["text"] for line in row["explain"]["lines"]] == ["Page not found"]
        assert row["explain"]["sources"] == {}

    def test_unreadable_input_is_rejected_as_usual(self, tmp_path: Path) -> None:
        broken = tmp_path / "x.jsonl"
        broken.write_text("{no json\n", encoding="utf-8")
        (row,) = explained(broken)
        assert (row["rejected"], row["explain"]) == ("invalid JSON", {"lines": [], "dates": [], "sources": {}})

    def test_a_line_that_recurs_in_the_batch_has_that_reason(self) -> None:
        raw = RawArticle(
            "x", "x", text="\n\n".join(f"The ferry number {n} sailed at noon with nine people on it." for n in range(5))
        )
        whole = of(PAGE).item
        assert isinstance(whole, Article)
        paragraphs = [f"The ferry number {n} sailed at noon with nine people on it." for n in range(4)]
        left = Article("x", "", "\n\n".join(paragraphs), story="x")
        lines = explain(raw, left, Settings()).lines
        assert [line.reason for line in lines if "number 4" in line.text] == [RECURS]
        assert not any(line.reason for line in lines if "number 3" in line.text)


LINES = (Verdict("北京" * 90), Verdict("menu", "menu or footer"), Verdict("word " * 90))
DATES = (
    Candidate("json-ld", "3 May 2024", "2024-05-03", 0.9),
    Candidate("text", "1 May 2044", None, 0.5, "in the future"),
)


def at(text: str, start: int, rule: str) -> Mention:
    return Mention(text, start, start + len(text), rule)


TAGGED = Article(
    "an-id",
    "Title",
    "body",
    story="x",
    countries=(
        Country("NO", "Norway", (at("Oslo", 0, "capital"), at("Norse", 40, "demonym")), 0.2),
        Country("PE", "Peru", (at("Peru", 10, "name"), at("Lima", 20, "capital"), at("Peru", 30, "name")), 0.9),
    ),
    persons=(
        Person("Ann Lee", (at("Ann Lee", 50, "full name"),)),
        Person("Bo [Berg]", (at("Bo\n[Berg]", 60, "full name"), at("Berg", 70, "family name"))),
    ),
)


class TestTable:
    @pytest.mark.parametrize("width", [50, 80, 133])
    def test_lines_fit_the_terminal_and_long_ones_are_shortened(self, width: int) -> None:
        item = Article("an-id", "北京", "body", story="x", warnings=("A date in the future was passed over.",))
        lines = printed(Explanation(LINES, DATES, {"title": Fact("北京", "text")}, item), width)
        assert all(cell_len(line) <= width for line in lines)
        assert lines[0].startswith("an-id")
        assert any(line.startswith("kept") and "北京北京" in line and "…" in line for line in lines)
        assert any(re.match(r"cut +menu +menu", line) for line in lines)
        assert any(line.startswith("0.90") for line in lines)
        assert "Warning: A date in the future was passed over." in " ".join(lines)
        starts = {line.index(word) for line in lines for word in ("word word", "menu  ") if word in line}
        assert len(starts) == 1

    def test_countries_and_persons_with_their_mentions(self) -> None:
        lines = [line.split("  ") for line in printed(Explanation((), (), {}, TAGGED), 80)]
        cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
        assert cells[1:] == [
            ["Weight", "Country", "Mention", "Rule", "At"],
            ["0.90", "Peru", "Peru", "name", "10-14, 30-34"],
            ["Lima", "capital", "20-24"],
            ["0.20", "Norway", "Oslo", "capital", "0-4"],
            ["Norse", "demonym", "40-45"],
            [],
            ["Person", "Mention", "Rule", "At"],
            ["Bo [Berg]", "Bo [Berg]", "full name", "60-69"],
            ["Berg", "family name", "70-74"],
            ["Ann Lee", "Ann Lee", "full name", "50-57"],
            [],
        ]

    @pytest.mark.parametrize("width", [60, 80, 120])
    def test_long_lists_are_shortened(self, width: int) -> None:
        forms = tuple(at(f"Name {n}", 10_000 + 100 * n, "town beside its state or country") for n in range(20))
        often = tuple(at("Peru", 10 * n, "name") for n in range(200))
        item = Article(
            "x", "", "b", story="x", persons=(Person("P", forms),), countries=(Country("PE", "Peru", often, 1.0),)
        )
        lines = printed(Explanation((), (), {}, item), width)
        assert all(cell_len(line) <= width for line in lines)
        (peru,) = [line for line in lines if line.startswith("1.00")]
        assert re.search(r"0-4, 10-14.*…$", peru)
        listed = sum("10" in line for line in lines[lines.index("", 1) :])
        assert 1 < listed < 20
        assert any(line.strip() == f"and {20 - listed} more ways" for line in lines)

    def test_the_widest_columns_are_shortened_first(self) -> None:
        item = replace(
            TAGGED, persons=(), countries=(Country("X", "C" * 60, (at("Oslo", 0, "a rule of words"),), 0.5),)
        )
        line = printed(Explanation((), (), {}, item), 80)[2]
        assert re.fullmatch(r"0.50    C+…  Oslo     a rule of words  0-4 *", line)

    def test_colours_are_for_terminals(self) -> None:
        explanation = of(PAGE)
        assert not any("\x1b" in line for line in printed(explanation, 80))
        assert any("\x1b" in line for line in printed(explanation, 80, colour=True))

    def test_markup_in_a_line_is_printed_unchanged(self) -> None:
        item = Rejected("[bold]x[/bold]", "too short", "x")
        lines = printed(Explanation((Verdict("[red]a[/red] [link"),), (), {}, item), 80)
        assert "[bold]x[/bold]  rejected: too short" in lines[0]
        assert any("[red]a[/red] [link" in line for line in lines)

    def test_the_example_of_the_docs(self) -> None:
        text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
        (example,) = [block for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL) if "Verdict" in block]
        documented, real = example.rstrip("\n").split("\n"), [line.rstrip() for line in printed(of(PAGE), 110)][:-1]
        assert [line for line in documented if line not in tags(documented)] == [
            line for line in real if line not in tags(real)
        ]

    def test_the_tables_of_tags_in_the_docs(self) -> None:
        """The offsets of the mentions in the documented example are right.

        Weights and rules are tested elsewhere.
        """
        text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
        (example,) = [block for block in re.findall(r"```text\n(.*?)```", text, re.DOTALL) if "Verdict" in block]
        item = of(PAGE).item
        assert isinstance(item, Article)
        documented, real = tags(example.split("\n")), tags(printed(of(PAGE), 110))
        headings = [line.split() for line in real if "Rule" in line]
        assert [line.split() for line in documented if "Rule" in line] == headings
        checked = 0
        for line in filter(None, documented):
            if "Rule" in line:
                mention, rule, at = (line.index(word) for word in ("Mention", "Rule", "At"))
                continue
            for place in line[at:].removesuffix("…").split(", "):
                start, end = map(int, place.split("-"))
                assert item.text[start:end] == line[mention:rule].strip()
                checked += 1
        assert checked > 10


def tags(lines: list[str]) -> list[str]:
    """Return the table rows of countries and persons."""
    first, last = (next(n for n, line in enumerate(lines) if line.startswith(word)) for word in ("Weight", "Score"))
    return lines[first:last]
