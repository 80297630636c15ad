"""Why an article came out as it did: each line kept or cut, each date considered, each fact's and tag's origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from index.clean.language import language_of, normal
from index.clean.steps import Rejected, go_through
from index.pages.facts.choose import Fact
from index.pages.page import Verdict
from search.model import SEPARATOR
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from index.clean.steps import ArticleDraft
    from index.pages.dating.choose import Candidate
    from index.sources.raw import RawArticle
    from search.model import Article, Mention
    from search.settings import Settings

RECURS = "recurs on other pages of the source"
"""Why a paragraph was cut that the page alone gave no reason to cut."""

LONG = {"Line": 40, "Text": 40, "Fact": 40, "At": 16}
"""The one column of each table that takes what the others leave, and the cells of the terminal that they shall leave.

A Chinese character takes two cells.
"""
GAP = 2
WHOLE = "Date"
"""The column that is never shortened."""

LEAST_CELLS = 10
"""Cells to which another column may be shortened."""

MOST_FORMS = 8
"""Ways of naming one country or person that are listed: an article of many spellings shall not fill the screen."""

KEPT, CUT = "green", "dim"
"""Styles; a terminal without colours shows the verdict in words as well."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was decided about one article and why; `facts` by name."""

    lines: tuple[Verdict, ...]
    dates: tuple[Candidate, ...]
    facts: dict[str, Fact]
    item: Article | Rejected

    def record(self) -> dict[str, Any]:
        """Return what `dateline extract --explain` prints: the usual object and `explain`."""
        item = self.item
        usual = {"id": item.id, "rejected": item.reason} if isinstance(item, Rejected) else records.to_record(item)
        lines = [{"text": line.text, "kept": not line.reason, "reason": line.reason} for line in self.lines]
        dates = [
            {"place": d.place, "text": d.text, "published": d.published, "score": d.score, "refused": d.refused}
            for d in self.dates
        ]
        sources = {name: {"value": fact.value, "from": fact.place} for name, fact in self.facts.items()}
        return usual | {"explain": {"lines": lines, "dates": dates, "sources": sources}}


def explain(raw: RawArticle, item: Article | Rejected, settings: Settings) -> Explanation:
    """Return why `raw` became `item`. Cleans it once more, so that what is not asked for costs nothing."""
    draft, _ = go_through(raw, settings)
    facts = {} if isinstance(item, Rejected) else _facts(draft, item)
    return Explanation(_lines(draft, item), draft.dating.candidates, facts, item)


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print an explanation as tables, in the width of the console; long lines are shortened."""
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


def _lines(draft: ArticleDraft, item: Article | Rejected) -> tuple[Verdict, ...]:
    """Return the verdicts of the page; what fell later, as it recurs in the batch, is marked."""
    verdicts = draft.page.verdicts or tuple(Verdict(text) for text in draft.page.paragraphs)
    if isinstance(item, Rejected):
        return verdicts
    gone = set(draft.page.paragraphs) - set(item.body.split(SEPARATOR))
    return tuple(Verdict(v.text, RECURS) if not v.reason and v.text in gone else v for v in verdicts)


def _facts(draft: ArticleDraft, item: Article) -> dict[str, Fact]:
    read = language_of(" ".join(draft.page.paragraphs[:4]))
    told = "field" if normal(draft.raw.language) else "text" if read == draft.language else "markup"
    return {
        "title": Fact(item.title, draft.title_from),
        "published": Fact(item.published, item.published_from or ""),
        "source": draft.facts.source,
        "author": draft.facts.author,
        "dateline": draft.facts.dateline,
        "language": Fact(item.language, told if item.language else ""),
    }


def _table(headings: tuple[str, ...], rows: list[tuple[Text, ...]], width: int) -> Table:
    """Return a table of `width` cells with one line a row; where there is no room, the widest columns are shortened."""
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
    """Yield text, rule and places for each way in which an article names one country or person."""
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
