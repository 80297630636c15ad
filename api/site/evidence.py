"""What an article's text is marked for: its countries and persons, each with its mentions, and what a query matches."""

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
"""The kinds of tags: classes in the pages, and the parameters of a search."""

MATCH = "match"
"""The kind of what a query matches."""


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


class Reason(NamedTuple):
    """Why a part of a text is marked: the tag that it names, and the rule that found it."""

    kind: str
    value: str
    label: str
    rule: str


class Piece(NamedTuple):
    """A part of a text that begins at code point `start`.

    `kinds` are those of the tags that it names, for `reasons`, and MATCH where a query matches it. `opens` is the
    number, from 1, of the match that begins here; 0 for none.
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
    """Return the countries of an article, the one that it is most about first."""
    return [Tag(COUNTRY, one.code, one.name, forms(one.mentions), one.weight) for one in article.by_weight]


def persons(article: Article) -> list[Tag]:
    """Return the persons of an article, the one with the most mentions first."""
    tags = [
        Tag(PERSON, one.name, one.name, forms(one.mentions), spelled="" if one.spelled == one.name else one.spelled)
        for one in article.persons
    ]
    return sorted(tags, key=lambda tag: -tag.count)


def paragraphs(article: Article, matches: Sequence[tuple[int, int]] = ()) -> list[tuple[Piece, ...]]:
    """Return the title, then each paragraph that is not blank, cut where mentions and matches begin and end.

    The pieces of a paragraph joined are its text, whatever the mentions are: a part that several of them cover is one
    piece with the kinds and reasons of all. No two pieces have the same start. `matches` are those of `model.Matches`.
    """
    ranges = list(_ranges(article))
    covers = sorted([*_named(article), *(_Cover(*match, MATCH) for match in matches)])
    cuts = sorted({cut for span in ranges for cut in span} | {cut for one in covers for cut in (one.start, one.end)})
    numbers = {start: number for number, (start, _) in enumerate(matches, 1)}
    covering: list[_Cover] = []
    done = 0
    found = []
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


def _named(article: Article) -> Iterator[_Cover]:
    tagged = [(COUNTRY, one.code, one.name, one.mentions) for one in article.countries]
    tagged += [(PERSON, one.name, one.name, one.mentions) for one in article.persons]
    for kind, value, label, mentions in tagged:
        for mention in mentions:
            yield _Cover(mention.start, mention.end, kind, (Reason(kind, value, label, mention.rule),))
