"""Errors as RFC 9457 problems: one shape on every path. Pages show the same problem as HTML."""

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
"""Errors of the search side -> status; any other is the server's own fault, 500."""

DETAILS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address is read with GET.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server failed on this request; its log tells why.",
}
"""What to say where the framework raised the error."""

PROBLEM_TYPE = "application/problem+json"
API = "/v1/"


@dataclass(frozen=True, slots=True)
class Problem:
    """What an error answers; `errors` maps the name of a parameter to what is wrong with it."""

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

    type = fields.String(dump_default="about:blank", metadata={"description": "Always about:blank: see status"})
    title = fields.String(required=True, metadata={"description": "The status in words"})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status"})
    detail = fields.String(required=True, metadata={"description": "What is wrong"})
    remedy = fields.String(metadata={"description": "What to do about it, where that is known"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Parameter -> what is wrong with it"},
    )


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest with our error shape."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM_TYPE
    """Of the answers whose type is not given, which are the errors."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer what the framework refuses."""
        return _answer(error)


def describe(error: Exception) -> Problem:
    """Return the problem that an error stands for; nothing of an unexpected error's text gets out."""
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
        invalid = getattr(error, "exc", None)  # where webargs keeps what a schema refused
        if isinstance(invalid, ValidationError):
            return _invalid(invalid.messages_dict["query"])
        code = HTTPStatus(error.code)
        return Problem(code, DETAILS.get(code) or error.description or code.phrase)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, DETAILS[HTTPStatus.INTERNAL_SERVER_ERROR])


def _invalid(messages: dict[str, Any]) -> Problem:
    found = {str(name): list(_texts(told)) for name, told in messages.items()}
    names = ", ".join(found)
    return Problem(
        HTTPStatus.BAD_REQUEST,
        f"The request cannot be answered because of {names}.",
        "See errors, and /docs for what each parameter takes.",
        found,
    )


def _texts(told: Any) -> Iterator[str]:
    """Yield the sentences of what marshmallow says of one parameter, which nests for lists."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for inner in told.values():
            yield from _texts(inner)
    else:
        for inner in told:
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
    """Tell whether a person looks at the answer: a browser outside of the API."""
    if request.path.startswith(API):
        return False
    return request.accept_mimetypes.best_match([PROBLEM_TYPE, "text/html"]) == "text/html"


def register(app: Flask) -> None:
    """Let every error of the search side, and of parameters, answer its problem; flask-smorest has the framework's."""
    app.register_error_handler(SearchError, _answer)
    app.register_error_handler(ValidationError, _answer)
