"""Countries, persons, speed and memory of Dateline and of others, each in a process of its own (`taggers.py`)."""

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
"""Task -> who else does it."""

INSTALL = {
    "spacy": ".venv/bin/pip install -e '.[bench]' && .venv/bin/python -m spacy download en_core_web_sm",
    "geotext": ".venv/bin/pip install -e '.[bench]'",
}

COLUMNS = ("task", "library", "f1", "precision", "recall", "words/s", "speed: Dateline = 1", "peak MB")

WORDS_A_SECOND = 250_000
MEGABYTES = 250
"""What Dateline is to reach on `news.jsonl.gz`."""
SPEED_EVERY = 4
"""Rows of it that are timed: 2,000 articles, 1.5 million words, spread over all its years and sources."""
MEMORY_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one tagger on one file; `missing` says why nothing did."""

    answers: dict[str, dict[str, list[str]]]
    words_a_second: float
    megabytes: float
    missing: str = ""


def run(library: str, path: Path, *options: str) -> Run:
    """Return what `taggers.py` tells.

    Raises:
        CalledProcessError: It failed; what it wrote stands on standard error.
    """
    command = [sys.executable, str(TAGGERS), library, str(path), *options]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    if "missing" in told:
        return Run({}, 0, 0, told["missing"])
    return Run(told["answers"], told["words"] / told["seconds"], told["megabytes"])


def show_one_worker(folder: Path) -> None:
    """Print how fast a worker cleans and tags news, and how much memory it takes; nothing where there are no news."""
    path = folder / "news.jsonl.gz"
    if not path.is_file():
        return
    speed = run("dateline", path, "--every", str(SPEED_EVERY)).words_a_second
    memory = run("dateline", path, "--rows", str(MEMORY_ROWS)).megabytes
    print(f"words a second, one core, cleaning to facets: {speed:,.0f} (to reach: {WORDS_A_SECOND:,})")
    print(f"memory of one worker, peak: {memory:.0f} MB (at most: {MEGABYTES} MB)")


def show_taggers(folder: Path, names: Sequence[str], model: str) -> None:
    """Print F1, speed and memory of Dateline and the others on the files of these tasks, one after the other."""
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
    """Return F1, precision and recall of the sets that a tagger found."""
    field = name.partition("-")[0]
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    as_set = measures.persons if field == "persons" else set
    return measures.sets((as_set(row[field]), as_set(one.answers[row["id"]][field])) for row in rows)
