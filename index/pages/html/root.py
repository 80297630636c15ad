"""Find the element of an HTML page that holds its main content.

Each block has a weight: prose weighs its words, links and notices weigh less than zero. The main content is in the
element whose blocks have the greatest sum. This is the maximum-sum segment of a sequence, applied to a tree.

Figures in the notes were measured on 300 pages of many kinds, on each half separately. The rules were written with
only the first half in view.
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
BOILERPLATE_WEIGHT = -4.0
"""Weights of blocks, in words of prose.

Link weights from -2 to -4 and short-line weights of -1 or -2 change the F1 by less than 0.002.
"""

LABEL_SHARE = {"comments": 0.97}
USUAL_LABEL_SHARE = 0.3
LABEL_SHARE_TOGETHER = {"comments": 0.98, "other stories": 0.8}
USUAL_SHARE_TOGETHER = 0.5
"""Maximum share of a page's plain text in elements with a boilerplate label.

`LABEL_SHARE` is for one element, `LABEL_SHARE_TOGETHER` for all elements with the same label. The `USUAL_` values apply
to all other labels. Elements with a greater share are main content in spite of their label.
"""

PLAIN_CHARS = 60
"""Plain text is text in blocks with at least this many characters outside links."""

INNER_SHARE = 0.95
NAMED_SHARE = 0.7
"""Minimum weight of an inner element that is preferred to the heaviest one, as a share of its weight.

`NAMED_SHARE` applies to elements whose names say that they are main content, `INNER_SHARE` to others.
"""

GROWTH = 0.5
"""An element around the heaviest one is preferred if its names say that it is main content, and if two conditions hold:

1. It adds more than this share of prose.
2. Less than this share of the added text is in links.
"""


def labels_of(page: Blocks) -> list[str]:
    """Return the label of each element, its own or inherited. A label that covers too much of the page is ignored."""
    plain = [len(block.text) - block.linked for block in page.blocks]
    sums = [0, *accumulate([size if size >= PLAIN_CHARS else 0 for size in plain])]
    whole = sums[-1] or 1
    ignored: set[str] = set()
    while True:
        labels: list[str] = []
        together: dict[str, float] = {}
        for holder in page.holders:
            inherited = labels[holder.parent] if holder.parent >= 0 else ""
            if inherited == "button" and holder.tag in HEADINGS:
                inherited = ""
            label = "" if inherited or holder.label in ignored else holder.label
            if label:
                share = (sums[holder.last] - sums[holder.first]) / whole
                if share > LABEL_SHARE.get(label, USUAL_LABEL_SHARE):
                    label = ""
                else:
                    together[label] = together.get(label, 0.0) + share
            labels.append(inherited or label)
        over = {
            label for label, share in together.items()
            if share > LABEL_SHARE_TOGETHER.get(label, USUAL_SHARE_TOGETHER)
        }  # fmt: skip
        if not over:
            return labels
        ignored |= over


def weigh(block: Block, line: Line) -> float:
    """Return the weight of a block in words of prose, if it is taken as part of the main content."""
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
    return SHORT_WEIGHT if line.kind is Kind.SHORT else BOILERPLATE_WEIGHT


def content_element(page: Blocks, weights: Sequence[float]) -> int:
    """Return the index of the element that holds the main content, or -1 if no element has a weight above zero."""
    sums = [0.0, *accumulate(weights)]
    sizes = [sums[holder.last] - sums[holder.first] for holder in page.holders]
    best = max(range(len(sizes)), key=lambda index: (sizes[index], index), default=-1)
    if best < 0 or sizes[best] <= 0:
        return -1
    if any(page.holders[index].main_content for index in _around(page, best)):
        enclosing = _enclosing_content(page, weights, best)
        if enclosing != best:
            return enclosing
    for index in range(best + 1, len(sizes)):
        holder = page.holders[index]
        if holder.first >= page.holders[best].last:
            break
        if sizes[index] >= (NAMED_SHARE if holder.main_content else INNER_SHARE) * sizes[best]:
            best = index
    return best


def _enclosing_content(page: Blocks, weights: Sequence[float], best: int) -> int:
    """Return the outermost element around `best` that is named as main content and adds much prose, or `best`."""
    gains = [0.0, *accumulate(weight if weight > 0 else 0.0 for weight in weights)]
    weighed = list(zip(page.blocks, weights, strict=True))
    sizes = [0, *accumulate(len(block.text) if weight else 0 for block, weight in weighed)]
    links = [0, *accumulate(block.linked if weight else 0 for block, weight in weighed)]
    for index in _around(page, best):
        outer, inner = page.holders[index], page.holders[best]
        gain = gains[inner.last] - gains[inner.first]
        if outer.main_content and gains[outer.last] - gains[outer.first] - gain > GROWTH * gain:
            size = sizes[outer.last] - sizes[outer.first] - sizes[inner.last] + sizes[inner.first]
            linked = links[outer.last] - links[outer.first] - links[inner.last] + links[inner.first]
            if linked < GROWTH * size:
                best = index
    return best


def _around(page: Blocks, index: int) -> Iterator[int]:
    while (index := page.holders[index].parent) >= 0:
        yield index
