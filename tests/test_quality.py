"""bench/quality.py and bench/against.py measure what docs/bench.md says, and floors can fail."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.command_line import prose, write_lines

BENCH = Path(__file__).parent.parent / "bench"

STORY = [f"{prose(number, 40)}" for number in range(4)]
PAGE = "\n".join(["Home | News | Sport", "Town builds a bridge", "3 March 2025", *STORY, "© 2025 Post"])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with gold data for two tasks: two pages, and only one of them has a gold body."""
    gold = {"body": "\n\n".join(STORY), "published": "2025-03-03", "visible": True, "url": "https://post.example/1"}
    pages = [{"id": "a", "text": PAGE, **gold}, {"id": "b", "text": PAGE, **gold, "visible": False, "body": None}]
    for name in ("cleaning", "dates"):
        path = write_lines(tmp_path / f"{name}.jsonl", pages)
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    return tmp_path


def quality(data: Path, *options: str, code: str = "", script: str = "quality") -> subprocess.CompletedProcess[str]:
    """Run a script of `bench` as a program; `code` runs after its import and before its `main`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    program = f"import sys; sys.path.insert(0, {str(BENCH)!r}); import {script}; {code}\n{script}.main()"
    command = [sys.executable, "-c", program, "--data", str(data), *options]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment, cwd=BENCH.parent
    )


def against(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return quality(data, *options, script="against")


def row(run: subprocess.CompletedProcess[str], task: str) -> list[str]:
    """Return the cells of a task's row."""
    return next(line.split() for line in run.stdout.splitlines() if line.startswith(task))


def test_figures_are_printed_and_no_floor_applies_to_other_data(data: Path) -> None:
    run = quality(data, "--only", "cleaning-text,dates-text", "--floors")
    assert run.returncode == 0, run.stderr
    assert row(run, "cleaning-text")[:4] == ["cleaning-text", "f1", "0.5000", "0.93"]  # one page of two is right
    assert row(run, "dates-text")[:4] == ["dates-text", "accuracy", "1.0000", "0.85"]
    assert run.stdout.count("other data: no floor") == 2
    assert hashlib.sha256((data / "dates.jsonl.gz").read_bytes()).hexdigest() in run.stdout
    assert "pages a second" in run.stdout


@pytest.mark.parametrize(("floor", "code", "note"), [(0.5, 0, "holds"), (0.51, 1, "FALLEN")])
def test_a_figure_under_its_floor_fails_the_run(data: Path, floor: float, code: int, note: str) -> None:
    digest = hashlib.sha256((data / "cleaning.jsonl.gz").read_bytes()).hexdigest()[:16]
    pins = f"quality.PINS = (quality.Pin('cleaning-text', 'f1', None, {floor}),)"
    change = f"{pins}; quality.HASHES['cleaning'] = {digest!r}"
    run = quality(data, "--only", "cleaning-text", "--floors", code=change)
    assert (run.returncode, row(run, "cleaning-text")[-1]) == (code, note)
    assert quality(data, "--only", "cleaning-text", code=change).returncode == 0


def test_an_unknown_task_and_a_missing_file_are_named(data: Path) -> None:
    for only, message in (("cleaning-pdf", "no task cleaning-pdf"), ("persons", "persons.jsonl.gz is missing")):
        run = quality(data, "--only", only)
        assert run.returncode == 1
        assert message in run.stderr
        assert "Traceback" not in run.stderr
    run = against(data, "--only", "copies")
    assert run.returncode == 1
    assert "no task copies" in run.stderr


def test_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import measures

    # Three of four words are right, and one of the four of the gold text is missing: precision and recall are 3/4.
    assert measures.cleaning([("a b c d", "a b c x"), ("", ""), ("one", "One!")]) == {"f1": (0.75 + 1) / 3, "p10": 0.0}
    assert measures.cleaning([("a a b", "a b b")])["f1"] == pytest.approx(2 / 3)
    assert measures.dates([("2024-01-02", "2024-01-02"), ("2024-01-02", "")]) == {"accuracy": 0.5}
    found = measures.sets([({"RU", "KP"}, {"RU"}), ({"US"}, {"US", "FR", "DE"})])
    assert found == {"f1": pytest.approx(2 * 2 / (3 + 4)), "precision": 2 / 4, "recall": pytest.approx(2 / 3)}
    assert measures.persons(["Kim Jong Un", "Kim", "kim jong un's", "J. Doe", "Ann"]) == {"kim jong un", "j doe", "ann"}
    # The gold data has two pairs of copies. One of the three pairs in the answer is right.
    gold = {"a": 1, "b": 1, "c": 2, "d": 2, "e": 3}
    answer = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "z"}
    assert measures.copies(gold, answer) == {"f1": pytest.approx(2 * 1 / (2 + 3)), "wrong": 2, "alone": 2 / 5}


TEXT = "Angela Merkel flew to Norway with Jens Weidmann. The Norwegians were glad, and Merkel's staff left for Osaka."
RULER = """
import sys, spacy
language = spacy.blank("en")
words = {"PERSON": ["Angela Merkel", "Merkel", "Osaka"], "NORP": ["Norwegians"], "GPE": ["Norway"]}
ruler = language.add_pipe("entity_ruler")
ruler.add_patterns([{"label": label, "pattern": word} for label in words for word in words[label]])
language.to_disk(sys.argv[1])
"""
"""Program that saves a small spaCy model. It knows two persons and a country, and takes a town for a person."""


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """Return a folder whose gold files for countries and persons have one story."""
    gold = {"id": "a", "text": TEXT, "persons": ["Angela Merkel", "Jens Weidmann"], "countries": ["NO", "JP"]}
    for name in ("persons", "countries", "news"):
        path = write_lines(tmp_path / f"{name}.jsonl", [gold])
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    return tmp_path


@pytest.mark.slow
def test_speed_and_memory_of_a_worker_are_measured_on_the_news(stories: Path) -> None:
    run = quality(stories, "--only", "persons,countries")
    assert run.returncode == 0, run.stderr
    assert "words a second, one core, cleaning to facets" in run.stdout
    assert "memory of one worker, peak" in run.stdout


@pytest.mark.slow
def test_other_taggers_are_measured_on_the_same_stories_in_separate_processes(stories: Path) -> None:
    missing = [name for name in ("geotext", "spacy") if not find_spec(name)]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{missing}: install the extra `bench`")
    model = str(stories / "ruler")
    subprocess.run([sys.executable, "-W", "ignore", "-c", RULER, model], check=True, timeout=120)

    run = against(stories, "--only", "persons,countries", "--model", model)

    assert run.returncode == 0, run.stderr
    rows = [line.split() for line in run.stdout.splitlines() if " peak MB" not in line]
    table = {
        (cells[0], cells[1]): cells for cells in rows if len(cells) > 1 and cells[1] in {"dateline", "spacy", "geotext"}
    }
    assert {key: cells[-6:-3] for key, cells in table.items()} == {
        ("persons", "dateline"): ["1.0000", "1.0000", "1.0000"],
        ("persons", "spacy"): ["0.5000", "0.5000", "0.5000"],  # Angela Merkel, and a town by mistake
        ("countries", "dateline"): ["1.0000", "1.0000", "1.0000"],
        ("countries", "spacy"): ["0.6667", "1.0000", "0.5000"],  # the town's country is missing
        ("countries", "geotext"): ["0.6667", "1.0000", "0.5000"],
    }
    assert all(float(cells[-1]) > 10 for cells in table.values())  # megabytes of its own process
    assert float(table["countries", "geotext"][-1]) < float(table["countries", "dateline"][-1]) / 2


@pytest.mark.slow
def test_a_missing_model_is_named_and_the_others_are_compared(stories: Path) -> None:
    run = against(stories, "--only", "persons", "--model", str(stories / "nothing"))
    assert run.returncode == 0, run.stderr
    assert "spacy is not compared" in run.stdout
    assert [line.split()[1] for line in run.stdout.splitlines() if line.startswith("persons ")] == ["dateline"]


def test_each_pin_has_a_task_and_each_file_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import quality as measured

    assert {pin.task for pin in measured.PINS} == set(measured.TASKS)
    assert {task.file for task in measured.TASKS.values()} == set(measured.HASHES)


def test_a_figure_that_counts_errors_must_not_rise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import quality as measured

    pin = measured.Pin("copies-negatives", "wrong", 0, 10, counts_errors=True)
    assert [measured.judged(pin, wrong, pinned=True).fallen for wrong in (9, 10, 11)] == [False, False, True]
    assert measured.judged(pin, 11, pinned=False).fallen is None
