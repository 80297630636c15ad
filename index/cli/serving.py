"""Runs gunicorn in this process for `dateline serve`.

gunicorn's own command line puts the current folder on the module path and reads a `gunicorn.conf.py` there. A folder
with a `wsgi.py` or `api/` of another project would then be served. This module sets the options itself instead.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from search import logs
from search.engine import open_engine
from search.errors import SearchError

if TYPE_CHECKING:
    from search.settings import Settings

log = logging.getLogger("dateline.server")

REQUEST_LINE_BYTES = 8190
"""Maximum length of a request line, the highest that gunicorn accepts. A non-Latin letter takes six or nine bytes."""

THREADS = 4
"""Threads per process. A search runs in the engine, which releases the interpreter lock; more threads only wait."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 stands for any free port.

    Raises:
        SearchError: The port is in use, or the host is empty or not an address of this machine.
    """
    if not host:  # the system would listen on all addresses
        raise SearchError("--host is empty.", remedy="Give an address, such as --host 127.0.0.1.")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except (OSError, UnicodeError) as error:  # UnicodeError: too long for the name of a host
        listener.close()
        raise SearchError(_reason(host, port, error)) from error
    return listener


def _reason(host: str, port: int, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
    if code == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8000
        return f"Port {port} on {host} is in use. Choose another one, such as --port {other}."
    if code == errno.EACCES:
        return f"Port {port} needs administrator rights. Choose another one, such as --port 8000."
    return f"{host!r} is not an address of this machine. Choose another one, such as --host 127.0.0.1."


class _GunicornLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes gunicorn's own lines in the format of Dateline's, also after gunicorn has reloaded its configuration."""

    def setup(self, cfg: Any) -> None:
        """See gunicorn."""
        super().setup(cfg)
        logs.share_format("gunicorn.error")


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with `wsgi:app`, which is loaded before the workers start: a bad setting raises in `run`."""

    def __init__(self, listener: socket.socket, workers: int | None, settings: Settings) -> None:
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
        self._settings = settings
        self._options = {
            "bind": f"fd://{listener.detach()}",
            "workers": workers or os.cpu_count() or 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "limit_request_line": REQUEST_LINE_BYTES,
            "preload_app": True,
            "control_socket_disable": True,
            "loglevel": "error" if log.getEffectiveLevel() >= logging.ERROR else "info",
            "logger_class": _GunicornLog,
            "when_ready": lambda _: self._announce(address),
        }
        super().__init__()

    def load_config(self) -> None:
        """Set the options; nothing is read from the current folder."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application. Raises `SettingError` if a setting cannot be used."""
        os.environ["DATELINE_INDEX"] = self._settings.index
        return import_module("wsgi").app

    def _announce(self, address: str) -> None:
        url = open_engine(self._settings.index, self._settings).url  # without a password
        log.info("Dateline serves %s on %s", url, address, extra={"index": url, "address": address})
