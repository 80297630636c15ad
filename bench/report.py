"""The figures as tables for a reader and as JSON for a script."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from box_sizes import Size
    from own import Reindex
    from search_box import Box, Presses

WIDTH = 100
TARGET_RATE = 400
"""Articles a second that the project asks for on the file of long articles, with two workers on two cores."""

TARGET_PRESS = 60
"""Milliseconds that the project asks for on localhost, without the debounce."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of searches in milliseconds."""

    name: str
    searches: int
    median: float
    p99: float

    @classmethod
    def of(cls, name: str, times: Sequence[float]) -> Latency:
        """Return what the times come to; the 99th percentile is a time that was measured, not one between two."""
        ordered = sorted(times)
        return cls(
            name, len(ordered), statistics.median(ordered), ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]
        )


@dataclass(frozen=True, slots=True)
class Contest:
    """What one engine did of the work that all were given. Size in bytes; `kinds` has medians by kind of query."""

    name: str
    articles: int
    build_seconds: float
    build_cpu_seconds: float
    size: int
    latency: Latency
    kinds: dict[str, float]

    @property
    def build_rate(self) -> float:
        """Articles indexed a second."""
        return self.articles / self.build_seconds


@dataclass(frozen=True, slots=True)
class Agreement:
    """Among two-word queries: the share with the same total as Dateline's, and with one within a twentieth.

    `facets` is the share of the same totals that also have the same counts in all three facets.
    """

    name: str
    queries: int
    equal: float
    near: float
    facets: float


@dataclass(slots=True)
class Figures:
    """All that a run measured."""

    corpus: str
    machine: str
    load_average: float
    reindexed: list[Reindex] = field(default_factory=list)
    articles: int = 0
    text_bytes: int = 0
    contests: list[Contest] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    requests_per_second: float = 0.0
    connections: int = 0
    failed_requests: int = 0
    agreements: list[Agreement] = field(default_factory=list)
    search_box: Box | None = None
    seconds: float = 0.0


def machine() -> str:
    """Return what the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def write_json(figures: Figures, path: Path) -> None:
    """Write all figures as one JSON object."""
    record: dict[str, Any] = asdict(figures)
    for made, run in zip(record["reindexed"], figures.reindexed, strict=True):
        made["articles_per_second"] = run.rate
    for made, contest in zip(record["contests"], figures.contests, strict=True):
        made["articles_per_second"] = contest.build_rate
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
    """Print what was measured of the search box, and what was not."""
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
    title = f"dateline reindex --workers 2 (the project asks for {TARGET_RATE} long articles/s on two idle cores)"
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
    title = f"Indexing {figures.articles:,} articles prepared before ({figures.text_bytes / 1e6:,.1f} MB of text)"
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
    title = f"From a key press to painted suggestions (asked for: a median under {TARGET_PRESS} ms)"
    table = _table(title, "", "presses", "missed", "until heard, ms", "median ms", "p90 ms", "p99 ms")
    times = [f"{took:.1f}" for took in (presses.median, presses.p90, presses.p99)]
    table.add_row("without the debounce", f"{presses.measured:,}", str(presses.missed), f"{presses.heard:.1f}", *times)
    table.add_row("the debounce besides", "", "", "", f"{presses.debounce:.0f}")
    return table
