"""docs/cli.md, docs/design.md, docs/query.md, docs/cleaning.md and the README agree with the program."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
import pytest
from support.command_line import ROOT, SAMPLES, run

from index.clean.steps import STEPS
from index.cli.main import EXIT_CODES, main
from index.pages.dating.choose import KINDS
from search.query import lowering, ranking
from search.query.examples import EXAMPLES
from search.query.parsing import parse
from search.settings import Settings
from search.storage import fields as documents

CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


COMMON = {"-v", "--verbose", "-q", "--quiet"}


def section(title: str) -> str:
    """Return the section of docs/cli.md whose heading begins with `title`."""
    match = re.search(rf"^## {re.escape(title)}[^\n]*\n(.*?)(?=^## |\Z)", CLI, re.DOTALL | re.MULTILINE)
    assert match is not None, f"docs/cli.md has no section {title!r}"
    return match[1]


def rows(text: str) -> list[list[str]]:
    """Return the rows of all tables in a text, as lists of cells, without the headings."""
    lines = re.findall(r"^\|(.*)\|$", text, re.MULTILINE)
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
    return [row for place, row in enumerate(cells) if not (is_rule(row) or is_rule([*cells, [""]][place + 1]))]


def is_rule(row: list[str]) -> bool:
    return set("".join(row)) in ({"-"}, {"-", ":"})


def console(text: str) -> list[str]:
    """Return the commands in the `console` code blocks of a text."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ ") for line in lines)
    return [line.removeprefix("$ ") for line in lines]


def options(command: click.Command) -> set[str]:
    return {name for param in command.params if isinstance(param, click.Option) for name in param.opts}


class TestCommands:
    def test_each_command_has_a_section_and_there_are_no_others(self) -> None:
        assert re.findall(r"^## dateline (\w+)", CLI, re.MULTILINE) == list(main.commands)

    @pytest.mark.parametrize("name", main.commands)
    def test_each_option_is_documented_and_there_are_no_others(self, name: str) -> None:
        first = [row[0] for row in rows(section(f"dateline {name}")) if row[0].startswith("`--")]
        documented = [option for cell in first for option in re.findall(r"--[\w-]+", cell)]
        assert len(documented) == len(set(documented))
        assert set(documented) == options(main.commands[name]) - COMMON

    def test_the_options_of_every_command(self) -> None:
        first = [row[0] for row in rows(section("Every command")) if "--" in row[0]]
        assert {option for cell in first for option in re.findall(r"--?[\w-]+", cell)} == COMMON | {"-h", "--help"}
        assert all(options(command) >= COMMON for command in (main, *main.commands.values()))

    @pytest.mark.parametrize("name", main.commands)
    def test_each_option_has_a_help_text(self, name: str) -> None:
        for param in main.commands[name].params:
            if isinstance(param, click.Option) and not isinstance(param.type, click.Choice):
                assert param.help or param.show_default, param.name

    def test_defaults_and_choices_are_those_of_the_program(self) -> None:
        found = {param.name: param for param in main.commands["search"].params}
        text = section("dateline search")
        assert isinstance(found["sort"].type, click.Choice)
        assert [f"`{choice}`" for choice in found["sort"].type.choices] == re.findall(r"`\w+`", row(text, "--sort"))
        assert f"({found['page'].default})" in row(text, "--page")
        assert f"({found['per_page'].default}, at most 100)" in row(text, "--page")
        served = {param.name: param.default for param in main.commands["serve"].params}
        assert str(served["host"]) in row(section("dateline serve"), "--host")
        assert str(served["port"]) in row(section("dateline serve"), "--port")

    def test_exit_codes(self) -> None:
        documented = {int(row[0]): row[1] for row in rows(section("Every command")) if row[0].isdecimal()}
        assert set(documented) == set(EXIT_CODES)
        for code, meaning in EXIT_CODES.items():
            assert plain(documented[code]).split()[0] == plain(meaning).split()[0]


def test_each_clause_of_the_contract_is_cited_and_there_are_no_others() -> None:
    text = (ROOT / "docs/engines.md").read_text()
    clauses = [int(number) for number in re.findall(r"^(\d+)\. \*\*", text, re.MULTILINE)]
    assert clauses == list(range(1, len(clauses) + 1))
    tests = "".join(path.read_text() for path in sorted((ROOT / "tests/support").glob("contract_*.py")))
    cited = {int(number) for found in re.findall(r"@clause\(([\d, ]+)\)", tests) for number in found.split(",")}
    assert cited == set(clauses)
    for cited_alone in re.findall(r"^(?:    )?@clause\(.*\)\n(.*)", tests, re.MULTILINE):
        assert re.match(r"\s*(@|def test_|class Test)", cited_alone)


def row(text: str, option: str) -> str:
    (found,) = [" ".join(cells[1:]) for cells in rows(text) if re.match(rf"`{option}\b", cells[0])]
    return found


def plain(text: str) -> str:
    return re.sub(r"[^a-z ]", "", text.lower())


def test_settings() -> None:
    documented = {row[0].strip("`"): row[1:] for row in rows(section("Settings"))}
    assert list(documented) == [f"DATELINE_{item.name.upper()}" for item in fields(Settings)]
    for item in fields(Settings):
        default, meaning = documented[f"DATELINE_{item.name.upper()}"]
        assert default == ("none" if item.default == "" else f"`{item.default}`")
        text = item.metadata["help"]
        assert meaning == text[0].upper() + text[1:]


def shape(value: Any) -> Any:
    """Return the keys of a JSON answer, nested, with only the first item of each list."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run the examples from top to bottom; return the output of each command, and the files that they wrote."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "samples").symlink_to(SAMPLES)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("DATELINE_INDEX", raising=False)
        for command in console(CLI):
            if re.search(r"[|>]", command):
                in_a_shell(command)
            else:
                program, *args = shlex.split(command)
                assert program == "dateline"
                result = run(*args)
                assert result.exit_code == 0, command
                found[command] = result.stdout
    return found | {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.jsonl")}


def in_a_shell(command: str) -> None:
    python = shlex.quote(sys.executable)
    function = f"dateline() {{ {python} -c 'from index.cli.main import main; main()' \"$@\"; }}\nset -e -o pipefail\n"
    subprocess.run(["bash", "-c", function + command], check=True, timeout=60)


JSON = {
    "reindex": ["dateline reindex samples --dry-run --json", "rejected.jsonl"],
    "delete": ["dateline delete no-such-id --json"],
    "extract": ["articles.jsonl", "dateline extract samples/text/telescope-first-light.txt --explain"],
    "info": ["dateline info --json"],
    "check": ["dateline check --json"],
    "copy": ["dateline copy tantivy:///./data/index whoosh:///./data/pure --json"],
}
"""Section -> the commands that print the answers in its JSON blocks, or the files that contain them."""


class TestExamples:
    def test_each_command_has_an_example(self, printed: dict[str, str]) -> None:
        commands = {command.split()[1] for command in printed if command.startswith("dateline ")}
        assert commands == set(main.commands) - {"serve"}
        assert printed["articles.jsonl"].count("\n") == 20
        assert printed["rejected.jsonl"].count("\n") == 2

    def test_each_answer_has_a_source(self) -> None:
        assert set(JSON) == {name for name in main.commands if "```json" in section(f"dateline {name}")}

    @pytest.mark.parametrize("name", JSON)
    def test_answers_have_the_shape_of_real_ones(self, printed: dict[str, str], name: str) -> None:
        blocks = re.findall(r"```json\n(.*?)```", section(f"dateline {name}"), re.DOTALL)
        documented = [shape(json.loads(block)) for block in blocks]
        assert documented == [shape(json.loads(printed[source].splitlines()[0])) for source in JSON[name]]

    def test_the_summary(self, printed: dict[str, str]) -> None:
        text = section("dateline reindex")
        example = json.loads(text.split("```json\n")[1].split("```")[0])
        real = json.loads(printed[JSON["reindex"][0]])
        changing = {"generation", "seconds", "articles_per_second"}
        assert {key: example[key] for key in example.keys() - changing} == {
            key: real[key] for key in real.keys() - changing
        }
        explained = {key for row in rows(text) for key in re.findall(r"^`(\w+)`$", row[0])}
        assert explained == set(real) - {"added", "replaced", "seconds", "articles_per_second"}

    def test_the_rejected_article(self, printed: dict[str, str]) -> None:
        example = json.loads(section("dateline reindex").split("```json\n")[2].split("```")[0])
        assert example in [json.loads(line) for line in printed["rejected.jsonl"].splitlines()]

    def test_the_extracted_article(self, printed: dict[str, str]) -> None:
        example = json.loads(section("dateline extract").split("```json\n")[1].split("```")[0])
        real = json.loads(printed["articles.jsonl"].splitlines()[0])
        cut(real, example)
        assert real == example


def cut(real: dict[str, Any], example: dict[str, Any]) -> None:
    """Shorten a real article in place to the parts that its example shows, for a comparison.

    Only the presence of weights and rules is checked here. Other tests check their values.
    """
    for paragraph in example["body"].split("\n\n"):
        assert paragraph.removesuffix(" …") in real["body"]
    real["body"] = example["body"]
    for kind in ("countries", "persons"):
        real[kind] = real[kind][:1]
        real[kind][0]["mentions"] = real[kind][0]["mentions"][:1]
        for tag in (real[kind][0], example[kind][0]):
            assert 0 <= tag.pop("weight", 0) <= 1
            assert isinstance(tag["mentions"][0].pop("rule"), str)


def folders() -> list[str]:
    """Return the folders of the three packages that hold files."""
    files = [path for package in ("search", "index", "api") for path in (ROOT / package).rglob("*") if path.is_file()]
    return sorted({str(path.parent.relative_to(ROOT)) for path in files if path.parent.name != "__pycache__"})


class TestDesign:
    def test_each_folder_is_named_and_there_are_no_others(self) -> None:
        table = DESIGN.split("\n## Folders\n")[1]
        assert sorted(cells[0].strip("`") for cells in rows(table)) == folders()

    def test_names_in_the_text_exist_in_the_program(self) -> None:
        checked = 0
        for module, name in re.findall(r"`((?:search|index|api)(?:\.\w+)*)\.([A-Za-z_]\w*)`", DESIGN):
            full_name = f"{module}.{name}"
            assert hasattr(import_module(module), name) or find_spec(full_name), full_name
            checked += 1
        assert checked > 8


class TestReadme:
    def test_its_commands_exist(self) -> None:
        targets = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
        made = re.findall(r"\bmake (\w[\w-]*)", "\n".join(re.findall(r"`([^`\n]+)`", README) + console(README)))
        assert {"serve", "test", "lint", "bench"} <= set(made) <= targets

    def test_its_commands_take_the_options_that_it_names(self) -> None:
        lines = [line for line in console(README) if "dateline" in line]
        assert lines
        for line in lines:
            _, name, *args = shlex.split(line)
            assert {arg for arg in args if arg.startswith("--")} <= options(main.commands[name])

    def test_its_links_lead_to_files_that_exist(self) -> None:
        for text, folder in ((README, ROOT), (CLI, ROOT / "docs"), (DESIGN, ROOT / "docs")):
            for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
                assert (folder / target).exists(), target


class TestQuery:
    QUERY = (ROOT / "docs" / "query.md").read_text(encoding="utf-8")

    def test_each_documented_example_parses_without_a_warning(self) -> None:
        table = self.QUERY.split("| Write |")[1].split("\n\n")[0]
        examples = [code for row in rows("| Write |" + table) for code in re.findall(r"`([^`]+)`", row[0])]
        assert len(examples) > 20
        for example in examples:
            assert parse(example.replace("\\|", "|")).warnings == (), example

    def test_examples_of_the_help_page_are_documented(self) -> None:
        examples = {example for examples, _ in EXAMPLES for example in examples}
        assert {example for example in examples if f"`{example}`" not in self.QUERY} == set()

    def test_documented_limits_are_the_defaults_of_settings(self) -> None:
        limits = {row[1].strip("`"): row[2] for row in rows(self.QUERY.split("## Limits")[1])}
        defaults = {f"DATELINE_{item.name.upper()}": item.default for item in fields(Settings)}
        assert len(limits) == 6
        assert limits == {name: f"{defaults[name]:,}" for name in limits}

    def test_weights_are_those_of_the_program(self) -> None:
        parts = " ".join(self.QUERY.split("| Part | Worth |")[1].split("\n\n")[0].split())
        for weight in (
            f"in the title it counts {documents.TITLE_WEIGHT} times",
            f"the first paragraph, up to {documents.LEAD_WORDS} words) {documents.LEAD_WEIGHT} times",
            f"not all are required | {ranking.PRESENCE} of",
            f"side by side | {ranking.NEIGHBOURS} of a phrase's BM25, {ranking.SENTENCE_NEIGHBOURS} in a sentence",
            f"the query names | {ranking.ENTITY} of",
            f"up to {ranking.FEEDBACK_WEIGHT} of a word",
            f"a fuzzy match | {lowering.FUZZY_SCORE:g}, and {lowering.EXACT_SCORE:g}",
        ):
            assert weight in parts, weight


class TestCleaning:
    CLEANING = (ROOT / "docs" / "cleaning.md").read_text(encoding="utf-8")

    def test_each_step_is_described_in_its_order(self) -> None:
        steps = re.findall(r"^\| (\d+)\. ", self.CLEANING, re.MULTILINE)
        assert list(map(int, steps)) == list(range(1, len(STEPS) + 1))

    def test_named_modules_exist(self) -> None:
        named = set(re.findall(r"`(pages\.\w+\.\w+)", self.CLEANING))
        assert named
        assert all((ROOT / "index" / f"{name.replace('.', '/')}.py").is_file() for name in named)

    def test_places_of_dates_are_those_of_the_program(self) -> None:
        places = set(re.findall(r"^\| `([\w-]+)` \|", self.CLEANING, re.MULTILINE))
        assert places - {"published_from"} == {"field", *KINDS}
