"""Format of the log lines of Dateline's programs. Only a program calls `configure`; other code just gets a logger."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

ROOT = "dateline"
"""All loggers are below this name: `dateline.index`, `dateline.engine`, `dateline.api`, `dateline.server`."""

TEXT, JSON = "text", "json"
"""The styles of `DATELINE_LOG`."""

_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
"""Attributes of every log record; all others are extra fields of one call."""

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


class TextFormatter(logging.Formatter):
    """Formats a record as `TIME LEVEL LOGGER: MESSAGE`, in UTC; a traceback follows on lines of its own."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - named by the standard library
        """Return the line. Control characters are escaped, so that a request cannot forge a line."""
        return super().formatMessage(record).translate(_CONTROLS)


class JsonFormatter(TextFormatter):
    """Formats a record as one JSON object on one line: time, level, logger, message, process and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object. The key `exception` holds a traceback, if any."""
        extra: dict[str, Any] = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        line = extra | {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        first = ("time", "level", "logger", "message")
        return json.dumps({name: line.pop(name) for name in first} | line, default=str)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to the current `sys.stderr`, because a test may replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def configure(style: str, level: int) -> None:
    """Write the log lines of this process to standard error. A second call replaces the first one."""
    handler = _StandardError()
    handler.setFormatter(JsonFormatter() if style == JSON else TextFormatter())
    root = logging.getLogger(ROOT)
    root.handlers = [handler]
    root.setLevel(level)


def share_format(name: str) -> None:
    """Give the handlers of another logger the format of Dateline's lines. Call it after `configure`."""
    (ours,) = logging.getLogger(ROOT).handlers
    for handler in logging.getLogger(name).handlers:
        handler.setFormatter(ours.formatter)
