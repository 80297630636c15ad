"""The result of reading a record: a raw article, or the fault that made it unreadable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.sources.ids import path_id

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class RawArticle:
    """An article as it was read. Either `text` or `html` is set, or `fault` says why it could not be read.

    `origin` is the file, or `file:line`, for messages. `published` and the other fields come from the input itself,
    such as the fields of a JSON line or the URL of a WARC record. `retrieved` is the time of the fetch (ISO 8601), if
    known. `fault` is a short fixed reason, and `fault_detail` helps to fix it.
    """

    id: str
    origin: str
    text: str | None = None
    html: str | None = None
    url: str | None = None
    title: str | None = None
    published: str | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None
    retrieved: str | None = None
    fault: str | None = None
    fault_detail: str = ""


@dataclass(frozen=True, slots=True)
class InputFile:
    """An input file: its path, its names in messages and in ids, its kind, and the maximum bytes of an article."""

    path: Path
    origin: str
    name: str
    kind: str
    limit: int

    def fault(self, reason: str, detail: str = "", line: int | None = None) -> RawArticle:
        """Return an article with a fault.

        It stands for a file, or for one line or record of it, that could not be read.
        """
        own, origin = path_id(self.name), self.origin
        if line is not None:
            own, origin = f"{own}~{line}", f"{origin}:{line}"
        return RawArticle(own, origin, fault=reason, fault_detail=detail)
