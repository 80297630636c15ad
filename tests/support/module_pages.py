"""Serves the source modules of the search box on pages that a test defines."""

from __future__ import annotations

import json
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

API = Path(__file__).parents[2] / "api"


def modules(pages: dict[str, tuple[str, str]], suggest: Callable[[str], Any] = lambda _: None) -> WSGIApplication:
    """Return an application that serves the files of api/ and some pages.

    `pages` maps a path to a media type and a text. `suggest` computes the answers of /suggest.
    """

    @Request.application
    def site(request: Request) -> Response:
        file = API / request.path[1:]
        if request.path in pages:
            kind, text = pages[request.path]
            return Response(text, mimetype=kind)
        if request.path == "/suggest":
            return Response(json.dumps(suggest(request.args["q"])), mimetype="application/json")
        if file.is_file():
            return Response(file.read_bytes(), mimetype=guess_type(file.name)[0])
        return Response("nothing", 404)

    return site
