"""The WSGI application with what its requests need: the settings, and the engine of this process."""

from __future__ import annotations

import logging
import os
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import flask

from search.engine import open_engine
from search.errors import SearchError

if TYPE_CHECKING:
    from search.settings import Settings

log = logging.getLogger("dateline.server")


def program_version() -> str:
    """Return the installed version of Dateline, or 0 in a copy that is not installed."""
    try:
        return version("dateline")
    except PackageNotFoundError:
        return "0"


class Application(flask.Flask):
    """Flask with the settings, and with an engine that is opened once in each process.

    gunicorn may build the application before it forks. The files, sockets and threads of an engine do not survive a
    fork, so each child process opens an engine of its own. The first opening reports a bad index URL before the server
    starts.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name)
        self.logger = logging.getLogger("dateline.api")
        self.settings = settings
        self.engine = open_engine(settings.index, settings)
        _opened.add(self)

    def reopen(self) -> None:
        """Replace the engine with a new one."""
        self.engine = open_engine(self.settings.index, self.settings)

    def log_start(self) -> None:
        """Log which index this server opened. Afterwards no file of the index stays open, since gunicorn may fork."""
        facts: dict[str, object] = {"index": self.engine.url, "version": program_version()}
        try:
            info = self.engine.info()
        except SearchError as error:
            log.warning("%s The server answers as soon as there is an index.", error, extra=facts)
        else:
            facts |= {"generation": info.generation, "articles": info.articles}
            text = "Dateline %(version)s opened %(index)s: generation %(generation)s, %(articles)d articles"
            log.info(text, facts, extra=facts)
        self.reopen()

    def log_exception(self, exc_info: Any) -> None:
        """Log an unexpected error of a request with its traceback."""
        request = flask.request
        facts = {"method": request.method, "path": request.path, "status": 500}
        self.logger.error("%s %s failed", request.method, request.path, exc_info=exc_info, extra=facts)


_opened: WeakSet[Application] = WeakSet()


def _reopen_all() -> None:
    for application in _opened:
        application.reopen()


os.register_at_fork(after_in_child=_reopen_all)

current_app = cast("Application", flask.current_app)
"""The application of this request."""
