"""Gold files: where they are and how to read them. The scripts that measure quality share this module."""

from __future__ import annotations

import argparse
import gzip
import json
import os
from pathlib import Path
from typing import Any

Row = dict[str, Any]
"""One row of a gold file, by field."""

WORKERS = 2
"""Worker processes that clean and tag the gold pages."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the option `--data`; its default is `DATELINE_EVAL`."""
    made = argparse.ArgumentParser(description=description.partition("\n")[0] if description else "")
    folder = os.environ.get("DATELINE_EVAL")
    made.add_argument("--data", type=Path, default=folder or None, required=not folder, metavar="DIR")
    return made


def folder_of(data: Path) -> Path:
    """Return the folder of the gold files: `data` itself or its subfolder `data`."""
    inner = data / "data"
    return inner if inner.is_dir() else data


def read(path: Path) -> list[Row]:
    """Return the rows of a gold file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
