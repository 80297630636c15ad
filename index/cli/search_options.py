"""The options of `dateline search`, generated from the table of parameters in `search.request`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click
from click.core import ParameterSource

from search import request
from search.errors import InvalidRequestError
from search.request import Kind
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from search.model import Query
    from search.request import Parameter

OPTIONS = tuple(parameter for parameter in request.SEARCH if not parameter.argument)


USAGE = {Kind.INTEGER, Kind.NUMBER, Kind.CHOICE}
"""Kinds of parameters whose wrong values are errors of usage, exit code 2."""


class _Option(click.Option):
    """An option whose texts are checked by `search.request`, so that its messages are the ones of the API.

    It collects the texts of a repeated option: click alone would drop all but the last.
    """

    def __init__(self, *args: Any, parameter: Parameter, **options: Any) -> None:
        super().__init__(*args, **options)
        self.parameter = parameter
        if not parameter.repeatable:
            self.default = parameter.default  # for the help; click would take only a list

    def process_value(self, ctx: click.Context, value: Any) -> tuple[str, ...]:
        """Return the texts that are given. The default is for the help only."""
        if ctx.get_parameter_source(self.parameter.name) is ParameterSource.DEFAULT:
            return ()
        texts = tuple(text for text in value if text)
        if texts and self.parameter.kind in USAGE and not self.parameter.separated:
            try:
                self.parameter.load(texts, Settings.from_environ())
            except InvalidRequestError as error:
                raise click.BadParameter(" ".join(map(str, error.errors[self.parameter.name])), ctx, self) from error
        return texts


def search_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command. The command gets their values as arguments with the names of the parameters."""
    for parameter in reversed(OPTIONS):
        function = _option(parameter)(function)
    return function


def _option(parameter: Parameter) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if parameter.flag:
        return click.option(parameter.option, parameter.name, is_flag=True, help=f"{parameter.flag.meaning}.")
    return click.option(
        parameter.option,
        parameter.name,
        cls=_Option,
        parameter=parameter,
        type=_type(parameter),
        multiple=True,
        show_default=not parameter.repeatable and parameter.default is not None,
        metavar=parameter.metavar or None,
        help=f"{parameter.meaning}.",
    )


def _type(parameter: Parameter) -> click.ParamType[Any]:
    """Return the click type of an option, for its help and for shell completion."""
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


def _texts(parameter: Parameter, value: Any) -> Sequence[str]:
    """Return the value of an option as the texts that a request to the API has."""
    if parameter.flag:
        return [parameter.flag.value] if value else []
    return cast("tuple[str, ...]", value)
