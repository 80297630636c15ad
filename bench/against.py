"""Dateline beside trafilatura, htmldate, spaCy and GeoText on the same gold data.

    .venv/bin/python bench/against.py --data DIR [--only TASK,...] [--model NAME]

docs/bench.md explains the figures.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import gold
import measures
import tagging
from rich.console import Console
from rich.table import Table

from index.clean.steps import clean
from index.sources.raw import RawArticle
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gold import Row

PAGES = {"cleaning-html": "cleaning", "dates-html": "dates"}
"""Task -> name of its gold file. The first task is compared with trafilatura, the second with htmldate."""


def main() -> None:
    parser = gold.parser(__doc__)
    tasks = [*PAGES, *tagging.RIVALS]
    parser.add_argument("--only", metavar="TASK,...", help=", ".join(tasks))
    parser.add_argument("--model", default="en_core_web_sm", help="name or folder of the spaCy model")
    options = parser.parse_args()
    folder = gold.folder_of(options.data)
    names = options.only.split(",") if options.only else tasks
    if unknown := sorted(set(names) - set(tasks)):
        sys.exit(f"Not measured: no task {', '.join(unknown)}")
    show_others(folder, names)
    if tagged := [name for name in names if name in tagging.RIVALS]:
        tagging.show_taggers(folder, tagged, options.model)


def show_others(folder: Path, names: Sequence[str]) -> None:
    """Print figures and speeds of trafilatura and htmldate, compared with Dateline.

    Raises:
        SystemExit: trafilatura or htmldate is not installed.
    """
    if not set(PAGES).intersection(names):
        return
    try:
        from htmldate import find_date  # noqa: PLC0415
        from trafilatura import extract  # noqa: PLC0415
    except ImportError:
        sys.exit("Not compared: trafilatura and htmldate are missing. Run .venv/bin/pip install -e '.[bench]'")

    def body(row: Row) -> str:
        return extract(row["html"], url=row["url"], include_comments=False) or ""

    def day(row: Row) -> str:
        return find_date(row["html"], url=row["url"], original_date=True) or ""

    table = Table("task", "library", "figures", "speed: Dateline = 1", box=None, pad_edge=False)
    for name, library, work, field in (
        ("cleaning-html", "trafilatura", body, "body"),
        ("dates-html", "htmldate", day, "published"),
    ):
        if name in names:
            answers, ratio = _side_by_side(gold.read(folder / f"{PAGES[name]}.jsonl.gz"), work)
            judge: Callable[[Any], dict[str, float]] = measures.cleaning if field == "body" else measures.dates
            figures = judge([(row[field] or "", answer) for row, answer in answers])
            text = ", ".join(f"{key} {value:.4f}" for key, value in figures.items())
            table.add_row(name, library, text, f"{ratio:.2f}")
    Console(width=110, highlight=False).print(table)


def _side_by_side(rows: Sequence[Row], work: Callable[[Row], str]) -> tuple[list[tuple[Row, str]], float]:
    """Return the answers of `work`, and its speed relative to Dateline's.

    Both take turns page by page, so that temporary load on the machine slows both.
    """
    ours = theirs = 0.0
    answers = []
    for number, row in enumerate([rows[0], *rows]):
        start = time.process_time()
        answer = work(row)
        between = time.process_time()
        clean(RawArticle("", "", html=row["html"], url=row["url"]), Settings())
        end = time.process_time()
        if number:  # the first run of the first page loads the libraries and is not counted
            theirs, ours = theirs + between - start, ours + end - between
            answers.append((row, answer))
    return answers, ours / theirs


if __name__ == "__main__":
    main()
