"""The design language: layout, components, tokens and vendored assets, served from this process alone."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import format_timedelta
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.security import safe_join

STATIC = Path(__file__).parent / "static"
PREFIX = "/assets"
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"

blueprint = Blueprint("ui", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file, held in memory: a page asks for four of them and the disk need not be asked each time."""

    body: bytes
    packed: bytes
    version: str
    mimetype: str


@lru_cache(maxsize=64)
def _read(path: str, modified: int) -> Asset:
    # `modified` is part of the key only: an edited file is a new asset without a restart.
    body = Path(path).read_bytes()
    mimetype = guess_type(path)[0] or "application/octet-stream"
    return Asset(body, gzip.compress(body, 9, mtime=0), sha256(body).hexdigest()[:12], mimetype)


def find(name: str) -> Asset | None:
    """The static file of that name below `static/`, or None when there is none."""
    path = safe_join(str(STATIC), name)
    if path is None or not Path(path).is_file():
        return None
    return _read(path, Path(path).stat().st_mtime_ns)


@blueprint.app_template_global("asset")
def asset(name: str) -> str:
    """The URL of a static file with its content hash; raises LookupError for a name that does not exist."""
    found = find(name)
    if found is None:
        raise LookupError(f"no static file named {name}")
    return f"{PREFIX}/{name}?v={found.version}"


@blueprint.get(f"{PREFIX}/<path:name>")
def static(name: str) -> Response:
    """A static file, gzip where the client takes it; kept for a year when the URL names its content."""
    found = find(name)
    if found is None:
        abort(404)
    packed = request.accept_encodings.quality("gzip") > 0 and len(found.packed) < len(found.body)
    response = Response(found.packed if packed else found.body, mimetype=found.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    # Files below vendor/ carry their version in the file name, and a stylesheet imports one of them without ?v=.
    lasting = request.args.get("v") == found.version or name.startswith("vendor/")
    response.headers["Cache-Control"] = FOREVER if lasting else BRIEFLY
    response.set_etag(found.version + ("-gz" if packed else ""))
    response.make_conditional(request)
    return response


@blueprint.app_template_filter("ago")
@pass_context
def ago(context: Context, at: datetime) -> str:
    """How far a moment is from `now` in the reader's language: "in 4 days", "3 hours ago"; liaise.js says the same."""
    return str(format_timedelta(at - context["now"], add_direction=True))


def _style() -> str:
    return render_template("ui/style.html", later=datetime(2026, 11, 26, 16, 0, tzinfo=UTC))


def _add_testing_pages(state: BlueprintSetupState) -> None:
    if state.app.config.get("TESTING_PAGES"):
        state.add_url_rule("/style", "style", _style)


blueprint.record(_add_testing_pages)
