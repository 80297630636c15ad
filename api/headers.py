"""Headers of every answer (CORS, caching, Content-Security-Policy), and compression."""

from __future__ import annotations

import gzip
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from search.errors import SettingError

if TYPE_CHECKING:
    from flask import Response

    from api.application import Application

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The Content-Security-Policy. Trusted Types without a policy make the browser refuse text as markup or script."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

TAGGED = ("/v1/articles/", "/openapi.json", "/feed.", "/opensearch.xml")
"""Beginnings of paths whose answers have an ETag, because only a new index or program changes them.

Answers of `/v1/search` have no ETag: they contain the milliseconds that the search took."""

SHARED = ("/v1/", "/texts/", "/feed.", "/suggestions", "/opensearch.xml", "/openapi.json", "/search-box.js")
"""Beginnings of paths that pages of other sites may read. All other paths are for pages of this site."""

TEXTS = ("text/", "application/json", "application/problem+json", "application/atom+xml", "application/feed+json")
"""Prefixes of content types to compress. The server compresses them itself, so no proxy is needed for that."""

SHORT = 1_000
"""Minimum bytes of an answer to compress. A shorter answer fits into one packet without compression."""

ANY = "*"
DEFAULT_PORTS = {"http": 80, "https": 443}


def register(app: Application) -> None:
    """Add the headers to every answer of the application, errors included, and compress it if the client accepts that.

    Raises:
        SettingError: `DATELINE_CORS_ORIGINS` contains something that is not an origin.
    """
    app.after_request(partial(_finish, allowed=origins(app.settings.cors_origins)))


def origins(setting: str) -> frozenset[str]:
    """Return the origins in a setting as browsers write them: in lower case, without the default port.

    Raises:
        SettingError: A part is neither * nor an origin, so no request would ever match it.
    """
    return frozenset(_origin(item.strip()) for item in setting.split(",") if item.strip())


def _origin(text: str) -> str:
    if text == ANY:
        return text
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise _not_an_origin(text) from None
    has_more = parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None
    if not parts.scheme or not host or "*" in host or has_more:
        raise _not_an_origin(text)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != DEFAULT_PORTS.get(parts.scheme) else "")


def _not_an_origin(text: str) -> SettingError:
    return SettingError(
        f"DATELINE_CORS_ORIGINS has {text!r}, which is not an origin.",
        remedy="Write origins such as https://news.example, separated by commas, or * for all.",
        field="DATELINE_CORS_ORIGINS",
    )


def _finish(response: Response, allowed: frozenset[str]) -> Response:
    response.headers.update(ALWAYS)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    if request.path.startswith(SHARED):
        _allow_origin(response, allowed)
    else:
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # "no-cache" lets a browser keep an answer, but makes it ask each time if the answer is still valid
    response.headers.setdefault("Cache-Control", "no-cache")
    if request.path.startswith(TAGGED) and response.status_code == HTTPStatus.OK:
        response.add_etag()
        response.make_conditional(request)
    _compress(response)
    return response


def _compress(response: Response) -> None:
    if not (response.mimetype or "").startswith(TEXTS):
        return
    response.vary.add("Accept-Encoding")
    has_content = response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
    if not has_content or not request.accept_encodings.quality("gzip"):
        return
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # weak, because the content is the same and its bytes differ
    if response.status_code != HTTPStatus.OK:
        return
    is_file = response.direct_passthrough
    response.direct_passthrough = False
    data = response.get_data()
    if len(data) < SHORT:
        return
    response.set_data(gzip.compress(data, 9 if is_file else 5, mtime=0))
    response.content_encoding = "gzip"
    response.headers.pop("Accept-Ranges", None)  # ranges would refer to the uncompressed file


def _allow_origin(response: Response, allowed: frozenset[str]) -> None:
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if ANY in allowed:
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if request.origin not in allowed:
            return
        response.headers["Access-Control-Allow-Origin"] = request.origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
