"""One definition of every answer: the API, the command line and the OpenAPI document agree."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from support.command_line import SAMPLES, run

from api import create_app
from search import answers
from search.answers import TEXT, Member, Shape
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
TOOK = re.compile(rb'"took_ms":[0-9.e-]+')

SEARCHES = [
    {"q": "treaty", "explain": "true", "recency": 30},
    {"q": "treaty qqqqqqq"},
    {"q": "treety"},
    {"q": 'putin "nobody wrote this"', "country": "RU"},
    {"q": "", "sort": "newest", "facets": "date", "interval": "month"},
    {"q": "", "facets": "none", "person": "Kim Jong Un", "country": "KP"},
    {"q": "<b>&", "per_page": 100},
]
REQUESTS = {
    "/v1/search": [f"/v1/search?{urlencode(one)}" for one in SEARCHES],
    "/v1/articles/{article_id}": ["/v1/articles/envoy-1", "/v1/articles/undated"],
    "/v1/articles/{article_id}/similar": ["/v1/articles/envoy-1/similar", "/v1/articles/undated/similar"],
    "/v1/suggest": ["/v1/suggest?q=k", "/v1/suggest?q=lisbon", "/v1/suggest"],
    "/v1/facets/{facet}": ["/v1/facets/person?prefix=k", "/v1/facets/country?country=KP&facet_size=1"],
    "/v1/health": ["/v1/health"],
}


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "") -> list[str]:
    """Return the paths at which a value violates a schema. Only the keywords of our document are checked."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        every = [faults(value, one, document, at) for one in schema["anyOf"]]
        return [] if any(not found for found in every) else every[0]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is_a(value, name) for name in types):
        return [f"{at}: {value!r} is not {' or '.join(types)}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    if schema.get("format") == "date" and str(dt.date.fromisoformat(value)) != value:
        return [f"{at}: {value!r} is not a date"]
    if isinstance(value, list):
        return [fault for item in value for fault in faults(item, schema["items"], document, f"{at}[]")]
    if not isinstance(value, dict):
        return []
    known = schema["properties"]
    wrong = [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    if schema.get("additionalProperties") is False:
        wrong += [f"{at}.{name} is not in the document" for name in value if name not in known]
    inner = ((name, faults(one, known[name], document, f"{at}.{name}")) for name, one in value.items() if name in known)
    return wrong + [fault for _, found in inner for fault in found]


def _is_a(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name != "boolean")


def _schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    response = document["paths"][path]["get"]["responses"]["200"]
    schema: dict[str, Any] = response["content"]["application/json"]["schema"]
    return schema


class TestDocument:
    @pytest.mark.parametrize("path", REQUESTS)
    def test_real_answers_keep_to_their_schema(self, client: FlaskClient, path: str) -> None:
        document = client.get("/openapi.json").json
        for url in REQUESTS[path]:
            response = client.get(url)
            assert response.status_code == 200, response.text
            assert faults(response.json, _schema(document, path), document) == []

    def test_every_route_has_requests_here(self, client: FlaskClient) -> None:
        assert set(client.get("/openapi.json").json["paths"]) == set(REQUESTS)

    def test_errors_keep_to_their_schema(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").json
        problem = document["components"]["schemas"]["Problem"]
        problem = {**problem, "properties": {**problem["properties"], "errors": {"type": "object", "properties": {}}}}
        for url in ("/v1/search?page=0&sort=best", "/v1/articles/nope", "/v1/nope"):
            assert faults(client.get(url).json, problem, document) == []

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"total": "4"}, ".total: '4' is not integer"),
            ({"total": True}, ".total: True is not integer"),
            ({"correction": "maybe"}, ".correction: 'maybe' is none of ['applied', 'offered', None]"),
            ({"new": 1}, ".new is not in the document"),
            ({"hits": [{}]}, ".hits[].id is missing"),
            ({"alternatives": []}, ".alternatives: [] is not object"),
        ],
    )
    def test_a_wrong_answer_would_be_noticed(self, client: FlaskClient, change: dict[str, Any], fault: str) -> None:
        document = client.get("/openapi.json").json
        found = {**client.get("/v1/search?q=treaty").json, **change}
        assert fault in faults(found, _schema(document, "/v1/search"), document)


class TestCommandLine:
    @pytest.mark.parametrize("parameters", SEARCHES, ids=lambda one: urlencode(one) or "all")
    def test_a_search_prints_the_bytes_of_the_api(
        self, client: FlaskClient, news_url: str, parameters: dict[str, object]
    ) -> None:
        served = client.get(f"/v1/search?{urlencode(parameters)}").data
        options = [f"--{name.replace('_', '-')}={value}" for name, value in parameters.items() if name != "q"]
        options = ["--explain" if option == "--explain=true" else option for option in options]
        printed = run("search", "--json", *options, "--", parameters["q"], url=news_url).stdout_bytes
        assert TOOK.sub(b"", printed) == TOOK.sub(b"", served)
        assert TOOK.search(served)

    def test_extract_prints_the_bytes_of_the_api(self, tmp_path: Path) -> None:
        source, url = SAMPLES / "text" / "telescope-first-light.txt", f"tantivy://{tmp_path}/index"
        assert run("reindex", source, url=url).exit_code == 0
        client = create_app(Settings(index=url)).test_client()
        served = client.get("/v1/articles/text~telescope-first-light.txt")
        assert len(served.json["persons"]) == 2
        assert run("extract", source).stdout_bytes == served.data


class TestShapes:
    def test_optional_members_are_left_out_and_nullable_ones_are_null(self) -> None:
        shape = Shape("Pair", "", (Member("one", TEXT, nullable=True), Member("two", TEXT, optional=True)))
        assert shape.write(type("Source", (), {"one": None, "two": None})) == {"one": None}
        assert shape.write(type("Source", (), {"one": "a", "two": "b"})) == {"one": "a", "two": "b"}

    def test_json_is_one_line(self) -> None:
        assert answers.to_json({"a": ["ü", "\n", "\udcff"]}) == '{"a":["ü","\\n","\\udcff"]}\n'.encode()
