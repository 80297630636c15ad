"""HTTP headers of every response, compression, and the OpenAPI document."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import pytest

from api import create_app, headers
from search.errors import SettingError
from search.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient


class TestHeaders:
    def test_pages_of_other_sites_may_read_the_api(self, client: FlaskClient) -> None:
        for path in ("/v1/search", "/v1/nope", "/v1/search?page=0", "/openapi.json", "/search-box.js"):
            response = client.get(path, headers={"Origin": "https://foreign.example"})
            assert response.headers["Access-Control-Allow-Origin"] == "*", path
            assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

    def test_pages_of_other_sites_may_not_read_the_search_page(self, client: FlaskClient) -> None:
        for path in ("/", "/docs", "/articles/seoul", "/static/style.css"):
            assert "Access-Control-Allow-Origin" not in client.get(path).headers
            assert client.get(path).headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_allowed_origins_may_be_listed(self, news_url: str) -> None:
        listed = Settings(index=news_url, cors_origins="https://a.example, https://b.example")
        client = create_app(listed).test_client()
        allowed = client.get("/v1/search", headers={"Origin": "https://b.example"})
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://b.example"
        for other in ({"Origin": "https://c.example"}, {}):
            refused = client.get("/v1/search", headers=other)
            assert "Access-Control-Allow-Origin" not in refused.headers
            assert "Origin" in refused.headers["Vary"]

    def test_preflight(self, client: FlaskClient) -> None:
        headers_sent = {"Origin": "https://foreign.example", "Access-Control-Request-Method": "GET"}
        response = client.options("/v1/search", headers=headers_sent)
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"

    def test_head_is_get_without_a_body(self, client: FlaskClient) -> None:
        head = client.head("/v1/search?q=treaty")
        assert (head.status_code, head.data) == (200, b"")
        assert head.content_type == "application/json"

    @pytest.mark.parametrize("path", ["/v1/articles/envoy-1", "/openapi.json", "/search-box.js", "/static/style.css"])
    def test_an_unchanged_answer_is_304(self, client: FlaskClient, path: str) -> None:
        first = client.get(path)
        assert first.status_code == 200
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")

    def test_different_articles_have_different_etags(self, client: FlaskClient) -> None:
        tags = {client.get(f"/v1/articles/{name}").headers["ETag"] for name in ("envoy-1", "envoy-2", "seoul")}
        assert len(tags) == 3

    def test_caches_must_revalidate_answers(self, client: FlaskClient) -> None:
        for path in ("/v1/search", "/v1/suggest?q=a", "/", "/search-box.js", "/v1/nope"):
            assert client.get(path).headers["Cache-Control"] == "no-cache", path


class TestOrigins:
    @pytest.mark.parametrize(
        ("setting", "found"),
        [
            ("*", {"*"}),
            ("", set()),
            ("https://a.example/, HTTPS://B.Example:443 ,", {"https://a.example", "https://b.example"}),
            ("http://localhost:3000", {"http://localhost:3000"}),
            ("http://a.example:443,http://b.example:80", {"http://a.example:443", "http://b.example"}),
            ("http://[::1]:8080", {"http://[::1]:8080"}),
            ("https://bücher.example", {"https://xn--bcher-kva.example"}),
            ("moz-extension://ab-12", {"moz-extension://ab-12"}),
        ],
    )
    def test_are_normalized_as_browsers_send_them(self, setting: str, found: set[str]) -> None:
        assert headers.origins(setting) == found

    @pytest.mark.parametrize(
        "setting",
        [
            "null",
            "a.example",
            "//a.example",
            "localhost:3000",
            "https://a.example/path",
            "https://a.example?x",
            "https://user@a.example",
            "https://*.a.example",
            "https://a.example:port",
            "https://",
            "https://a.example https://b.example",
            "https://[::1",
        ],
    )
    def test_an_origin_that_no_browser_sends_is_rejected(self, news_url: str, setting: str) -> None:
        with pytest.raises(SettingError, match="is not an origin") as refused:
            create_app(Settings(index=news_url, cors_origins=f"https://good.example, {setting}"))
        assert refused.value.field == "DATELINE_CORS_ORIGINS"
        assert refused.value.remedy

    @pytest.mark.parametrize(
        "path", ["/v1/search", "/feed.atom", "/feed.json?page=0", "/suggestions", "/opensearch.xml", "/texts/de.json"]
    )
    def test_only_listed_origins_may_read(self, news_url: str, path: str) -> None:
        client = create_app(Settings(index=news_url, cors_origins="https://good.example/")).test_client()
        headers_sent = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "content-type"}
        for method in (client.get, client.options):
            for origin in ("https://bad.example", "null", "https://good.example.bad.example", "http://good.example"):
                refused = method(path, headers={"Origin": origin, **headers_sent}, buffered=True)
                assert not [name for name, _ in refused.headers if name.startswith("Access-Control")], origin
                assert "Origin" in refused.vary
            allowed = method(path, headers={"Origin": "https://good.example", **headers_sent}, buffered=True)
            assert allowed.headers["Access-Control-Allow-Origin"] == "https://good.example"
            assert allowed.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "Origin" in allowed.vary
            assert "Access-Control-Allow-Credentials" not in allowed.headers
        assert allowed.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"

    def test_an_empty_setting_allows_no_origin(self, news_url: str) -> None:
        client = create_app(Settings(index=news_url, cors_origins="")).test_client()
        for origin in ("https://a.example", "null"):
            assert "Access-Control-Allow-Origin" not in client.get("/v1/search", headers={"Origin": origin}).headers

    def test_a_304_of_a_feed_has_the_cors_headers(self, client: FlaskClient) -> None:
        tag = client.get("/feed.atom").headers["ETag"]
        again = client.get("/feed.atom", headers={"If-None-Match": tag, "Origin": "https://a.example"})
        assert again.status_code == 304
        assert again.headers["Access-Control-Allow-Origin"] == "*"


def _walk(node: Any) -> Any:
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def _check(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    """Check a value against the parts of JSON Schema that the document uses: types, members, items."""
    if "anyOf" in schema:
        (schema,) = [one for one in schema["anyOf"] if (one.get("type") == "null") == (value is None)]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(KINDS[kind] for kind in kinds)), (value, schema)
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value) <= set(schema["properties"])
        for name, inner in value.items():
            _check(inner, schema["properties"][name], document)
    if isinstance(value, list):
        for inner in value:
            _check(inner, schema["items"], document)


class TestOpenAPI:
    def test_version_and_references(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").json
        assert document["openapi"] == "3.1.0"
        assert document["info"]["title"] == "Dateline"
        assert document["info"]["version"]
        references = [value for key, value in _walk(document) if key == "$ref"]
        assert references
        for reference in references:
            target: Any = document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]

    def test_operations(self, client: FlaskClient) -> None:
        for path, routes in client.get("/openapi.json").json["paths"].items():
            named = {name[1:-1] for name in path.split("/") if name.startswith("{")}
            declared = [*routes.get("parameters", []), *routes["get"].get("parameters", [])]
            assert named == {p["name"] for p in declared if p["in"] == "path"}
            assert set(routes) <= {"get", "parameters"}
            assert routes["get"]["summary"]
            responses = routes["get"]["responses"]
            assert set(responses["200"]["content"]) == {"application/json"}
            assert {"400", "default"} <= set(responses)
            for parameter in declared:
                assert parameter["schema"]["type"] in ("string", "integer", "number", "boolean", "array")
                assert parameter.get("description") or parameter["in"] == "path"

    def test_errors_are_problems(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").json
        for response in document["components"]["responses"].values():
            assert set(response["content"]) == {"application/problem+json"}

    def test_answers_match_their_schemas(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").json
        urls = {
            "/v1/search": "/v1/search?q=treaty",
            "/v1/articles/{article_id}": "/v1/articles/undated",
            "/v1/articles/{article_id}/similar": "/v1/articles/seoul/similar",
            "/v1/suggest": "/v1/suggest?q=k",
            "/v1/facets/{facet}": "/v1/facets/person",
            "/v1/health": "/v1/health",
        }
        for path, url in urls.items():
            schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            _check(client.get(url).json, schema, document)

    def test_document_has_only_our_own_routes(self, client: FlaskClient) -> None:
        assert set(client.get("/openapi.json").json["paths"]) == {
            "/v1/search",
            "/v1/articles/{article_id}",
            "/v1/articles/{article_id}/similar",
            "/v1/suggest",
            "/v1/facets/{facet}",
            "/v1/health",
        }


class TestCompression:
    @pytest.mark.parametrize(
        "path", ["/v1/search?q=treaty", "/?q=treaty", "/search-box.js", "/feed.atom", "/openapi.json"]
    )
    def test_decompressed_text_is_the_same(self, client: FlaskClient, path: str) -> None:
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
        took = re.compile(rb'"took_ms":[0-9.]+')
        assert took.sub(b"", gzip.decompress(packed.data)) == took.sub(b"", plain.data)
        assert "Accept-Encoding" in plain.vary
        assert "Accept-Encoding" in packed.vary

    @pytest.mark.parametrize("path", ["/search-box.js", "/openapi.json", "/feed.json"])
    def test_a_compressed_answer_can_be_revalidated(self, client: FlaskClient, path: str) -> None:
        accepts = {"Accept-Encoding": "gzip"}
        packed = client.get(path, headers=accepts)
        again = client.get(path, headers={**accepts, "If-None-Match": packed.headers["ETag"]})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == packed.headers["ETag"]

    @pytest.mark.parametrize("path", ["/search-box.js", "/openapi.json", "/feed.json", "/?q=treaty"])
    @pytest.mark.parametrize("accepts", ["gzip", "identity"])
    def test_head_has_the_headers_of_get(self, client: FlaskClient, path: str, accepts: str) -> None:
        headers_sent = {"Accept-Encoding": accepts}
        got, head = client.get(path, headers=headers_sent), client.head(path, headers=headers_sent)
        for name in ("Content-Encoding", "Content-Length", "Content-Type", "ETag", "Vary"):
            assert head.headers.get(name) == got.headers.get(name), name

    def test_byte_ranges_are_those_of_the_uncompressed_file(self, client: FlaskClient) -> None:
        packed = client.get("/search-box.js", headers={"Accept-Encoding": "gzip"})
        plain = client.get("/search-box.js")
        part = client.get("/search-box.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=5-9"})
        assert "Accept-Ranges" not in packed.headers
        assert (part.status_code, part.data) == (206, plain.data[5:10])
        assert part.headers["ETag"] == plain.headers["ETag"]

    def test_compresses_only_on_request_and_only_large_texts(self, client: FlaskClient) -> None:
        for path, accepts in [("/v1/health", "gzip"), ("/?q=treaty", "gzip;q=0, br"), ("/?q=treaty", "identity")]:
            assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": accepts}).headers
