"""Measures writes to archives of several sizes: one new article, a thousand, none; a delete; and a whole reindex.

    .venv/bin/python bench/scale.py --eval DIR --sizes 30000 200000 1000000

docs/bench.md has the results. The archives are made up: each article has the paragraphs of two stories of `news` and
`reuters`, a line of its site, and often a person that no article named before, so that the number of persons grows as
in real news. The largest archive takes some 10 GB of disk space in --work and an hour.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import statistics
import sys
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dateline
from corpus import NEWS, WIRE
from rich.console import Console
from rich.table import Table

from index.archive.cleaned import digest
from index.sources.read import read
from search.model import SEPARATOR
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 1616
SIZES = (30_000, 200_000, 1_000_000)
BATCH = 1_000
"""Articles of the large update."""

ROUNDS = 3
"""Updates with one article, and deletes of one. The median counts."""

SITES = 400
NEW_PERSON = 0.6
"""Share of the articles that name a new person. In `news` and `reuters` an article adds 1.1 names at 5,000 articles,
and 0.6 at 27,000."""

SYLLABLES = [first + vowel for first in ("b", "d", "gr", "k", "l", "m", "n", "p", "st", "v") for vowel in "aeiou"]


def main() -> None:
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    stories = list(_stories(options.eval))
    rows = []
    for size in options.sizes:
        row = {"articles": size, **measure(stories, size, options.work, options.engine)}
        print(json.dumps(row), file=sys.stderr, flush=True)
        rows.append(row)
    show(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    folder = os.environ.get("DATELINE_EVAL")
    parser.add_argument(
        "--eval", type=Path, default=Path(folder) if folder else None, required=not folder, metavar="DIR"
    )
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="Folder for archives; they are kept.")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="N")
    parser.add_argument("--engine", default="tantivy", help="tantivy, whoosh, or opensearch://HOST:PORT")
    return parser.parse_args()


def _stories(folder: Path) -> Iterator[dict[str, Any]]:
    for name in (WIRE, NEWS):
        with gzip.open(folder / "data" / name, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def rows(stories: list[dict[str, Any]]) -> Iterator[str]:
    """Yield an endless supply of articles as JSON lines, always the same ones."""
    chance = random.Random(SEED)
    persons: list[str] = []
    number = 0
    while True:
        number += 1
        one, other = chance.choice(stories), chance.choice(stories)
        paragraphs = one["text"].split(SEPARATOR)[::2] + other["text"].split(SEPARATOR)[1::2]
        if chance.random() < NEW_PERSON:
            persons.append(f"{_name(chance)} {_name(chance)}")
        if persons:
            person = persons[int(len(persons) * chance.random() ** 0.3) - 1]
            paragraphs.insert(len(paragraphs) // 2, f"{person} said on {number % 28 + 1} May that it was not so.")
        site = int(SITES * chance.random() ** 3)
        paragraphs.append(f"Read more news of the day in the paper of site number {site}.")
        day = f"{2015 + number % 10}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        yield json.dumps(
            {
                "id": f"made-{number}",
                "url": f"https://site{site}.example/{number}",
                "title": one.get("title") or other.get("title") or f"Report {number}",
                "text": SEPARATOR.join(paragraphs),
                "published": day,
            }
        )


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).capitalize()


def measure(stories: list[dict[str, Any]], size: int, work: Path, engine: str) -> dict[str, Any]:
    """Build an archive of a size and measure writes to it."""
    supply = rows(stories)
    archive = _write(work / f"{size}.jsonl", islice(supply, size))
    ones = [_write(work / f"{size}-one-{n}.jsonl", islice(supply, 1)) for n in range(ROUNDS)]
    many = _write(work / f"{size}-many.jsonl", islice(supply, BATCH))
    scheme, _, host = engine.partition("://")
    url = f"{engine}/scale-{size}" if host else f"{scheme}://{(work / f'index-{size}').resolve()}"
    aside = f"{engine}/scale-aside" if host else f"{scheme}://{(work / 'index-aside').resolve()}"
    built = dateline.run("reindex", archive, index=url)
    updates = [dateline.run("update", one, index=url) for one in ones]
    large = dateline.run("update", many, index=url)
    alone = dateline.run("reindex", many, index=aside)
    start = time.perf_counter()
    for raw in read([str(archive)], Settings()):
        digest(raw)
    hashing = time.perf_counter() - start
    unchanged = dateline.run("update", archive, index=url)
    deletes = [dateline.run("delete", f"made-{size + n}", index=url) for n in range(1, ROUNDS + 1)]
    return {
        "rate": size / built.seconds,
        "reindex_memory": built.peak_tree,
        "reindex_process": built.peak_main,
        "one": statistics.median(run.seconds for run in updates),
        "one_cpu": statistics.median(run.cpu_seconds for run in updates),
        "one_memory": max(run.peak_tree for run in updates),
        "many": large.seconds,
        "many_alone": alone.seconds,
        "unchanged": unchanged.seconds,
        "hashing": hashing,
        "delete": statistics.median(run.seconds for run in deletes),
        "delete_cpu": statistics.median(run.cpu_seconds for run in deletes),
    }


def _write(path: Path, lines: Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path


def show(rows: list[dict[str, Any]]) -> None:
    table = Table(title="Writes to archives of several sizes")
    columns = {
        "articles": "{articles:,}",
        "reindex": "{rate:,.0f}/s",
        "all MB": "{reindex_memory:,.0f}",
        "main MB": "{reindex_process:,.0f}",
        "one s": "{one:.2f}",
        "CPU s": "{one_cpu:.2f}",
        "MB": "{one_memory:,.0f}",
        "1,000 s": "{many:.1f}",
        "alone s": "{many_alone:.1f}",
        "unchanged s": "{unchanged:.1f}",
        "hash s": "{hashing:.1f}",
        "delete s": "{delete:.2f}",
        "CPU s ": "{delete_cpu:.2f}",
    }
    for name in columns:
        table.add_column(name, justify="right")
    for row in rows:
        megabytes = {name: row[name] / 1e6 for name in ("reindex_memory", "reindex_process", "one_memory")}
        table.add_row(*(form.format(**{**row, **megabytes}) for form in columns.values()))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
