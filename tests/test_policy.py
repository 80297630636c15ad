"""Content-Security-Policy and Trusted Types: every answer has them, no page violates them, browsers enforce them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api import create_app
from search.engines.tantivy.engine import TantivyEngine
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import BrowserContext, Page
    from werkzeug.test import TestResponse


POLICY = {
    "default-src": "'none'",
    **dict.fromkeys(("script-src", "style-src", "img-src", "connect-src", "form-action"), "'self'"),
    **dict.fromkeys(("base-uri", "frame-ancestors", "trusted-types"), "'none'"),
    "require-trusted-types-for": "'script'",
}

ADDRESSES = [
    "/",
    "/?q=treaty",
    "/?q=zzzz",
    "/?page=0",
    "/articles/envoy-1",
    "/articles/envoy-1?q=treaty",
    "/articles/hostile",
    "/articles/nope",
    "/help",
    "/docs",
    "/nope",
]

WATCH = """
window.breaches = [];
document.addEventListener("securitypolicyviolation", (event) => breaches.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


def _policy(response: TestResponse) -> dict[str, str]:
    directives = [part.split(None, 1) for part in response.headers["Content-Security-Policy"].split(";")]
    return {name: value.strip() for name, value in directives}


class TestHeader:
    def test_each_route_has_it(self, app: Flask, client: FlaskClient) -> None:
        values = {
            "article_id": "seoul",
            "facet": "person",
            "template": "v1/health",
            "filename": "style.css",
            "code": "de",
        }
        routes = app.url_map.bind("localhost")
        addresses = [
            routes.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
        ]
        assert len(addresses) > 12
        for address in addresses:
            for method in ("GET", "HEAD", "OPTIONS", "POST"):
                response = client.open(address, method=method)
                assert _policy(response) == POLICY, (method, address)
                assert response.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("accept", ["text/html", "application/json"])
    @pytest.mark.parametrize("address", ["/nope", "/articles/nope", "/?page=0", "/v1/search?page=0", "/docs/try/x"])
    def test_errors_have_it(self, client: FlaskClient, address: str, accept: str) -> None:
        response = client.get(address, headers={"Accept": accept})
        assert response.status_code in (400, 404)
        assert _policy(response) == POLICY

    def test_server_errors_have_it(self, news_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        without = create_app(Settings(index=f"tantivy://{tmp_path}/none")).test_client()
        assert _policy(without.get("/v1/search")) == POLICY

        def fail(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(TantivyEngine, "search", fail)
        response = create_app(Settings(index=news_url)).test_client().get("/", headers={"Accept": "text/html"})
        assert response.status_code == 500
        assert _policy(response) == POLICY


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with context.new_page() as opened:
        opened.add_init_script(WATCH)
        yield opened


@pytest.mark.browser
class TestInABrowser:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_page_violates_it(self, page: Page, server: str, address: str) -> None:
        messages: list[str] = []
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto(server + address)
        if page.locator("dateline-search").count():
            field = page.locator("input[type=search]").first
            field.fill("")
            field.press_sequentially("kim")
            page.locator("[role=option]").first.wait_for()
        assert page.evaluate("breaches") == []
        assert [text for text in messages if not text.startswith("Failed to load resource")] == []

    @pytest.mark.parametrize("address", ["/?q=treaty", "/articles/seoul", "/docs", "/nope"])
    def test_text_never_becomes_markup_or_script(self, page: Page, server: str, address: str) -> None:
        page.goto(server + address)
        for script in (
            "document.body.innerHTML = '<b>x</b>'",
            "document.createElement('script').text = 'x'",
            "trustedTypes.createPolicy('default', {createHTML: (text) => text})",
        ):
            refused = f"(() => {{ try {{ {script}; }} catch (error) {{ return error.name; }} }})()"
            assert page.evaluate(refused) == "TypeError"
        page.wait_for_function("breaches.length >= 3")
        directives = [breach.split()[0] for breach in page.evaluate("breaches")]
        assert directives == ["require-trusted-types-for", "require-trusted-types-for", "trusted-types"]

    def test_injected_elements_neither_load_nor_run(self, page: Page, server: str) -> None:
        page.goto(f"{server}/docs")
        page.evaluate("""() => {
            const put = (name, property, value) => document.body.append(
                Object.assign(document.createElement(name), {[property]: value}));
            put("style", "textContent", "body { display: none; }");
            put("img", "src", "https://foreign.example/x.png");
            put("iframe", "src", "/help");
            put("div", "textContent", "");
            document.body.lastElementChild.setAttribute("style", "color: red");
        }""")
        page.wait_for_function("breaches.length >= 4")
        directives = {breach.split()[0] for breach in page.evaluate("breaches")}
        assert directives == {"style-src-elem", "img-src", "frame-src", "style-src-attr"}
        assert page.locator("h1").is_visible()
