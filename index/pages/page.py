"""The result of reading a page, whether it is plain text or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from index.dates.printed import Clue


class Verdict(NamedTuple):
    """A line of a page and the reason why it was cut. The reason of a kept line is empty."""

    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The main content of a page.

    `paragraphs` are the kept lines. `head` and `tail` are the lines above and below them: they may hold
    dates and names. `verdicts` has every line of the page in order, including the headline.
    """

    title: str
    paragraphs: tuple[str, ...]
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    author: str | None = None
    source: str | None = None
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Markup:
    """The metadata in a page's markup.

    `dates` begin with the most trusted one. `updates` are the dates of a last change. `title_from`, `author_from` and
    `source_from` name the places where each was found.
    """

    title: str | None = None
    author: str | None = None
    source: str | None = None
    language: str | None = None
    url: str | None = None
    body: str | None = None
    dates: tuple[Clue, ...] = ()
    updates: tuple[Clue, ...] = ()
    title_from: str = ""
    author_from: str = ""
    source_from: str = ""
