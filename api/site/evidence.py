"""The text of an article, cut into pieces to highlight mentions of countries and persons, and matches of a query."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from search.model import SEPARATOR
from search.storage.records import forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.model import Article
    from search.storage.records import Form

COUNTRY, PERSON = "country", "person"
"""The kinds of tags. They are class names in the pages and parameters of a search."""

MATCH = "match"
"""The kind of a match of a query."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A country or a person of an article; `value` is the value of the filter.

    Countries have a `weight` from 0 to 1. `spelled` is a person's name in this article if it differs from the label.
    """

    kind: str
    value: str
    label: str
    forms: tuple[Form, ...]
    weight: float | None = None
    spelled: str = ""

    @property
    def count(self) -> int:
        """The number of mentions."""
        return sum(len(form.mentions) for form in self.forms)


class Reason(NamedTuple):
    """The reason for highlighting a piece: the tag that is mentioned, and the rule that found the mention."""

    kind: str
    value: str
    label: str
    rule: str


class Piece(NamedTuple):
    """A piece of a text that begins at code point `start`.

    `kinds` are the kinds of the tags in `reasons`, and MATCH if a query matches the piece. If a match begins here,
    `opens` is its number, from 1; otherwise 0.
    """

    text: str
    start: int
    kinds: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    opens: int = 0


class _Cover(NamedTuple):
    start: int
    end: int
    kind: str
    reasons: tuple[Reason, ...] = ()


def countries(article: Article) -> list[Tag]:
    """Return the countries of an article, the highest weight first."""
    return [Tag(COUNTRY, one.code, one.name, forms(one.mentions), one.weight) for one in article.by_weight]


def persons(article: Article) -> list[Tag]:
    """Return the persons of an article, most mentions first."""
    tags = [
        Tag(PERSON, one.name, one.name, forms(one.mentions), spelled="" if one.spelled == one.name else one.spelled)
        for one in article.persons
    ]
    return sorted(tags, key=lambda tag: -tag.count)


def paragraphs(article: Article, matches: Sequence[tuple[int, int]] = ()) -> list[tuple[Piece, ...]]:
    """Return the title, then each paragraph that is not blank, cut where mentions and matches begin and end.

    The pieces of a paragraph, joined, are its text. Where mentions overlap, one piece has the kinds and reasons of all
    of them. No two pieces have the same start. `matches` are the ranges of `results.Matches`.
    """
    ranges = list(_ranges(article))
    covers = sorted([*_named(article), *(_Cover(*match, MATCH) for match in matches)])
    cuts = sorted({cut for span in ranges for cut in span} | {cut for one in covers for cut in (one.start, one.end)})
    numbers = {start: number for number, (start, _) in enumerate(matches, 1)}
    covering: list[_Cover] = []
    done = 0
    cut = []
    for first, last in ranges:
        pieces = []
        for start, end in pairwise(cuts[bisect_left(cuts, first) : bisect_right(cuts, last)]):
            while done < len(covers) and covers[done].start <= start:
                covering.append(covers[done])
                done += 1
            covering = [one for one in covering if one.end > start]
            kinds = tuple(dict.fromkeys(one.kind for one in covering))
            reasons = tuple(dict.fromkeys(reason for one in covering for reason in one.reasons))
            pieces.append(Piece(article.text[start:end], start, kinds, reasons, numbers.get(start, 0)))
        cut.append(tuple(pieces))
    return cut


def _ranges(article: Article) -> Iterator[tuple[int, int]]:
    yield 0, len(article.title)
    start = len(article.title + SEPARATOR)
    for paragraph in article.body.split(SEPARATOR):
        end = start + len(paragraph)
        if paragraph.strip():
            yield start, end
        start = end + len(SEPARATOR)


def _named(article: Article) -> Iterator[_Cover]:
    tagged = [(COUNTRY, one.code, one.name, one.mentions) for one in article.countries]
    tagged += [(PERSON, one.name, one.name, one.mentions) for one in article.persons]
    for kind, value, label, mentions in tagged:
        for mention in mentions:
            yield _Cover(mention.start, mention.end, kind, (Reason(kind, value, label, mention.rule),))
