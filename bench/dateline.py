"""Runs Dateline for the benchmarks: `dateline reindex` as a process that is watched, and its engine."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rivals import FACET_SIZE, PAGE, Answer

from search.engine import open_engine
from search.model import Filters, Interval
from search.query.parsing import query_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus import Case

    from search.engine import Engine
    from search.model import Article

SAMPLING_SECONDS = 0.05
"""Seconds between two samples of the memory."""

PROC = Path("/proc")


def command(*arguments: str) -> list[str]:
    """Return the command line of the `dateline` program beside this interpreter."""
    return [str(Path(sys.executable).with_name("dateline")), *arguments]


def environment() -> dict[str, str]:
    """Return the environment variables without `DATELINE_*`, so that the default settings are measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}


@dataclass(frozen=True, slots=True)
class Reindex:
    """One run of `dateline reindex`.

    Attributes:
        name: What was indexed.
        read: Articles read.
        rejected: Articles rejected.
        seconds: Wall time, as the command reports it.
        cpu_seconds: Processor time of the command and its workers.
        other_cpu_seconds: Processor time of all other processes meanwhile; if it is high, `seconds` says little.
        peak_tree: Largest resident memory of the command and its workers together, in bytes. Shared pages count once
            per process. None on a system without /proc.
        peak_process: Largest resident memory of one process, in bytes; None on a system without /proc.
    """

    name: str
    read: int
    rejected: int
    seconds: float
    cpu_seconds: float
    other_cpu_seconds: float | None
    peak_tree: int | None
    peak_process: int | None

    @property
    def rate(self) -> float:
        """Articles read per second."""
        return self.read / self.seconds


def reindex(name: str, paths: Sequence[str], url: str, workers: int) -> Reindex:
    """Run `dateline reindex`.

    Raises:
        subprocess.CalledProcessError: It failed; the reason is on standard error.
    """
    watched = run("reindex", *paths, "--workers", str(workers), index=url)
    summary = json.loads(watched.output)
    return Reindex(
        name=name,
        read=summary["read"],
        rejected=sum(summary["rejected"].values()),
        seconds=summary["seconds"],
        cpu_seconds=watched.cpu_seconds,
        other_cpu_seconds=watched.other_cpu_seconds,
        peak_tree=watched.peak_tree or None,
        peak_process=watched.peak_process or None,
    )


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command, from its start to its end. Memory is resident memory in bytes; 0 without /proc.

    `peak_tree` counts all its processes together, `peak_process` the largest one, and `peak_main` the command itself.
    """

    output: bytes
    seconds: float
    cpu_seconds: float
    other_cpu_seconds: float | None
    peak_tree: int
    peak_process: int
    peak_main: int


def run(*arguments: object, index: str) -> Run:
    """Run a command that can print JSON, on an index.

    Raises:
        subprocess.CalledProcessError: It failed; the reason is on standard error.
    """
    line = command(*map(str, arguments), "--index", index, "--json")
    before, busy_before = resource.getrusage(resource.RUSAGE_CHILDREN), _busy_seconds()
    start = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=environment()) as running:
        memory = _Memory(running.pid)
        memory.start()
        output, _ = running.communicate()
        memory.stop()
    seconds = time.perf_counter() - start
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, line)
    after, busy_after = resource.getrusage(resource.RUSAGE_CHILDREN), _busy_seconds()
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    busy = None if busy_before is None or busy_after is None else busy_after - busy_before
    return Run(
        output=output,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        other_cpu_seconds=None if busy is None else max(busy - cpu_seconds, 0.0),
        peak_tree=memory.tree,
        peak_process=max(memory.each.values(), default=0),
        peak_main=memory.each[running.pid],
    )


def _busy_seconds() -> float | None:
    """Return the processor time that this machine has used since it started, or None without /proc/stat."""
    fields = _read(PROC / "stat").split("\n", 1)[0].split()[1:]
    # user nice system idle iowait irq softirq steal; guest time is part of user time
    ticks = [int(ticks) for ticks in fields[:3] + fields[5:8]]
    return sum(ticks) / os.sysconf("SC_CLK_TCK") if ticks else None


class _Memory(threading.Thread):
    """Samples the resident memory of a process and its descendants until `stop` is called."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.tree = 0
        self.each: dict[int, int] = defaultdict(int)
        self._root = root
        self._stopped = threading.Event()

    def run(self) -> None:
        while PROC.joinpath("self", "stat").exists() and not self._stopped.wait(SAMPLING_SECONDS):
            resident = {pid: _resident(pid) for pid in _with_descendants(self._root)}
            self.tree = max(self.tree, sum(resident.values()))
            for pid, size in resident.items():
                self.each[pid] = max(self.each[pid], size)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _with_descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            # The program name is in parentheses and may contain spaces. The parent is the second field after it.
            fields = _read(entry / "stat").rpartition(")")[2].split()
            if fields:
                children[int(fields[1])].append(int(entry.name))
    pids = [root]
    for pid in pids:
        pids.extend(children[pid])
    return pids


def _resident(pid: int) -> int:
    fields = _read(PROC / str(pid) / "statm").split()
    return int(fields[1]) * resource.getpagesize() if fields else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):  # the process has ended meanwhile
        return ""


class Dateline:
    """Dateline's engine as a contender. `search_times` collects the milliseconds of its searches, without parsing."""

    name = "Dateline"

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_engine(url)
        self.search_times: list[float] = []

    def articles(self) -> list[Article]:
        """Return the articles of the index without their tokens, because each contender analyzes the text itself."""
        return list(self._engine.articles())

    def build(self, articles: Iterable[Article]) -> None:
        """See `rivals.Contender.build`."""
        self._engine.rebuild(articles, keep=1)

    def size(self) -> int:
        """See `rivals.Contender.size`."""
        return self._engine.info().size

    def search(self, case: Case) -> Answer:
        """See `rivals.Contender.search`."""
        filters = Filters(
            countries=(case.country,) if case.country else (), persons=(case.person,) if case.person else ()
        )
        query = query_of(case.text, filters=filters, per_page=PAGE, facet_size=FACET_SIZE, interval=Interval.MONTH)
        results = self._engine.search(query)
        self.search_times.append(results.took_ms)
        return Answer(
            results.total,
            results.hits,
            [(value.value, value.count) for value in results.countries],
            [(value.value, value.count) for value in results.persons],
            [(bucket.value, bucket.count) for bucket in results.dates],
        )
