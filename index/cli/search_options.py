"""The options of `dateline search`, generated from the table of parameters in `search.request`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from search import request
from search.request import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from search.model import Query
    from search.request import Parameter
    from search.settings import Settings

OPTIONS = tuple(parameter for parameter in request.SEARCH if not parameter.argument)


def search_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command. The command gets their values as arguments with the names of the parameters."""
    for parameter in reversed(OPTIONS):
        function = _option(parameter)(function)
    return function


def _option(parameter: Parameter) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if parameter.flag:
        return click.option(parameter.option, parameter.name, is_flag=True, help=f"{parameter.flag.meaning}.")
    scalar = not parameter.repeatable
    return click.option(
        parameter.option,
        parameter.name,
        type=_type(parameter),
        multiple=parameter.repeatable,
        default=parameter.default if scalar else None,
        show_default=scalar and parameter.default is not None,
        metavar=parameter.metavar or None,
        help=f"{parameter.meaning}.",
    )


def _type(parameter: Parameter) -> click.ParamType[Any]:
    """Return the click type of an option. With it, click rejects a wrong value as a usage error, with exit code 2."""
    if parameter.kind is Kind.INTEGER:
        return click.IntRange(cast("int | None", parameter.minimum), cast("int | None", parameter.maximum))
    if parameter.kind is Kind.NUMBER:
        return click.FloatRange(parameter.minimum, parameter.maximum)
    if parameter.kind is Kind.CHOICE and not parameter.separated:
        return click.Choice([str(choice) for choice in parameter.choices])
    return click.STRING


def query(text: str, options: Mapping[str, Any], settings: Settings) -> Query:
    """Return the query for a text and the values of the options.

    Raises:
        InvalidRequestError: A value is not allowed.
    """
    texts = {parameter.name: _texts(parameter, options[parameter.name]) for parameter in OPTIONS}
    return request.query(request.read(request.SEARCH, {**texts, "q": [text]}, settings), settings)


def _texts(parameter: Parameter, value: Any) -> list[str]:
    """Return the value of an option as the texts that a request to the API has."""
    if parameter.flag:
        return [parameter.flag.value] if value else []
    if value is None:
        return []
    return list(value) if parameter.repeatable else [str(value)]
