"""Files go out: to be saved, and never to be shown by the browser as a page of this site."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from flask import Response, request

from ..chassis.errors import NotFound
from ..contracts.files import File
from .domain import Feedback
from .store import FileStore

PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
OCTETS: Final = "application/octet-stream"
"""For all else: a browser that guessed what it is would run what somebody put in it."""

SEALED: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
PLAIN: Final = "!#$&+-.^_`|~"
"""What may stand unquoted in RFC 8187, beside letters and digits."""


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
