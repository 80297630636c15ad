"""Prints the explanation of an article as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from index.clean.steps import Rejected
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from index.clean.explain import Explanation
    from search.model import Article, Mention

LONG = {"Line": 40, "Text": 40, "Fact": 40, "At": 16}
"""Minimum width of the flexible column of each table, in terminal cells. This column also gets the remaining width.

A Chinese character takes two cells.
"""

GAP = 2
"""Cells between two columns."""

WHOLE = "Date"
"""The column that is never shortened."""

LEAST_CELLS = 10
"""Minimum width of the other columns, in cells."""

MOST_FORMS = 8
"""Spellings listed per country or person, so that an article with many of them does not fill the screen."""

KEPT, CUT = "green", "dim"
"""Styles of kept and cut lines. The verdict is also printed as a word, for terminals without colours."""


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print an explanation as tables that fit the console; long lines are shortened."""
    item = explanation.item
    verdict = f"rejected: {item.reason}" if isinstance(item, Rejected) else ""
    heading = Text.assemble((item.id, "bold"), "  ", (verdict, "red"))
    parts: list[RenderableType] = [heading]
    for headings, rows in (
        (("", "Fact", "From"), _fact_rows(explanation)),
        (("Verdict", "Line", "Reason"), _line_rows(explanation)),
        (("Weight", "Country", "Mention", "Rule", "At"), _country_rows(item)),
        (("Person", "Mention", "Rule", "At"), _person_rows(item)),
        (("Score", "Date", "Found in", "Text", "Refused"), _date_rows(explanation)),
    ):
        parts += [_table(headings, rows, console.width), Text()] if rows else []
    if not isinstance(item, Rejected):
        parts += [Text(f"Warning: {warning}", "yellow") for warning in item.warnings]
    console.print(Group(*parts), soft_wrap=False)


def _table(headings: tuple[str, ...], rows: list[tuple[Text, ...]], width: int) -> Table:
    """Return a table of `width` cells with one line per row. If it is too narrow, the widest columns are shortened."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns = zip(headings, zip(*rows, strict=True), strict=True)
    needed = {heading: max(len(heading), *(cell.cell_len for cell in cells)) for heading, cells in columns}
    others = [heading for heading in headings if heading not in LONG]
    room = width - GAP * len(others) - max(LONG.get(heading, 0) for heading in headings)
    widths = needed
    for cap in range(max(needed[heading] for heading in others), LEAST_CELLS - 1, -1):
        widths = {heading: cells if heading == WHOLE else min(cap, cells) for heading, cells in needed.items()}
        if sum(widths[heading] for heading in others) <= room:
            break
    left = max(LEAST_CELLS, width - sum(widths[heading] + GAP for heading in others))
    for heading in headings:
        cells = min(needed[heading], left) if heading in LONG else widths[heading]
        table.add_column(heading, no_wrap=True, overflow="ellipsis", width=cells)
    for row in rows:
        table.add_row(*row)
    return table


def _fact_rows(explanation: Explanation) -> list[tuple[Text, ...]]:
    return [(Text(name), Text(fact.value or "-"), Text(fact.place)) for name, fact in explanation.facts.items()]


def _line_rows(explanation: Explanation) -> list[tuple[Text, ...]]:
    return [
        (Text("cut" if line.reason else "kept"), Text(line.text, CUT if line.reason else KEPT), Text(line.reason))
        for line in explanation.lines
    ]


def _country_rows(item: Article | Rejected) -> list[tuple[Text, ...]]:
    if isinstance(item, Rejected):
        return []
    heaviest = sorted(item.countries, key=lambda one: -one.weight)
    return [
        (Text("" if number else f"{one.weight:.2f}"), Text("" if number else one.name), *cells)
        for one in heaviest
        for number, cells in enumerate(_form_cells(one.mentions))
    ]


def _person_rows(item: Article | Rejected) -> list[tuple[Text, ...]]:
    if isinstance(item, Rejected):
        return []
    most = sorted(item.persons, key=lambda one: -len(one.mentions))
    return [
        (Text("" if number else one.name), *cells)
        for one in most
        for number, cells in enumerate(_form_cells(one.mentions))
    ]


def _form_cells(mentions: tuple[Mention, ...]) -> Iterator[tuple[Text, ...]]:
    """Yield the cells of each spelling of one country or person: text, rule, offsets."""
    forms = records.forms(mentions)
    for form in forms[:MOST_FORMS]:
        places = ", ".join(f"{mention.start}-{mention.end}" for mention in form.mentions)
        yield Text(" ".join(form.text.split())), Text(form.rule), Text(places)
    if len(forms) > MOST_FORMS:
        yield Text(f"and {len(forms) - MOST_FORMS} more ways", CUT), Text(""), Text("")


def _date_rows(explanation: Explanation) -> list[tuple[Text, ...]]:
    return [
        (
            Text(f"{d.score:.2f}"),
            Text(d.published or "-"),
            Text(d.place),
            Text(" ".join(d.text.split())),
            Text(d.refused),
        )
        for d in explanation.dates
    ]
