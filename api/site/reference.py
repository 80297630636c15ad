"""The OpenAPI document as the page at /docs shows it: routes, what they take, what they answer. Pure functions."""

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

SAID = {"article_id": "Id of an article, as hits and headlines among suggestions give it", "facet": "Which facet"}
"""What a parameter of a path means, where the document does not say it."""

WRITTEN = {"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$": ("2024-01-21", "2024-01", "2024")}
"""Patterns of the document -> values that show what they ask for."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the examples ask for, so that they find something in the archive that is served."""

    article_id: str = "ID"
    name: str = "treaty"

    def values(self) -> dict[str, dict[str, str]]:
        """Return the parameters of the example of each path; a path that is not listed has none."""
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
    """One parameter of a route; numbers have a least and a greatest value where there is one."""

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
    def written(self) -> tuple[str, ...]:
        """Values that show the pattern, or the pattern itself; empty without one."""
        return WRITTEN.get(self.pattern, (self.pattern,)) if self.pattern else ()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a JSON object, with those of the object that it holds or lists."""

    name: str
    kind: str
    meaning: str
    optional: bool
    choices: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route answers with one status, or with any other where `status` is empty."""

    status: str
    meaning: str
    media: str
    kind: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One route; `example` is the address of its example, path and query."""

    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    answers: tuple[Answer, ...]
    example: str

    @property
    def anchor(self) -> str:
        """The id of its section on the page."""
        return re.sub(r"\W+", "-", self.path).strip("-")

    @property
    def good(self) -> tuple[Answer, ...]:
        """What it answers where nothing is wrong."""
        return tuple(answer for answer in self.answers if answer.status.startswith("2"))

    @property
    def faults(self) -> tuple[Answer, ...]:
        """What else it answers."""
        return tuple(answer for answer in self.answers if answer not in self.good)


def routes(document: Document, sample: Sample) -> tuple[Route, ...]:
    """Return the routes of an OpenAPI document in its order. All are read with GET."""
    values = sample.values()
    return tuple(_route(document, path, item, values.get(path, {})) for path, item in document["paths"].items())


def address(path: str, values: Iterable[tuple[str, str]]) -> str:
    """Return the address of a route whose path has its parameters in braces; empty values are left out of the query."""
    given = [(name, value) for name, value in values if value]
    inside = set(PLACEHOLDER.findall(path))
    by_name = dict(given)
    filled = PLACEHOLDER.sub(lambda found: quote(by_name.get(found[1], ""), safe=""), path)
    query = urlencode([(name, value) for name, value in given if name not in inside])
    return f"{filled}?{query}" if query else filled


def paragraphs(text: str) -> list[list[tuple[bool, str]]]:
    """Return the paragraphs of a description, each in pieces; True marks those that stand between backticks."""
    return [
        [(bool(number % 2), piece) for number, piece in enumerate(paragraph.split("`")) if piece]
        for paragraph in re.split(r"\n\s*\n", text.strip())
    ]


def members(schema: Schema, document: Document, above: frozenset[str] = frozenset()) -> tuple[Member, ...]:
    """Return the members of the object that a schema describes, or lists, or may be; none of other values.

    `above` are the references that lead here: what holds itself is not opened a second time.
    """
    if (name := schema.get("$ref")) is not None:
        return () if name in above else members(_target(name, document), document, above | {name})
    for inner in _parts(schema):
        if found := members(inner, document, above):
            return found
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
    """Return in words what values a schema takes: `string or null`, `list of Hit`."""
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
        meaning=declared.get("description") or SAID.get(declared["name"], ""),
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
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]  # what a reference leads to is an object


def _resolved(schema: Schema, document: Document) -> Schema:
    """Return a schema, or what it refers to; what stands beside the reference prevails."""
    if "$ref" not in schema:
        return schema
    return {**_resolved(_target(schema["$ref"], document), document), **{k: schema[k] for k in schema if k != "$ref"}}


def _parts(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas of which a value is one, or which its items have."""
    yield from schema.get("anyOf", schema.get("oneOf", ()))
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield schema[name]


def _meaning(schema: Schema, document: Document) -> str:
    told = _resolved(schema, document).get("description") or schema.get("items", {}).get("description", "")
    return str(told)


def _choices(schema: Schema) -> tuple[str, ...]:
    return tuple(_text(value) for value in schema.get("enum", ()) if value is not None)


def _plural(schema: Schema) -> str:
    name = kind(schema)
    return f"{name}s" if name == schema.get("type") else name


def _text(value: Any) -> str:
    """Return a value as a query string has it; None as nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,}"
