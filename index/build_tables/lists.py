"""Reads the hand-written lists in this folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def load(name: str) -> dict[str, Any]:
    """Return the content of `name`.toml in this folder."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def listed(text: str) -> Iterator[tuple[str, str]]:
    """Yield each country code and name of a list such as "US USA | Amerika ; GB England"."""
    for entry in " ".join(text.split()).split(" ; "):
        code, _, names = entry.partition(" ")
        yield from ((code, name) for name in names.split(" | "))
