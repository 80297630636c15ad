"""The parameters of a search, defined once for the API, the search page and the command line.

A row of the table gives name, kind, default, limits and description. The schemas and the OpenAPI document of the API
are generated from it, and so are the options of `dateline search`. All three read values and check them here.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from search import territories
from search.calendars import parse_day
from search.errors import InvalidQueryError, InvalidRequestError
from search.model import FACETS, Filters, Interval, QueryLimits, Sort
from search.query.parsing import query_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from search.model import Query
    from search.settings import Settings

MAX_VALUES = 100
"""Values of one parameter. Each link of the page carries them all, so its size grows with their square."""

NO_FACETS = "none"
"""The value of `facets` that requests no facet: an empty value counts as not given."""

TRUE, FALSE = frozenset({"true", "t", "yes", "y", "on", "1"}), frozenset({"false", "f", "no", "n", "off", "0"})


class Kind(Enum):
    """The kinds of parameter values. The kind decides how the text of a value is read."""

    TEXT = auto()
    COUNTRY = auto()
    FIRST_DAY = auto()
    LAST_DAY = auto()
    INTEGER = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    CHOICE = auto()


class Flag(NamedTuple):
    """An option of the command line without a value: its name, the value that it stands for, and its help."""

    option: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `repeatable` ones take several values; `separated` ones also take them separated by commas.

    `limit` names the setting that bounds the length of a text or the size of a number. On the command line, `flag`
    replaces the option that takes a value, an `argument` has no option, and `metavar` stands for the value in the help.
    """

    name: str
    kind: Kind
    meaning: str
    default: Any = None
    repeatable: bool = False
    separated: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    limit: str = ""
    flag: Flag | None = None
    argument: bool = False
    metavar: str = ""

    @property
    def option(self) -> str:
        """The name on the command line."""
        if self.argument:
            return self.metavar
        return self.flag.option if self.flag else f"--{self.name.replace('_', '-')}"

    def load(self, texts: Sequence[str], settings: Settings) -> Any:
        """Return the value that a request gives as one text or several.

        Raises:
            InvalidRequestError: A text cannot be read, or there are too many; it carries the errors of all texts.
        """
        if not self.repeatable and len(texts) > 1:
            raise self._refused(InvalidQueryError("Given more than once; it takes one value."))
        if self.separated:
            texts = [part.strip() for text in texts for part in text.split(",") if part.strip()] or list(texts)
            if set(texts) == {NO_FACETS}:
                return ()
        if len(texts) > MAX_VALUES:
            raise self._refused(InvalidQueryError(f"More than {MAX_VALUES} values."))
        values, errors = [], []
        for text in texts:
            try:
                values.append(_read(self, text, settings))
            except InvalidQueryError as error:
                errors.append(error)
        if errors:
            raise self._refused(*errors)
        return tuple(dict.fromkeys(values)) if self.repeatable else values[0]

    def _refused(self, *errors: InvalidQueryError) -> InvalidRequestError:
        return InvalidRequestError({self.name: errors})


def _read(parameter: Parameter, text: str, settings: Settings) -> Any:
    """Return the value of one text.

    Raises:
        InvalidQueryError: The text is not a value of this parameter.
    """
    match parameter.kind:
        case Kind.COUNTRY:
            return _country(text)
        case Kind.FIRST_DAY | Kind.LAST_DAY as kind:
            return _day(text, last=kind is Kind.LAST_DAY)
        case Kind.INTEGER | Kind.NUMBER:
            return _number(parameter, text, settings)
        case Kind.BOOLEAN:
            return _boolean(text)
        case _:
            return _text(parameter, text, settings)


def _text(parameter: Parameter, text: str, settings: Settings) -> str:
    if parameter.choices and text not in parameter.choices:
        raise InvalidQueryError(f"Must be one of: {', '.join(parameter.choices)}.")
    if parameter.limit and len(text) > getattr(settings, parameter.limit):
        raise InvalidQueryError(f"Longer than {getattr(settings, parameter.limit)} characters.")
    return text


def _country(text: str) -> str:
    code = territories.code(text)
    if code is None:
        raise InvalidQueryError(
            f"There is no country {text!r}.", remedy="Use an ISO 3166 code such as RU, or an English name."
        )
    return code


def _day(text: str, *, last: bool) -> dt.date:
    day = parse_day(text, last=last)
    if day is None:
        raise InvalidQueryError(f"{text!r} is not a date.", remedy="Write 2024, 2024-01 or 2024-01-21.")
    return day


def _number(parameter: Parameter, text: str, settings: Settings) -> float:
    whole = parameter.kind is Kind.INTEGER
    value = _converted(int if whole else float, text)
    if value is None:
        raise InvalidQueryError(f"Not a valid {'integer' if whole else 'number'}.")
    least = parameter.minimum
    most = getattr(settings, parameter.limit) if parameter.limit else parameter.maximum
    if (least is not None and value < least) or (most is not None and value > most):
        bounds = [("greater", least), ("less", most)]
        sides = (f"{side} than or equal to {bound:.10g}" for side, bound in bounds if bound is not None)
        raise InvalidQueryError(f"Must be {' and '.join(sides)}.")
    return value


def _converted(convert: Callable[[str], float], text: str) -> float | None:
    """Return the number that a text stands for; None if it is infinite, or if the text is not a number."""
    with suppress(ValueError):
        value = convert(text)
        if isinstance(value, int) or math.isfinite(value):
            return value
    return None


def _boolean(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise InvalidQueryError("Not a valid boolean.")
    return text.lower() in TRUE


Q = Parameter(
    "q",
    Kind.TEXT,
    "The query; empty finds every article",
    default="",
    limit="max_query_chars",
    argument=True,
    metavar="QUERY",
)

FILTERS = (
    Q,
    Parameter(
        "country",
        Kind.COUNTRY,
        "ISO 3166-1 code or English name; repeat it to accept any of several",
        repeatable=True,
    ),
    Parameter(
        "person",
        Kind.TEXT,
        "Full name, as the facet lists it; repeat it to accept any of several",
        repeatable=True,
    ),
    Parameter("source", Kind.TEXT, "Publisher, as hits name it; repeat it to accept any of several", repeatable=True),
    Parameter(
        "from",
        Kind.FIRST_DAY,
        "First day of publication; a month or a year stands for its first day",
        metavar="DATE",
    ),
    Parameter(
        "to", Kind.LAST_DAY, "Last day of publication; a month or a year stands for its last day", metavar="DATE"
    ),
    Parameter("story", Kind.TEXT, "Id of an article: only this article and the copies of its story", metavar="ID"),
    Parameter(
        "correct",
        Kind.BOOLEAN,
        "false searches a misspelt query as typed and only offers its correction",
        default=True,
        flag=Flag("--as-typed", "false", "Search a misspelt query as typed, and only offer its correction"),
    ),
    Parameter(
        "facet_size",
        Kind.INTEGER,
        "Number of values that a facet lists",
        default=10,
        minimum=1,
        limit="max_facet_size",
    ),
)
"""The query and the filters."""

SEARCH = (
    *FILTERS,
    Parameter(
        "sort",
        Kind.CHOICE,
        "Order of the hits; articles without a date come last in both orders by date",
        default=Sort.RELEVANCE.value,
        choices=tuple(Sort),
    ),
    Parameter("page", Kind.INTEGER, "Page number, from 1", default=1, minimum=1),
    Parameter("per_page", Kind.INTEGER, "Hits per page", default=10, minimum=1, maximum=100),
    Parameter(
        "facets",
        Kind.CHOICE,
        "Facets to count, repeated or separated by commas; none counts no facet",
        default=FACETS,
        repeatable=True,
        separated=True,
        choices=FACETS,
    ),
    Parameter(
        "interval",
        Kind.CHOICE,
        "Width of a bar of the date facet",
        default=Interval.AUTO.value,
        choices=tuple(Interval),
    ),
    Parameter(
        "collapse",
        Kind.CHOICE,
        "story shows one hit for all copies of a story",
        default="none",
        choices=("none", "story"),
        flag=Flag("--collapse", "story", "Show one hit for all copies of a story"),
    ),
    Parameter(
        "recency",
        Kind.NUMBER,
        "Half-life in days: sorted by relevance, an article of this age counts half as much as one of today",
        minimum=0.01,
        maximum=36_500.0,
        metavar="DAYS",
    ),
    Parameter(
        "explain",
        Kind.BOOLEAN,
        "Explain the score of each hit",
        default=False,
        flag=Flag("--explain", "true", "Explain the score of each hit"),
    ),
)
"""The parameters of `/v1/search`, the page, the feeds and `dateline search`."""

FACET_VALUES = (
    *FILTERS,
    Parameter(
        "prefix",
        Kind.TEXT,
        "Lists only values with a word that begins with this text; empty lists all values",
        default="",
    ),
)
"""The parameters of `/v1/facets/NAME`."""

SUGGEST = (replace(Q, meaning="The text in the search field; empty has no completions"),)
"""The parameters of `/v1/suggest`."""

PARAMETERS = {parameter.name: parameter for parameter in (*SEARCH, *FACET_VALUES)}
"""Name -> parameter."""


def default(name: str) -> Any:
    """Return the default of a parameter."""
    return PARAMETERS[name].default


def read(parameters: Iterable[Parameter], given: Mapping[str, Sequence[str]], settings: Settings) -> dict[str, Any]:
    """Return the values of the parameters that a request gives. An empty text counts as not given.

    Raises:
        InvalidRequestError: Parameters cannot be used; it carries the errors of all of them.
    """
    values: dict[str, Any] = {}
    errors: dict[str, Sequence[InvalidQueryError]] = {}
    for parameter in parameters:
        texts = [text for text in given.get(parameter.name, ()) if text]
        if not texts:
            continue
        try:
            values[parameter.name] = parameter.load(texts, settings)
        except InvalidRequestError as error:
            errors |= error.errors
    if errors:
        raise InvalidRequestError(errors)
    check(values, settings)
    return values


def check(values: Mapping[str, Any], settings: Settings) -> None:
    """Check the values of a request against each other.

    Raises:
        InvalidRequestError: The period ends before it begins, or the page is out of reach.
    """
    first, last = values.get("from"), values.get("to")
    if first and last and first > last:
        error = InvalidQueryError(
            f"{first} is after the last day, {last}.", remedy="Swap the first day and the last day."
        )
        raise InvalidRequestError({"from": [error]})
    page, size = (values.get(name, default(name)) for name in ("page", "per_page"))
    if page * size > settings.max_results:
        error = InvalidQueryError(
            f"Only the first {settings.max_results:,} results can be shown: "
            f"the last page with {size} hits is {settings.max_results // size:,}.",
            remedy="Narrow the search.",
        )
        raise InvalidRequestError({"page": [error]})


def query(values: Mapping[str, Any], settings: Settings) -> Query:
    """Return the search that the values of a request describe; parameters that are not given have their defaults."""
    complete = {parameter.name: parameter.default for parameter in SEARCH} | dict(values)
    return query_of(
        complete["q"],
        filters=Filters(
            countries=complete["country"] or (),
            persons=complete["person"] or (),
            sources=complete["source"] or (),
            date_from=complete["from"],
            date_to=complete["to"],
            story=complete["story"],
        ),
        limits=QueryLimits(settings.max_query_terms, settings.max_expansions, settings.max_scans),
        sort=Sort(complete["sort"]),
        page=complete["page"],
        per_page=complete["per_page"],
        facets=tuple(name for name in FACETS if name in complete["facets"]),
        facet_size=min(complete["facet_size"], settings.max_facet_size),  # the default may be above the limit
        interval=Interval(complete["interval"]),
        collapse=complete["collapse"] == "story",
        recency=complete["recency"],
        correct=complete["correct"],
        explain=complete["explain"],
    )
