"""What reading yields: a raw article, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.sources.ids import path_id

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class RawArticle:
    """An article as it was found. One of `text` and `html` is set, unless `fault` says why it could not be read.

    `origin` is the file, or `file:line`, for messages. `published` and the other fields are what the input itself
    gives beside the text (a JSON line's fields, a WARC record's URL). `retrieved` is when the page was fetched (ISO
    8601), where that is known. `fault` is a short fixed reason; `fault_detail` is what helps to mend it.
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
    """An input file: where it is, its name in messages and in ids, its kind, how many bytes an article may have."""

    path: Path
    origin: str
    name: str
    kind: str
    limit: int

    def fault(self, reason: str, detail: str = "", line: int | None = None) -> RawArticle:
        """Return an article that stands for what could not be read: the file, or one line or record of it."""
        own, origin = path_id(self.name), self.origin
        if line is not None:
            own, origin = f"{own}~{line}", f"{origin}:{line}"
        return RawArticle(own, origin, fault=reason, fault_detail=detail)
