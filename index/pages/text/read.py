"""Find the main content of a plain-text page: its title, its paragraphs, and the lines around them.

The main content is the run of lines with the most prose. Boilerplate lines inside it are dropped. A text without signs
of a page around it is taken whole. Time is linear in the length of the text.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from index.pages.lines.kinds import DIGIT, Kind, byline
from index.pages.lines.line import Line, lines_of, unwrap
from index.pages.lines.vocabulary import DATELINE, SOURCE_LINE
from index.pages.page import Page, Verdict
from index.pages.text.best_run import LIST_HEADINGS, best_run, ends_list
from index.pages.text.head import DATELINE_CHARS, HEAD_KINDS, find_title, is_same, skip_head

if TYPE_CHECKING:
    from collections.abc import Sequence

DROPPED = HEAD_KINDS | {Kind.RULE}

REASONS = {
    Kind.DATE: "date",
    Kind.BYLINE: "byline",
    Kind.NOISE: "notice",
    Kind.HEADING: "heading of a list",
    Kind.COMMENTS: "comments",
    Kind.BOILERPLATE: "menu or footer",
    Kind.RULE: "no words",
}
HEADLINE, ABOVE, BELOW = "headline", "above the story", "below the story"
LISTED, COMMENTED = "other stories", "comments"
"""Further reasons why a line is cut."""

PAGE_EVIDENCE = {Kind.BOILERPLATE: 2, Kind.HEADING: 2, Kind.COMMENTS: 2, Kind.NOISE: 1}
ENOUGH_EVIDENCE = 3
"""A text with this much evidence is a whole page.

Two boilerplate lines are enough, but not two notices: wire reports have notices, too.
"""

MENU_RUN = 6
LISTED_DATES = 2
"""Two date lines below the last sentence are evidence of a list of other articles."""

MENU_WORDS = 4
"""Six consecutive lines of at most four words before the first prose are a menu. They have no digits, as tables do."""

TITLE_SLACK = 5
"""A line repeats the title if it differs only in case and surrounding signs, and by fewer characters than this."""

PROSE = Kind.PROSE
"""A copy of the kind: an attribute look-up in the enumeration would take longer than the rest of a step."""

NEW = tuple.__new__
"""Creates a `Verdict` from each pair without running Python code for each line."""


def read_page(text: str, title: str | None = None, *, is_page: bool = False) -> Page:
    """Return the main content of a text, with a verdict on each line. Wrapped lines are joined first.

    `title` is the title if the input gives one. If `is_page` is false, the text itself decides whether it is a whole
    page. Reading a result again, with its title, leaves it unchanged.
    """
    unwrapped = unwrap(text)
    lines = lines_of(unwrapped)
    is_page = is_page or _is_page(lines)
    first, last = best_run(lines) if is_page else (0, _list_at_end(lines))
    best_title, begin = find_title(lines, first, title, is_page=is_page)
    first = skip_head(lines, begin if begin <= last else first, last)
    head, content, tail = lines[:first], lines[first:last], lines[last:]
    title = title or best_title
    inside = _reasons_inside(content, title, is_page=is_page)
    body = [line for line, reason in zip(content, inside, strict=True) if not reason]
    reasons = [*_reasons_around(head, title, ABOVE), *inside, *_reasons_around(tail, title, BELOW)]
    return Page(
        title=title,
        paragraphs=tuple(line.text for line in body),
        head=tuple(unwrapped[:first]),
        tail=tuple(unwrapped[last:]),
        author=_author(head) or _author(content),
        source=_source(tail) or _source(content) or _agency(body),
        verdicts=tuple(map(NEW, repeat(Verdict), zip(unwrapped, reasons, strict=True))),
    )


def _is_page(lines: Sequence[Line]) -> bool:
    """Tell whether the text is a whole page: it has lines of boilerplate, or a menu before the first prose."""
    kinds = [line.kind for line in lines]
    if sum(kinds.count(kind) * weight for kind, weight in PAGE_EVIDENCE.items()) >= ENOUGH_EVIDENCE:
        return True
    run = 0
    for line in lines:
        if line.kind is PROSE:
            break
        run = run + 1 if line.words <= MENU_WORDS and line.kind is Kind.SHORT and not DIGIT.search(line.text) else 0
        if run >= MENU_RUN:
            return PROSE in kinds
    return False


def _list_at_end(lines: Sequence[Line]) -> int:
    """Return the index where lists of other articles begin at the end of the text, or the number of lines."""
    end = next((at for at in range(len(lines), 0, -1) if lines[at - 1].kind in {Kind.PROSE, Kind.SENTENCE}), 1)
    below = [line.kind for line in lines[end:]]
    if below.count(Kind.DATE) >= LISTED_DATES:
        return end
    return next((end + at for at, kind in enumerate(below) if kind in {Kind.HEADING, Kind.COMMENTS}), len(lines))


def _reasons_inside(lines: Sequence[Line], title: str, *, is_page: bool) -> list[str]:
    """Return the reason why each line inside the content is cut, or an empty text if it is kept."""
    reasons, in_list = [], ""
    shortest, longest = len(title) - TITLE_SLACK, len(title) + TITLE_SLACK
    for line in lines:
        kind = line.kind
        if kind is PROSE:
            in_list = ""
        elif kind in LIST_HEADINGS:
            in_list = COMMENTED if kind is Kind.COMMENTS else LISTED
        if in_list and is_page:
            reasons.append(REASONS[kind] if kind in LIST_HEADINGS else in_list)
        elif kind in DROPPED:
            reasons.append(REASONS[kind])
        else:
            may_be_headline = shortest < len(line.text) < longest
            reasons.append(HEADLINE if may_be_headline and _is_headline(line.text, title) else "")
    if all(reasons):
        return [
            "" if line.kind in {Kind.PROSE, Kind.SENTENCE} else reason
            for line, reason in zip(lines, reasons, strict=True)
        ]
    return reasons


def _reasons_around(lines: Sequence[Line], title: str, place: str) -> list[str]:
    """Return the reason why each line above or below the content is cut."""
    reasons, in_list = [], ""
    shortest, longest = len(title) - TITLE_SLACK, len(title) + TITLE_SLACK
    for index, line in enumerate(lines):
        kind = line.kind
        if kind in LIST_HEADINGS:
            in_list = COMMENTED if kind is Kind.COMMENTS else LISTED
        elif kind is PROSE and in_list == LISTED and ends_list(lines, index):
            in_list = ""
        if shortest < len(line.text) < longest and _is_headline(line.text, title):
            reasons.append(HEADLINE)
        else:
            reasons.append(REASONS.get(kind) or in_list or place)
    return reasons


def _is_headline(text: str, title: str) -> bool:
    return bool(title) and is_same(text, title)


def _author(lines: Sequence[Line]) -> str | None:
    return next((byline(line.text) for line in lines if line.kind is Kind.BYLINE), None)


def _source(lines: Sequence[Line]) -> str | None:
    for line in lines:
        match = SOURCE_LINE.match(line.text) if line.kind is Kind.NOISE else None
        if match:
            return match["name"].strip()
    return None


def _agency(lines: Sequence[Line]) -> str | None:
    match = DATELINE.match(lines[0].text[:DATELINE_CHARS]) if lines else None
    return match["agency"] if match else None
