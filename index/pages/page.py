"""What reading a page yields, whether it came as plain text or as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


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
