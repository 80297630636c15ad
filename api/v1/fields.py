"""How single values are read from a query string and written to JSON."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields
from werkzeug.routing import PathConverter

from search import model, territories
from search.answers import to_html
from search.calendars import parse_day

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


class Highlight(fields.Field[model.Snippet]):
    """A snippet as HTML."""

    def _serialize(self, value: model.Snippet | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        del attr, obj
        return None if value is None else to_html(value)


class Milliseconds(fields.Float):
    """A time; finer than a hundredth is noise."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float:
        del attr, obj
        return round(float(value), 2)
