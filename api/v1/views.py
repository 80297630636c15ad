"""The REST API. Every route is a GET; each takes its parameters through a schema and answers through one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from api.service import service
from api.v1.answers import FacetValuesSchema, HealthSchema, HitsSchema, ResultsSchema, SuggestionsSchema
from api.v1.article import ArticleSchema
from api.v1.fields import given
from api.v1.requests import FacetArgs, NoArgs, SearchArgs, SuggestArgs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from marshmallow import Schema

    from api.v1.requests import FacetSearch
    from search.model import Article, Query, Results

View = TypeVar("View", bound="Callable[..., Any]")

SUGGESTIONS = 8
"""Completions in one answer: what a list under a field shows without scrolling."""

SIMILAR = 5
"""Similar stories in one answer."""


class _Parser(FlaskParser):
    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": "raise"}  # noqa: RUF012 - webargs reads it off the class

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        return given(req.args, schema)


class _Blueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    ARGUMENTS_PARSER = _Parser()


blueprint = _Blueprint("v1", __name__, url_prefix="/v1", description="Search and articles")


def _get(path: str, takes: type[Schema], answers: type[Schema]) -> Callable[[View], View]:
    """Route GET `path` to a view that is called with what `takes` loads and returns what `answers` writes."""

    def decorate(view: View) -> View:
        answering = blueprint.response(200, answers, content_type="application/json")(view)
        blueprint.route(path)(blueprint.arguments(takes(), location="query")(answering))
        return view

    return decorate


@_get("/search", takes=SearchArgs, answers=ResultsSchema)
def search(query: Query) -> Results:
    """Search the articles."""
    return service().engine.search(query)


@_get("/articles/<id:article_id>", takes=NoArgs, answers=ArticleSchema)
def article(_: dict[str, Any], article_id: str) -> Article:
    """Get a whole article."""
    return service().engine.get(article_id)


@_get("/articles/<id:article_id>/similar", takes=NoArgs, answers=HitsSchema)
def similar(_: dict[str, Any], article_id: str) -> dict[str, Any]:
    """Get stories like an article's, best first, without its copies."""
    return {"hits": service().engine.similar(article_id, SIMILAR)}


@_get("/suggest", takes=SuggestArgs, answers=SuggestionsSchema)
def suggest(text: str) -> dict[str, Any]:
    """Complete what a user is typing: persons, countries, headlines, words."""
    found = service().engine.suggest(text, SUGGESTIONS) if text.strip() else ()
    return {"query": text, "suggestions": found}


@_get("/facets/<any(country, person):facet>", takes=FacetArgs, answers=FacetValuesSchema)
def facet_values(search: FacetSearch, facet: str) -> dict[str, Any]:
    """Search among a facet's values."""
    found = service().engine.facet_values(facet, search.prefix, search.query)
    return {"facet": facet, "prefix": search.prefix, "values": found.values, "other": found.other}


@_get("/health", takes=NoArgs, answers=HealthSchema)
def health(_: dict[str, Any]) -> dict[str, Any]:
    """Tell whether searches work; 503 where they do not."""
    info = service().engine.info()
    return {"status": "ok", "engine": info.engine, "articles": info.articles, "generation": info.generation}
