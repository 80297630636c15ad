"""The WSGI application with what its requests need: the settings, and the engine of this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast
from weakref import WeakSet

import flask

from search.engine import open_engine

if TYPE_CHECKING:
    from search.settings import Settings


class Application(flask.Flask):
    """Flask with the settings, and with an engine that is opened once in each process.

    gunicorn may build the application before it forks. The files, sockets and threads of an engine do not survive a
    fork, so each child process opens an engine of its own. The first opening reports a bad index URL before the server
    starts.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name)
        self.settings = settings
        self.engine = open_engine(settings.index, settings)
        _opened.add(self)

    def reopen(self) -> None:
        """Replace the engine by a new one."""
        self.engine = open_engine(self.settings.index, self.settings)


_opened: WeakSet[Application] = WeakSet()


def _reopen_all() -> None:
    for application in _opened:
        application.reopen()


os.register_at_fork(after_in_child=_reopen_all)

current_app = cast("Application", flask.current_app)
"""The application of this request."""
