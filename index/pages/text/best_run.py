"""Find where the main content of a plain-text page begins and ends.

The main content is prose: long lines that end a sentence. The boilerplate around it is short lines without an end. So
each line gets a weight, and the main content is the run of lines with the greatest sum, found in one pass. This is
maximum subsequence segmentation (Pasternack and Roth 2009), on lines instead of words, with weights set by hand instead
of learned ones. As in jusText (Pomikálek 2011), the weight of a line depends on its neighbours: prose in a list of
other articles weighs nothing, and short lines in a table cost nothing.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from index.pages.lines.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.pages.lines.line import Line

MOST_WEIGHT = 50
WEIGHTS = {
    Kind.SENTENCE: 2.0,
    Kind.SHORT: -3.0,
    Kind.DATE: -12.0,
    Kind.BYLINE: -4.0,
    Kind.NOISE: -6.0,
    Kind.BOILERPLATE: -8.0,
    Kind.HEADING: -100.0,
    Kind.COMMENTS: -250.0,
    Kind.RULE: 0.0,
}
"""Weights of lines, in words of prose. Prose weighs its own number of words, at most `MOST_WEIGHT`.

The text after the heading of a list must outweigh the cost of the heading. The cost is at most half of the weight so
far, otherwise the text before a list of links would be lost.

Calibration: short lines were tried with -2, -3 and -4, headings with -60, -100 and -150. These values gave the best
results on news of 2008 and mixed pages of 2025 together. The other weights make no difference between -6 and -20.
"""

ENOUGH_WORDS = 80
"""Comments end the main content if it has at least 80 words of prose. Text after the comments is then ignored.

A shorter text may be the first words of articles in a list. Of 60, 100, 200 and 400 words the lower two gave the best
results.
"""

LIST_HEADINGS = frozenset({Kind.HEADING, Kind.COMMENTS})
CONTENT_KINDS = frozenset({Kind.PROSE, Kind.SENTENCE, Kind.SHORT})
SENTENCES = frozenset({Kind.PROSE, Kind.SENTENCE})
ASIDE_WEIGHT = -10.0
MOST_SHORT = 100.0
"""Maximum cost of the short lines between two lines of prose. Otherwise long lists would end the content."""

TABLE_REACH = 3
TABLE_FIGURES = 2
"""A short line is in a table if at least two lines from three above it to three below it are lines of figures."""

TABLE_WEIGHT = 0.2
"""Weight of a table cell, so that a table below the last prose is kept.

On mixed pages the F1 is 0.929 with it, 0.927 without.
"""

TEASER_ENDS = ("...", "…", "[…]", "[...]")
TEASER_WORDS = 60
"""Prose of at most 60 words that ends with an ellipsis is the teaser of another article; it weighs nothing."""

LONG_PROSE = 40
LISTED_PROSE = 15
"""A list of other articles ends at a line with 40 words of prose, or with 15 if another sentence is next to it."""

HEADING, COMMENTS, SHORT, PROSE, SENTENCE = Kind.HEADING, Kind.COMMENTS, Kind.SHORT, Kind.PROSE, Kind.SENTENCE
"""Copies of the kinds: an attribute look-up in the enumeration would take longer than the rest of a step."""

SHORT_WEIGHT = WEIGHTS[SHORT]
CELLS = frozenset({Kind.SHORT, Kind.DATE})


def best_run(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the start and end of the run with the greatest sum of weights, or of all lines if no sum is positive."""
    best = total = short = 0.0
    first = start = last = 0
    in_list = False
    tables = in_tables(lines)
    for index, (line, in_table) in enumerate(zip(lines, tables, strict=True)):
        if total <= 0:
            total, start = 0.0, index
        kind = line.kind
        if kind is SHORT and not in_table and not line.aside:
            short -= SHORT_WEIGHT
            total += SHORT_WEIGHT if short <= MOST_SHORT else 0.0
            continue
        if kind is COMMENTS and best >= ENOUGH_WORDS:
            break
        if kind in LIST_HEADINGS:
            in_list, short = True, 0.0
            total += max(WEIGHTS[kind], -total / 2) if kind is HEADING else WEIGHTS[kind]
        else:
            in_list = in_list and not ends_list(lines, index)
            total += _weight(line, in_list=in_list, in_table=in_table)
            short = 0.0 if kind is PROSE and not in_list and not line.aside else short
        if total > best:
            best, first, last = total, start, index + 1
    return (first, last) if last else (0, len(lines))


def _weight(line: Line, *, in_list: bool, in_table: bool) -> float:
    if in_table and line.kind in CELLS:
        return 0.0 if in_list else TABLE_WEIGHT
    if line.aside and line.kind in CONTENT_KINDS:
        return ASIDE_WEIGHT
    if line.kind is not PROSE:
        return 0.0 if in_list and line.kind is SENTENCE else WEIGHTS[line.kind]
    if in_list or (line.words <= TEASER_WORDS and line.text.endswith(TEASER_ENDS)):
        return 0.0
    return min(line.words, MOST_WEIGHT)


def in_tables(lines: Sequence[Line]) -> list[bool]:
    """Return for each line whether it is among lines of figures, like the cells of a table."""
    size = len(lines)
    has_figures = [line.figures for line in lines]
    if sum(has_figures) < TABLE_FIGURES:
        return [False] * size
    figures = [0, *accumulate(has_figures)]
    return [
        figures[min(index + TABLE_REACH + 1, size)] - figures[max(index - TABLE_REACH, 0)] >= TABLE_FIGURES
        for index in range(size)
    ]


def ends_list(lines: Sequence[Line], index: int) -> bool:
    """Tell whether the prose at `index` is too long for a list of other articles, or has too much prose next to it."""
    line = lines[index]
    if line.kind is not PROSE or line.words < LISTED_PROSE:
        return False
    beside = lines[max(index - 1, 0) : index + 2]
    return line.words >= LONG_PROSE or sum(other.kind in SENTENCES for other in beside) > 1
