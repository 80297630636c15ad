"""The data that crosses module borders: articles and queries; `search.results` has the results.

All offsets are code points into `Article.text`, half-open.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whoosh.query import Query as Tree

    from search.analysis import Token, Tokens

HEADLINE_CHARS = 90
SEPARATOR = "\n\n"
"""Separates title and body in `Article.text`, and the paragraphs of a body."""

TITLE_PLACE = -1
"""The place of a removed title in `Article.removed`."""


class Mention(NamedTuple):
    """A place where an article names a country or a person: `article.text[start:end] == text`.

    `rule` is the name of the rule that found it; docs/facets.md lists the rules. A mention is a tuple, because tuples
    pass faster between processes and an article has about fifty mentions.
    """

    text: str
    start: int
    end: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Country:
    """A country that an article names: ISO 3166-1 alpha-2 code, English name, mentions in order.

    `weight`, from 0 to 1, is its importance in the article.
    """

    code: str
    name: str
    mentions: tuple[Mention, ...] = ()
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Person:
    """A person that an article names, with the mentions in order.

    `name` is the label, the same in all articles. `spelled` is the fullest name in this article; empty if it is `name`.
    """

    name: str
    mentions: tuple[Mention, ...] = ()
    spelled: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article, ready to be indexed.

    - `published` is an ISO 8601 date or date-time with the offset of the page. Its first ten characters are the day of
      filters and the histogram.
    - `dateline` is the place where the report was written, as printed.
    - `warnings` describe doubts about the article.
    - `story` is the same for all copies of one story.
    - `digest` identifies the input of the article, `signature` groups copies; both serve `dateline update`.
    - `captions` are lines beside the main content. They supply fuller names of persons. They are stored, not searched.
    - `removed` are the boilerplate paragraphs that were removed, each with its place in the whole body. The place of a
      removed title is `TITLE_PLACE`.
    - `own_title` is true if the title was taken from the text.
    - `found` has the countries and persons before the user's aliases changed them; empty if they changed nothing.
    - `keys` are terms by which later writes look the article up: see `index.archive.keys`. They are only indexed.
    - `tokens` may be computed before the write, on another core. An engine computes missing ones.
    """

    id: str
    title: str
    body: str
    url: str | None = None
    published: str | None = None
    published_from: str | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None
    dateline: str | None = None
    warnings: tuple[str, ...] = ()
    story: str = ""
    countries: tuple[Country, ...] = ()
    persons: tuple[Person, ...] = ()
    captions: tuple[str, ...] = ()
    removed: tuple[tuple[int, str], ...] = ()
    own_title: bool = False
    found: tuple[Country | Person, ...] = ()
    digest: str = ""
    signature: bytes = b""
    keys: tuple[str, ...] = ()
    tokens: Tokens | None = None

    @property
    def text(self) -> str:
        """The text that the offsets of mentions refer to."""
        return self.title + SEPARATOR + self.body

    @property
    def headline(self) -> str:
        """The headline in lists: the title, or the first words of the body if there is no title."""
        if self.title or len(self.body) <= HEADLINE_CHARS:
            return self.title or self.body
        return self.body[:HEADLINE_CHARS].rpartition(" ")[0].split("\n")[0] + " …"

    @property
    def by_weight(self) -> tuple[Country, ...]:
        """The countries by weight, the most important one first."""
        return tuple(sorted(self.countries, key=lambda country: -country.weight))

    @property
    def day(self) -> dt.date | None:
        """The calendar day of publication, as the publisher printed it."""
        return dt.date.fromisoformat(self.published[:10]) if self.published else None


class TermGroup(NamedTuple):
    """Terms of one field. An article has the group if it has at least `least` of the terms."""

    terms: Sequence[str]
    least: int = 1


class Sort(StrEnum):
    """The orders of results. Articles without a date come last in both orders by date."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class Interval(StrEnum):
    """The width of a bucket of the date histogram."""

    AUTO = "auto"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


FACETS = ("country", "person", "date")
"""The facets that a search counts, in display order."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of a search: values of one field are joined by OR, fields by AND. Both days are included."""

    countries: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    story: str | None = None
    """The id of any article of a story; the filter finds all copies."""


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Word:
    """A plain word of a query: as typed, its place in `Parsed.text`, its query node and its tokens.

    Other parts of a query (a phrase, a field) are `Word`s without tokens.
    """

    text: str
    start: int
    end: int
    node: Tree
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text means. `search.query.parsing.parse` makes it.

    - `text` is the typed text with addresses, quotation marks and brackets tidied. The offsets of a `Word` refer to it.
    - `tree` matches articles that have everything in the text. Its fields are `search.storage.fields.FIELDS`, and its
      terms are tokens of `search.analysis`.
    - `plain_words` are the words that a search may relax or correct.
    - `required` matches everything else; `other_parts` lists its parts.
    - `is_sentence` is true for natural language, false for keywords.
    - `term_count` counts words and patterns.
    - `patterns` are the nodes of `tree` that are fuzzy, prefixes or wildcards.
    """

    text: str
    tree: Tree
    warnings: tuple[str, ...] = ()
    plain_words: tuple[Word, ...] = ()
    required: Tree | None = None
    other_parts: tuple[Word, ...] = ()
    is_sentence: bool = False
    term_count: int = 0
    patterns: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """Limits of one query; the settings of these names change them.

    `max_terms` bounds the words of a query, `max_expansions` the words of the index that its prefixes and wildcards
    stand for, `max_scans` its words that are fuzzy or begin with a wildcard.
    """

    max_terms: int = 200
    max_expansions: int = 10_000
    max_scans: int = 5


@dataclass(frozen=True, slots=True)
class Query:
    """One search: what the user asks for, what its text means (`parsed`), and the limits it must respect.

    `search.query.parsing.query_of` makes it, so that the text is parsed once. `text` is what the user typed. `correct`
    lets a search apply a correction if the words as typed find nothing; otherwise the correction is only offered.
    `recency` is the half-life in days by which fresh articles rank higher under `Sort.RELEVANCE`. `explain` adds an
    explanation to each score. `collapse` shows one article for all copies of a story.
    """

    text: str
    parsed: Parsed
    limits: QueryLimits = field(default_factory=QueryLimits)
    correct: bool = True
    recency: float | None = None
    explain: bool = False
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    per_page: int = 10
    facets: tuple[str, ...] = FACETS
    facet_size: int = 10
    interval: Interval = Interval.AUTO
    collapse: bool = False
