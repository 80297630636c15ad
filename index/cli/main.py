"""The `dateline` command: its subcommands and exit codes. `index.cli.command` describes how each of them runs."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, cast

import click

from index.cli import terminal
from index.cli.command import Group, ServerCommand, verbosity_options
from index.cli.search_options import query, search_options
from index.copying import copy as copy_index
from search import answers
from search.engine import open_engine
from search.errors import IndexDamagedError, NoIndexError, SettingError
from search.model import Article
from search.settings import Settings

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from index.jobs import Job, Summary
    from search.engine import Engine
    from search.results import IndexInfo

EXIT_CODES = {
    0: "done",
    1: "failed: the message says why and what to do",
    2: "wrong usage",
    3: "done with problems: `check` found some, or `update --prune` deleted nothing because of unreadable input",
    130: "interrupted; the index is unchanged",
}
PROBLEMS = 3


def _index_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--index", "index_url", metavar="URL", help="The index. Default: DATELINE_INDEX.")(function)


def _json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(function)


def _write_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--rejected",
            "rejected_to",
            type=click.File("w", encoding="utf-8", lazy=False),
            metavar="FILE",
            help="Write the rejected articles to FILE, as JSON lines.",
        ),
        click.option("--keep", type=click.IntRange(1), help="Number of generations to keep."),
        click.option("--workers", type=click.IntRange(1), help="Number of processes. Default: one per core."),
    ):
        function = option(function)
    return _json_option(_index_option(function))


def _settings(index_url: str | None = None, workers: int | None = None, keep: int | None = None) -> Settings:
    settings = Settings.from_environ()
    return replace(
        settings, index=index_url or settings.index, workers=workers or settings.workers, keep=keep or settings.keep
    )


def _engine(index_url: str | None) -> Engine:
    settings = _settings(index_url)
    return open_engine(settings.index, settings)


@click.group(cls=Group, params=verbosity_options(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dateline", prog_name="dateline")
def main() -> None:
    """Turn scraped news into a searchable archive.

    PATH is a file or folder. Supported files are .txt, .html, .jsonl, .ndjson, .json and .warc, also with .gz. The PATH
    - stands for JSON lines on standard input.
    """
    for stream in (sys.stdout, sys.stderr):  # print an escape for a letter that the terminal cannot show
        cast("io.TextIOWrapper", stream).reconfigure(errors="backslashreplace")


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Read, clean and tag everything, but write nothing.")
@click.option("--if-missing", is_flag=True, help="Do nothing if there is an index already.")
@_write_options
def reindex(dry_run: bool, if_missing: bool, as_json: bool, **options: Any) -> None:
    """Build a new index from PATH... and swap it in.

    The old index serves until then, and is kept for a rollback.
    """
    job = _job(options)
    engine = open_engine(job.settings.index, job.settings)
    existing = _info_or_none(engine) if if_missing else None
    if existing:
        terminal.print_kept(existing, job.nothing_done(existing) if as_json else None)
        return
    with terminal.progress_bars() as job.progress:
        summary = job.rebuild(None if dry_run else engine)
    _finish(summary, as_json=as_json)


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--prune", is_flag=True, help="Delete articles that PATH... no longer has.")
@_write_options
def update(prune: bool, as_json: bool, **options: Any) -> None:
    """Add new articles of PATH... and replace changed ones."""
    job = _job(options)
    engine = open_engine(job.settings.index, job.settings)
    with terminal.progress_bars() as job.progress:
        summary = job.update(engine, prune=prune)
    _finish(summary, as_json=as_json)


@main.command()
@click.option("--keep", type=click.IntRange(1), help="Number of generations to keep.")
@click.option("--workers", type=click.IntRange(1), help="Number of processes. Default: one per core.")
@_index_option
@_json_option
def tidy(as_json: bool, **options: Any) -> None:
    """Recompute stories, boilerplate and labels.

    This reads the whole index, builds a new one aside and swaps it in. It needs no PATH. Run it after many updates:
    dateline info says when. It also upgrades an index that an older Dateline wrote.
    """
    job = _job({"paths": (), **options})
    engine = open_engine(job.settings.index, job.settings)
    with terminal.progress_bars() as job.progress:
        summary = job.tidy(engine)
    _finish(summary, as_json=as_json)


@main.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_index_option
@_json_option
def delete(ids: tuple[str, ...], index_url: str | None, as_json: bool) -> None:
    """Delete articles by id."""
    job = _job({"paths": (), "workers": 1, "index_url": index_url})
    engine = open_engine(job.settings.index, job.settings)
    written = job.delete(engine, ids)
    if as_json:
        terminal.print_json(asdict(written))
    else:
        terminal.out.print(
            f"Deleted {written.deleted:,} of {len(set(ids)):,}; serving generation {written.generation}."
        )


@main.command()
@click.argument("paths", metavar="PATH|-", nargs=-1, required=True)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="Explain each line kept or cut, each date considered, and each country and person found.",
)
@click.option("--workers", type=click.IntRange(1), help="Number of processes. Default: one per core.")
def extract(paths: tuple[str, ...], explained: bool, workers: int | None) -> None:
    """Print the articles as they would be indexed.

    Prints one JSON object per line, in the order of the input. With --explain, a terminal shows tables instead.
    """
    job = _job({"paths": paths, "workers": workers})
    if explained:
        _explain(job)
        return
    for item in job.extract():
        if isinstance(item, Article):
            terminal.print_json(answers.ARTICLE.write(item))
        else:
            terminal.print_json({"id": item.id, "rejected": item.reason})


@main.command()
@click.argument("text", metavar="QUERY")
@search_options
@_index_option
@_json_option
def search(text: str, index_url: str | None, as_json: bool, **options: Any) -> None:
    """Search the index."""
    settings = _settings(index_url)
    results = open_engine(settings.index, settings).search(query(text, options, settings))
    if as_json:
        terminal.print_json(answers.RESULTS.write(results))
    else:
        terminal.print_results(results)


@main.command()
@_index_option
@_json_option
def info(index_url: str | None, as_json: bool) -> None:
    """Describe the index: its size and its generations."""
    terminal.print_info(_engine(index_url).info(), as_json=as_json)


@main.command()
@_index_option
@_json_option
def check(index_url: str | None, as_json: bool) -> None:
    """Read the whole index and report problems."""
    try:
        problems = _engine(index_url).check()
    except IndexDamagedError as error:
        problems = (str(error),)
    if as_json:
        terminal.print_json({"problems": problems})
    else:
        terminal.out.print("\n".join(problems) or "No problems found.", markup=False)
    sys.exit(PROBLEMS if problems else 0)


@main.command()
@_index_option
@_json_option
def rollback(index_url: str | None, as_json: bool) -> None:
    """Serve the previous generation again and delete the current one."""
    terminal.print_info(_engine(index_url).rollback(), as_json=as_json)


@main.command()
@click.argument("from_url", metavar="FROM_URL")
@click.argument("to_url", metavar="TO_URL")
@click.option("--keep", type=click.IntRange(1), help="Number of generations to keep.")
@_json_option
def copy(from_url: str, to_url: str, keep: int | None, as_json: bool) -> None:
    """Copy an index to another place or engine, and swap it in there.

    An interrupted copy resumes when it is started again.
    """
    settings = _settings(to_url, keep=keep)
    if from_url == to_url:
        raise SettingError("An index cannot be copied onto itself.", remedy="Give another TO_URL.")
    source, target = open_engine(from_url, settings), open_engine(to_url, settings)
    with terminal.progress_bars() as progress:
        copied = copy_index(source, target, settings.keep, progress)
    if as_json:
        terminal.print_json(copied.record())
    else:
        terminal.print_copied(copied)


@main.command(cls=ServerCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 serves the whole network.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free one.")
@click.option("--workers", type=click.IntRange(1), help="Number of processes. Default: one per core.")
@_index_option
def serve(host: str, port: int, workers: int | None, index_url: str | None) -> None:
    """Serve the API and the search page. New generations are picked up without a restart."""
    from index.cli.serving import Server, listen  # noqa: PLC0415 - only this command needs gunicorn

    settings = _settings(index_url)
    _info_or_none(open_engine(settings.index, settings))  # any other error ends the command here
    Server(listen(host, port), workers, settings).run()


def _info_or_none(engine: Engine) -> IndexInfo | None:
    try:
        return engine.info()
    except NoIndexError:
        return None


def _job(options: dict[str, Any]) -> Job:
    # Importing the cleaning code takes half a second, which a search must not pay.
    from index.jobs import Job  # noqa: PLC0415

    settings = _settings(options.get("index_url"), options["workers"], options.get("keep"))
    return Job(options["paths"], settings, options.get("rejected_to"))


def _explain(job: Job) -> None:
    from index.cli.explanation import print_explanation  # noqa: PLC0415 - as above

    for explanation in job.explain():
        if terminal.out.is_terminal:
            print_explanation(explanation, terminal.out)
        else:
            terminal.print_json(explanation.record())


def _finish(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(summary.record())
    else:
        terminal.print_summary(summary)
    sys.exit(PROBLEMS if summary.hidden else 0)
