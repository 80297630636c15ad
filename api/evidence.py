"""Why an article has its countries and persons: its text in marked pieces, and each tag with its mentions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from api.links import search_link
from search.model import SEPARATOR
from search.records import forms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Article, Query
    from search.records import Form

COUNTRY, PERSON = "country", "person"
"""The kinds of tags: classes in the pages, and the parameters of a search."""

LEADING = 3
"""Countries, and persons, that a hit shows."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A country or a person of an article; `value` is what a search filters by.

    `weight`, from 0 to 1, is that of a country; `spelled` is the name of a person in this article where it differs.
    """

    kind: str
    value: str
    label: str
    forms: tuple[Form, ...]
    weight: float | None = None
    spelled: str = ""

    @property
    def count(self) -> int:
        """How many mentions it has."""
        return sum(len(form.mentions) for form in self.forms)


class Piece(NamedTuple):
    """A part of a text that begins at code point `start`, named by the kinds of its tags; `why` has a line for each."""

    text: str
    start: int
    kinds: tuple[str, ...]
    why: str


class _Named(NamedTuple):
    start: int
    end: int
    kind: str
    why: str


def countries(article: Article) -> list[Tag]:
    """Return the countries of an article, the one that it is most about first."""
    tags = [Tag(COUNTRY, one.code, one.name, forms(one.mentions), one.weight) for one in article.countries]
    return sorted(tags, key=lambda tag: -(tag.weight or 0))


def persons(article: Article) -> list[Tag]:
    """Return the persons of an article, the one with the most mentions first."""
    tags = [
        Tag(PERSON, one.name, one.name, forms(one.mentions), spelled="" if one.spelled == one.name else one.spelled)
        for one in article.persons
    ]
    return sorted(tags, key=lambda tag: -tag.count)


def leading(query: Query, article: Article) -> list[tuple[Tag, str]]:
    """Return the tags that a hit shows, those of the search's filters first, each with an address.

    It is that of the search with this tag as its only country or person; empty where it is so already.
    """
    filters = query.filters
    found = []
    for field, chosen, tags in (
        ("countries", filters.countries, countries(article)),
        ("persons", filters.persons, persons(article)),
    ):
        for tag in sorted(tags, key=lambda tag: tag.value not in chosen)[:LEADING]:
            alone = (tag.value,)
            found.append((tag, "" if chosen == alone else search_link(query, **{field: alone})))
    return found


def paragraphs(article: Article) -> list[tuple[Piece, ...]]:
    """Return the title, then each paragraph that is not blank, cut where mentions begin and end.

    The pieces of a paragraph joined are its text, whatever the mentions are: a part that several of them cover is one
    piece with the kinds and reasons of all. No two pieces have the same start.
    """
    ranges = list(_ranges(article))
    named = sorted(_named(article))
    cuts = sorted({cut for span in ranges for cut in span} | {cut for one in named for cut in (one.start, one.end)})
    covering: list[_Named] = []
    done = 0
    found = []
    for first, last in ranges:
        pieces = []
        for start, end in pairwise(cuts[bisect_left(cuts, first) : bisect_right(cuts, last)]):
            while done < len(named) and named[done].start <= start:
                covering.append(named[done])
                done += 1
            covering = [one for one in covering if one.end > start]
            kinds = tuple(dict.fromkeys(one.kind for one in covering))
            why = "\n".join(dict.fromkeys(one.why for one in covering))
            pieces.append(Piece(article.text[start:end], start, kinds, why))
        found.append(tuple(pieces))
    return found


def _ranges(article: Article) -> Iterator[tuple[int, int]]:
    yield 0, len(article.title)
    start = len(article.title + SEPARATOR)
    for paragraph in article.body.split(SEPARATOR):
        end = start + len(paragraph)
        if paragraph.strip():
            yield start, end
        start = end + len(SEPARATOR)


def _named(article: Article) -> Iterator[_Named]:
    tagged = [(COUNTRY, one.name, one.mentions) for one in article.countries]
    tagged += [(PERSON, one.name, one.mentions) for one in article.persons]
    for kind, name, mentions in tagged:
        for mention in mentions:
            rule = f" · {mention.rule}" if mention.rule else ""
            yield _Named(mention.start, mention.end, kind, f"{kind.capitalize()}: {name}{rule}")
