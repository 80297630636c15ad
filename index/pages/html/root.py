"""Finds the element of an HTML page that holds its story.

Each block weighs what it adds to a story: prose its words, links and notices less than nothing. The story is in the
element whose blocks weigh most together, the tree's form of the greatest sum of a run.

Figures are of 300 pages of many kinds, each half of them alone, of which the rules were written looking at the first.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from index.pages.html.blocks import HEADINGS, LISTED
from index.pages.lines.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.pages.html.blocks import Block, Blocks
    from index.pages.lines.line import Line

MOST_WEIGHT = 60
LINK_WEIGHT = -3.0
LINK_SHARE = 0.6
LINK_WORDS = 25
LIST_HEADING_WEIGHT = -30.0
LISTED_WEIGHT = 0.5
SENTENCE_WEIGHT = 2.0
SHORT_WEIGHT = -1.0
FURNITURE_WEIGHT = -4.0
"""Weights of blocks in words of prose. Links of -2 to -4, short lines of -1 or -2 differ by less than 0.002 in F1."""

MOST_MARKED = {"comments": 0.97}
USUAL_MARKED = 0.3
MOST_MARKED_TOGETHER = {"comments": 0.98, "other stories": 0.8}
USUAL_MARKED_TOGETHER = 0.5
"""Of the plain text of a page an element that is named for something else than a story may hold this share, and all
such elements together that. One that holds more is the story, whatever it is called."""

PLAIN_CHARS = 60
"""Text in blocks with so many characters outside links is what shares of a page are counted in."""

INNER_SHARE = 0.95
STORY_SHARE = 0.7
"""An element inside the heaviest one is the story if it has this share of the weight, or that if it is called so."""

GROWTH = 0.5
"""The element around it, if called the story, is it where it adds this share of prose, not more than it in links."""


def labels_of(page: Blocks) -> list[str]:
    """Return the mark that each element has or inherits; marks that take in too much of the page do not count."""
    plain = [len(block.text) - block.linked for block in page.blocks]
    sums = [0, *accumulate([size if size >= PLAIN_CHARS else 0 for size in plain])]
    whole = sums[-1] or 1
    barred: set[str] = set()
    while True:
        found: list[str] = []
        together: dict[str, float] = {}
        for holder in page.holders:
            around = found[holder.parent] if holder.parent >= 0 else ""
            if around == "button" and holder.tag in HEADINGS:
                around = ""
            own = "" if around or holder.mark in barred else holder.mark
            if own:
                share = (sums[holder.last] - sums[holder.first]) / whole
                if share > MOST_MARKED.get(own, USUAL_MARKED):
                    own = ""
                else:
                    together[own] = together.get(own, 0.0) + share
            found.append(around or own)
        over = {
            mark for mark, share in together.items()
            if share > MOST_MARKED_TOGETHER.get(mark, USUAL_MARKED_TOGETHER)
        }  # fmt: skip
        if not over:
            return found
        barred |= over


def weigh(block: Block, line: Line) -> float:
    """Return what a block adds to the story that it is taken for a part of, in words of prose."""
    share = block.linked / len(block.text)
    if share > LINK_SHARE:
        return LINK_WEIGHT if line.words < LINK_WORDS else 0.0
    if block.tag in HEADINGS:
        return LIST_HEADING_WEIGHT if line.kind in (Kind.HEADING, Kind.COMMENTS) else 0.0
    if line.kind is Kind.PROSE:
        return min(line.words, MOST_WEIGHT) * (1 - share)
    if block.tag in LISTED:
        return LISTED_WEIGHT if share < 1 / 5 else SHORT_WEIGHT
    if line.kind is Kind.SENTENCE:
        return SENTENCE_WEIGHT
    return SHORT_WEIGHT if line.kind is Kind.SHORT else FURNITURE_WEIGHT


def root_of(page: Blocks, weights: Sequence[float]) -> int:
    """Return the element that holds the story, or -1 if no element weighs anything."""
    sums = [0.0, *accumulate(weights)]
    sizes = [sums[holder.last] - sums[holder.first] for holder in page.holders]
    best = max(range(len(sizes)), key=lambda index: (sizes[index], index), default=-1)
    if best < 0 or sizes[best] <= 0:
        return -1
    if any(page.holders[index].story for index in _around(page, best)):
        grown = _grown(page, weights, best)
        if grown != best:
            return grown
    for index in range(best + 1, len(sizes)):
        holder = page.holders[index]
        if holder.first >= page.holders[best].last:
            break
        if sizes[index] >= (STORY_SHARE if holder.story else INNER_SHARE) * sizes[best]:
            best = index
    return best


def _grown(page: Blocks, weights: Sequence[float], best: int) -> int:
    """Return the outermost element around `best` that is called the story and adds much of one."""
    gains = [0.0, *accumulate(weight if weight > 0 else 0.0 for weight in weights)]
    weighed = list(zip(page.blocks, weights, strict=True))
    sizes = [0, *accumulate(len(block.text) if weight else 0 for block, weight in weighed)]
    links = [0, *accumulate(block.linked if weight else 0 for block, weight in weighed)]
    for index in _around(page, best):
        outer, inner = page.holders[index], page.holders[best]
        own = gains[inner.last] - gains[inner.first]
        if outer.story and gains[outer.last] - gains[outer.first] - own > GROWTH * own:
            size = sizes[outer.last] - sizes[outer.first] - sizes[inner.last] + sizes[inner.first]
            linked = links[outer.last] - links[outer.first] - links[inner.last] + links[inner.first]
            if linked < GROWTH * size:
                best = index
    return best


def _around(page: Blocks, index: int) -> Iterator[int]:
    while (index := page.holders[index].parent) >= 0:
        yield index
