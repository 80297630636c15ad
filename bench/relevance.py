"""`make quality`: how well searches rank, measured on collections with judged queries. docs/bench.md explains it.

Each collection NAME has three files:

- relevance-NAME-docs.jsonl.gz, its documents; they are indexed as by `dateline reindex`
- relevance-NAME-queries.jsonl.gz, its queries; they run as `GET /v1/search?q=...&per_page=100`
- relevance-NAME-qrels.tsv, the judgements: query, 0, document, grade
"""

from __future__ import annotations

import hashlib
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from math import log2
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import gold
from rich.console import Console
from rich.table import Table

from index.jobs import Job
from search.engine import open_engine
from search.query.parsing import query_of
from search.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HITS = 100
"""Hits per query; average precision uses all of them."""

TOP = 10
"""Number of hits that nDCG uses."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Targets and floors of nDCG@10 and MAP@100 on one collection.

    `digest` is the start of the SHA-256 of its documents. The floors apply to this file only.
    """

    name: str
    digest: str
    targets: tuple[float, float]
    floors: tuple[float, float]


PINS = (
    Pin("cran", "af0303daa23eca37", (0.40, 0.33), (0.38, 0.33)),
    Pin("cacm", "1a14cac8ef725f59", (0.53, 0.36), (0.525, 0.358)),
    Pin("npl", "9be271987343dea0", (0.46, 0.28), (0.458, 0.28)),
)
"""The collections: aerodynamics, computing, electronics."""


def main() -> None:
    options = _options()
    folder = gold.folder_of(options.data)
    table = Table("collection", "queries", "nDCG@10", "target", "MAP@100", "target", "", box=None, pad_edge=False)
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
    parser = gold.parser(__doc__)
    parser.add_argument("--floors", action="store_true", help="exit with 1 if a figure is under its floor")
    return parser.parse_args()


def measure(folder: Path, name: str) -> list[tuple[float, float]]:
    """Return nDCG@10 and average precision of each query. Queries without a relevant document are left out."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / f"relevance-{name}-qrels.tsv").read_text().splitlines():
        query, _, document, grade = line.split("\t")
        if int(grade) > 0:
            grades[query][document] = int(grade)
    with TemporaryDirectory(prefix="dateline-relevance-") as work:
        engine = open_engine(f"tantivy://{work}/index")
        Job([str(folder / f"relevance-{name}-docs.jsonl.gz")], Settings(workers=gold.WORKERS)).rebuild(engine)
        figures = []
        for query in gold.read(folder / f"relevance-{name}-queries.jsonl.gz"):
            if relevant := grades[str(query["id"])]:
                results = engine.search(query_of(query["text"], per_page=HITS, facets=()))
                ids = [hit.article.id for hit in results.hits]
                figures.append((ndcg(ids, relevant), average_precision(ids, relevant)))
        return figures


def ndcg(ids: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return nDCG@10: the discounted gain of the first ten ids as a share of the best possible one.

    The gain of a document is 2^grade - 1.
    """
    ideal = sorted(grades.values(), reverse=True)
    return _gain([grades.get(one, 0) for one in ids]) / _gain(ideal)


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades[:TOP]))


def average_precision(ids: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the mean precision at the relevant documents. A relevant document outside the hits counts as zero."""
    places = [place for place, one in enumerate(ids, 1) if one in grades]
    return sum(rank / place for rank, place in enumerate(places, 1)) / len(grades)


if __name__ == "__main__":
    main()
