# mypy: disable-error-code="untyped-decorator"
"""Files that come after the words, and files that go out."""

from typing import Any, Final

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from ...chassis.bodies import takes_files
from ...chassis.clock import Clock
from ...chassis.errors import Invalid, NotFound
from ...chassis.fields import Text
from ...chassis.settings import Settings
from .. import schemas
from ..domain.files import EMPTY, MORE, PROGRAM, TELLING, TOO_LARGE, TOO_MANY, TOO_MUCH, Refused
from ..downloads import OCTETS, serve
from ..handlers import ReplyToFeedback
from ..handlers.files import Offered, rules_of
from ..handlers.with_files import NothingKept, reply_with_files
from ..schemas.files import BYTES, UPLOAD, FileSchema, UploadedSchema, with_urls
from ..store import Stores
from .asking import KEY_PARAMETER, find, is_owner, is_sender, is_staff, key, own, problem

MULTIPART: Final = "multipart/form-data"
FIELD: Final = "files"
OWN: list[dict[str, list[str]]] = [{"trackingToken": []}]
EITHER: list[dict[str, list[str]]] = [{"trackingToken": []}, {"clientKey": []}, {"staffToken": []}]

DETAILS: Final = {
    EMPTY: "It is empty.",
    PROGRAM: "Programs are not taken.",
    TOO_LARGE: "It is too large.",
    TOO_MANY: "There are too many.",
    TOO_MUCH: "All files together are too large.",
    TELLING: "This picture cannot be freed of what it says about you; send it as a screenshot.",
}


class UploadSchema(Schema):
    """The words beside the files."""

    text = Text(schemas.COMMENT_LONGEST, load_default="")


FILES: Final = FileSchema(many=True)
UPLOADED: Final = UploadedSchema()
WORDS: Final = UploadSchema()


def files(api: Blueprint, stores: Stores, clock: Clock, settings: Settings) -> None:
    """Sending files, and reading one."""
    rules, secret = rules_of(settings), settings.secret_key.reveal()

    @api.route("/v1/feedback/<feedback_id>/files", methods=["POST"])
    @api.response(201, UploadedSchema, description="`refused` names what was not kept; the rest is")
    @problem(api, 401, "No bearer token")
    @problem(api, 404, "No feedback has this id and this token")
    @problem(api, 409, "The conversation is full")
    @problem(api, 413, "Larger than all files together may be")
    @problem(api, 415, "Not multipart/form-data")
    @problem(api, 422, "No file could be kept, or the Idempotency-Key came before with something else")
    @api.doc(summary="Add files", requestBody=UPLOAD, parameters=[KEY_PARAMETER], security=OWN, operationId="addFiles")
    @takes_files
    def add(feedback_id: str) -> dict[str, Any]:
        """They are a reply to the liaison, with `text` as its words."""
        own(stores.feedbacks, feedback_id)
        if request.mimetype != MULTIPART:
            raise UnsupportedMediaType("Send multipart/form-data, with the files in fields named `files`.")
        offered = _offered()
        said = ReplyToFeedback(feedback_id=feedback_id, channel="api", key=key(), reopen=False, text=_words())
        before = find(stores.feedbacks, feedback_id).feedback
        try:
            taken = reply_with_files(said, offered, before, stores, rules, secret, clock.now())
        except NothingKept as nothing:
            raise Invalid(_why(nothing.refused), f"/{FIELD}") from None
        return {"files": with_urls(feedback_id, FILES.dump(taken.kept)), "refused": _refusals(taken.refused)}

    @api.route("/v1/feedback/<feedback_id>/files/<file_id>", methods=["GET"])
    @api.alt_response(200, description="Its bytes, whatever they are", schema=BYTES, content_type=OCTETS)
    @problem(api, 404, "No feedback has this id, this file and this token")
    @api.doc(summary="Read a file", security=EITHER, operationId="readFile")
    def read(feedback_id: str, file_id: str) -> Response:
        """Always as a download. The ETag is the SHA-256 of the bytes."""
        feedback = find(stores.feedbacks, feedback_id).feedback
        if not (is_owner(feedback) or is_staff(feedback) or is_sender(feedback, stores.clients)):
            raise NotFound
        return serve(feedback, file_id, stores.files)


def _offered() -> list[Offered]:
    offered = [Offered(one.filename or "", one.mimetype, one.stream) for one in request.files.getlist(FIELD)]
    if not offered:
        raise Invalid("Send at least one file, in a field named `files`.", f"/{FIELD}")
    return offered


def _words() -> str:
    try:
        return str(WORDS.load({"text": text} if (text := request.form.get("text", "").strip()) else {})["text"])
    except ValidationError as error:
        raise Invalid(" ".join(error.messages_dict["text"]), "/text") from None


def _refusals(refused: tuple[Refused, ...]) -> list[dict[str, str]]:
    return [{"name": one.name, "reason": one.reason, "detail": _detail(one)} for one in refused]


def _why(refused: tuple[Refused, ...]) -> str:
    return " ".join(f"Not kept: {one.name}. {_detail(one)}" if one.name else _detail(one) for one in refused)


def _detail(refused: Refused) -> str:
    return f"And {refused.count} more." if refused.reason == MORE else DETAILS[refused.reason]
