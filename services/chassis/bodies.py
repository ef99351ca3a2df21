"""How much a request may carry: MAX_BODY, and more only at the doors that take files."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from .settings import MAX_BODY, Settings

View = TypeVar("View", bound=Callable[..., Any])

TOO_LARGE = 413
MULTIPART = "multipart/form-data"
API = "/v1/"
DETAIL = "The request is larger than anything that is taken here. Send less."
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>That is too large</title>
<link rel="icon" href="data:,"><h1>That is too large</h1><p>Go back and send less: fewer or smaller files.</p></html>"""


def takes_files(view: View) -> View:
    """Mark a view that may be sent files: a larger body, and below /v1 one that is not JSON."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def may_bring_files() -> bool:
    """Whether this request is for a view that takes files."""
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), "takes_files", False))


def limit(app: Flask, settings: Settings) -> None:
    """Let files in where they are taken; registered before anything that reads a form."""

    @app.before_request
    def allow() -> None:
        if may_bring_files() and request.mimetype == MULTIPART:
            request.max_content_length = settings.max_upload  # read bit by bit, files to the disk
        elif "Transfer-Encoding" in request.headers and request.content_length is None:
            _measure()
        if not request.path.startswith(API):
            _require_names()


def _require_names() -> None:
    """Refuse a form with a part that has no name, which the parser lets pass and nobody after it expects."""
    if request.mimetype == MULTIPART and any(name is None for name in request.form):
        raise BadRequest("A part of this form has no name.")


def _measure() -> None:
    """Read a body that does not say how long it is; werkzeug would cut it at the limit and take the rest for all."""
    body = request.environ["wsgi.input"].read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge(DETAIL)
    request.environ["wsgi.input"] = BytesIO(body)


def too_large(path: str) -> tuple[str, bytes]:
    """What a server answers that stops reading before the app is asked: (content type, body)."""
    if not path.startswith(API):
        return "text/html; charset=utf-8", PAGE.encode()
    problem = {"type": "about:blank", "title": "Request Entity Too Large", "status": TOO_LARGE, "detail": DETAIL}
    return "application/problem+json", json.dumps(problem).encode()
