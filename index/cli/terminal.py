"""Output of the command line: progress bars, summaries, errors, notes and search results."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from search.answers import to_json
from search.errors import InvalidRequestError, SearchError
from search.request import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID

    from index.copying import Copied
    from index.jobs import Summary
    from index.progress import Progress, Step
    from search.results import IndexInfo, Results, Snippet

NOT_PRUNED = (
    "Nothing was pruned: {} of the inputs could not be read and may hold articles that seem to be gone. "
    "Repair or remove them (--rejected FILE lists them), then run the command again."
)

log = logging.getLogger("dateline.index")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
"""The console for progress and notes, on standard error."""

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(slots=True)
class _Options:
    """Options of the running command. `log_errors` turns errors and notes into log lines, for `DATELINE_LOG=json`."""

    log_errors: bool = False


_options = _Options()


def print_json(answer: Any) -> None:
    """Print one JSON object on one line, always in UTF-8."""
    sys.stdout.buffer.write(to_json(answer))


def configure(*, quiet: bool, log_errors: bool) -> None:
    """Choose the output on standard error. `quiet` drops progress and notes. `log_errors` logs errors and notes."""
    err.quiet = quiet
    _options.log_errors = log_errors


def print_error(error: SearchError) -> None:
    """Print what happened and what to do. Each error in a parameter of a search is printed with its option."""
    if isinstance(error, InvalidRequestError):
        for name, errors in error.errors.items():
            for one in errors:
                print_error(SearchError(f"{PARAMETERS[name].option}: {one.message}", remedy=one.remedy))
        return
    if _options.log_errors:
        log.error(error.message, extra={"remedy": error.remedy})
        return
    _errors.print(f"[red]Error:[/] {escape(error.message)}")
    if error.remedy:
        _errors.print(f"  {escape(error.remedy)}")


def print_interrupted() -> None:
    """Print that the user has stopped a command."""
    text = "Interrupted. The index is unchanged."
    if _options.log_errors:
        log.error(text)
    else:
        _errors.print(text)


def print_note(text: str) -> None:
    """Print a note for the user on standard error, or log it."""
    if _options.log_errors:
        log.warning(text)
    else:
        err.print(f"[yellow]Note:[/] {escape(text)}")


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a receiver of progress reports that draws a bar for each step. Without a terminal it draws nothing.

    The bars go to standard error, so that output can be piped.
    """
    with _bars() as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: Step) -> None:
            if step.name not in tasks:
                for earlier in tasks.values():
                    bars.update(earlier, completed=1, total=1)
                tasks[step.name] = bars.add_task(step.name, total=step.total, note="")
            bars.update(tasks[step.name], completed=step.done, total=step.total, note=_note(step))

        yield show


def _note(step: Step) -> str:
    rate = f", {step.rate:,.0f}/s" if step.rate else ""
    rejected = f", {step.rejected:,} rejected" if step.rejected else ""
    return f"{step.articles:,} articles{rate}{rejected}"


def _bars() -> Bars:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=err, disable=not err.is_terminal or _options.log_errors, transient=True)


def print_summary(summary: Summary) -> None:
    """Print the result of `reindex` or `update`."""
    tally, written = summary.tally, summary.written
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("Read", f"{tally.read:,}")
    table.add_row("Indexed", f"{tally.accepted:,}")
    counts = {
        "  replaced": summary.replaced,
        "Unchanged": tally.unchanged,
        "Duplicates": tally.duplicates,
        "Regrouped": tally.regrouped,
        "Deleted": written.deleted,
        "Rejected": tally.rejected.total(),
    }
    for name, count in counts.items():
        if count:
            table.add_row(name, f"{count:,}")
    for reason, count in tally.rejected.most_common():
        table.add_row("", f"{count:,} {escape(reason)}")
    table.add_row("Time", f"{summary.seconds:,.1f} s, {summary.rate:,.0f} articles/s")
    table.add_row("Serving", f"generation {written.generation}" if written.generation else "as before")
    out.print(table)
    if summary.hidden:
        print_note(NOT_PRUNED.format(summary.hidden))


def print_copied(copied: Copied) -> None:
    """Print the result of `copy`."""
    resumed = f" ({copied.resumed:,} of them in an earlier run)" if copied.resumed else ""
    out.print(f"Copied {copied.articles:,} articles{resumed} in {copied.seconds:,.1f} s.")
    out.print(f"Serving generation {copied.written.generation} with checksum {copied.checksum}, as in the source.")


def print_results(results: Results) -> None:
    """Print one page of results for a person."""
    for note in (*results.query.parsed.warnings, *_notes(results)):
        print_note(note)
    first = (results.query.page - 1) * results.query.per_page + 1
    if not results.hits:
        out.print(
            f"No articles on page {results.query.page}; {results.total:,} in all."
            if results.total
            else "No articles found."
        )
        return
    out.print(
        f"{_number_of(results.total, 'article')}, {_number_of(results.stories, 'story', 'stories')}\n", style="bold"
    )
    for number, hit in enumerate(results.hits, first):
        article = hit.article
        day = article.published[:10] if article.published else "no date"
        copies = f", {_number_of(hit.copies, 'more copy', 'more copies')}" if hit.copies else ""
        about = ", ".join([*(c.name for c in article.countries[:4]), *(p.name for p in article.persons[:4])])
        out.print(f"[bold]{number}. {_marked(hit.title)}[/]")
        facts = " · ".join(part for part in (day, article.source, about) if part)
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


def _number_of(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def _notes(results: Results) -> Iterator[str]:
    """Yield notes on corrected and missing words, and the alternatives to a search without results."""
    if results.applied:
        yield (
            f'No results for "{results.query.text}". Showing results for "{results.corrected}" '
            "(--as-typed searches as typed)."
        )
    elif results.corrected:
        yield f'Did you mean "{results.corrected}"?'
    if results.relaxed:
        yield f"Too few articles have all of the words. Results may lack {', '.join(results.relaxed)}."
    for one in results.alternatives.without if results.alternatives else ():
        yield f"Without {one.label}: {_number_of(one.total, 'article')}."


def _marked(snippet: Snippet) -> str:
    parts = []
    done = 0
    for start, end in snippet.ranges:
        parts += [escape(snippet.text[done:start]), f"[yellow]{escape(snippet.text[start:end])}[/]"]
        done = end
    return "".join([*parts, escape(snippet.text[done:])])


def print_kept(info: IndexInfo, summary: Summary | None) -> None:
    """Print that `reindex --if-missing` has kept an index: as JSON if there is a summary, else as text."""
    if summary:
        print_json(summary.record())
    else:
        text = f"There is already an index of {info.articles:,} articles at {info.url}. Nothing was changed."
        out.print(text, markup=False)


def print_info(info: IndexInfo, *, as_json: bool) -> None:
    """Print the facts about an index and its serving generation."""
    if as_json:
        print_json({**asdict(info), "tidy_due": info.tidy_due})
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("Index", escape(info.url))
    table.add_row("Engine", info.engine)
    table.add_row("Articles", f"{info.articles:,}")
    table.add_row("Size", f"{info.size / 1e6:,.1f} MB")
    table.add_row("Built", info.created)
    table.add_row("Generation", f"{info.generation} (kept: {', '.join(info.generations)})")
    table.add_row("Schema", f"{info.schema}, analyzer {info.analyzer}")
    if info.pending:
        due = ": run dateline tidy" if info.tidy_due else ""
        table.add_row("Pending", f"{info.pending:,} written or deleted since the last reindex or tidy{due}")
    out.print(table)
