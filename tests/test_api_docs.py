"""docs/api.md agrees with the program: every parameter, every example, the shape of every answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

TEXT = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
BASE = "http://127.0.0.1:8000"
EXAMPLES = re.findall(rf"curl '{BASE}([^']*)' +# (\d+)", TEXT)

SECTIONS = {
    "/v1/search": "GET /v1/search",
    "/v1/articles/{article_id}": "GET /v1/articles/ID",
    "/v1/articles/{article_id}/similar": "GET /v1/articles/ID/similar",
    "/v1/suggest": "GET /v1/suggest",
    "/v1/facets/{facet}": "GET /v1/facets/country and GET /v1/facets/person",
    "/v1/health": "GET /v1/health",
}


def _section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _rows(section: str) -> list[list[str]]:
    lines = re.findall(r"^\| `.*\|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _shape(value: Any) -> Any:
    """Return the keys of a JSON answer, nested, with only the first item of each list."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return None


def test_each_route_has_a_section(client: FlaskClient) -> None:
    assert set(client.get("/openapi.json").json["paths"]) == set(SECTIONS)
    for title in SECTIONS.values():
        assert _section(title)


@pytest.mark.parametrize("path", SECTIONS)
def test_each_parameter_is_documented_and_there_are_no_others(client: FlaskClient, path: str) -> None:
    routes = client.get("/openapi.json").json["paths"][path]
    parameters = [*routes.get("parameters", []), *routes["get"].get("parameters", [])]
    documented = [row[0].strip("`") for row in _rows(_section(SECTIONS[path]))]
    assert sorted(documented) == sorted(parameter["name"] for parameter in parameters)


@pytest.mark.parametrize("path", SECTIONS)
def test_documented_values_and_defaults_are_those_of_the_program(client: FlaskClient, path: str) -> None:
    found = {
        p["name"]: p["schema"] for p in client.get("/openapi.json").json["paths"][path]["get"].get("parameters", [])
    }
    for name, takes, default, _ in _rows(_section(SECTIONS[path])):
        schema = found.get(name.strip("`"), {})
        if "enum" in schema:
            assert re.findall(r"`(\w+)`", takes) == schema["enum"], name
        if schema.get("default"):
            assert default.strip("`") == str(schema["default"]).lower(), name
        if "maximum" in schema:
            assert f"{schema['minimum']:g} to {schema['maximum']:,g}" in takes, name


def test_documented_defaults_of_feeds_are_those_of_the_program(client: FlaskClient) -> None:
    from api.site.feeds import MAX_AGE, PER_PAGE

    rows = {name.strip("`"): default.strip("`") for name, default, _ in _rows(_section("Feeds"))}
    assert rows["per_page"] == str(PER_PAGE)
    assert f"max-age={MAX_AGE}`" in TEXT
    del rows["per_page"]
    for feed in ("/feed.atom", "/feed.json"):
        assert client.get(feed, query_string=rows).data == client.get(feed).data
        for name in rows:
            other = {"sort": "oldest", "collapse": "none"}[name]
            assert client.get(feed, query_string={name: other}).data != client.get(feed).data


def test_limits_are_those_of_the_settings() -> None:
    from search.settings import Settings

    section = _section(SECTIONS["/v1/search"])
    assert f"at most {Settings().max_query_chars:,} characters" in section
    assert f"`page` × `per_page` is at most {Settings().max_results:,}" in section


def test_there_are_examples_for_every_route() -> None:
    for path, title in SECTIONS.items():
        start = path.split("{", maxsplit=1)[0]
        assert any(url.startswith(start) for url, _ in re.findall(rf"curl '{BASE}([^']*)' +# (\d+)", _section(title)))


@pytest.mark.parametrize(("url", "status"), EXAMPLES)
def test_example_answers_as_documented(client: FlaskClient, url: str, status: str) -> None:
    assert client.get(url.replace("/ID", "/envoy-1")).status_code == int(status)


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("GET /v1/search", "/v1/search?q=treaty&country=KP&sort=oldest"),
        ("GET /v1/articles/ID", "/v1/articles/envoy-1"),
        ("GET /v1/suggest", "/v1/suggest?q=kim+jo"),
        ("GET /v1/facets/country and GET /v1/facets/person", "/v1/facets/person?prefix=pu"),
        ("GET /v1/health", "/v1/health"),
        ("Feeds", "/feed.json?q=treaty&country=RU"),
        ("OpenSearch description", "/suggestions?q=kim+jo"),
        ("Errors", "/v1/search?page=0"),
    ],
)
def test_documented_answer_has_the_shape_of_a_real_one(client: FlaskClient, title: str, url: str) -> None:
    block = re.search(r"```json\n(.*?)```", _section(title), re.DOTALL)
    assert block is not None
    assert _shape(json.loads(block[1])) == _shape(client.get(url).json)
