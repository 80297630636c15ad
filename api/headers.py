"""Headers that every answer carries: who may read it, how long it may be kept, what a page may load."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import request

from api.service import service

if TYPE_CHECKING:
    from flask import Flask, Response

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes style attributes and has its icons in data URLs; this loosening is for its page alone."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

TAGGED = ("/v1/articles/", "/openapi.json")
"""Answers that change with the index or the program alone; a search also carries its time."""


def register(app: Flask) -> None:
    """Put the headers on every answer of the application, errors included."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    response.headers.update(ALWAYS)
    response.headers["Content-Security-Policy"] = DOCS_POLICY if request.path == "/docs" else PAGE_POLICY
    if _is_shared():
        _allow_origin(response)
    else:
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # "no-cache" lets a browser keep an answer and makes it ask each time whether that still holds
    response.headers.setdefault("Cache-Control", "no-cache")
    if request.path.startswith(TAGGED) and response.status_code == HTTPStatus.OK:
        response.add_etag()
        response.make_conditional(request)
    return response


def _is_shared() -> bool:
    """Tell whether pages of other sites may read the answer."""
    return request.path.startswith("/v1/") or request.path in ("/openapi.json", "/search-box.js")


def _allow_origin(response: Response) -> None:
    origins = [origin.strip() for origin in service().settings.cors_origins.split(",") if origin.strip()]
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if "*" in origins:
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if request.origin not in origins:
            return
        response.headers["Access-Control-Allow-Origin"] = request.origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
