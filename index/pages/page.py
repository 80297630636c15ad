"""What reading a page yields, whether it came as plain text or as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from index.dates.printed import Clue


class Verdict(NamedTuple):
    """A line of a page and why it was cut; no reason where it was kept."""

    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A story taken out of its page.

    `paragraphs` are what is kept. `head` and `tail` are the lines above and below the story, for dates and names.
    `verdicts` hold every line of the page, in its order, the headline's among them.
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
    """What a page's markup says about its article. `dates` come in the order of trust, `updates` are second best.

    `title_from`, `author_from` and `source_from` tell where each was found.
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
