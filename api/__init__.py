"""HTTP: the REST API, its documentation, and the search page. Read-only."""

from __future__ import annotations

from api import errors, headers
from api.application import Application, program_version
from api.site import browser_search, feeds, language, pages
from api.v1 import views
from api.v1.requests import ArticleId
from search.settings import Settings

__all__ = ["create_app"]

DESCRIPTION = """\
Ranked news search with highlighted snippets and exact facet counts by country, person and date. Read-only.

Errors answer `application/problem+json` (RFC 9457). If parameters are wrong, `errors` names them.
Highlights are HTML in which everything but `<mark>` is escaped.
"""


def create_app(settings: Settings | None = None) -> Application:
    """Return the WSGI application. The default settings come from the environment.

    The index may be missing: searches then answer 503 and name the command to run.

    Raises:
        SettingError: A setting cannot be used, or no installed engine has the scheme of the index URL.
    """
    app = Application(__name__, settings or Settings.from_environ())
    app.url_map.merge_slashes = False  # an id may be an address, with `//` in it
    app.url_map.converters["id"] = ArticleId
    app.config.update(
        API_TITLE="Dateline",
        API_VERSION=program_version(),
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        API_SPEC_OPTIONS={"info": {"description": DESCRIPTION}},
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's default provider
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    api = errors.ProblemApi(app)
    api.register_blueprint(views.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(feeds.blueprint)
    app.register_blueprint(browser_search.blueprint)
    errors.register(app)
    language.register(app)
    headers.register(app)
    return app
