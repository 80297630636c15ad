"""`make quality`: how well and how fast Dateline cleans, dates, tags and groups, measured on gold data.

docs/bench.md explains the figures. With `--floors` the run fails if a figure is under its floor in `PINS`.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import gold
import measures
import tagging
from rich.console import Console
from rich.table import Table

from index.archive.workers import GC_THRESHOLDS
from index.clean.steps import clean
from index.jobs import Job
from index.sources.raw import RawArticle
from search.model import Article
from search.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gold import Row

Answers = dict[str, Article]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Pin:
    """The target and the floor of one figure. The run fails if the figure is under its floor.

    `counts_errors` marks a figure that should be low: the run fails if it is over its floor.
    """

    task: str
    figure: str
    target: float | None
    floor: float
    counts_errors: bool = False


PINS = (
    Pin("cleaning-news-text", "f1", 0.92, 0.962),
    Pin("cleaning-text", "f1", 0.93, 0.928),
    Pin("cleaning-html", "f1", 0.965, 0.952),
    Pin("cleaning-html", "p10", 0.91, 0.905),
    Pin("dates-html", "accuracy", 0.93, 0.924),
    Pin("dates-text", "accuracy", 0.85, 0.908),
    Pin("persons", "f1", 0.88, 0.885),
    Pin("countries", "f1", 0.87, 0.912),
    Pin("countries-named", "recall", 0.97, 0.985),
    Pin("countries-named", "precision", 0.85, 0.78),
    Pin("copies", "f1", 0.98, 0.99),
    Pin("copies-negatives", "wrong", 0, 10, counts_errors=True),
)
"""The floors come from a run on the files named in `HASHES`, and apply to those files only."""

HASHES = {
    "cleaning-news": "94c699d700445384",
    "cleaning": "50013ec884fb7207",
    "dates": "33e359758f15f430",
    "persons": "a5b9fbd1b369b1bc",
    "countries": "db2c74cb959070d7",
    "countries-named": "e182b4508f0afdd1",
    "copies": "02d7aa86ca38b82d",
    "copies-negatives": "d3b29ff28b52e20a",
}
"""File -> the first digits of its SHA-256."""

SPEED_PAGES = 300
"""Pages cleaned for the speed of a task, the warm-up included."""

WARM_UP = 50
"""Pages cleaned before the clock starts, so that loading of tables and modules is not timed."""


def cleaning(rows: Sequence[Row], articles: Answers) -> Figures:
    answers = [articles[row["id"]].body if row["id"] in articles else "" for row in rows]
    return measures.cleaning((row["body"] or "", body) for row, body in zip(rows, answers, strict=True))


def dates(rows: Sequence[Row], articles: Answers) -> Figures:
    return measures.dates([(row["published"], _day(articles.get(row["id"]))) for row in rows])


def persons(rows: Sequence[Row], articles: Answers) -> Figures:
    answers = [[one.name for one in articles[row["id"]].persons] if row["id"] in articles else [] for row in rows]
    return measures.sets(
        (measures.persons(row["persons"]), measures.persons(names)) for row, names in zip(rows, answers, strict=True)
    )


def countries(rows: Sequence[Row], articles: Answers) -> Figures:
    answers = [{one.code for one in articles[row["id"]].countries} if row["id"] in articles else set() for row in rows]
    return measures.sets((set(row["countries"]), codes) for row, codes in zip(rows, answers, strict=True))


def copies(rows: Sequence[Row], articles: Answers) -> Figures:
    stories = {row["id"]: row["story"] for row in rows}
    return measures.copies(stories, {article.id: article.story for article in articles.values()})


@dataclass(frozen=True, slots=True)
class Task:
    """One measurement: a gold file, the fields of its rows that Dateline gets, and the function that judges answers."""

    file: str
    fields: tuple[str, ...]
    judge: Callable[[Sequence[Row], Answers], Figures]
    only: str = ""
    """Name of a field; rows without it, or with a false value, are left out."""


PAGE_TEXT, PAGE_HTML, STORY = ("text", "url"), ("html", "url"), ("text", "title", "published")
TASKS = {
    "cleaning-news-text": Task("cleaning-news", PAGE_TEXT, cleaning),
    "cleaning-text": Task("cleaning", PAGE_TEXT, cleaning),
    "cleaning-html": Task("cleaning", PAGE_HTML, cleaning),
    "dates-html": Task("dates", PAGE_HTML, dates),
    "dates-text": Task("dates", PAGE_TEXT, dates, only="visible"),
    "persons": Task("persons", STORY, persons),
    "countries": Task("countries", STORY, countries),
    "countries-named": Task("countries-named", STORY, countries),
    "copies": Task("copies", STORY, copies),
    "copies-negatives": Task("copies-negatives", STORY, copies),
}


@dataclass(frozen=True, slots=True)
class Result:
    """A measured figure. `fallen` says whether it is under its floor; None if the floor does not apply to this data."""

    pin: Pin
    figure: float
    fallen: bool | None


def main() -> None:
    options = _options()
    gc.set_threshold(*GC_THRESHOLDS)  # as in the workers that clean
    folder = gold.folder_of(options.data)
    names = options.only.split(",") if options.only else list(TASKS)
    unknown = sorted(set(names) - set(TASKS))
    missing = [path for name in names if name in TASKS and not (path := _path(folder, name)).is_file()]
    if unknown or missing:
        sys.exit(f"Not measured: no task {', '.join(unknown)}" if unknown else f"Not measured: {missing[0]} is missing")
    hashes = {name: hashlib.sha256(_path(folder, name).read_bytes()).hexdigest() for name in names}
    results = []
    for name in names:
        figures = measure(TASKS[name], gold.read(_path(folder, name)))
        pinned = hashes[name].startswith(HASHES[TASKS[name].file])
        results += [judged(pin, figures[pin.figure], pinned=pinned) for pin in PINS if pin.task == name]
        _say(f"{name}: " + ", ".join(f"{key} {value:.4f}" for key, value in figures.items()))
    show(results, hashes, speeds(folder, names))
    if any(name in tagging.RIVALS for name in names):
        tagging.show_one_worker(folder)
    if options.floors and any(result.fallen for result in results):
        sys.exit("A figure is under its floor.")


def _options() -> argparse.Namespace:
    parser = gold.parser(__doc__)
    parser.add_argument("--only", metavar="TASK,...", help=", ".join(TASKS))
    parser.add_argument("--floors", action="store_true", help="exit with 1 if a figure is under its floor")

    return parser.parse_args()


def measure(task: Task, rows: list[Row]) -> Figures:
    """Return the figures of a task."""
    chosen = [row for row in rows if not task.only or row.get(task.only)]
    return task.judge(chosen, extract(chosen, task.fields))


def extract(rows: Iterable[Row], fields: Sequence[str]) -> Answers:
    """Run `dateline extract` on these fields of the rows. Return the articles by id, without rejected ones."""
    with TemporaryDirectory(prefix="dateline-quality-") as folder:
        path = Path(folder) / "rows.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for row in rows:
                lines.write(json.dumps({key: row[key] for key in ("id", *fields) if row.get(key)}) + "\n")
        items = Job([str(path)], Settings(workers=gold.WORKERS)).extract()
        return {item.id: item for item in items if isinstance(item, Article)}


def judged(pin: Pin, figure: float, *, pinned: bool) -> Result:
    """Compare a figure with its floor. `pinned` says that the floor applies to this data."""
    fallen = figure > pin.floor if pin.counts_errors else figure < pin.floor
    return Result(pin, figure, fallen if pinned else None)


def speeds(folder: Path, names: Sequence[str]) -> dict[str, float]:
    """Return pages per second on one core, by task, for cleaning and dating in this process."""
    rates = {}
    for name in names:
        if name.startswith("cleaning"):
            form = TASKS[name].fields[0]
            raws = [
                RawArticle(row["id"], "", **{form: row[form]}, url=row["url"]) for row in gold.read(_path(folder, name))
            ]
            settings = Settings()
            rates[name] = rate(partial(clean, settings=settings), raws[:SPEED_PAGES])
    return rates


def rate(work: Callable[[RawArticle], object], raws: Sequence[RawArticle]) -> float:
    """Return how many pages `work` handles per second of processor time."""
    for raw in raws[:WARM_UP]:
        work(raw)
    timed = raws[WARM_UP:] or raws
    start = time.process_time()
    for raw in timed:
        work(raw)
    return len(timed) / (time.process_time() - start)


def show(results: Sequence[Result], hashes: Mapping[str, str], rates: Mapping[str, float]) -> None:
    """Print the table of figures, the speeds and the hashes of the gold files."""
    table = Table("task", "figure", "measured", "target", "floor", "", box=None, pad_edge=False)
    for result in results:
        pin = result.pin
        target = f"{pin.target}" if pin.target is not None else ""
        note = {True: "FALLEN", False: "holds", None: "other data: no floor"}[result.fallen]
        table.add_row(pin.task, pin.figure, f"{result.figure:.4f}", target, f"{pin.floor}", note)
    console = Console(width=110, highlight=False)
    console.print(table)
    for name, pages in rates.items():
        console.print(f"{name}: {pages:,.0f} pages a second, cleaned and dated on one core")
    for file, digest in {TASKS[name].file: digest for name, digest in hashes.items()}.items():
        console.print(f"{file}.jsonl.gz: SHA-256 {digest}")


def _path(folder: Path, name: str) -> Path:
    return folder / f"{TASKS[name].file}.jsonl.gz"


def _day(article: Article | None) -> str:
    return (article.published or "")[:10] if article else ""


def _say(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
