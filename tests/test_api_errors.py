"""Errors of the REST API: every path has the same shape of errors, and an error names the parameter at fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from api import create_app
from search.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexVersionError,
    InvalidQueryError,
    SettingError,
    UnavailableError,
)
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


def _problem(response: TestResponse, status: int) -> dict[str, Any]:
    """Check that a response has the shape of all errors; return its body."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = json.loads(response.data)
    assert set(body) <= {"type", "title", "status", "detail", "remedy", "errors"}
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert all(isinstance(messages, list) and messages for messages in body.get("errors", {}).values())
    return body


def _failing(url: str, monkeypatch: Any, error: Exception) -> FlaskClient:
    """Return a client of an application whose engine raises `error`, which no request can cause."""
    from search.engines.tantivy.engine import TantivyEngine

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(TantivyEngine, "search", fail)
    return create_app(Settings(index=url)).test_client()


class TestBadInput:
    @pytest.mark.parametrize(
        ("query", "fields"),
        [
            ("colour=red", {"colour"}),
            ("countries=KP", {"countries"}),
            ("date_from=2024", {"date_from"}),
            ("prefix=a", {"prefix"}),
            ("colour=", {"colour"}),
            ("from=yesterday", {"from"}),
            ("from=2024-13", {"from"}),
            ("to=2024-02-30", {"to"}),
            ("from=0000", {"from"}),
            ("from=٢٠٢٤", {"from"}),
            ("from=2024-02&to=2024-01", {"from"}),
            ("sort=best", {"sort"}),
            ("interval=decade", {"interval"}),
            ("collapse=yes", {"collapse"}),
            ("facets=colour", {"facets"}),
            ("facets=country,none", {"facets"}),
            ("country=Atlantis", {"country"}),
            ("country=KP&country=ZZ", {"country"}),
            ("&".join(["country=KP", "person=a", "source=b"] * 101), {"country", "person", "source"}),
            ("page=0", {"page"}),
            ("page=-1", {"page"}),
            ("page=two", {"page"}),
            ("page=1.5", {"page"}),
            ("page=101", {"page"}),
            ("page=11&per_page=100", {"page"}),
            ("page=9999999999999999999999", {"page"}),
            ("per_page=101", {"per_page"}),
            ("per_page=0", {"per_page"}),
            ("facet_size=0", {"facet_size"}),
            ("facet_size=1001", {"facet_size"}),
            ("page=1&page=2", {"page"}),
            ("q=a&q=b", {"q"}),
            ("q=" + "x" * 2001, {"q"}),
            ("sort=best&page=0&colour=red", {"sort", "page", "colour"}),
        ],
    )
    def test_search_names_the_parameter(self, client: FlaskClient, query: str, fields: set[str]) -> None:
        body = _problem(client.get(f"/v1/search?{query}"), 400)
        assert set(body["errors"]) == fields

    def test_values_at_the_limit_are_accepted(self, client: FlaskClient) -> None:
        for query in ("page=100", "page=10&per_page=100", "facet_size=1000", "q=" + "x" * 2000, "from=2024&to=2024"):
            assert client.get(f"/v1/search?{query}").status_code == 200, query
        filters = "&".join(f"{name}=fr" for name in ["country", "person", "source"] * 100)
        assert client.get(f"/v1/search?{filters}").status_code == 200

    @pytest.mark.parametrize(
        "path", ["/v1/suggest", "/v1/health", "/v1/articles/seoul", "/v1/articles/seoul/similar", "/v1/facets/person"]
    )
    def test_each_route_rejects_unknown_parameters(self, client: FlaskClient, path: str) -> None:
        assert set(_problem(client.get(f"{path}?colour=red"), 400)["errors"]) == {"colour"}

    def test_facet_and_suggest_check_their_parameters(self, client: FlaskClient) -> None:
        assert set(_problem(client.get("/v1/facets/person?from=x&page=2"), 400)["errors"]) == {"from", "page"}
        assert set(_problem(client.get("/v1/suggest?q=" + "x" * 2001), 400)["errors"]) == {"q"}

    def test_limits_come_from_the_settings(self, news_url: str) -> None:
        client = create_app(Settings(index=news_url, max_query_chars=5, max_results=20)).test_client()
        assert set(_problem(client.get("/v1/search?q=treaty"), 400)["errors"]) == {"q"}
        assert set(_problem(client.get("/v1/search?q=a&page=3"), 400)["errors"]) == {"page"}


class TestErrorShape:
    @pytest.mark.parametrize("path", ["/v1/nope", "/v1", "/nope", "/v1/articles/", "/v1/articles/a/b"])
    def test_unknown_address(self, client: FlaskClient, path: str) -> None:
        _problem(client.get(path), 404)

    def test_unknown_article(self, client: FlaskClient) -> None:
        for path in ("/v1/articles/nope", "/v1/articles/nope/similar"):
            assert "nope" in _problem(client.get(path), 404)["detail"]

    def test_unknown_facet(self, client: FlaskClient) -> None:
        _problem(client.get("/v1/facets/date"), 404)

    def test_no_index_yet(self, tmp_path: Path) -> None:
        client = create_app(Settings(index=f"tantivy://{tmp_path}/none")).test_client()
        for path in ("/v1/health", "/v1/search?q=a", "/v1/articles/a", "/v1/suggest?q=a", "/v1/facets/person"):
            assert "reindex" in _problem(client.get(path), 503)["remedy"]

    def test_index_url_without_a_known_engine_prevents_the_start(self) -> None:
        with pytest.raises(SettingError):
            create_app(Settings(index="nosuch://here"))

    @pytest.mark.parametrize("path", ["/v1/search", "/v1/articles/seoul", "/", "/openapi.json"])
    def test_other_methods(self, client: FlaskClient, path: str) -> None:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            response = client.open(path, method=method)
            _problem(response, 405)
            assert "GET" in response.headers["Allow"]

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (InvalidQueryError("Too deep.", remedy="Ask for less.", field="q"), 400),
            (IndexVersionError("Old.", remedy="Run dateline reindex."), 503),
            (IndexDamagedError("Broken.", remedy="Run dateline rollback."), 503),
            (IndexLockedError("Locked.", remedy="Wait."), 503),
            (UnavailableError("Away.", remedy="Try again."), 503),
        ],
    )
    def test_errors_of_the_engine(self, news_url: str, monkeypatch: Any, error: Any, status: int) -> None:
        client = _failing(news_url, monkeypatch, error)
        body = _problem(client.get("/v1/search?q=a"), status)
        assert (body["detail"], body["remedy"]) == (error.message, error.remedy)
        assert body.get("errors") == ({"q": ["Too deep."]} if error.field else None)
        assert client.get("/").status_code == status

    @pytest.mark.parametrize("error", [RuntimeError("secret"), SettingError("secret", remedy="secret"), MemoryError()])
    def test_unexpected_error_reveals_no_details(self, news_url: str, monkeypatch: Any, error: Exception) -> None:
        client = _failing(news_url, monkeypatch, error)
        for path in ("/v1/search", "/"):
            response = client.get(path)
            assert response.status_code == 500
            assert "secret" not in response.text
        assert client.get("/v1/search").headers["Access-Control-Allow-Origin"] == "*"
        _problem(client.get("/v1/search"), 500)

    def test_browser_gets_an_error_page_outside_of_the_api(self, client: FlaskClient) -> None:
        accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        page = client.get("/nope", headers=accept)
        assert (page.status_code, page.mimetype) == (404, "text/html")
        assert "Not Found" in page.text
        assert "Accept" in page.vary
        assert "Accept" in client.get("/nope").vary
        _problem(client.get("/v1/nope", headers=accept), 404)
