"""The results of searches and writes: hits with snippets, facet values, alternatives, facts about an index.

Offsets are code points, half-open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from search.model import Article, Country, Filters, Person, Query

LEADING = 3
"""Number of countries, and of persons, that a hit shows."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text and its matching ranges, in order and without overlap. The API and the page turn it into HTML."""

    text: str
    ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of a query in a whole article: ranges of `Article.text`, in order and without overlap.

    `searched` is the query as typed, or as corrected if the search would apply the correction.
    """

    searched: str
    ranges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a score and its label."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of a score: the sum of `reasons` times `recency`, except for rounding."""

    reasons: tuple[Reason, ...]
    recency: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """An article on the page of results, without its mentions; `title` is its headline.

    `copies` counts the other articles of its story among the results.
    """

    article: Article
    score: float
    title: Snippet
    fragments: tuple[Snippet, ...] = ()
    copies: int = 0
    explanation: Explanation | None = None

    def leading(self, filters: Filters) -> tuple[tuple[Country, ...], tuple[Person, ...]]:
        """Return the countries and the persons to show with the hit, at most `LEADING` of each.

        Those of the filters come first, then the countries with the highest weight and the persons with most mentions.
        """
        persons = sorted(
            self.article.persons, key=lambda person: (person.name not in filters.persons, -len(person.mentions))
        )
        countries = sorted(self.article.by_weight, key=lambda country: country.code not in filters.countries)
        return tuple(countries[:LEADING]), tuple(persons[:LEADING])


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value of a facet; `count` is the exact number of results under this value."""

    value: str
    label: str
    count: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class FacetValues:
    """The result of a search among facet values; `other` counts the further matching values."""

    values: tuple[FacetCount, ...]
    other: int = 0


@dataclass(frozen=True, slots=True)
class DateBucket:
    """One bar of the histogram, both days included. Its `value` is `2024`, `2024-01`, `2024-W03` or `2024-01-21`."""

    value: str
    first: dt.date
    last: dt.date
    count: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """A search without one of its parts, and the number of articles that it finds.

    `part` is `q`, or the parameter of a filter. `label` is the part that is left out, `text` the remaining query.
    """

    part: str
    label: str
    text: str
    total: int


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Ways out of a search without results: the same search without one part, and names similar to its words."""

    without: tuple[Alternative, ...] = ()
    similar_names: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to one `Query`. `total` counts articles, `stories` groups of copies.

    `corrected` is the query with misspelt words corrected. `correction` is "applied" if the results are those of the
    corrected query, "offered" if they are those of the query as typed, and None without a correction.
    `relaxed` are the words that a result may lack. `alternatives` is set if nothing was found.
    """

    query: Query
    total: int
    stories: int
    hits: tuple[Hit, ...]
    countries: tuple[FacetCount, ...] = ()
    persons: tuple[FacetCount, ...] = ()
    dates: tuple[DateBucket, ...] = ()
    corrected: str | None = None
    correction: str | None = None
    relaxed: tuple[str, ...] = ()
    alternatives: Alternatives | None = None
    took_ms: float = 0.0

    @property
    def applied(self) -> bool:
        """Whether the results are those of the corrected query."""
        return self.correction == "applied"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion: `type` is `person`, `country`, `headline` or `word`.

    `value` is a filter's value, an article's id or a query.
    """

    type: str
    value: str
    label: str
    count: int


TIDY_SHARE = 0.1
"""Share of the articles that may be pending before `dateline tidy` is recommended."""


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Facts about an index for `dateline info`. Sizes are in bytes; `created` is ISO 8601 in UTC.

    `pending` counts the articles that were written or deleted since the last `reindex` or `tidy`.
    """

    url: str
    engine: str
    generation: str
    generations: tuple[str, ...]
    created: str
    articles: int
    size: int
    schema: int
    analyzer: str
    pending: int = 0

    @property
    def tidy_due(self) -> bool:
        """Whether so many articles are pending that `dateline tidy` is recommended."""
        return self.pending > TIDY_SHARE * self.articles


@dataclass(frozen=True, slots=True)
class WriteReport:
    """The report of a write: numbers of articles, and the generation that serves now."""

    added: int
    replaced: int
    deleted: int
    generation: str
