"""Compares the three engines at several sizes: build rate, size on disk, search time, memory.

    .venv/bin/python bench/engines.py --eval DIR --engines tantivy whoosh opensearch --sizes 1000 28000 200000

docs/engines.md explains the figures. For OpenSearch, first start the cluster with `make opensearch`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import corpus
import dateline
from rich.console import Console
from rich.table import Table
from rivals import FACET_SIZE, PAGE

from search import analysis
from search.engine import open_engine
from search.model import SEPARATOR, Filters
from search.query.parsing import query_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Article, Query

SEED = 1605
CASES, ROUNDS, WARM_UP = 100, 2, 4
"""Number of queries, runs of each, and step of the warm-up: before the measurement, every fourth query runs once."""

SIZES = (1_000, 28_000, 200_000)
ENGINES = ("tantivy", "whoosh", "opensearch")
WHOOSH_MOST = 30_000
"""Default of --whoosh-most, in articles. Larger sizes are skipped for Whoosh, which would take most of the time."""


def main() -> None:
    options = _options()
    if options.step:
        print(json.dumps({"build": build, "search": search}[options.step](*options.step_arguments)))
        return
    with TemporaryDirectory(prefix="dateline-engines-") as folder:
        work = Path(folder)
        try:
            source = f"tantivy://{work}/source"
            dateline.reindex("source", corpus.find(options.eval, work, None).paths, source, os.cpu_count() or 1)
            cases = corpus.cases(list(open_engine(source).articles()), CASES)
            (work / "cases.json").write_text(json.dumps([asdict(case) for case in cases]))
            rows = list(_measured(options, source, work))
        except (FileNotFoundError, RuntimeError, subprocess.CalledProcessError) as error:
            sys.exit(f"Not measured: {error}")
    show(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    folder = os.environ.get("DATELINE_EVAL")
    parser.add_argument("--eval", type=Path, default=Path(folder) if folder else None, metavar="DIR")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="N")
    parser.add_argument("--whoosh-most", type=int, default=WHOOSH_MOST, metavar="N")
    parser.add_argument("--opensearch", default="127.0.0.1:9200", metavar="HOSTS")
    parser.add_argument("--step", choices=("build", "search"), help=argparse.SUPPRESS)
    parser.add_argument("step_arguments", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(options: argparse.Namespace, source: str, work: Path) -> Iterator[dict[str, Any]]:
    for size in options.sizes:
        for kind in options.engines:
            if kind == "whoosh" and size > options.whoosh_most:
                continue
            place = f"{options.opensearch}/bench-{size}x" if kind == "opensearch" else f"{work}/{kind}-{size}"
            url = f"{kind}://{place}"
            print(f"... {kind}, {size:,} articles", file=sys.stderr, flush=True)
            try:
                measured = _step("build", source, url, size) | _step("search", work / "cases.json", url)
            except subprocess.CalledProcessError as error:
                print(f"Not measured: {error.stderr.strip().splitlines()[-1]}", file=sys.stderr, flush=True)
                continue
            row = {"engine": kind, "articles": size} | measured
            print(json.dumps(row), file=sys.stderr, flush=True)
            yield row


def _step(name: str, *arguments: object) -> dict[str, Any]:
    """Run a step in a new process and return its figures. So its memory is measured alone."""
    line = [sys.executable, __file__, "--step", name, *map(str, arguments)]
    ended = subprocess.run(line, check=True, capture_output=True, text=True, env=dateline.environment())
    figures: dict[str, Any] = json.loads(ended.stdout)
    return figures


def build(source: str, url: str, size: str) -> dict[str, Any]:
    """Build an index of `size` articles. The time to prepare the articles is not counted."""
    preparing = 0.0
    known = list(open_engine(source).articles())
    memory_before = _peak()
    supply = islice(articles(known), int(size))

    def prepared() -> Iterator[Article]:
        nonlocal preparing
        while True:
            start = time.perf_counter()
            article = next(supply, None)
            preparing += time.perf_counter() - start
            if article is None:
                return
            yield article

    engine = open_engine(url)
    start = time.perf_counter()
    engine.rebuild(prepared(), keep=1)
    seconds = time.perf_counter() - start - preparing
    return {"rate": int(size) / seconds, "bytes": engine.info().size, "build_memory": _peak() - memory_before}


def articles(known: list[Article]) -> Iterator[Article]:
    """Yield the known articles, then an endless supply of articles mixed from the paragraphs of two known ones."""
    chance = random.Random(SEED)
    chance.shuffle(known)
    for article in known:
        yield _prepared(article)
    number = 0
    while True:
        number += 1
        one, other = chance.sample(known, 2)
        paragraphs = one.body.split(SEPARATOR)[::2] + other.body.split(SEPARATOR)[1::2]
        body = SEPARATOR.join(paragraphs) or one.body
        key = f"made-{number}"
        yield _prepared(replace(one, id=key, story=key, body=body, countries=other.countries, persons=other.persons))


def _prepared(article: Article) -> Article:
    """Return an article with its tokens and without its mentions."""
    return replace(
        article,
        tokens=analysis.tokens_of(article.title, article.body),
        countries=tuple(replace(country, mentions=()) for country in article.countries),
        persons=tuple(replace(person, mentions=()) for person in article.persons),
        found=(),
    )


def search(cases_file: str, url: str) -> dict[str, Any]:
    """Measure searches for ten hits with snippets, first without facets and then with three."""
    records = json.loads(Path(cases_file).read_text())
    cases = [corpus.Case(**record | {"words": tuple(record["words"])}) for record in records]
    engine = open_engine(url)
    figures: dict[str, Any] = {}
    for name, facets in (("page", ()), ("facets", ("country", "person", "date"))):
        queries = [_query(case, facets) for case in cases]
        for query in queries[::WARM_UP]:
            engine.search(query)
        times = []
        for query in queries * ROUNDS:
            start = time.perf_counter()
            engine.search(query)
            times.append((time.perf_counter() - start) * 1000)
        figures[name] = statistics.median(times)
        figures[f"{name}_p99"] = sorted(times)[len(times) * 99 // 100]
    return figures | {"search_memory": _peak()}


def _query(case: corpus.Case, facets: tuple[str, ...]) -> Query:
    filters = Filters(countries=(case.country,) if case.country else (), persons=(case.person,) if case.person else ())
    return query_of(case.text, filters=filters, per_page=PAGE, facet_size=FACET_SIZE, facets=facets)


def _peak() -> int:
    """Return the peak resident memory of this process so far, in bytes."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(match[1]) * 1024 if match else 0


def show(rows: list[dict[str, Any]]) -> None:
    table = Table(title="Engines side by side")
    for column in (
        "articles",
        "engine",
        "articles/s",
        "MB",
        "page ms",
        "p99",
        "facets ms",
        "p99",
        "build MB",
        "search MB",
    ):
        table.add_column(column, justify="left" if column == "engine" else "right")
    for row in rows:
        table.add_row(
            f"{row['articles']:,}",
            row["engine"],
            f"{row['rate']:,.0f}",
            f"{row['bytes'] / 1e6:,.0f}",
            *(f"{row[name]:,.1f}" for name in ("page", "page_p99", "facets", "facets_p99")),
            *(f"{row[name] / 1e6:,.0f}" for name in ("build_memory", "search_memory")),
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
