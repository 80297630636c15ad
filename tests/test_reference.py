"""The page at /docs: it shows the whole OpenAPI document, and its forms work without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from api import create_app
from api.site import pages
from api.site.reference import Sample, address, kind, members, paragraphs, routes
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

STRING = {"type": "string"}


def _page(client: FlaskClient) -> html.HtmlElement:
    response = client.get("/docs")
    assert response.status_code == 200
    return html.fromstring(response.text)


def _sections(page: html.HtmlElement) -> dict[str, html.HtmlElement]:
    """Return the sections of the page, by the path of their route."""
    return {section.find("h2").text_content().split()[-1]: section for section in page.xpath("//main/section")[:-1]}


def _words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _rows(section: html.HtmlElement) -> dict[str, str]:
    return {row.findtext("th/code"): _words(row) for row in section.xpath(".//tbody/tr")}


def _parameters(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [*item.get("parameters", []), *item["get"]["parameters"]]


class TestSchemas:
    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            (STRING, "string"),
            ({"type": ["string", "null"]}, "string or null"),
            ({"type": "string", "format": "date"}, "string, a date"),
            ({"type": "array", "items": STRING}, "list of strings"),
            ({"type": "array", "items": {"$ref": "#/components/schemas/Hit"}}, "list of Hit"),
            ({"type": "array", "items": {"type": "array", "items": STRING}}, "list of list of strings"),
            ({"anyOf": [{"$ref": "#/components/schemas/Alternatives"}, {"type": "null"}]}, "Alternatives or null"),
            ({"type": "object", "additionalProperties": STRING}, "object whose values are each a string"),
            ({"type": "object", "additionalProperties": False}, "object"),
            ({}, "any value"),
        ],
    )
    def test_kinds_in_words(self, schema: dict[str, Any], expected: str) -> None:
        assert kind(schema) == expected

    def test_a_recursive_schema_is_expanded_once(self) -> None:
        tree = {"$ref": "#/components/schemas/Tree"}
        document = {
            "components": {
                "schemas": {
                    "Tree": {
                        "type": "object",
                        "description": "A tree",
                        "required": ["branches"],
                        "properties": {
                            "branches": {"type": "array", "items": tree},
                            "left": {"anyOf": [tree, {"type": "null"}], "description": "Half"},
                            "right": {**tree, "description": "Of its own"},
                            "other": tree,
                        },
                    }
                }
            }
        }
        found = members(tree, document)
        assert [(one.name, one.kind, one.optional, one.meaning, one.members) for one in found] == [
            ("branches", "list of Tree", False, "", ()),
            ("left", "Tree or null", True, "Half", ()),
            ("right", "Tree", True, "Of its own", ()),
            ("other", "Tree", True, "A tree", ()),
        ]
        (outer,) = members({"type": "object", "properties": {"in": {"anyOf": [{"type": "null"}, tree]}}}, document)
        assert [one.name for one in outer.members] == ["branches", "left", "right", "other"]

    def test_parameters_of_other_documents(self) -> None:
        number = {"type": "number", "maximum": 1_500_000, "default": 2.5}
        declared = [
            {"in": "query", "name": "a", "required": True, "schema": {"$ref": "#/components/schemas/Number"}},
            {"in": "query", "name": "b", "schema": {"type": "string", "pattern": "^x$"}},
        ]
        answers = {"default": {"description": "?"}, "204": {"description": "-"}}
        document = {
            "paths": {"/a": {"get": {"parameters": declared, "responses": answers}}},
            "components": {"schemas": {"Number": number}},
        }
        (route,) = routes(document, Sample())
        first, second = route.parameters
        assert (first.kind, first.limits, first.default, first.required) == ("number", "at most 1,500,000", "2.5", True)
        assert second.examples == ("^x$",)
        assert [(answer.status, answer.meaning) for answer in route.answers] == [("204", "No Content"), ("", "")]

    def test_code_in_descriptions(self) -> None:
        text = "A `b` c.\n\n`d`\n"
        assert paragraphs(text) == [[(False, "A "), (True, "b"), (False, " c.")], [(True, "d")]]


class TestAddresses:
    @given(st.text(min_size=1), st.text())
    def test_values_survive_the_round_trip(self, inside: str, value: str) -> None:
        made = urlsplit(address("/v1/{id}/like", [("q", value), ("id", inside), ("q", "b")]))
        assert made.path.count("/") == 3
        assert unquote(made.path) == f"/v1/{inside}/like"
        assert parse_qsl(made.query) == [("q", given) for given in (value, "b") if given]

    @pytest.mark.parametrize("article_id", ["envoy-1", "odd id?#%&+é"])
    def test_form_leads_to_the_route(self, client: FlaskClient, article_id: str) -> None:
        form = _sections(_page(client))["/v1/articles/{article_id}"].find(".//form")
        response = client.get(form.get("action"), query_string={"article_id": article_id}, follow_redirects=True)
        assert response.json["id"] == article_id

    @pytest.mark.parametrize(
        "path", ["", "/", "//evil.example", "https://evil.example", "v1/none", "docs", "v1/articles/envoy-1"]
    )
    def test_other_addresses_have_no_form(self, client: FlaskClient, path: str) -> None:
        assert client.get(f"/docs/try/{path}").status_code == 404

    def test_value_never_leads_to_another_host(self, client: FlaskClient) -> None:
        response = client.get("/docs/try/v1/articles/{article_id}?article_id=//evil.example/&next=https://evil.example")
        assert response.location == "/v1/articles/%2F%2Fevil.example%2F?next=https%3A%2F%2Fevil.example"

    def test_application_below_a_path(self, client: FlaskClient) -> None:
        below = {"SCRIPT_NAME": "/news"}
        assert client.get("/docs/try/v1/suggest?q=k", environ_overrides=below).location == "/news/v1/suggest?q=k"
        links = html.fromstring(client.get("/docs", environ_overrides=below).text).xpath("//pre//a")
        assert {link.get("href").split("/v1/")[0] for link in links} == {"/news"}
        assert all(link.text.startswith("http://localhost/news/v1/") for link in links)


class TestPage:
    def test_each_route_with_each_parameter(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").json
        sections = _sections(_page(client))
        assert list(sections) == list(document["paths"])
        for path, item in document["paths"].items():
            assert item["get"]["summary"] in _words(sections[path])
            rows = _rows(sections[path])
            assert list(rows) == [one["name"] for one in _parameters(item)]
            for one in _parameters(item):
                row = rows[one["name"]]
                schema = one["schema"]
                descriptions = [
                    one.get("description", ""),
                    *schema.get("enum", ()),
                    *schema.get("items", {}).get("enum", ()),
                ]
                assert all(word in row for word in descriptions)
                assert ("default" in row) == (schema.get("default", "") != "")
                assert ("repeatable" in row) == (schema["type"] == "array")
                assert ("in the path, required" in row) == (one["in"] == "path")
                assert row != f"{one['name']} string", "no meaning"

    def test_defaults_and_limits(self, client: FlaskClient) -> None:
        rows = _rows(_sections(_page(client))["/v1/search"])
        assert rows["per_page"] == "per_page integer, 1 to 100 default 10 Hits per page"
        assert "number, 0.01 to 36,500" in rows["recency"]
        assert "true, false default true" in rows["correct"]
        assert "such as 2024-01-21, 2024-01, 2024" in rows["from"]

    def test_each_member_of_each_answer(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").json
        sections = _sections(_page(client))
        for path, item in document["paths"].items():
            reference = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            schema = document["components"]["schemas"][reference.rpartition("/")[2]]
            (tree,) = sections[path].xpath("./ul[@class='tree']")
            assert tree.xpath("./li//code[@class='name'][not(ancestor::ul[2])]/text()") == list(schema["properties"])
        search = sections["/v1/search"]
        nested = search.xpath(".//ul/li/details[summary/code='hits']/ul/li/details[summary/code='countries']/ul/li")
        assert [_words(line) for line in nested] == ["code string ISO 3166-1 alpha-2 code", "name string English name"]
        assert "correction string or null: applied, offered" in _words(search)
        assert "alternatives Alternatives or null Null unless the search finds nothing" in _words(search)

    def test_problem_is_described_once_and_linked_from_each_route(self, client: FlaskClient) -> None:
        page = _page(client)
        problem = page.xpath("//section[@aria-labelledby='errors']")[0]
        names = problem.xpath(".//code[@class='name']/text()")
        assert names == ["type", "title", "status", "detail", "remedy", "errors"]
        for section in _sections(page).values():
            assert section.xpath(".//a[@href='#errors']")

    def test_contents_link_to_the_sections(self, client: FlaskClient) -> None:
        page = _page(client)
        targets = [link.get("href")[1:] for link in page.xpath("//nav[@aria-label='Contents']//a")]
        assert targets == page.xpath("//main//h2/@id")
        assert page.findtext(".//title") == "The REST API – Dateline"
        assert "/openapi.json" in page.xpath("//main//a/@href")

    def test_each_example_finds_something(self, client: FlaskClient) -> None:
        for path, section in _sections(_page(client)).items():
            (link,) = section.xpath(".//pre//a")
            assert _words(section.find("pre")) == f"curl 'http://localhost{link.get('href')}'"
            answer = client.get(link.get("href"))
            assert answer.status_code == 200, path
            assert all(answer.json.get(name, True) for name in ("hits", "suggestions", "values"))

    def test_each_form_is_filled_with_its_example(self, client: FlaskClient) -> None:
        for section in _sections(_page(client)).values():
            form = section.find(".//form")
            fields = {field.get("name"): field for field in form.iter("input", "select")}
            assert list(fields) == list(_rows(section))
            response = client.get(form.get("action"), query_string=form.form_values())
            (link,) = section.xpath(".//pre//a/@href")
            assert sorted(response.location.split("&")) == sorted(link.split("&"))

    def test_each_field_suits_the_type_of_its_parameter(self, client: FlaskClient) -> None:
        form = _sections(_page(client))["/v1/search"].find(".//form")
        fields = {field.get("name"): field for field in form.iter("input", "select")}
        assert [fields["per_page"].get(name) for name in ("type", "min", "max", "step")] == ["number", "1", "100", "1"]
        assert [fields["recency"].get(name) for name in ("min", "max", "step")] == ["0.01", "36500.0", "any"]
        options = fields["correct"].findall("option")
        assert [(option.get("value", option.text), option.text) for option in options] == [
            ("", "true"),
            ("false", "false"),
        ]
        assert fields["from"].get("pattern") == "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
        assert form.xpath(".//fieldset//input/@value") == ["country", "person", "date"]

    def test_works_without_an_index(self, tmp_path: Path) -> None:
        client = create_app(Settings(index=f"tantivy://{tmp_path}/none")).test_client()
        assert "/v1/articles/ID" in _page(client).xpath("//pre//a/@href")

    def test_hostile_archive_stays_text(self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        hostile = "'\"><script>alert(1)</script>"
        monkeypatch.setattr(pages, "_sample", lambda: Sample(hostile, hostile))
        page = _page(client)
        assert not page.xpath("//main//script")
        fields = _sections(page)["/v1/articles/{article_id}"].find(".//form").fields
        assert fields["article_id"] == hostile
        assert all(_words(call).count("'") == 2 for call in page.iter("pre"))
