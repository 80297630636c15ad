"""What a request needs of the application: the settings, and the engine of this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from flask import current_app

from search.engine import open_engine

if TYPE_CHECKING:
    from search.engine import Engine
    from search.settings import Settings

EXTENSION = "dateline"


class Service:
    """Holds the settings and opens the engine once a process.

    gunicorn may build the application before it forks. Files, sockets and threads of an engine do not outlive a fork
    in good order, so each process opens its own; the first opening tells a bad index URL before anything is served.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened = (os.getpid(), open_engine(settings.index, settings))

    @property
    def engine(self) -> Engine:
        """The engine of this process. Two threads that come first at once open two; either serves."""
        pid, engine = self._opened
        if pid != os.getpid():
            engine = open_engine(self.settings.index, self.settings)
            self._opened = (os.getpid(), engine)
        return engine


def service() -> Service:
    """Return the current application's service."""
    return cast("Service", current_app.extensions[EXTENSION])
