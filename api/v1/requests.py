"""What searches take: checked and described in the OpenAPI document by the same schemas."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length, OneOf, Range
from werkzeug.routing import PathConverter

from api.application import current_app
from search import model, territories
from search.calendars import parse_day
from search.query.parsing import query_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

NO_FACETS = "none"
"""The value of `facets` that asks for none, as an empty value counts as not given."""


class ArticleId(PathConverter):
    """The rest of a path, as it is: an id may begin with a slash."""

    regex = ".+?"
    part_isolating = False


def about(text: str, **more: Any) -> dict[str, Any]:
    """Return what the OpenAPI document says of a field beside its type."""
    return {"description": text, **more}


def given(args: MultiDict[str, str], schema: Schema) -> dict[str, str | list[str]]:
    """Return the parameters of a query string; known ones with an empty value, as forms send them, are left out.

    Raises:
        ValidationError: A parameter that takes one value has several.
    """
    repeatable = {field.data_key or name: isinstance(field, fields.List) for name, field in schema.fields.items()}
    found: dict[str, str | list[str]] = {}
    twice: dict[str, list[str]] = {}
    for name, values in args.lists():
        kept = [value for value in values if value]
        if name not in repeatable or (kept and repeatable[name]):
            found[name] = kept
        elif len(kept) == 1:
            found[name] = kept[0]
        elif kept:
            twice[name] = ["Given more than once; it takes one value."]
    if twice:
        raise ValidationError(twice)
    return found


class Day(fields.Field[dt.date]):
    """A day; a month or a year stands for its first day, or for its last where `last` is set."""

    def __init__(self, *, last: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.last = last

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> dt.date:
        del attr, data
        day = parse_day(value, last=self.last)
        if day is None:
            raise ValidationError("Not a date; write 2024, 2024-01 or 2024-01-21.")
        return day


class CountryCode(fields.String):
    """A country by its ISO 3166-1 code or its English name; loads as the code."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> str:
        code = territories.code(super()._deserialize(value, attr, data, **options) or "")
        if code is None:
            raise ValidationError(f"There is no country {value!r}; give an ISO 3166 code or an English name.")
        return code


class Facets(fields.List[Any]):
    """Names of facets, repeated or parted by commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> list[Any]:
        names = [name.strip() for item in value for name in item.split(",") if name.strip()]
        return [] if names == [NO_FACETS] else super()._deserialize(names, attr, data, **options)


MAX_PER_PAGE = 100
MAX_VALUES = 100
"""Of one filter. Each link of the page carries them all, so the page grows with their square."""

_FEW = Length(max=MAX_VALUES, error=f"More than {MAX_VALUES} values.")
_DATE = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}


def _check_length(value: str) -> None:
    limit = current_app.settings.max_query_chars
    if len(value) > limit:
        raise ValidationError(f"Longer than {limit} characters.")


def _check_facet_size(value: int) -> None:
    limit = current_app.settings.max_facet_size
    if not 1 <= value <= limit:
        raise ValidationError(f"Must be greater than or equal to 1 and less than or equal to {limit}.")


class FilterArgs(Schema):
    """The query and the filters."""

    error_messages = {"unknown": "There is no such parameter."}  # noqa: RUF012 - marshmallow reads it off the class

    q = fields.String(load_default="", validate=_check_length, metadata=about("The query; empty finds every article"))
    countries = fields.List(
        CountryCode(),
        data_key="country",
        load_default=list,
        validate=_FEW,
        metadata=about("ISO 3166-1 code or English name; of several, an article names at least one"),
    )
    persons = fields.List(
        fields.String(),
        data_key="person",
        load_default=list,
        validate=_FEW,
        metadata=about("Full name as the facet gives it; of several, an article names at least one"),
    )
    sources = fields.List(
        fields.String(),
        data_key="source",
        load_default=list,
        validate=_FEW,
        metadata=about("Publisher as hits give it; of several, any"),
    )
    date_from = Day(
        data_key="from",
        metadata=about("First day of publication; a month or a year stands for its first day", **_DATE),
    )
    date_to = Day(
        last=True,
        data_key="to",
        metadata=about("Last day of publication; a month or a year stands for its last day", **_DATE),
    )
    story = fields.String(metadata=about("Id of an article: it and all copies of its story, and nothing else"))
    correct = fields.Boolean(
        load_default=True,
        metadata=about("false leaves a misspelt query as it is typed and only offers its correction"),
    )
    facet_size = fields.Integer(
        load_default=10, validate=_check_facet_size, metadata=about("How many values a facet lists")
    )

    @validates_schema
    def _check_order(self, data: dict[str, Any], **_: Any) -> None:
        first, last = data.get("date_from"), data.get("date_to")
        if first and last and first > last:
            raise ValidationError(f"Begins after the period ends, on {last}.", "from")


def _query(data: dict[str, Any], **more: Any) -> model.Query:
    settings = current_app.settings
    filters = model.Filters(
        countries=tuple(dict.fromkeys(data["countries"])),
        persons=tuple(dict.fromkeys(data["persons"])),
        sources=tuple(dict.fromkeys(data["sources"])),
        date_from=data.get("date_from"),
        date_to=data.get("date_to"),
        story=data.get("story"),
    )
    return query_of(
        data["q"],
        filters=filters,
        facet_size=data["facet_size"],
        correct=data["correct"],
        limits=model.QueryLimits(settings.max_query_terms, settings.max_expansions, settings.max_scans),
        **more,
    )


class SearchArgs(FilterArgs):
    """What `/v1/search` takes; loads as a `model.Query`."""

    sort = fields.Enum(
        model.Sort,
        by_value=True,
        load_default=model.Sort.RELEVANCE,
        metadata=about("Order of the hits; articles without a date come last in both orders by date", type="string"),
    )
    page = fields.Integer(load_default=1, validate=Range(1), metadata=about("Which page, from 1"))
    per_page = fields.Integer(load_default=10, validate=Range(1, MAX_PER_PAGE), metadata=about("Hits a page"))
    facets = Facets(
        fields.String(validate=OneOf(model.FACETS)),
        load_default=lambda: list(model.FACETS),
        metadata=about("Facets to count, repeated or parted by commas; none counts none"),
    )
    interval = fields.Enum(
        model.Interval,
        by_value=True,
        load_default=model.Interval.AUTO,
        metadata=about("Width of a bar of the date facet", type="string"),
    )
    collapse = fields.String(
        load_default="none",
        validate=OneOf(("none", "story")),
        metadata=about("story shows one hit for all copies of a story"),
    )

    recency = fields.Float(
        validate=Range(0.01, 36_500),
        metadata=about("Half-life in days: under relevance an article so old counts half as much as one of today"),
    )
    explain = fields.Boolean(load_default=False, metadata=about("Tell of each hit what its score is made of"))

    @validates_schema
    def _check_depth(self, data: dict[str, Any], **_: Any) -> None:
        limit = current_app.settings.max_results
        if data["page"] * data["per_page"] > limit:
            last = limit // data["per_page"]
            raise ValidationError(f"The last page at per_page={data['per_page']} is {last}; narrow the search.", "page")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> model.Query:
        return _query(
            data,
            sort=data["sort"],
            page=data["page"],
            per_page=data["per_page"],
            facets=tuple(name for name in model.FACETS if name in data["facets"]),
            interval=data["interval"],
            collapse=data["collapse"] == "story",
            recency=data.get("recency"),
            explain=data["explain"],
        )


@dataclass(frozen=True, slots=True)
class FacetSearch:
    """A search among the values of a facet."""

    prefix: str
    query: model.Query


class FacetArgs(FilterArgs):
    """What `/v1/facets/NAME` takes; loads as a `FacetSearch`."""

    prefix = fields.String(
        load_default="", metadata=about("Keeps the values of which a word begins like this; empty keeps all")
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> FacetSearch:
        return FacetSearch(data["prefix"], _query(data))


class NoArgs(Schema):
    """For routes without parameters, so that they refuse any."""

    error_messages = FilterArgs.error_messages


class SuggestArgs(Schema):
    """What `/v1/suggest` takes; loads as the text."""

    error_messages = FilterArgs.error_messages

    q = fields.String(
        load_default="",
        validate=_check_length,
        metadata=about("What was typed so far; empty has no completions"),
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> str:
        return str(data["q"])
