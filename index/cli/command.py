"""How a subcommand runs: it sets up logging, and its errors become a message and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import click

from index.cli import terminal
from search import logs
from search.errors import SearchError
from search.settings import Settings

SYSTEM = "Check free disk space (including the temp directory) and file permissions."
VERBOSITY = "dateline.verbosity"
"""Key in click's `meta`, which a group shares with its subcommands: `verbose` or `quiet`, if either was given."""


def verbosity_options() -> list[click.Option]:
    """Return `--verbose` and `--quiet`. The last one that is given counts."""

    def note(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value:
            ctx.meta[VERBOSITY] = param.name

    return [
        click.Option(
            [f"-{name[0]}", f"--{name}"], is_flag=True, expose_value=False, is_eager=True, callback=note, help=text
        )
        for name, text in (
            ("verbose", "Log what is done; for a server, also each search."),
            ("quiet", "No progress, notes or log lines, only errors."),
        )
    ]


class Command(click.Command):
    """A subcommand. It sets up logging, and takes `--verbose` and `--quiet` as `dateline` itself does."""

    level = logging.WARNING
    """Level of log lines without either option. `--verbose` lowers it by one step."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += verbosity_options()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        verbosity = ctx.meta.get(VERBOSITY)
        settings = Settings.from_environ()
        level = logging.ERROR if verbosity == "quiet" else self.level - (10 if verbosity == "verbose" else 0)
        logs.configure(settings.log, level)
        terminal.configure(quiet=verbosity == "quiet", log_errors=settings.log == logs.JSON)
        return super().invoke(ctx)


class ServerCommand(Command):
    """A subcommand that runs until it is stopped, so its log is shown."""

    level = logging.INFO


class Group(click.Group):
    """Turns errors into messages and exit codes, in one place."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except SearchError as error:
            terminal.print_error(error)
            sys.exit(1)
        except KeyboardInterrupt:
            terminal.print_interrupted()
            sys.exit(130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            terminal.print_error(
                SearchError(f"{error.filename or 'The system'}: {error.strerror or error}.", remedy=SYSTEM)
            )
            sys.exit(1)
