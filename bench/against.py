"""trafilatura and htmldate on the pages that `quality.py` measures Dateline on, with the ratio of their speeds."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import measures
from quality import TASKS, read
from rich.console import Console
from rich.table import Table

from index.clean.steps import clean
from index.sources.raw import RawArticle
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from quality import Row


def show_others(folder: Path, names: Sequence[str]) -> None:
    """Print figures and speeds of Dateline and the others, each page given to one after the other.

    Raises:
        SystemExit: They are not installed.
    """
    if not {"cleaning-html", "dates-html"}.intersection(names):
        return
    try:
        from htmldate import find_date  # noqa: PLC0415
        from trafilatura import extract  # noqa: PLC0415
    except ImportError:
        sys.exit("Not compared: install what is compared with, .venv/bin/pip install -e '.[bench]'")

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
            answers, ratio = _side_by_side(read(folder / f"{TASKS[name].file}.jsonl.gz"), work)
            judge: Callable[[Any], dict[str, float]] = measures.cleaning if field == "body" else measures.dates
            figures = judge([(row[field] or "", answer) for row, answer in answers])
            told = ", ".join(f"{key} {value:.4f}" for key, value in figures.items())
            table.add_row(name, library, told, f"{ratio:.2f}")
    Console(width=110, highlight=False).print(table)


def _side_by_side(rows: Sequence[Row], work: Callable[[Row], str]) -> tuple[list[tuple[Row, str]], float]:
    """Return what `work` answers, and how many times as fast as Dateline it is.

    They take turns page by page, so that both are slowed by the same things.
    """
    ours = theirs = 0.0
    answers = []
    for number, row in enumerate([rows[0], *rows]):
        start = time.process_time()
        answer = work(row)
        between = time.process_time()
        clean(RawArticle("", "", html=row["html"], url=row["url"]), Settings())
        end = time.process_time()
        if number:  # the first is run twice: libraries are loaded the first time
            theirs, ours = theirs + between - start, ours + end - between
            answers.append((row, answer))
    return answers, ours / theirs
