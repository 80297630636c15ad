"""The OpenAPI document as /docs shows it: routes, their parameters and their answers. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Document = Mapping[str, Any]
    Schema = Mapping[str, Any]

PLACEHOLDER = re.compile(r"{(\w+)}")

PATH_PARAMETERS = {"article_id": "Id of an article, from a hit or a suggested headline", "facet": "Name of the facet"}
"""Parameter of a path -> its meaning, which the OpenAPI document does not contain."""

EXAMPLES = {"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$": ("2024-01-21", "2024-01", "2024")}
"""Pattern in the OpenAPI document -> example values that match it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An article and a name of the archive, so that the examples find something."""

    article_id: str = "ID"
    name: str = "treaty"

    def values(self) -> dict[str, dict[str, str]]:
        """Return path -> the parameters of its example. Paths without parameters are left out."""
        start = self.name[:3].strip()
        return {
            "/v1/search": {"q": self.name, "sort": "newest", "per_page": "3"},
            "/v1/articles/{article_id}": {"article_id": self.article_id},
            "/v1/articles/{article_id}/similar": {"article_id": self.article_id},
            "/v1/suggest": {"q": start},
            "/v1/facets/{facet}": {"facet": "person", "prefix": start},
        }


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a route. `least` and `greatest` bound a number."""

    name: str
    place: str
    kind: str
    meaning: str
    required: bool
    repeatable: bool
    choices: tuple[str, ...]
    default: str
    least: float | None
    greatest: float | None
    pattern: str
    sample: str

    @property
    def limits(self) -> str:
        """The range of a number in words; empty without one."""
        if self.least is not None and self.greatest is not None:
            return f"{_number(self.least)} to {_number(self.greatest)}"
        if self.least is not None:
            return f"at least {_number(self.least)}"
        return "" if self.greatest is None else f"at most {_number(self.greatest)}"

    @property
    def examples(self) -> tuple[str, ...]:
        """Values that match the pattern, or the pattern itself; empty without a pattern."""
        return EXAMPLES.get(self.pattern, (self.pattern,)) if self.pattern else ()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a JSON object; `members` are those of the object or objects that it contains."""

    name: str
    kind: str
    meaning: str
    optional: bool
    choices: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a route with one status; an empty `status` stands for all others."""

    status: str
    meaning: str
    media: str
    kind: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One route; `example` is the path and query of its example."""

    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    answers: tuple[Answer, ...]
    example: str

    @property
    def anchor(self) -> str:
        """The id of the route's section on the page."""
        return re.sub(r"\W+", "-", self.path).strip("-")

    @property
    def successes(self) -> tuple[Answer, ...]:
        """The answers of successful requests."""
        return tuple(answer for answer in self.answers if answer.status.startswith("2"))

    @property
    def failures(self) -> tuple[Answer, ...]:
        """All other answers."""
        return tuple(answer for answer in self.answers if answer not in self.successes)


def routes(document: Document, sample: Sample) -> tuple[Route, ...]:
    """Return the routes of an OpenAPI document in its order. All take GET."""
    values = sample.values()
    return tuple(_route(document, path, item, values.get(path, {})) for path, item in document["paths"].items())


def address(path: str, values: Iterable[tuple[str, str]]) -> str:
    """Return the address of a route. Values replace names in braces in the path; others go to the query string.

    Empty values are left out.
    """
    pairs = [(name, value) for name, value in values if value]
    inside = set(PLACEHOLDER.findall(path))
    by_name = dict(pairs)
    filled = PLACEHOLDER.sub(lambda match: quote(by_name.get(match[1], ""), safe=""), path)
    query = urlencode([(name, value) for name, value in pairs if name not in inside])
    return f"{filled}?{query}" if query else filled


def paragraphs(text: str) -> list[list[tuple[bool, str]]]:
    """Return the paragraphs of a description, each in pieces; True marks a piece between backticks."""
    return [
        [(bool(number % 2), piece) for number, piece in enumerate(paragraph.split("`")) if piece]
        for paragraph in re.split(r"\n\s*\n", text.strip())
    ]


def members(schema: Schema, document: Document, above: frozenset[str] = frozenset()) -> tuple[Member, ...]:
    """Return the members of the object that a schema describes, of its items or alternatives; empty for other values.

    `above` are the references on the way to this schema: a schema that contains itself is not expanded again.
    """
    if (name := schema.get("$ref")) is not None:
        return () if name in above else members(_target(name, document), document, above | {name})
    for inner in _parts(schema):
        if nested := members(inner, document, above):
            return nested
    required = schema.get("required", ())
    return tuple(
        Member(
            name=name,
            kind=kind(inner),
            meaning=_meaning(inner, document),
            optional=name not in required,
            choices=_choices(inner),
            members=members(inner, document, above),
        )
        for name, inner in schema.get("properties", {}).items()
    )


def kind(schema: Schema) -> str:
    """Return the type of a schema in words: `string or null`, `list of Hit`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(kind(inner) for inner in schema[several])
    types = schema.get("type", "any value")
    if isinstance(types, list):
        return " or ".join(types)
    if types == "array":
        return f"list of {_plural(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object whose values are each a {kind(schema['additionalProperties'])}"
    return f"{types}, a {schema['format']}" if "format" in schema else str(types)


def _route(document: Document, path: str, item: Schema, values: Mapping[str, str]) -> Route:
    operation = item["get"]
    declared = [*item.get("parameters", ()), *operation.get("parameters", ())]
    parameters = tuple(_parameter(one, document, values.get(one["name"], "")) for one in declared)
    answers = sorted(operation["responses"].items(), key=lambda answer: (answer[0] == "default", answer[0]))
    return Route(
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=parameters,
        answers=tuple(_answer(status, response, document) for status, response in answers),
        example=address(path, values.items()),
    )


def _parameter(declared: Schema, document: Document, sample: str) -> Parameter:
    schema = _resolved(declared["schema"], document)
    repeatable = schema.get("type") == "array"
    one = _resolved(schema["items"], document) if repeatable else schema
    return Parameter(
        name=declared["name"],
        place=declared["in"],
        kind=kind(one),
        meaning=declared.get("description") or PATH_PARAMETERS.get(declared["name"], ""),
        required=declared.get("required", False),
        repeatable=repeatable,
        choices=_choices(one) or (("true", "false") if one.get("type") == "boolean" else ()),
        default=_text(schema.get("default")),
        least=one.get("minimum"),
        greatest=one.get("maximum"),
        pattern=one.get("pattern", ""),
        sample=sample,
    )


def _answer(status: str, response: Schema, document: Document) -> Answer:
    response = _resolved(response, document)
    contents: Mapping[str, Any] = response.get("content", {})
    media = next(iter(contents), "")
    schema = contents[media].get("schema", {}) if media else {}
    return Answer(
        status="" if status == "default" else status,
        meaning=HTTPStatus(int(status)).phrase if status.isdecimal() else "",
        media=media,
        kind=kind(schema),
        members=members(schema, document),
    )


def _target(reference: str, document: Document) -> Schema:
    value: Any = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part]
    return value  # type: ignore[no-any-return]  # a reference leads to an object


def _resolved(schema: Schema, document: Document) -> Schema:
    """Return a schema with its reference resolved. Keywords beside the reference win."""
    if "$ref" not in schema:
        return schema
    return {**_resolved(_target(schema["$ref"], document), document), **{k: schema[k] for k in schema if k != "$ref"}}


def _parts(schema: Schema) -> Iterator[Schema]:
    """Yield the alternatives of a schema, and the schemas of its items and values."""
    yield from schema.get("anyOf", schema.get("oneOf", ()))
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield schema[name]


def _meaning(schema: Schema, document: Document) -> str:
    resolved = _resolved(schema, document)
    return str(resolved.get("description") or schema.get("items", {}).get("description", ""))


def _choices(schema: Schema) -> tuple[str, ...]:
    return tuple(_text(value) for value in schema.get("enum", ()) if value is not None)


def _plural(schema: Schema) -> str:
    name = kind(schema)
    return f"{name}s" if name == schema.get("type") else name


def _text(value: Any) -> str:
    """Return a value as in a query string; empty for None."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,}"
