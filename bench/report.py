"""Prints the figures of a run as tables, and writes them as JSON."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from box_sizes import Size
    from figures import Box, Figures, Presses

WIDTH = 100
"""Columns of the printed tables."""

TARGET_RATE = 400
"""Target of the project: articles per second on the file of long articles, with two workers on two cores."""

TARGET_PRESS = 60
"""Target of the project: median milliseconds from a key press to suggestions on localhost, without the debounce."""


def machine() -> str:
    """Describe this machine in one line."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def write_json(figures: Figures, path: Path) -> None:
    """Write all figures as one JSON object."""
    record: dict[str, Any] = asdict(figures)
    for entry, run in zip(record["reindexed"], figures.reindexed, strict=True):
        entry["articles_per_second"] = run.rate
    for entry, contest in zip(record["contests"], figures.contests, strict=True):
        entry["articles_per_second"] = contest.build_rate
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def show(figures: Figures) -> None:
    """Print the tables."""
    out = Console(highlight=False, width=WIDTH)
    out.print(f"\n[bold]Dateline, measured on {figures.corpus}[/]")
    out.print(
        f"{figures.machine}; load average at the start {figures.load_average:.1f}; took {figures.seconds:.0f} s\n"
    )
    for table in (_reindexed(figures), _searches(figures), _builds(figures), _kinds(figures), _agreements(figures)):
        out.print(table)
        out.print()
    if figures.search_box:
        show_box(figures.search_box, out)


def show_box(box: Box, out: Console) -> None:
    """Print the figures of the search box, and a line for each figure that is missing."""
    if box.sizes:
        out.print(_sizes(box.sizes))
        out.print()
    if box.presses:
        out.print(_presses(box.presses))
        out.print()
    if view := box.first_view:
        out.print(
            f"First view of /, empty cache: {view.requests} requests, {view.bytes / 1e3:,.1f} kB; "
            f"{view.gzip / 1e3:,.1f} kB with gzip -9"
        )
    for line in box.unmeasured:
        out.print(line)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _reindexed(figures: Figures) -> Table:
    title = f"dateline reindex --workers 2 (target: {TARGET_RATE} long articles/s on two idle cores)"
    columns = ("articles", "rejected", "seconds", "articles/s", "CPU s", "others' CPU s", "peak MB", "of one")
    table = _table(title, "", *columns)
    for run in figures.reindexed:
        counts = [f"{run.read:,}", f"{run.rejected:,}", f"{run.seconds:.1f}", f"{run.rate:,.0f}"]
        others = "unknown" if run.other_cpu_seconds is None else f"{run.other_cpu_seconds:.1f}"
        peaks = [f"{peak / 1e6:,.0f}" if peak else "unknown" for peak in (run.peak_tree, run.peak_process)]
        table.add_row(run.name, *counts, f"{run.cpu_seconds:.1f}", others, *peaks)
    return table


def _searches(figures: Figures) -> Table:
    table = _table(
        "A search: three facets, ten snippets", "", "searches", "median ms", "p99 ms", "median: Dateline = 1"
    )
    base = figures.latencies[0]
    for one in figures.latencies:
        ratio = f"{one.median / base.median:.2f}"
        table.add_row(one.name, f"{one.searches:,}", f"{one.median:.1f}", f"{one.p99:.1f}", ratio)
    failed = f", {figures.failed_requests} failed" if figures.failed_requests else ""
    rate = f"{figures.requests_per_second:,.0f} requests/s{failed}"
    table.add_row(f"Dateline, {figures.connections} connections", rate)
    return table


def _builds(figures: Figures) -> Table:
    title = f"Indexing {figures.articles:,} prepared articles ({figures.text_bytes / 1e6:,.1f} MB of text)"
    table = _table(title, "", "articles/s", "Dateline = 1", "CPU s", "index MB", "index / text")
    base = figures.contests[0]
    for one in figures.contests:
        rates = [f"{one.build_rate:,.0f}", f"{one.build_rate / base.build_rate:.2f}", f"{one.build_cpu_seconds:.1f}"]
        table.add_row(one.name, *rates, f"{one.size / 1e6:,.1f}", f"{one.size / figures.text_bytes:.2f}")
    return table


def _kinds(figures: Figures) -> Table:
    kinds = list(figures.contests[0].kinds)
    table = _table("Median ms by kind of query", "", *kinds)
    for one in figures.contests:
        table.add_row(one.name, *(f"{one.kinds[kind]:.1f}" for kind in kinds))
    return table


def _agreements(figures: Figures) -> Table:
    table = _table(
        "Same answers as Dateline: two-word queries", "", "queries", "same total", "within 5 %", "same facets"
    )
    for one in figures.agreements:
        shares = [f"{share:.0%}" for share in (one.equal, one.near, one.facets)]
        table.add_row(one.name, str(one.queries), *shares)
    return table


def _sizes(sizes: Sequence[Size]) -> Table:
    table = _table("What a page loads for a search box", "", "version", "kB", "kB gzip", "Dateline = 1", "files")
    table.columns[-1].justify = "left"
    base = next((one.gzip for one in sizes if one.name == "Dateline"), None)
    for one in sizes:
        ratio = f"{one.gzip / base:.1f}" if base else ""
        kilobytes = [f"{count / 1e3:,.1f}" for count in (one.bytes, one.gzip)]
        table.add_row(one.name, one.version, *kilobytes, ratio, ", ".join(one.files))
    return table


def _presses(presses: Presses) -> Table:
    title = f"From a key press to painted suggestions (target: a median under {TARGET_PRESS} ms)"
    table = _table(title, "", "presses", "missed", "until received, ms", "median ms", "p90 ms", "p99 ms")
    times = [f"{took:.1f}" for took in (presses.median, presses.p90, presses.p99)]
    table.add_row(
        "without the debounce", f"{presses.measured:,}", str(presses.missed), f"{presses.received:.1f}", *times
    )
    table.add_row("plus the debounce", "", "", "", f"{presses.debounce:.0f}")
    return table
