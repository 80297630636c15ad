"""The REST API. Every route is a GET; it takes its parameters through a schema and answers with one JSON object."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from api.application import current_app
from api.v1.answers import schema_of
from api.v1.requests import FacetArgs, NoArgs, SearchArgs, SuggestArgs, parameter_texts
from search import answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from marshmallow import Schema

    from api.v1.requests import FacetSearch
    from search.answers import Shape
    from search.model import Article, Query
    from search.results import Hit, IndexInfo, Results

RouteHandler = TypeVar("RouteHandler", bound="Callable[..., Any]")

SUGGESTIONS = 8
"""Completions in one answer: a list below a field shows as many without scrolling."""

SIMILAR = 5
"""Similar stories in one answer."""


class _Parser(FlaskParser):
    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": "raise"}  # noqa: RUF012 - webargs reads it off the class

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        return parameter_texts(req.args, schema)


class _Blueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    ARGUMENTS_PARSER = _Parser()


blueprint = _Blueprint("v1", __name__, url_prefix="/v1", description="Search and articles")


def _get(path: str, takes: type[Schema], answer: Shape) -> Callable[[RouteHandler], RouteHandler]:
    """Route GET `path` to a handler. The handler gets the value that `takes` loads, and `answer` writes its result."""

    def decorate(handler: RouteHandler) -> RouteHandler:
        @wraps(handler)
        def respond(*args: Any, **kwargs: Any) -> Response:
            return Response(answers.to_json(answer.write(handler(*args, **kwargs))), mimetype="application/json")

        documented = blueprint.response(200, schema_of(answer), content_type="application/json")(respond)
        blueprint.route(path)(blueprint.arguments(takes(), location="query")(documented))
        return handler

    return decorate


@_get("/search", takes=SearchArgs, answer=answers.RESULTS)
def search(query: Query) -> Results:
    """Search the articles."""
    return current_app.engine.search(query)


@_get("/articles/<id:article_id>", takes=NoArgs, answer=answers.ARTICLE)
def article(_: dict[str, Any], article_id: str) -> Article:
    """Get a whole article."""
    return current_app.engine.get(article_id)


@_get("/articles/<id:article_id>/similar", takes=NoArgs, answer=answers.HITS)
def similar(_: dict[str, Any], article_id: str) -> tuple[Hit, ...]:
    """Get stories like an article's, best first, without its copies."""
    return current_app.engine.similar(article_id, SIMILAR)


@_get("/suggest", takes=SuggestArgs, answer=answers.SUGGESTIONS)
def suggest(text: str) -> answers.Completions:
    """Complete the text in a search field: persons, countries, headlines, words."""
    return answers.Completions(text, current_app.engine.suggest(text, SUGGESTIONS) if text.strip() else ())


@_get("/facets/<any(country, person):facet>", takes=FacetArgs, answer=answers.FACET_VALUES)
def facet_values(search: FacetSearch, facet: str) -> answers.FacetPage:
    """Search among a facet's values."""
    matching = current_app.engine.facet_values(facet, search.prefix, search.query)
    return answers.FacetPage(facet, search.prefix, matching)


@_get("/health", takes=NoArgs, answer=answers.HEALTH)
def health(_: dict[str, Any]) -> IndexInfo:
    """Check that searches work; answers 503 if they do not."""
    return current_app.engine.info()
