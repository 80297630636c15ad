"""What a browser sees: the search page, an article, the documentation, and the files that they need."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, render_template, request, send_from_directory
from markupsafe import Markup
from marshmallow import EXCLUDE, ValidationError
from swagger_ui_bundle import swagger_ui_path

from api import errors, evidence, histogram, links
from api.fields import given
from api.schemas import SearchArgs
from api.service import service
from api.views import SIMILAR
from search.answers import to_html
from search.errors import SearchError
from search.model import Query, Sort

if TYPE_CHECKING:
    from flask import Response

    from search.model import Snippet

SYNTAX = (
    (["port treaty"], "both words, in any form"),
    (['"port treaty"'], "exactly these words, side by side"),
    (['"port treaty"~5'], "these words in this order, each at most 5 words after the one before"),
    (["port OR treaty", "port NOT treaty"], "one of them; the first without the second"),
    (["+port treaty", "port -treaty"], "the first for sure and the second if possible; the first without the second"),
    (["(port OR harbour) treaty"], "one of the first two, and the third"),
    (["title:treaty"], "the word in the headline"),
    (["person:putin", 'country:"north korea"', "source:gazette"], "that person, country or publisher"),
    (["date:2024-01", "date:[2024-01-01 to 2024-02-01]"], "a day, a month, a year or a period of publication"),
    (["date:yesterday", "date:last-week", 'date:"march 2024"'], "days in plain words"),
    (["harb*", "h?rbour"], "words that begin so; that have any one letter there"),
    (["putni~"], "words with at most one typo; ~2 allows two"),
    (["treaty^3 port"], "both, the first worth three times as much"),
)
"""What may be written and what it finds; docs/query.md tells more."""

ARGUMENTS = SearchArgs()
KNOWN = frozenset(field.data_key or name for name, field in ARGUMENTS.fields.items())
SWAGGER_FILES = "swagger-ui.css", "swagger-ui-bundle.js"

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> tuple[str, int]:
    """Show the search page; what is wrong with a request stands on it."""
    try:
        query = _asked()
        results = service().engine.search(query)
    except (ValidationError, SearchError) as error:
        problem = errors.describe(error)
        errors.log(error, problem)
        return render_template("search.html", problem=problem, text=request.args.get("q", "")), problem.status
    query = results.query
    page = render_template(
        "search.html",
        text=query.text,
        results=results,
        about=partial(evidence.leading, query),
        ignored=[name for name in request.args if name not in KNOWN],
        kept=[pair for pair in links.parameters(query) if pair[0] != "q"],
        chips=links.chips(query),
        sorts=links.sorts(query),
        facets={
            "Countries": links.facet_links(query, "countries", results.countries),
            "People": links.facet_links(query, "persons", results.persons),
        },
        more=None if query.facet_size >= links.MORE_FACETS else links.search_link(query, facet_size=links.MORE_FACETS),
        bars=histogram.bars(query, results.dates),
        chart=histogram,
        collapse=links.search_link(query, collapse=not query.collapse),
        corrected=links.search_link(query, text=results.corrected or ""),
        as_typed=links.search_link(query, correct=False),
        ways=links.ways_out(results),
        paging=links.paging(results, service().settings.max_results),
    )
    return page, 200


def _asked() -> Query:
    """Return the query of the address; a parameter that the page does not know (`utm_source`) is left out.

    Raises:
        ValidationError: A parameter holds what it does not take.
    """
    query: Query = ARGUMENTS.load(given(request.args, ARGUMENTS), unknown=EXCLUDE)
    if query.sort is Sort.RELEVANCE:
        query = replace(query, sort=links.default_sort(query.text))
    return query


@blueprint.get("/articles/<path:article_id>")
def article(article_id: str) -> str:
    """Show one article with its countries and persons, where it names them and why they were found, and its like."""
    engine = service().engine
    found = engine.get(article_id)
    return render_template(
        "article.html",
        article=found,
        paragraphs=evidence.paragraphs(found),
        tags={"Countries": evidence.countries(found), "People": evidence.persons(found)},
        similar=engine.similar(article_id, SIMILAR),
    )


@blueprint.get("/help")
def query_help() -> str:
    """Show how queries are written."""
    return render_template("help.html", syntax=SYNTAX)


@blueprint.get("/docs")
def docs() -> str:
    """Show the API's documentation, with Swagger UI out of its own package."""
    return render_template("docs.html")


@blueprint.get(f"/docs/<any('{SWAGGER_FILES[0]}', '{SWAGGER_FILES[1]}'):name>")
def swagger_file(name: str) -> Response:
    """Send one of Swagger UI's files."""
    return send_from_directory(str(swagger_ui_path), name)


@blueprint.get("/search-box.js")
def search_box() -> Response:
    """Send the custom element."""
    return send_from_directory(str(current_app.static_folder), "search-box.js", mimetype="text/javascript")


@blueprint.app_template_filter()
def highlighted(snippet: Snippet) -> Markup:
    """Return the snippet as HTML that needs no more escaping."""
    return Markup(to_html(snippet))  # noqa: S704 - to_html escapes


@blueprint.app_template_filter()
def day(published: str | None) -> str:
    """Return the day of an ISO date or date-time as English text; empty for none."""
    if not published:
        return ""
    date = dt.date.fromisoformat(published[:10])
    return f"{date.day} {date:%B} {date.year}"


@blueprint.app_template_filter()
def web_address(url: str | None) -> str | None:
    """Return the address where it is one of the web, so that no `javascript:` out of an article becomes a link."""
    return url if url and url.lower().startswith(("https://", "http://")) else None
