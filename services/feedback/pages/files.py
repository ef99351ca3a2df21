"""Files go out: to their submitter and to the unit's staff, always to be saved and never to be shown by the browser."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, request

from ...chassis.errors import NotFound
from ...chassis.identity import require_visible, signed_in, staff_page
from ...chassis.settings import Settings
from ...contracts.files import File
from ..domain import Feedback
from ..handlers.files import rules_of
from ..store import FileStore, Stores
from .uploads import megabytes, reasons

PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
OCTETS: Final = "application/octet-stream"
"""For all else: a browser that guessed what it is would run what somebody put in it."""

SEALED: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
PLAIN: Final = "!#$&+-.^_`|~"
"""What may stand unquoted in RFC 8187, beside letters and digits."""


def blueprint(stores: Stores, settings: Settings) -> Blueprint:
    """The doors of staff; those behind the secret link and below /v1 call `serve`."""
    pages = Blueprint("files", __name__)
    rules = rules_of(settings)

    @pages.app_context_processor
    def words() -> dict[str, Any]:
        return {"file_rules": rules, "refusals": lambda: reasons(rules), "megabytes": megabytes}

    @pages.get("/intake/files/<feedback_id>/<file_id>")
    @staff_page()
    def download(feedback_id: str, file_id: str) -> Response:
        kept = stores.feedbacks.find(feedback_id)
        if kept is None:
            raise NotFound
        require_visible(signed_in(), kept.feedback.unit)
        return serve(kept.feedback, file_id, stores.files)

    return pages


def serve(feedback: Feedback, file_id: str, files: FileStore) -> Response:
    """A file of this feedback; raises NotFound for any other, and when its bytes are gone."""
    file = next((one for one in feedback.all_files if one.id == file_id), None)
    if file is None:
        raise NotFound
    if request.if_none_match.contains(file.sha256):
        response = Response(status=304)
    else:
        response = Response(_content(file, files), content_type=_content_type(file))
        response.content_length = file.size
    response.set_etag(file.sha256)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe=PLAIN)}"
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _content(file: File, files: FileStore) -> Iterator[bytes] | Sequence[bytes]:
    content = files.open(file.id)
    if content is None:
        raise NotFound
    return () if request.method == "HEAD" else content


def _content_type(file: File) -> str:
    return file.content_type if file.content_type in PICTURES else OCTETS
