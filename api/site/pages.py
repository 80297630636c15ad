"""The pages: search, article, documentation. Also the files that they need."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, send_from_directory, url_for
from markupsafe import Markup
from marshmallow import EXCLUDE, ValidationError

from api import errors
from api.application import current_app
from api.site import evidence, histogram, language, links, reference
from api.v1.requests import SearchArgs, parameter_texts
from api.v1.views import SIMILAR
from search.answers import to_html
from search.errors import InvalidQueryError, SearchError
from search.model import Filters, Query, Sort
from search.query.examples import EXAMPLES
from search.query.parsing import query_of

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from search.model import Article
    from search.results import Matches, Snippet

ARGUMENTS = SearchArgs()
KNOWN = frozenset(ARGUMENTS.fields)

COPIES = 20
"""Maximum number of copies that the page of an article lists."""

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> tuple[str, int]:
    """Show the search page, with the errors of the request if it has any."""
    try:
        query = _query()
        results = current_app.engine.search(query)
    except (ValidationError, SearchError) as error:
        problem = errors.describe(error)
        errors.log(error, problem)
        return render_template("search.html", problem=problem, text=request.args.get("q", "")), problem.status
    query = results.query
    most = min(links.MORE_FACETS, current_app.settings.max_facet_size)
    page = render_template(
        "search.html",
        text=query.text,
        results=results,
        about=partial(links.about, query),
        ignored=[name for name in request.args if name not in KNOWN and not (name == "lang" and language.requested())],
        hidden_fields=[pair for pair in links.parameters(query) if pair[0] != "q"],
        chips=links.chips(query),
        clear=links.search_link(query, **links.CLEARED),
        sorts=links.sorts(query),
        facets={
            evidence.COUNTRY: links.facet_links(query, evidence.COUNTRY, results.countries),
            evidence.PERSON: links.facet_links(query, evidence.PERSON, results.persons),
        },
        more=None if query.facet_size >= most else links.search_link(query, facet_size=most),
        bars=histogram.bars(query, results.dates),
        chart=histogram,
        corrected=links.search_link(query, text=results.corrected or ""),
        as_typed=links.search_link(query, correct=False),
        alternatives=links.alternatives(results),
        paging=links.paging(results, current_app.settings.max_results),
    )
    return page, 200


def _query() -> Query:
    """Return the query in the address of the request. Unknown parameters such as `utm_source` are ignored.

    Raises:
        ValidationError: The value of a parameter cannot be used.
    """
    args = parameter_texts(request.args, ARGUMENTS)
    query: Query = ARGUMENTS.load(args, unknown=EXCLUDE)
    if query.sort is Sort.RELEVANCE:
        query = replace(query, sort=links.default_sort(query.text))
    if "collapse" not in args:
        query = replace(query, collapse=links.default_collapse(query.filters))
    return query


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> str:
    """Show an article: mentions of countries and persons, matches of a query, copies, similar stories."""
    engine = current_app.engine
    found = engine.get(article_id)
    matches = _matches(found)
    copies, further = _copies(article_id)
    return render_template(
        "article.html",
        text=request.args["q"] if matches else "",
        article=found,
        matches=matches,
        paragraphs=evidence.paragraphs(found, matches.ranges if matches else ()),
        tags={evidence.COUNTRY: evidence.countries(found), evidence.PERSON: evidence.persons(found)},
        copies=copies,
        further=further,
        similar=engine.similar(article_id, SIMILAR),
    )


def _matches(article: Article) -> Matches | None:
    """Return the matches in an article of the query in the address, or None without a valid query."""
    text = request.args.get("q", "")
    if not text.strip():
        return None
    try:
        return current_app.engine.matches(article, ARGUMENTS.load({"q": [text]}))
    except (ValidationError, InvalidQueryError):
        return None


def _copies(article_id: str) -> tuple[list[Article], int]:
    """Return the newest copies of an article, and the number of further copies."""
    story = Filters(story=article_id)
    results = current_app.engine.search(query_of("", filters=story, sort=Sort.NEWEST, per_page=COPIES + 1, facets=()))
    others = [hit.article for hit in results.hits if hit.article.id != article_id][:COPIES]
    return others, max(results.total - 1 - len(others), 0)


@blueprint.get("/help")
def query_help() -> str:
    """Show the help on the query language."""
    return render_template("help.html", syntax=EXAMPLES)


@blueprint.get("/docs")
def docs() -> str:
    """Show the documentation of the API, generated from the OpenAPI document, with examples from the archive."""
    document = _document()
    return render_template(
        "docs.html",
        info=document["info"],
        routes=reference.routes(document, _sample()),
        paragraphs=reference.paragraphs,
    )


@blueprint.get("/docs/try/<path:template>")
def try_route(template: str) -> BaseResponse:
    """Redirect a form of the documentation to its route: a form alone cannot put a value into a path."""
    path = f"/{template}"
    if path not in _document()["paths"]:
        abort(404)
    return redirect(request.root_path + reference.address(path, request.args.items(multi=True)))


def _document() -> dict[str, Any]:
    """Return the application's OpenAPI document."""
    (api,) = current_app.extensions["flask-smorest"]["apis"].values()
    document: dict[str, Any] = api["ext_obj"].spec.to_dict()
    return document


def _sample() -> reference.Sample:
    """Return an article and a person of the archive for the examples; without an index, placeholders."""
    try:
        results = current_app.engine.search(
            query_of("", sort=Sort.NEWEST, per_page=1, facets=("person",), facet_size=1)
        )
    except SearchError:
        return reference.Sample()
    ids = [hit.article.id for hit in results.hits]
    return reference.Sample(*ids, *[person.value for person in results.persons[: len(ids)]])


@blueprint.get("/search-box.js")
def search_box() -> Response:
    """Send the script of the search box."""
    return send_from_directory(str(current_app.static_folder), "search-box.js", mimetype="text/javascript")


@blueprint.get(f"/texts/<any({', '.join(language.LANGUAGES)}):code>.json")
def texts(code: str) -> Response:
    """Send the texts of a language. Browsers may keep them for an hour."""
    return send_from_directory(str(language.FOLDER), f"{code}.json", max_age=60 * 60)


@blueprint.app_template_filter()
def highlighted(snippet: Snippet) -> Markup:
    """Return a snippet as HTML. The template must not escape it again."""
    return Markup(to_html(snippet))  # noqa: S704 - to_html escapes


@blueprint.app_template_filter()
def named(link: links.Link | evidence.Tag) -> str:
    """Return the label of a link or a tag in the language of the page."""
    match link.kind:
        case "from":
            return language.t("box.since", day=language.day(link.value))
        case "to":
            return language.t("box.until", day=language.day(link.value))
        case "story":
            return language.t("box.one_story")
        case "sort":
            return language.t(f"box.{link.value}")
        case evidence.COUNTRY:
            codes = link.value.split(", ")  # several if the link removes a whole filter
            return ", ".join(language.territory(code, link.label if len(codes) == 1 else "") for code in codes)
    return link.label


@blueprint.app_template_global()
def other_language(code: str) -> str:
    """Return the address of this page in another language."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != language.PARAMETER]
    return "?" + urlencode([*pairs, (language.PARAMETER, code)])


@blueprint.app_template_global()
def article_address(article_id: str, text: str = "") -> str:
    """Return the address of an article; its page highlights the matches of the query `text`."""
    return url_for("pages.article", article_id=article_id, q=text.strip() or None)


@blueprint.app_template_filter()
def web_address(url: str | None) -> str | None:
    """Return a web address, else None, so that no `javascript:` address of an article becomes a link."""
    return url if url and url.lower().startswith(("https://", "http://")) else None
