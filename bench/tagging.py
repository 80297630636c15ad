"""Measures countries, persons, speed and memory of Dateline and its rivals, each in its own process (`taggers.py`)."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import measures
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

TAGGERS = Path(__file__).with_name("taggers.py")

RIVALS = {"persons": ("spacy",), "countries": ("spacy", "geotext"), "countries-named": ("spacy", "geotext")}
"""The rival libraries of each task."""

INSTALL = {
    "spacy": ".venv/bin/pip install -e '.[bench]' && .venv/bin/python -m spacy download en_core_web_sm",
    "geotext": ".venv/bin/pip install -e '.[bench]'",
}

COLUMNS = ("task", "library", "f1", "precision", "recall", "words/s", "speed: Dateline = 1", "peak MB")

WORDS_A_SECOND = 250_000
MEGABYTES = 250
"""Targets of the project on `news.jsonl.gz`: minimum words per second, and maximum peak memory of a worker in MB."""
SPEED_EVERY = 4
"""Every fourth row is timed: 2,000 articles with 1.5 million words, from all years and sources of the file."""
MEMORY_ROWS = 1_000
"""Rows that are tagged to measure the peak memory."""


@dataclass(frozen=True, slots=True)
class Run:
    """The result of one tagger on one file; `missing` is the reason if there is no result."""

    answers: dict[str, dict[str, list[str]]]
    words_a_second: float
    megabytes: float
    missing: str = ""


def run(library: str, path: Path, *options: str) -> Run:
    """Run `taggers.py` and return its result.

    Raises:
        CalledProcessError: The process failed; its messages are on standard error.
    """
    command = [sys.executable, str(TAGGERS), library, str(path), *options]
    result = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    if "missing" in result:
        return Run({}, 0, 0, result["missing"])
    return Run(result["answers"], result["words"] / result["seconds"], result["megabytes"])


def show_one_worker(folder: Path) -> None:
    """Print the speed and the peak memory of a worker that cleans and tags news. Print nothing without the file."""
    path = folder / "news.jsonl.gz"
    if not path.is_file():
        return
    speed = run("dateline", path, "--every", str(SPEED_EVERY)).words_a_second
    memory = run("dateline", path, "--rows", str(MEMORY_ROWS)).megabytes
    print(f"words a second, one core, cleaning to facets: {speed:,.0f} (to reach: {WORDS_A_SECOND:,})")
    print(f"memory of one worker, peak: {memory:.0f} MB (at most: {MEGABYTES} MB)")


def show_taggers(folder: Path, names: Sequence[str], model: str) -> None:
    """Print F1, speed and memory of Dateline and its rivals for each task."""
    table = Table(*COLUMNS, box=None, pad_edge=False)
    missing: dict[str, str] = {}
    for name in names:
        ours = run("dateline", folder / f"{name}.jsonl.gz")
        for library in ("dateline", *RIVALS[name]):
            one = ours if library == "dateline" else run(library, folder / f"{name}.jsonl.gz", "--model", model)
            if one.missing:
                missing[library] = one.missing
                continue
            figures = judge(name, folder / f"{name}.jsonl.gz", one)
            speed = one.words_a_second
            table.add_row(
                *(name, f"{library} {Path(model).name}" if library == "spacy" else library),
                *(f"{figures[key]:.4f}" for key in ("f1", "precision", "recall")),
                *(f"{speed:,.0f}", f"{speed / ours.words_a_second:.3f}", f"{one.megabytes:.0f}"),
            )
    Console(width=110, highlight=False).print(table)
    for library, reason in missing.items():
        print(f"{library} is not compared: {reason}\n  To compare it: {INSTALL[library]}")


def judge(name: str, path: Path, one: Run) -> dict[str, float]:
    """Return F1, precision and recall of a tagger's sets of persons or countries."""
    field = name.partition("-")[0]
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    as_set = measures.persons if field == "persons" else set
    return measures.sets((as_set(row[field]), as_set(one.answers[row["id"]][field])) for row in rows)
