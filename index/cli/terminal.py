"""What the command line shows: progress on a terminal, closing summaries, errors, results."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import TaskID

    from index.archive.pipeline import Tally
    from index.clean.steps import Rejected
    from search.errors import SearchError
    from search.model import IndexInfo, Results, Snippet, WriteReport

Item = TypeVar("Item")

NOT_PRUNED = (
    "Nothing was pruned: {} of the inputs could not be read and may hold what seems gone. "
    "Mend or remove them (--rejected FILE lists them), then run the command again."
)

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(answer: Any) -> None:
    """Print one JSON object on one line, in UTF-8 whatever the terminal takes."""
    line = json.dumps(answer, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))  # half of a character is \\udcff in JSON, too


def print_error(error: SearchError) -> None:
    """Print what is wrong and what to do about it."""
    err.print(f"[red]Error:[/] {escape(error.message)}")
    if error.remedy:
        err.print(f"  {escape(error.remedy)}")


class Meter:
    """Progress over an input whose size in bytes is known. Shows a bar on a terminal and is silent elsewhere."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task("Reading", total=total, note="")
        self._tagging: TaskID | None = None
        self._start = time.monotonic()

    def read(self, size: int) -> None:
        """Count bytes of the input."""
        self._progress.update(self._task, advance=size)

    def articles(self, tally: Tally) -> None:
        """Show how many articles have been cleaned, and how fast; then, how many of them have been tagged."""
        if tally.tagged:
            if self._tagging is None:
                self._progress.update(self._task, completed=1, total=1)
                self._tagging = self._progress.add_task("Tagging", total=tally.read - tally.unchanged, note="")
            self._progress.update(self._tagging, completed=tally.tagged, note=f"{tally.tagged:,} articles")
            return
        rate = tally.read / max(time.monotonic() - self._start, 0.001)
        rejected = tally.rejected.total()
        note = f"{tally.read:,} articles, {rate:,.0f}/s" + (f", {rejected:,} rejected" if rejected else "")
        self._progress.update(self._task, note=note)

    def indexing(self, items: Iterable[Item], tally: Tally) -> Iterator[Item]:
        """Pass on what is written to the index, with a bar of its own; `tally` is complete at the first item."""
        task = None
        start = time.monotonic()
        for count, item in enumerate(items, 1):
            if task is None:
                self._progress.update(self._task, completed=1, total=1)
                task = self._progress.add_task("Indexing", total=tally.read - tally.unchanged, note="")
                start = time.monotonic()
            if count % 50 == 0:
                rate = count / max(time.monotonic() - start, 0.001)
                self._progress.update(task, completed=count, note=f"{count:,} articles, {rate:,.0f}/s")
            yield item


@contextmanager
def meter(total: int | None) -> Iterator[Meter]:
    """Show progress while the block runs; on standard error, so that output can be piped."""
    with _progress() as progress:
        yield Meter(progress, total)


@contextmanager
def counting() -> Iterator[Callable[[str, Iterable[Item], int], Iterator[Item]]]:
    """Yield what passes things on while it shows how many they are, under a name and out of a total."""
    with _progress() as progress:

        def counted(name: str, items: Iterable[Item], total: int) -> Iterator[Item]:
            task = progress.add_task(name, total=total, note="")
            start = time.monotonic()
            for count, item in enumerate(items, 1):
                if count % 50 == 0 or count == total:
                    rate = count / max(time.monotonic() - start, 0.001)
                    progress.update(task, completed=count, note=f"{count:,} articles, {rate:,.0f}/s")
                yield item

        yield counted


def _progress() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, disable=not err.is_terminal, transient=True)


@dataclass(frozen=True, slots=True)
class Summary:
    """What `reindex` and `update` close with: read = indexed + unchanged + duplicates + rejected.

    `hidden` counts the unreadable inputs that kept `update --prune` from dropping anything.
    """

    tally: Tally
    written: WriteReport
    seconds: float
    hidden: int = 0

    def record(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        return {
            "read": self.tally.read,
            "indexed": self.tally.accepted,
            "unchanged": self.tally.unchanged,
            "duplicates": self.tally.duplicates,
            "rejected": dict(self.tally.rejected.most_common()),
            **asdict(self.written),
            "replaced": self.written.replaced - self.tally.regrouped,
            "regrouped": self.tally.regrouped,
            "hidden": self.hidden,
            "seconds": round(self.seconds, 2),
            "articles_per_second": round(self.tally.read / self.seconds, 1),
        }

    def print(self) -> None:
        """Print it for a person."""
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_row("Read", f"{self.tally.read:,}")
        table.add_row("Indexed", f"{self.tally.accepted:,}")
        counts = {
            "replaced": self.written.replaced - self.tally.regrouped,
            "unchanged": self.tally.unchanged,
            "duplicates": self.tally.duplicates,
            "regrouped": self.tally.regrouped,
            "deleted": self.written.deleted,
            "rejected": self.tally.rejected.total(),
        }
        for name, count in counts.items():
            if count:
                table.add_row(f"  {name}" if name == "replaced" else name.capitalize(), f"{count:,}")
        for reason, count in self.tally.rejected.most_common():
            table.add_row("", f"{count:,} {escape(reason)}")
        table.add_row("Time", f"{self.seconds:,.1f} s, {self.tally.read / self.seconds:,.0f} articles/s")
        table.add_row("Serving", f"generation {self.written.generation}" if self.written.generation else "as before")
        out.print(table)
        if self.hidden:
            err.print(f"[yellow]Note:[/] {NOT_PRUNED.format(self.hidden)}")


def rejected_record(rejected: Rejected) -> dict[str, str]:
    """Return a rejected article as `--rejected` lists it."""
    return asdict(rejected)


def print_results(results: Results) -> None:
    """Print one page of results for a person."""
    for note in (*results.query.warnings, *_notes(results)):
        err.print(f"[yellow]Note:[/] {escape(note)}")
    first = (results.query.page - 1) * results.query.per_page + 1
    if not results.hits:
        out.print(
            f"No articles on page {results.query.page}; {results.total:,} in all."
            if results.total
            else "No articles found."
        )
        return
    out.print(f"{results.total:,} articles, {results.stories:,} stories\n", style="bold")
    for number, hit in enumerate(results.hits, first):
        article = hit.article
        copies = f", {hit.copies} more copies" if hit.copies else ""
        about = ", ".join([*(c.name for c in article.countries[:4]), *(p.name for p in article.persons[:4])])
        out.print(f"[bold]{number}. {_marked(hit.title)}[/]")
        facts = " · ".join(part for part in (article.published or "no date", article.source, about) if part)
        out.print(f"   [dim]{escape(facts + copies)}[/]")
        for fragment in hit.fragments:
            out.print(f"   {_marked(fragment)}")
        if hit.explanation:
            reasons = [f"{reason.score:.2f} {reason.label}" for reason in hit.explanation.reasons]
            out.print(f"   [dim]{hit.score:.2f} = {escape(' + '.join(reasons))}[/]")
            if results.query.recency:
                out.print(f"   [dim]times {hit.explanation.recency:.4f} for its age[/]")
        out.print(f"   [dim]{escape(article.url or article.id)}[/]\n")
    for title, counts in (("Countries", results.countries), ("People", results.persons)):
        if counts:
            out.print(f"[bold]{title}:[/] " + escape(", ".join(f"{c.label} {c.count:,}" for c in counts)))


def _notes(results: Results) -> Iterator[str]:
    """Yield what was searched otherwise than typed, and ways out where nothing was found."""
    if results.applied:
        yield f"Nothing matches as typed. Shown is {results.corrected}; with --as-typed it stays."
    elif results.corrected:
        yield f"Perhaps you mean {results.corrected}"
    if results.relaxed:
        yield f"Articles may lack {', '.join(results.relaxed)}: too few have all of the words."
    for drop in results.help.drops if results.help else ():
        yield f"Without {drop.label} there are {drop.total:,} articles."


def _marked(snippet: Snippet) -> str:
    parts = []
    done = 0
    for start, end in snippet.ranges:
        parts += [escape(snippet.text[done:start]), f"[yellow]{escape(snippet.text[start:end])}[/]"]
        done = end
    return "".join([*parts, escape(snippet.text[done:])])


def print_info(info: IndexInfo) -> None:
    """Print what serves."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("Index", escape(info.url))
    table.add_row("Engine", info.engine)
    table.add_row("Articles", f"{info.articles:,}")
    table.add_row("Size", f"{info.size / 1e6:,.1f} MB")
    table.add_row("Built", info.created)
    table.add_row("Generation", f"{info.generation} (kept: {', '.join(info.generations)})")
    table.add_row("Schema", f"{info.schema}, analyzer {info.analyzer}")
    out.print(table)
