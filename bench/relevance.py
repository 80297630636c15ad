"""`make quality`: how well searches rank, on collections with judged queries. docs/bench.md says what is measured.

For each collection `NAME` the folder has relevance-NAME-docs.jsonl.gz, relevance-NAME-queries.jsonl.gz and
relevance-NAME-qrels.tsv (query, 0, document, grade). Its documents are indexed as `dateline reindex` does it, and each
query is run as `GET /v1/search?q=...&per_page=100`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from quality import WORKERS, read
from rich.console import Console
from rich.table import Table

from index.jobs import Job
from search.engine import open_engine
from search.query.parsing import query_of
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HITS = 100
"""Hits that are looked at."""

TOP = 10


@dataclass(frozen=True, slots=True)
class Pin:
    """What is to be reached by nDCG@10 and MAP@100 on a collection, and the floors; `digest` names its documents."""

    name: str
    digest: str
    targets: tuple[float, float]
    floors: tuple[float, float]


PINS = (
    Pin("cran", "af0303daa23eca37", (0.40, 0.33), (0.38, 0.33)),
    Pin("cacm", "1a14cac8ef725f59", (0.53, 0.36), (0.525, 0.358)),
    Pin("npl", "9be271987343dea0", (0.46, 0.28), (0.458, 0.28)),
)
"""Aerodynamics, computing, electronics. Floors hold for the files that they were measured on alone."""


def main() -> None:
    options = _options()
    folder = options.data / "data" if (options.data / "data").is_dir() else options.data
    table = Table("collection", "queries", "nDCG@10", "to reach", "MAP@100", "to reach", "", box=None, pad_edge=False)
    fallen = False
    for pin in PINS:
        documents = folder / f"relevance-{pin.name}-docs.jsonl.gz"
        if not documents.is_file():
            sys.exit(f"Not measured: {documents} is missing")
        figures = measure(folder, pin.name)
        values = tuple(statistics.mean(column) for column in zip(*figures, strict=True))
        digest = hashlib.sha256(documents.read_bytes()).hexdigest()
        known = digest.startswith(pin.digest) and bool(pin.digest)
        under = any(value < floor for value, floor in zip(values, pin.floors, strict=True))
        fallen |= known and under
        note = ("FALLEN" if under else "holds") if known else f"other data: no floor ({digest[:16]})"
        (ndcg, average), (first, second) = values, pin.targets
        table.add_row(pin.name, str(len(figures)), f"{ndcg:.4f}", f"{first}", f"{average:.4f}", f"{second}", note)
    Console(width=110, highlight=False).print(table)
    if options.floors and fallen:
        sys.exit("A figure is under its floor.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    folder = os.environ.get("DATELINE_EVAL")
    parser.add_argument("--data", type=Path, default=folder or None, required=not folder, metavar="DIR")
    parser.add_argument("--floors", action="store_true", help="exit with 1 if a figure is under its floor")
    return parser.parse_args()


def measure(folder: Path, name: str) -> list[tuple[float, float]]:
    """Return nDCG@10 and average precision of each query of a collection that has a relevant document."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / f"relevance-{name}-qrels.tsv").read_text().splitlines():
        query, _, document, grade = line.split("\t")
        if int(grade) > 0:
            grades[query][document] = int(grade)
    with TemporaryDirectory(prefix="dateline-relevance-") as work:
        engine = open_engine(f"tantivy://{work}/index")
        Job([str(folder / f"relevance-{name}-docs.jsonl.gz")], Settings(workers=WORKERS)).rebuild(engine)
        figures = []
        for query in read(folder / f"relevance-{name}-queries.jsonl.gz"):
            if relevant := grades[str(query["id"])]:
                found = engine.search(query_of(query["text"], per_page=HITS, facets=()))
                ids = [hit.article.id for hit in found.hits]
                figures.append((ndcg(ids, relevant), average_precision(ids, relevant)))
        return figures


def ndcg(ids: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the discounted cumulative gain of the first ten, gain 2^grade - 1, as a share of the best there is."""
    ideal = sorted(grades.values(), reverse=True)
    return _gain([grades.get(one, 0) for one in ids]) / _gain(ideal)


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:TOP]))


def average_precision(ids: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the mean of the precision at each relevant document; one that is not among the hits counts zero."""
    places = [place for place, one in enumerate(ids, 1) if one in grades]
    return sum(rank / place for rank, place in enumerate(places, 1)) / len(grades)


if __name__ == "__main__":
    main()
