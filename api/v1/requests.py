"""Marshmallow schemas of all requests, generated from the table of parameters in `search.request`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, missing, post_load, validates_schema
from werkzeug.routing import PathConverter

from api.application import current_app
from search import request
from search.errors import InvalidRequestError
from search.request import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from search.model import Query
    from search.request import Parameter
    from search.settings import Settings

DATE = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
"""A date in the OpenAPI document."""

TYPES: dict[Kind, dict[str, str]] = {
    Kind.FIRST_DAY: DATE,
    Kind.LAST_DAY: DATE,
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
}
"""Kind of a parameter -> its type in the OpenAPI document; any other kind is a string."""


class ArticleId(PathConverter):
    """The rest of a path, unchanged: an id may begin with a slash."""

    regex = ".+?"
    part_isolating = False


def parameter_texts(args: MultiDict[str, str], schema: Schema) -> dict[str, list[str]]:
    """Return the texts of each parameter of a query string.

    Forms send empty values. If a parameter of the schema has only empty values, it is left out.
    """
    texts = {name: [text for text in values if text] for name, values in args.lists()}
    return {name: values for name, values in texts.items() if values or name not in schema.fields}


class Value(fields.Field[Any]):
    """The value of one parameter, read by `search.request`."""

    def __init__(self, parameter: Parameter) -> None:
        scalar = parameter.default is not None and not parameter.repeatable
        super().__init__(
            load_default=parameter.default if scalar else missing,
            metadata={"description": parameter.meaning, **_described(parameter)},
        )
        self.parameter = parameter

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        try:
            return self.parameter.load(value, current_app.settings)
        except InvalidRequestError as error:
            raise ValidationError(list(map(str, error.errors[self.parameter.name]))) from error


def _described(parameter: Parameter) -> dict[str, Any]:
    """Return the schema of a parameter's values in the OpenAPI document."""
    schema: dict[str, Any] = dict(TYPES.get(parameter.kind, {"type": "string"}))
    if parameter.choices:
        none = [request.NO_FACETS] if parameter.separated else []
        schema["enum"] = [*map(str, parameter.choices), *none]
    if parameter.minimum is not None:
        schema["minimum"] = parameter.minimum
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    return {"type": "array", "maxItems": request.MAX_VALUES, "items": schema} if parameter.repeatable else schema


class Arguments(Schema):
    """Parameters of a route. Without any, a route refuses every parameter."""

    error_messages = {"unknown": "There is no such parameter."}  # noqa: RUF012 - marshmallow reads it off the class

    make: Callable[[dict[str, Any], Settings], Any] = staticmethod(lambda values, _: values)

    @validates_schema
    def _check(self, values: dict[str, Any], **_: Any) -> None:
        try:
            request.check(values, current_app.settings)
        except InvalidRequestError as error:
            raise ValidationError({name: list(map(str, found)) for name, found in error.errors.items()}) from error

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Any:
        return self.make(values, current_app.settings)


def _schema(
    name: str, parameters: Iterable[Parameter], make: Callable[[dict[str, Any], Settings], Any]
) -> type[Schema]:
    """Return a schema of the parameters. It loads `make(values, settings)`."""
    schema = Arguments.from_dict({parameter.name: Value(parameter) for parameter in parameters}, name=name)
    schema.make = staticmethod(make)  # type: ignore[attr-defined]  # of Arguments
    return schema


@dataclass(frozen=True, slots=True)
class FacetSearch:
    """A search among the values of a facet."""

    prefix: str
    query: Query


SearchArgs = _schema("SearchArgs", request.SEARCH, request.query)
"""The parameters of `/v1/search`; loads a `model.Query`."""

FacetArgs = _schema(
    "FacetArgs",
    request.FACET_VALUES,
    lambda values, settings: FacetSearch(values["prefix"], request.query(values, settings)),
)
"""The parameters of `/v1/facets/NAME`; loads a `FacetSearch`."""

SuggestArgs = _schema("SuggestArgs", request.SUGGEST, lambda values, _: values["q"])
"""The parameters of `/v1/suggest`; loads the text."""

NoArgs = Arguments
"""For routes without parameters."""
