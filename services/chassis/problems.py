"""Errors as people and programs read them: RFC 9457 problem details below /v1, a page elsewhere."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, g, json, render_template, request
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException

from .errors import Conflict, Invalid, NotFound, Unavailable
from .mongo import AWAY, Document

API_PREFIX = "/v1/"
RETRY_SECONDS = 5
PROBLEM = "application/problem+json"

STATUS: dict[type[Exception], int] = {NotFound: 404, Conflict: 409, Invalid: 422, Unavailable: 503}


STAFF_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "Made with `liaise token create ACCOUNT --scope ...`.",
}
STAFF_SECURITY: list[dict[str, list[str]]] = [{"staffToken": []}]
"""What an operation for staff says of itself in the document."""


class ProblemErrorSchema(Schema):
    """One field that cannot be taken; `pointer` is a JSON Pointer (RFC 6901) into the body."""

    pointer = fields.String()
    detail = fields.String()


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(metadata={"example": "about:blank"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    errors = fields.List(fields.Nested(ProblemErrorSchema))


class ReadableJson(FlaskParser):
    """Refuses what the JSON parser gives up on: depth, and numbers of thousands of digits, are no syntax errors."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body's JSON; raises BadRequest."""
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError):
            raise BadRequest("The body is not JSON that can be read.") from None


Blueprint.ARGUMENTS_PARSER = ReadableJson()  # of every service's operations


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest with problem details in its document; errors are handled by `register`."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        """Give every error response of the document the media type of RFC 9457."""
        super()._register_responses()
        for response in [*self.spec.components.responses_lazy.values(), *self.spec.components.responses.values()]:
            content = response.get("content")
            if content and "application/json" in content:
                content[PROBLEM] = content.pop("application/json")

    def _register_error_handlers(self) -> None:
        """`register` handles errors of pages and API alike."""


def wants_problem() -> bool:
    """Whether this request is a program's."""
    return request.path.startswith(API_PREFIX)


def register(app: Flask) -> None:
    """Answer every error of the app in one of the two forms."""
    app.register_error_handler(HTTPException, _http)
    for error in STATUS:
        app.register_error_handler(error, _ours)
    for away in AWAY:
        app.register_error_handler(away, lambda _: _answer(503, "The database did not answer. Please try again.", []))


def _ours(error: Exception) -> Response:
    pointer = getattr(error, "pointer", "")
    errors = [{"pointer": pointer, "detail": str(error)}] if pointer else []
    detail = "" if isinstance(error, NotFound) else str(error)
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    return _answer(status, detail, errors)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    data: dict[str, Any] = getattr(error, "data", None) or {}
    errors = [{"pointer": pointer, "detail": text} for pointer, text in _flat(data.get("messages", {}), "")]
    detail = "Some fields cannot be taken." if errors else error.description or ""
    response = _answer(code, detail, errors)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _flat(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """webargs' nested messages as (pointer, text); its first level names the place, such as `json`."""
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from _flat(value, pointer if key in ("json", "query", "_schema", "form") else f"{pointer}/{key}")
    elif isinstance(messages, list):
        for text in messages:
            yield pointer, str(text)


def _answer(code: int, detail: str, errors: list[Document]) -> Response:
    title = HTTPStatus(code).phrase
    if wants_problem():
        body: Document = {"type": "about:blank", "title": title, "status": code}
        body |= {"detail": detail} if detail else {}
        body |= {"errors": errors} if errors else {}
        response = Response(json.dumps(body), code, content_type=PROBLEM)
    else:
        page = render_template("ui/error.html", code=code, title=title, text=detail, request_id=g.get("request_id"))
        response = Response(page, code)
    if code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
