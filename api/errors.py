"""Errors as RFC 9457 problems: one JSON object on every path. Pages show the same problem as HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, json, render_template, request
from flask_smorest import Api
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import HTTPException

from api.application import current_app
from search.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexVersionError,
    InvalidQueryError,
    InvalidRequestError,
    NoIndexError,
    NotFoundError,
    SearchError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

STATUS: dict[type[SearchError], HTTPStatus] = {
    InvalidQueryError: HTTPStatus.BAD_REQUEST,
    NotFoundError: HTTPStatus.NOT_FOUND,
    NoIndexError: HTTPStatus.SERVICE_UNAVAILABLE,
    IndexVersionError: HTTPStatus.SERVICE_UNAVAILABLE,
    IndexDamagedError: HTTPStatus.SERVICE_UNAVAILABLE,
    IndexLockedError: HTTPStatus.SERVICE_UNAVAILABLE,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Error of `search` -> HTTP status; any other error is a fault of the server and answers 500."""

DETAILS = {
    HTTPStatus.NOT_FOUND: "No page has this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address takes only GET. Send a GET request.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server failed to answer this request. Its log has the reason.",
}
"""Status -> text, for errors that the framework raises."""

PROBLEM_TYPE = "application/problem+json"
API = "/v1/"


@dataclass(frozen=True, slots=True)
class Problem:
    """The answer to an error; `errors` maps the name of a parameter to its messages."""

    status: int
    detail: str
    remedy: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


class ProblemSchema(Schema):
    """The body of every error, RFC 9457."""

    type = fields.String(
        dump_default="about:blank", metadata={"description": "Always about:blank; status has the type"}
    )
    title = fields.String(required=True, metadata={"description": "The status in words"})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status"})
    detail = fields.String(required=True, metadata={"description": "What happened"})
    remedy = fields.String(metadata={"description": "What to do about it, if that is known"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Parameter -> its messages"},
    )


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest with our errors."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_TYPE
    """The content type of answers that declare none; only errors do not."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer an error that the framework raises."""
        return _answer(error)


def describe(error: Exception) -> Problem:
    """Return the problem for an error. It never contains the text of an unexpected error."""
    if isinstance(error, ValidationError):
        return _invalid(error.messages_dict)
    if isinstance(error, InvalidRequestError):
        return _invalid({name: list(map(str, found)) for name, found in error.errors.items()})
    if isinstance(error, SearchError):
        status = STATUS.get(type(error))
        if status is not None:
            named = {error.field: [error.message]} if error.field else {}
            return Problem(status, error.message, error.remedy, named)
    if isinstance(error, HTTPException) and error.code is not None:
        invalid = getattr(error, "exc", None)  # webargs stores the error of the schema there
        if isinstance(invalid, ValidationError):
            return _invalid(invalid.messages_dict["query"])
        code = HTTPStatus(error.code)
        return Problem(code, DETAILS.get(code) or error.description or code.phrase)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, DETAILS[HTTPStatus.INTERNAL_SERVER_ERROR])


def _invalid(messages: dict[str, Any]) -> Problem:
    errors = {str(name): list(_texts(nested)) for name, nested in messages.items()}
    names = ", ".join(errors)
    return Problem(
        HTTPStatus.BAD_REQUEST,
        f"The request cannot be answered because of {names}.",
        "Correct the parameters in errors; /docs describes each.",
        errors,
    )


def _texts(nested: Any) -> Iterator[str]:
    """Yield the messages for one parameter; marshmallow nests them in lists and dictionaries."""
    if isinstance(nested, str):
        yield nested
    elif isinstance(nested, dict):
        for inner in nested.values():
            yield from _texts(inner)
    else:
        for inner in nested:
            yield from _texts(inner)


def log(error: Exception, problem: Problem) -> None:
    """Log an error of `search` that is the server's fault. Flask logs unexpected errors itself, with a traceback."""
    if isinstance(error, SearchError) and problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        facts = {"method": request.method, "path": request.path, "status": int(problem.status)}
        current_app.logger.error("%s %s: %s", request.method, request.path, error, extra=facts)


def _answer(error: Exception) -> Response:
    problem = describe(error)
    log(error, problem)
    response = Response(status=problem.status)
    if not request.path.startswith(API):
        response.vary.add("Accept")
    if _wants_page():
        response.set_data(render_template("error.html", problem=problem))
        response.mimetype = "text/html"
    else:
        response.set_data(json.dumps({"type": "about:blank", **_members(problem)}))
        response.mimetype = PROBLEM_TYPE
    if isinstance(error, HTTPException):
        response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return response


def _members(problem: Problem) -> dict[str, Any]:
    members: dict[str, Any] = {"title": problem.title, "status": problem.status, "detail": problem.detail}
    if problem.remedy:
        members["remedy"] = problem.remedy
    if problem.errors:
        members["errors"] = problem.errors
    return members


def _wants_page() -> bool:
    """Return whether the request prefers a page to JSON. The API always answers with JSON."""
    if request.path.startswith(API):
        return False
    return request.accept_mimetypes.best_match([PROBLEM_TYPE, "text/html"]) == "text/html"


def register(app: Flask) -> None:
    """Answer errors of `search` and of parameters as problems. flask-smorest handles errors of the framework."""
    app.register_error_handler(SearchError, _answer)
    app.register_error_handler(ValidationError, _answer)
