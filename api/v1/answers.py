"""Schemas of the OpenAPI document for the answers, generated from the definitions in `search.answers`."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from search.answers import BOOLEAN, DAY, INTEGER, NUMBER, Kind, Member, Shape

FIELDS: dict[Kind, type[fields.Field[Any]]] = {
    BOOLEAN: fields.Boolean,
    DAY: fields.Date,
    INTEGER: fields.Integer,
    NUMBER: fields.Float,
}
"""Kind of a value -> marshmallow's field; any other kind is a string."""


@cache
def schema_of(shape: Shape) -> type[Schema]:
    """Return the schema of a JSON object. One shape has one schema, so the document describes it once."""
    return Schema.from_dict({member.name: _field(member) for member in shape.members}, name=f"{shape.name}Schema")


def _field(member: Member) -> fields.Field[Any]:
    metadata = {"description": member.meaning} if member.meaning else {}
    options: dict[str, Any] = {"required": not member.optional, "allow_none": member.nullable}
    if member.choices:
        options["validate"] = OneOf(member.choices)
    if member.many:
        return fields.List(_value(member, {}), **options, metadata=metadata)
    return _value(member, metadata, **options)


def _value(member: Member, metadata: dict[str, Any], **options: Any) -> fields.Field[Any]:
    kind = member.kind
    if isinstance(kind, Shape):
        return fields.Nested(schema_of(kind), metadata=metadata, **options)
    if kind.media:
        metadata = {**metadata, "contentMediaType": kind.media}
    return FIELDS.get(kind, fields.String)(metadata=metadata, **options)
