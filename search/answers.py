"""The JSON objects of all answers, defined once.

`dateline search --json`, `dateline extract` and the API print what `Shape.write` returns. The schemas of the OpenAPI
document are generated from the same definitions, so a new member is added here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.results import FacetValues, Snippet, Suggestion


def to_html(snippet: Snippet) -> str:
    """Return a snippet as HTML: its ranges in `<mark>`, everything else escaped."""
    parts = []
    done = 0
    for start, end in snippet.ranges:
        parts += [escape(snippet.text[done:start]), "<mark>", escape(snippet.text[start:end]), "</mark>"]
        done = end
    return "".join([*parts, escape(snippet.text[done:])])


def to_json(answer: Any) -> bytes:
    """Return JSON on one line, without spaces between members, in UTF-8.

    A lone surrogate, which UTF-8 cannot encode, is written as an escape sequence.
    """
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return (text + "\n").encode("utf-8", "backslashreplace")


class Kind(NamedTuple):
    """A plain value: its type, format and media type in JSON Schema, and the function that writes it."""

    type: str
    write: Callable[[Any], Any]
    format: str = ""
    media: str = ""


TEXT = Kind("string", str)
INTEGER = Kind("integer", int)
NUMBER = Kind("number", float)
BOOLEAN = Kind("boolean", bool)
DAY = Kind("string", dt.date.isoformat, format="date")
HTML = Kind("string", to_html, media="text/html")

Reader: TypeAlias = "Callable[[Any], Any]"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a JSON object.

    - `read` gets the value from a model object. The default reads the attribute that has the member's name.
    - `many` makes the member a list.
    - `nullable` allows null.
    - `optional` leaves the member out if it is None.
    - `choices` are the allowed values of a text.
    """

    name: str
    kind: Kind | Shape
    meaning: str = ""
    read: Reader | None = None
    many: bool = False
    nullable: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()

    def value(self, source: Any) -> Any:
        """Return the member's value of a model object, or None if it is not set."""
        return self.read(source) if self.read else getattr(source, self.name)

    def write(self, value: Any) -> Any:
        """Return the value as JSON."""
        if value is None:
            return None
        return [self.kind.write(item) for item in value] if self.many else self.kind.write(value)


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object: the name of its schema, its meaning, and its members in order."""

    name: str
    meaning: str
    members: tuple[Member, ...]

    def write(self, source: Any) -> dict[str, Any]:
        """Return a model object as a JSON object."""
        written = {}
        for member in self.members:
            value = member.value(source)
            if value is not None or not member.optional:
                written[member.name] = member.write(value)
        return written


def _itself(source: Any) -> Any:
    return source


COUNTRY = Shape(
    "Country",
    "A country that an article names.",
    (Member("code", TEXT, "ISO 3166-1 alpha-2 code"), Member("name", TEXT, "English name")),
)

MENTION = Shape(
    "Mention",
    "A range of an article's text that names a country or a person. Offsets count code points in title, two line "
    "feeds, body.",
    (
        Member("text", TEXT),
        Member("start", INTEGER),
        Member("end", INTEGER),
        Member("rule", TEXT, "The rule that found it: docs/facets.md lists the rules"),
    ),
)

COUNTRY_MENTIONS = Shape(
    "CountryMentions",
    "A country with its mentions.",
    (
        *COUNTRY.members,
        Member("weight", NUMBER, "From 0 to 1: how much the article is about the country"),
        Member("mentions", MENTION, many=True),
    ),
)

PERSON = Shape(
    "Person",
    "A person with the mentions.",
    (
        Member("name", TEXT, "The label: one spelling for all articles"),
        Member(
            "spelled", TEXT, "The fullest name that this article uses", lambda person: person.spelled or person.name
        ),
        Member("mentions", MENTION, many=True),
    ),
)

ARTICLE = Shape(
    "Article",
    "A whole article, as `dateline extract` prints it.",
    (
        Member("id", TEXT),
        Member("url", TEXT, nullable=True),
        Member("title", TEXT),
        Member("body", TEXT, "Paragraphs, separated by blank lines"),
        Member("published", TEXT, "ISO 8601 date or date-time", nullable=True),
        Member("published_from", TEXT, "Where on the page the date was found", nullable=True),
        Member("source", TEXT, nullable=True),
        Member("author", TEXT, nullable=True),
        Member("language", TEXT, nullable=True),
        Member("dateline", TEXT, "The place of writing, as the article prints it", nullable=True),
        Member("warnings", TEXT, "What is doubtful about the article, for example its date", many=True),
        Member("story", TEXT, "The id of the story; all copies of one report have the same"),
        Member("countries", COUNTRY_MENTIONS, many=True),
        Member("persons", PERSON, many=True),
    ),
)

HIGHLIGHTS = Shape(
    "Highlights",
    "The title and the best fragments of the body, as HTML in which everything but `<mark>` is escaped.",
    (
        Member("title", HTML, "The title"),
        Member("body", HTML, "The best fragments", attrgetter("fragments"), many=True),
    ),
)

REASON = Shape(
    "Reason",
    "A part of a score.",
    (Member("label", TEXT, "What earns this part of the score"), Member("score", NUMBER)),
)

EXPLANATION = Shape(
    "Explanation",
    "The score of the hit is the sum of the scores of `reasons`, multiplied by `recency`.",
    (
        Member("reasons", REASON, many=True),
        Member("recency", NUMBER, "The freshness factor; 1 without the parameter `recency`"),
    ),
)

HIT = Shape(
    "Hit",
    "An article on the page of results.",
    (
        Member("id", TEXT, read=attrgetter("article.id")),
        Member("url", TEXT, read=attrgetter("article.url"), nullable=True),
        Member("title", TEXT, read=attrgetter("article.title")),
        Member("source", TEXT, read=attrgetter("article.source"), nullable=True),
        Member(
            "published",
            TEXT,
            "ISO 8601 date or date-time, as the page gives it",
            attrgetter("article.published"),
            nullable=True,
        ),
        Member(
            "countries",
            COUNTRY,
            "The country with the highest weight first",
            attrgetter("article.by_weight"),
            many=True,
        ),
        Member(
            "persons",
            TEXT,
            "The labels of the persons",
            lambda hit: [one.name for one in hit.article.persons],
            many=True,
        ),
        Member("score", NUMBER, "Comparable within one answer only"),
        Member("highlights", HIGHLIGHTS, read=_itself),
        Member("copies", INTEGER, "Other articles of the same story among the results"),
        Member(
            "story", TEXT, "The id of the story; all copies of one report have the same", attrgetter("article.story")
        ),
        Member("explanation", EXPLANATION, "Only with explain=true", optional=True),
    ),
)

FACET_COUNT = Shape(
    "FacetCount",
    "One value of a facet.",
    (
        Member("value", TEXT, "The value to give as the filter"),
        Member("label", TEXT, "The text to show"),
        Member("count", INTEGER, "The exact number of results that this value alone would give"),
        Member("selected", BOOLEAN),
    ),
)

DATE_BUCKET = Shape(
    "DateBucket",
    "One bar of the histogram.",
    (
        Member("value", TEXT, "2024, 2024-01, 2024-W03 or 2024-01-21"),
        Member("from", DAY, "First day", attrgetter("first")),
        Member("to", DAY, "Last day", attrgetter("last")),
        Member("count", INTEGER),
    ),
)


def _if_requested(facet: str, attribute: str) -> Reader:
    """Return a function that reads a facet from results. It returns None if the facet was not requested."""
    return lambda results: getattr(results, attribute) if facet in results.query.facets else None


FACETS = Shape(
    "Facets",
    "The requested facets. The counts of each leave out its own filter.",
    (
        Member("country", FACET_COUNT, read=_if_requested("country", "countries"), many=True, optional=True),
        Member("person", FACET_COUNT, read=_if_requested("person", "persons"), many=True, optional=True),
        Member("date", DATE_BUCKET, read=_if_requested("date", "dates"), many=True, optional=True),
    ),
)

SUGGESTION = Shape(
    "Suggestion",
    "One completion.",
    (
        Member("type", TEXT, "What the value is", choices=("person", "country", "headline", "word")),
        Member("value", TEXT, "The value of a filter, the id of the headline's article, or a query"),
        Member("label", TEXT, "The text to show"),
        Member("count", INTEGER, "The number of its articles"),
    ),
)

WITHOUT = Shape(
    "Without",
    "The search without one of its parts.",
    (
        Member("part", TEXT, "q, or the parameter of the filter that is left out"),
        Member("label", TEXT, "The words or the filter values that are left out"),
        Member("query", TEXT, "The q that remains", attrgetter("text")),
        Member("total", INTEGER, "The number of articles that this search finds"),
    ),
)

ALTERNATIVES = Shape(
    "Alternatives",
    "Ways out of a search without results.",
    (
        Member(
            "without",
            WITHOUT,
            "The same search without one part; the one with the most results first",
            many=True,
        ),
        Member(
            "similar_names",
            SUGGESTION,
            "Persons and countries with names like the query's words",
            many=True,
        ),
    ),
)

RESULTS = Shape(
    "Results",
    "The answer to a search.",
    (
        Member("query", TEXT, "The query as typed", attrgetter("query.text")),
        Member("total", INTEGER, "The number of articles found"),
        Member("stories", INTEGER, "The number of stories found: copies count once"),
        Member("took_ms", NUMBER, "Milliseconds that the engine took", lambda results: round(results.took_ms, 2)),
        Member("page", INTEGER, read=attrgetter("query.page")),
        Member("per_page", INTEGER, read=attrgetter("query.per_page")),
        Member("corrected", TEXT, "The query with misspelt words replaced", nullable=True),
        Member(
            "correction",
            TEXT,
            "applied: these are the results of `corrected`; offered: these are the results of `query`",
            nullable=True,
            choices=("applied", "offered"),
        ),
        Member("relaxed", TEXT, "Words of the query that an article of the results may lack", many=True),
        Member(
            "warnings",
            TEXT,
            "Parts of the query that were ignored or read in another way than written",
            attrgetter("query.parsed.warnings"),
            many=True,
        ),
        Member("hits", HIT, many=True),
        Member("facets", FACETS, read=_itself),
        Member("alternatives", ALTERNATIVES, "Null unless the search finds nothing", nullable=True),
    ),
)

HITS = Shape("Hits", "Hits without facets.", (Member("hits", HIT, read=_itself, many=True),))


class Completions(NamedTuple):
    """The suggestions for a text."""

    query: str
    suggestions: tuple[Suggestion, ...]


SUGGESTIONS = Shape(
    "Suggestions",
    "The completions of a text.",
    (Member("query", TEXT), Member("suggestions", SUGGESTION, many=True)),
)


class FacetPage(NamedTuple):
    """The facet values that a search for a prefix found."""

    facet: str
    prefix: str
    found: FacetValues


FACET_VALUES = Shape(
    "FacetValues",
    "The result of a search among the values of a facet.",
    (
        Member("facet", TEXT),
        Member("prefix", TEXT),
        Member("values", FACET_COUNT, read=attrgetter("found.values"), many=True),
        Member("other", INTEGER, "The number of further matching values", attrgetter("found.other")),
    ),
)

HEALTH = Shape(
    "Health",
    "The state of a server whose searches work.",
    (
        Member("status", TEXT, "Always ok", lambda _: "ok"),
        Member("engine", TEXT, "The engine that serves"),
        Member("articles", INTEGER, "The number of articles in the index"),
        Member("generation", TEXT, "The generation that serves"),
    ),
)
