"""`make bench`: how fast Dateline indexes and searches, compared with Whoosh alone and SQLite FTS5.

docs/bench.md explains the figures and how the comparison is kept fair.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import corpus
import dateline
import load
import report
import search_box
from figures import Agreement, Contest, Figures, Latency
from rivals import Sqlite, Whoosh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus import Case, Corpus
    from rivals import Answer, Contender

    from search.model import Article

QUICK_ARTICLES = 2_000
WORKERS = 2
CASES, QUICK_CASES = 200, 60
QUICK_PRESSES = 30
ROUNDS = 2
"""Runs of each search."""

WARM_UP = 5
"""Step of the warm-up: every fifth search runs once before the measurement starts."""

LOAD_SECONDS, QUICK_LOAD_SECONDS = 10.0, 3.0
NEAR = 0.05
"""Maximum difference of a total that counts as near, as a share of Dateline's total."""

EXIT_TERMINATED = 143
"""Exit code of a program ended by SIGTERM: 128 + 15."""

NO_DATA = (
    "DATELINE_EVAL is not set, so the benchmark runs on a small made-up corpus. This shows that it works; the figures\n"
    "say little. For real figures run make bench DATELINE_EVAL=DIR, where DIR/data has reuters.jsonl.gz and\n"
    "news.jsonl.gz."
)


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_TERMINATED))  # an exit removes the work folder
    started = time.monotonic()
    if options.eval is None:
        print(NO_DATA)
    with TemporaryDirectory(prefix="dateline-bench-") as folder:
        work = Path(folder)
        limit = options.articles or (QUICK_ARTICLES if options.quick else None)
        try:
            measured_on = corpus.find(options.eval, work, limit)
            figures = Figures(measured_on.name, report.machine(), os.getloadavg()[0])
            _measure(figures, measured_on, work, quick=options.quick)
        except (FileNotFoundError, RuntimeError, subprocess.CalledProcessError) as error:
            sys.exit(f"Not measured: {error}")
    figures.seconds = time.monotonic() - started
    report.show(figures)
    if options.json:
        report.write_json(figures, options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    folder = os.environ.get("DATELINE_EVAL")
    parser.add_argument("--eval", type=Path, default=Path(folder) if folder else None, metavar="DIR")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ARTICLES:,} articles, fewer and shorter searches")
    parser.add_argument("--articles", type=int, metavar="N", help="at most N articles, half of each file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    return parser.parse_args()


def _measure(figures: Figures, measured_on: Corpus, work: Path, *, quick: bool) -> None:
    url = f"tantivy://{work}/served"
    long = [str(measured_on.news)]
    for name, paths in (("long articles", long), ("long articles again", long), ("all", measured_on.paths)):
        _say(f"dateline reindex, {name}")
        figures.reindexed.append(dateline.reindex(name, paths, url, WORKERS))
    served = dateline.Dateline(url)
    articles = served.articles()
    cases = corpus.cases(articles, QUICK_CASES if quick else CASES)
    figures.articles = len(articles)
    figures.text_bytes = sum(len(a.title.encode()) + len(a.body.encode()) for a in articles)
    ours, rivals = dateline.Dateline(f"tantivy://{work}/rebuilt"), _rivals(work)
    contenders: list[Contender] = [ours, *rivals]
    build_times = [_build(contender, articles) for contender in contenders]
    del articles
    gc.collect()
    gc.freeze()  # the garbage collector need not walk the indexes during a search
    answers: list[list[Answer]] = []
    for contender, (seconds, cpu_seconds) in zip(contenders, build_times, strict=True):
        _say(f"{len(cases)} searches, {contender.name}")
        answered, times = _search(contender.search, cases)
        answers.append(answered)
        latency = Latency.of(contender.name, times)
        sizes = (figures.articles, seconds, cpu_seconds, contender.size())
        figures.contests.append(Contest(contender.name, *sizes, latency, _by_kind(cases, times)))
        figures.latencies.append(latency)
    figures.latencies.insert(1, Latency.of("  without parsing the query", ours.search_times[-len(cases) * ROUNDS :]))
    figures.agreements = [
        _agreement(contender.name, cases, answers[0], answered)
        for contender, answered in zip(rivals, answers[1:], strict=True)
    ]
    _over_http(figures, url, cases, QUICK_LOAD_SECONDS if quick else LOAD_SECONDS)
    with load.serving(url, WORKERS) as port:
        _say("the search box: key presses in a browser, and sizes of other boxes")
        figures.search_box = search_box.measure(port, work, QUICK_PRESSES if quick else search_box.PRESSES)


def _rivals(work: Path) -> list[Contender]:
    for name in ("sqlite", "whoosh"):
        (work / name).mkdir()
    return [Sqlite(work / "sqlite"), Whoosh(work / "whoosh")]


def _build(contender: Contender, articles: Sequence[Article]) -> tuple[float, float]:
    """Build an index; return the seconds it took and the seconds of processor time."""
    _say(f"indexing, {contender.name}")
    start, cpu = time.perf_counter(), time.process_time()
    contender.build(articles)
    return time.perf_counter() - start, time.process_time() - cpu


def _search(search: Callable[[Case], Answer], cases: Sequence[Case]) -> tuple[list[Answer], list[float]]:
    """Return the answers of the last round, and the milliseconds of each search in all rounds."""
    for case in cases[::WARM_UP]:
        search(case)
    times = []
    for _ in range(ROUNDS):
        answers = []
        for case in cases:
            start = time.perf_counter()
            answers.append(search(case))
            times.append((time.perf_counter() - start) * 1000)
    return answers, times


def _by_kind(cases: Sequence[Case], times: Sequence[float]) -> dict[str, float]:
    kinds = [case.kind for case in cases] * ROUNDS
    return {
        kind: statistics.median([took for took, its_kind in zip(times, kinds, strict=True) if its_kind == kind])
        for kind in corpus.KINDS
    }


def _agreement(name: str, cases: Sequence[Case], ours: Sequence[Answer], theirs: Sequence[Answer]) -> Agreement:
    pairs = [(a, b) for case, a, b in zip(cases, ours, theirs, strict=True) if case.kind == "two words"]
    same = [(a, b) for a, b in pairs if a.total == b.total]
    near = [abs(a.total - b.total) <= NEAR * a.total for a, b in pairs]
    facets = [(a.countries, a.persons, a.months) == (b.countries, b.persons, b.months) for a, b in same]
    return Agreement(
        name, len(pairs), len(same) / len(pairs), sum(near) / len(pairs), sum(facets) / max(len(facets), 1)
    )


def _over_http(figures: Figures, url: str, cases: Sequence[Case], seconds: float) -> None:
    with load.serving(url, WORKERS) as port:
        _say(f"{len(cases)} searches over HTTP")
        client = load.Client(port)
        times: list[float] = []
        for case in [*cases[::WARM_UP], *[case for _ in range(ROUNDS) for case in cases]]:
            start = time.perf_counter()
            client.search(case)
            times.append((time.perf_counter() - start) * 1000)
        client.close()
        figures.latencies.insert(2, Latency.of("Dateline over HTTP", times[-len(cases) * ROUNDS :]))
        _say(f"{load.CONNECTIONS} connections for {seconds:.0f} s")
        measured = load.press(port, cases, seconds)
    figures.latencies.insert(3, Latency.of(f"  under {load.CONNECTIONS} connections", measured.times))
    figures.requests_per_second = measured.rate
    figures.connections = load.CONNECTIONS
    figures.failed_requests = measured.failed


def _say(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
