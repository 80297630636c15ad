"""What every answer gets: who may read it, how long it may be kept, what a page may load, and compression."""

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
"""What a page may load and run. Trusted Types without any policy: the browser refuses text as markup or script."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

TAGGED = ("/v1/articles/", "/openapi.json", "/feed.", "/opensearch.xml")
"""Answers that change with the index or the program alone; a search also carries its time."""

SHARED = ("/v1/", "/texts/", "/feed.", "/suggestions", "/opensearch.xml", "/openapi.json", "/search-box.js")
"""Answers that pages of other sites may read begin so; the rest is for this site's own pages."""

TEXTS = ("text/", "application/json", "application/problem+json", "application/atom+xml", "application/feed+json")
"""Answers that are worth compressing: their types begin so. Proxies do it, too, but who has one just for this?"""

SHORT = 1_000
"""Bytes; a shorter answer fits into the first packet as it is."""

ANY = "*"
DEFAULT_PORTS = {"http": 80, "https": 443}


def register(app: Application) -> None:
    """Finish every answer of the application, errors included: put its headers on it, compress it where that is wanted.

    Raises:
        SettingError: The setting of origins holds something else.
    """
    app.after_request(partial(_finish, allowed=origins(app.settings.cors_origins)))


def origins(setting: str) -> frozenset[str]:
    """Return the origins that a setting lists, as browsers write them: in lower case, without the usual port.

    Raises:
        SettingError: Something in it is neither * nor an origin, so that it would never be met.
    """
    return frozenset(_origin(item.strip()) for item in setting.split(",") if item.strip())


def _origin(text: str) -> str:
    if text == ANY:
        return text
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise _no_origin(text) from None
    further = parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None
    if not parts.scheme or not host or "*" in host or further:
        raise _no_origin(text)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != DEFAULT_PORTS.get(parts.scheme) else "")


def _no_origin(text: str) -> SettingError:
    return SettingError(
        f"DATELINE_CORS_ORIGINS names {text!r}, which is no origin.",
        remedy="Write origins as https://news.example or http://localhost:3000, parted by commas, or * for all.",
        field="DATELINE_CORS_ORIGINS",
    )


def _finish(response: Response, allowed: frozenset[str]) -> Response:
    response.headers.update(ALWAYS)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    if request.path.startswith(SHARED):
        _allow_origin(response, allowed)
    else:
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # "no-cache" lets a browser keep an answer and makes it ask each time whether that still holds
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
    kept = response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
    if not kept or not request.accept_encodings.quality("gzip"):
        return
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # other bytes of the same content
    if response.status_code != HTTPStatus.OK:
        return
    is_file = response.direct_passthrough
    response.direct_passthrough = False
    data = response.get_data()
    if len(data) < SHORT:
        return
    response.set_data(gzip.compress(data, 9 if is_file else 5, mtime=0))
    response.content_encoding = "gzip"
    response.headers.pop("Accept-Ranges", None)  # parts are those of the file as it is


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
