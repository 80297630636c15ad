"""A whole article as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.v1.fields import about


class CountrySchema(Schema):
    """A country that an article names."""

    code = fields.String(required=True, metadata=about("ISO 3166-1 alpha-2 code"))
    name = fields.String(required=True, metadata=about("English name"))


class MentionSchema(Schema):
    """One place where an article names something; offsets count code points in title + two line feeds + body."""

    text = fields.String(required=True)
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)
    rule = fields.String(required=True, metadata=about("What found it: docs/facets.md lists the rules"))


class CountryMentionsSchema(CountrySchema):
    """A country with the places where the article names it."""

    weight = fields.Float(required=True, metadata=about("From 0 to 1: how much the article is about the country"))
    mentions = fields.List(fields.Nested(MentionSchema), required=True)


class _Spelled(fields.String):
    """The name that the article uses: it is left empty where that is the shared one."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return super()._serialize(value or obj.name, attr, obj, **options)


class PersonSchema(Schema):
    """A person with the places where the article names them."""

    name = fields.String(required=True, metadata=about("The one spelling that all articles share"))
    spelled = _Spelled(required=True, metadata=about("The fullest name that this article uses"))
    mentions = fields.List(fields.Nested(MentionSchema), required=True)


class ArticleSchema(Schema):
    """A whole article, as `dateline extract` prints it."""

    id = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    body = fields.String(required=True, metadata=about("Paragraphs parted by a blank line"))
    published = fields.String(required=True, allow_none=True, metadata=about("ISO 8601 date or date-time"))
    published_from = fields.String(
        required=True, allow_none=True, metadata=about("Where on the page the date was found")
    )
    source = fields.String(required=True, allow_none=True)
    author = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    dateline = fields.String(
        required=True, allow_none=True, metadata=about("Where the story says that it was written, as printed")
    )
    warnings = fields.List(
        fields.String(), required=True, metadata=about("What is doubtful about the article, its date for one")
    )
    story = fields.String(required=True, metadata=about("The same for all copies of one story"))
    countries = fields.List(fields.Nested(CountryMentionsSchema), required=True)
    persons = fields.List(fields.Nested(PersonSchema), required=True)
