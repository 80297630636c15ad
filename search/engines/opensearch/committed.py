"""Reads the generation of a build, before it serves: for the lexicon, and for the check of its size."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from search.engines.opensearch.client import PATIENCE
from search.engines.opensearch.failures import MissingIndex, taken_over
from search.engines.opensearch.reader import Reader
from search.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.client import Client
    from search.engines.opensearch.companion import Companion
    from search.engines.opensearch.listing import Place
    from search.engines.opensearch.requests import Body


@contextmanager
def missing_as_taken_over() -> Iterator[None]:
    """Turn `MissingIndex` into `IndexLockedError`: the alias of the build is gone."""
    try:
        yield
    except MissingIndex as error:
        raise taken_over() from error


class Committed(Reader):
    """The generation of a build that does not serve yet, and whose lexicon may not be written yet."""

    def __init__(self, client: Client, place: Place, files: Companion) -> None:
        super().__init__(client, place.target, files.meta, files)
        self._is_current = True  # another generation serves

    def ask(self, *bodies: Body) -> Sequence[Answer]:
        """Send searches in one request: see `Snapshot.ask`. They are repeated for `PATIENCE` seconds if they fail.

        Raises:
            IndexLockedError: Another process has taken over the index and removed the build.
        """
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with missing_as_taken_over():
                    return super().ask(*bodies)
            except UnavailableError:
                if time.monotonic() > end:
                    raise
            time.sleep(1.0)
