"""Finds where the story begins and ends among the lines of a page.

A story is prose: long lines that end a sentence. What surrounds it is short lines without an end. So each line gets a
weight, and the story is the run of lines with the greatest sum, found in one pass (maximum subsequence segmentation,
Pasternack and Roth 2009, over lines instead of words, with weights set by hand instead of learned ones). The weight of
a line depends on its neighbours, as in jusText (Pomikálek 2011): prose in a list of other stories weighs nothing, short
lines in a table cost nothing.
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
"""Weights of lines in words of prose; prose weighs its own words, at most `MOST_WEIGHT`.

What a heading of a list costs, the story behind it must outweigh; it costs no more than half of the story so far, or
the opening above a list of links would be lost. Of -2, -3 and -4 for a short line, -60, -100 and -150 for a heading,
these served news of 2008 and mixed pages of 2025 best together; of -6 to -20 for the others it makes no difference.
"""

TOLD_WORDS = 80
"""A story of so much prose ends for good where comments begin, however long those are.

Of 60, 100, 200 and 400 words the lower two served best; below them it may be the openings of stories in a list.
"""

LIST_HEADINGS = frozenset({Kind.HEADING, Kind.COMMENTS})
TOLD = frozenset({Kind.PROSE, Kind.SENTENCE, Kind.SHORT})
SENTENCES = frozenset({Kind.PROSE, Kind.SENTENCE})
ASIDE_WEIGHT = -10.0
MOST_SHORT = 100.0
"""Short lines between two lines of prose cost no more than this together, or long lists would end a story."""

TABLE_REACH = 3
TABLE_FIGURES = 2
"""A short line is in a table if so many lines of figures stand among the three above it, itself, and three below."""

TABLE_WEIGHT = 0.2
"""A table below the last prose belongs to the story. (F1 on mixed pages 0.929 with it, 0.927 without.)"""

TEASER_ENDS = ("...", "…", "[…]", "[...]")
TEASER_WORDS = 60
"""Prose of at most so many words that breaks off is the opening of another story; it weighs nothing."""

LONG_PROSE = 40
LISTED_PROSE = 15
"""A list of other stories ends with `LONG_PROSE` words of prose, or `LISTED_PROSE` beside another sentence."""

HEADING, COMMENTS, SHORT, PROSE, SENTENCE = Kind.HEADING, Kind.COMMENTS, Kind.SHORT, Kind.PROSE, Kind.SENTENCE
"""A look into the enumeration takes longer than the rest of a step."""

SHORT_WEIGHT = WEIGHTS[SHORT]
CELLS = frozenset({Kind.SHORT, Kind.DATE})


def best_run(lines: Sequence[Line]) -> tuple[int, int]:
    """Return where the run of lines with the greatest sum of weights begins and ends; all where nothing weighs."""
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
        if kind is COMMENTS and best >= TOLD_WORDS:
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
    if line.aside and line.kind in TOLD:
        return ASIDE_WEIGHT
    if line.kind is not PROSE:
        return 0.0 if in_list and line.kind is SENTENCE else WEIGHTS[line.kind]
    if in_list or (line.words <= TEASER_WORDS and line.text.endswith(TEASER_ENDS)):
        return 0.0
    return min(line.words, MOST_WEIGHT)


def in_tables(lines: Sequence[Line]) -> list[bool]:
    """Tell of each line whether it stands among figures, as the cells of tables do."""
    size = len(lines)
    marks = [line.figures for line in lines]
    if sum(marks) < TABLE_FIGURES:
        return [False] * size
    figures = [0, *accumulate(marks)]
    return [
        figures[min(index + TABLE_REACH + 1, size)] - figures[max(index - TABLE_REACH, 0)] >= TABLE_FIGURES
        for index in range(size)
    ]


def ends_list(lines: Sequence[Line], index: int) -> bool:
    """Tell whether the line of prose at `index` is too long, or too much among prose, for a list of other stories."""
    line = lines[index]
    if line.kind is not PROSE or line.words < LISTED_PROSE:
        return False
    beside = lines[max(index - 1, 0) : index + 2]
    return line.words >= LONG_PROSE or sum(other.kind in SENTENCES for other in beside) > 1
