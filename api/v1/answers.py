"""What searches answer: written and described in the OpenAPI document by the same schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, post_dump
from marshmallow.validate import OneOf

from api.v1.article import CountrySchema, PersonSchema
from api.v1.fields import Highlight, Milliseconds, about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search import model


class _Grouped(Schema):
    """Writes the fields named in `GROUPS` from the object itself rather than from a part of it."""

    GROUPS: Sequence[str] = ()

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return obj if attr in self.GROUPS else super().get_attribute(obj, attr, default)


_HTML = {"type": "string", "contentMediaType": "text/html"}


class HighlightsSchema(Schema):
    """The title and the best fragments of the body, as HTML in which everything but `<mark>` is escaped."""

    title = Highlight(required=True, metadata=about("The title", **_HTML))
    body = fields.List(
        Highlight(metadata=_HTML), attribute="fragments", required=True, metadata=about("The best fragments")
    )


class ReasonSchema(Schema):
    """A part of a score."""

    label = fields.String(required=True, metadata=about("What it is given for"))
    score = fields.Float(required=True)


class ExplanationSchema(Schema):
    """The scores of `reasons`, added up and multiplied by `recency`, are the score of the hit."""

    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    recency = fields.Float(required=True, metadata=about("By what freshness multiplies it; 1 without `recency`"))


class HitSchema(_Grouped):
    """One found article."""

    GROUPS = ("highlights",)

    id = fields.String(attribute="article.id", required=True)
    url = fields.String(attribute="article.url", required=True, allow_none=True)
    title = fields.String(attribute="article.title", required=True)
    source = fields.String(attribute="article.source", required=True, allow_none=True)
    published = fields.String(
        attribute="article.published",
        required=True,
        allow_none=True,
        metadata=about("ISO 8601 date or date-time, as the page gives it"),
    )
    countries = fields.List(
        fields.Nested(CountrySchema),
        attribute="article.by_weight",
        required=True,
        metadata=about("The one that it is most about first"),
    )
    persons = fields.Pluck(PersonSchema, "name", many=True, attribute="article.persons", required=True)
    score = fields.Float(required=True, metadata=about("Comparable within one answer alone"))
    highlights = fields.Nested(HighlightsSchema, required=True)
    copies = fields.Integer(required=True, metadata=about("Other articles of the same story among the results"))
    story = fields.String(
        attribute="article.story", required=True, metadata=about("The same for all copies of a story")
    )
    explanation = fields.Nested(ExplanationSchema, metadata=about("With explain=true alone"))

    @post_dump
    def _without_nothing(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if data["explanation"] is None:
            del data["explanation"]
        return data


class FacetCountSchema(Schema):
    """One value of a facet."""

    value = fields.String(required=True, metadata=about("What to give as the filter"))
    label = fields.String(required=True, metadata=about("What to show"))
    count = fields.Integer(required=True, metadata=about("Exactly the results that this value alone would give"))
    selected = fields.Boolean(required=True)


class DateBucketSchema(Schema):
    """One bar of the histogram."""

    value = fields.String(required=True, metadata=about("2024, 2024-01, 2024-W03 or 2024-01-21"))
    first = fields.Date(data_key="from", required=True, metadata=about("First day"))
    last = fields.Date(data_key="to", required=True, metadata=about("Last day"))
    count = fields.Integer(required=True)


class FacetsSchema(Schema):
    """Counts of the facets that were asked for; each leaves out its own filter."""

    country = fields.List(fields.Nested(FacetCountSchema), attribute="countries")
    person = fields.List(fields.Nested(FacetCountSchema), attribute="persons")
    date = fields.List(fields.Nested(DateBucketSchema), attribute="dates")

    @post_dump(pass_original=True)
    def _only_asked(self, data: dict[str, Any], original: model.Results, **_: Any) -> dict[str, Any]:
        return {name: data[name] for name in original.query.facets}


class SuggestionSchema(Schema):
    """One completion."""

    type = fields.String(
        required=True, validate=OneOf(("person", "country", "headline", "word")), metadata=about("What it completes to")
    )
    value = fields.String(required=True, metadata=about("A filter's value, the id of a headline's article, or a query"))
    label = fields.String(required=True, metadata=about("What to show"))
    count = fields.Integer(required=True, metadata=about("Articles that it stands for"))


class DropSchema(Schema):
    """A part of the search that can be given up."""

    part = fields.String(required=True, metadata=about("q, or the parameter of the filter to leave out"))
    label = fields.String(required=True, metadata=about("What is given up"))
    text = fields.String(data_key="query", required=True, metadata=about("The q that is left"))
    total = fields.Integer(required=True, metadata=about("Articles that the rest finds"))


class HelpSchema(Schema):
    """Ways out of a search that finds nothing."""

    drops = fields.List(fields.Nested(DropSchema), required=True, metadata=about("What finds most comes first"))
    near = fields.List(
        fields.Nested(SuggestionSchema), required=True, metadata=about("People and countries like the query's words")
    )


class ResultsSchema(_Grouped):
    """What `/v1/search` answers."""

    GROUPS = ("facets",)

    query = fields.String(attribute="query.text", required=True, metadata=about("The query as it was given"))
    total = fields.Integer(required=True, metadata=about("Articles found"))
    stories = fields.Integer(required=True, metadata=about("Stories found: copies count once"))
    took_ms = Milliseconds(required=True, metadata=about("Milliseconds that the engine took"))
    page = fields.Integer(attribute="query.page", required=True)
    per_page = fields.Integer(attribute="query.per_page", required=True)
    corrected = fields.String(
        required=True, allow_none=True, metadata=about("The query with words that no article has corrected")
    )
    correction = fields.String(
        required=True,
        allow_none=True,
        validate=OneOf(("applied", "offered")),
        metadata=about("applied: these are the results of `corrected`; offered: they are those of `query`"),
    )
    relaxed = fields.List(
        fields.String(), required=True, metadata=about("Words of the query that an article of the results may lack")
    )
    warnings = fields.List(
        fields.String(),
        attribute="query.warnings",
        required=True,
        metadata=about("What of the query was left out or read otherwise than written"),
    )
    hits = fields.List(fields.Nested(HitSchema), required=True)
    facets = fields.Nested(FacetsSchema, required=True)
    help = fields.Nested(HelpSchema, required=True, allow_none=True, metadata=about("Where nothing was found"))


class HitsSchema(Schema):
    """Hits without facets."""

    hits = fields.List(fields.Nested(HitSchema), required=True)


class SuggestionsSchema(Schema):
    """What `/v1/suggest` answers."""

    query = fields.String(required=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema), required=True)


class FacetValuesSchema(Schema):
    """What `/v1/facets/NAME` answers."""

    facet = fields.String(required=True)
    prefix = fields.String(required=True)
    values = fields.List(fields.Nested(FacetCountSchema), required=True)
    other = fields.Integer(required=True, metadata=about("How many values more there are"))


class HealthSchema(Schema):
    """What `/v1/health` answers while searches work."""

    status = fields.String(required=True, metadata=about("ok"))
    engine = fields.String(required=True, metadata=about("Which engine serves"))
    articles = fields.Integer(required=True, metadata=about("Articles in the index"))
    generation = fields.String(required=True, metadata=about("Which generation of the index serves"))
