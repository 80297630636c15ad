"""Choose the source, author and dateline of an article: from the input's fields, the page's metadata, then the text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from index.facets.words import Word, flags
from index.pages.facts.bylines import authors, given_authors, is_byline, writers_at_end
from index.pages.facts.datelines import (
    Dateline,
    agency_at_end,
    agency_named,
    dateline_of,
    owner_of,
    source_of,
)
from index.sources.ids import host_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.pages.page import Markup, Page
    from index.sources.raw import RawArticle

OPENING_PARAGRAPHS = 2
"""How many paragraphs are searched for a dateline. The first one may be a summary."""

HEAD_LINES = 12
TAIL_LINES = 4
"""Lines above and below the main content that are searched for a source and an author."""

LONGEST_BYLINE = 160
"""Maximum characters of a line that is read as a byline."""

BARE_LINES = 6
LONGEST_BARE = 60
"""Lines above the main content that are searched for names without `By`, and the maximum characters of such a line."""


class Fact(NamedTuple):
    """One fact about an article and the place where it was found."""

    value: str | None = None
    place: str = ""


NOTHING = Fact()


@dataclass(frozen=True, slots=True)
class Facts:
    """The source, the author and the dateline's place of an article."""

    source: Fact = NOTHING
    author: Fact = NOTHING
    dateline: Fact = NOTHING


def find_facts(raw: RawArticle, page: Page, markup: Markup) -> Facts:
    """Return the facts from the input's fields, the page's metadata and the text, in this order of priority.

    The fields of `raw` and the lines of `page` must be repaired already.
    """
    line = next(
        (d for text in page.paragraphs[:OPENING_PARAGRAPHS] if any(d := dateline_of(text))), Dateline(None, None)
    )
    source = _first(_sources(raw, page, markup, line))
    author = _first(_authors(raw, page, markup, source.value))
    return Facts(source, author, Fact(line.place, "text" if line.place else ""))


def _first(facts: Iterator[Fact]) -> Fact:
    return next((fact for fact in facts if fact.value), NOTHING)


def _sources(raw: RawArticle, page: Page, markup: Markup, line: Dateline) -> Iterator[Fact]:
    yield Fact(raw.source, "field")
    yield Fact(source_of(markup.source or ""), markup.source_from)
    yield Fact(source_of(page.source or ""), "source line")
    yield Fact(line.agency, "dateline")
    for text in (*page.paragraphs[-1:], *page.tail[:TAIL_LINES]):
        yield Fact(agency_at_end(text), "last lines")
    for text in page.head[-HEAD_LINES:]:
        yield Fact(agency_named(text) if is_byline(text) else None, "byline")
    yield Fact(host_of(next((url for url in (raw.url, markup.url) if host_of(url)), None)), "url")
    for text in page.tail[-HEAD_LINES:]:
        yield Fact(owner_of(text), "copyright line")


def _authors(raw: RawArticle, page: Page, markup: Markup, source: str | None) -> Iterator[Fact]:
    yield Fact(given_authors(raw.author or "", source), "field")
    yield Fact(given_authors(markup.author or "", source), markup.author_from)
    near = [text for text in islice(reversed(page.head), HEAD_LINES) if len(text) <= LONGEST_BYLINE]
    for text in near:
        yield Fact(authors(text, abroad=True) if is_byline(text) else None, "byline")
    yield Fact(authors(page.author or ""), "byline")
    for text in near[:BARE_LINES]:
        yield Fact(_bare_names(text), "line above the story")
    for text in (*page.paragraphs[-1:], *page.tail[:TAIL_LINES]):
        yield Fact(writers_at_end(text), "last lines")


def _bare_names(line: str) -> str | None:
    """Return the names in a line that consists of names only: `JANE DOE and JOHN ROE`.

    Each name must begin with a known given name.
    """
    words = line.split(maxsplit=1)
    if len(line) > LONGEST_BARE or len(words) < 2 or not _is_given(words[0]):
        return None
    names = authors(line)
    sure = names and all(" " in name and _is_given(name.split()[0]) for name in names.split(", "))
    return names if names and sure and _covers(names, line) else None


def _is_given(word: str) -> bool:
    return bool(flags(word.capitalize() if word.isupper() else word) & Word.GIVEN)


def _covers(names: str, line: str) -> bool:
    """Tell whether a line begins with the first name and has only a few words besides the names, such as a role."""
    folded = line.casefold()
    first: Sequence[str] = names.casefold().split(", ")
    return folded.startswith(first[0]) and len(folded.split()) <= len(names.split()) + 2 + len(first)
