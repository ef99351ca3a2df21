# mypy: disable-error-code="untyped-decorator"
"""The JSON API: submit, follow, reply, rate. It reads no cookie."""

import json
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.exceptions import Unauthorized

from ..chassis import ids
from ..chassis.clock import Clock
from ..chassis.errors import Invalid, NotFound
from ..chassis.identity import bearer, current
from ..chassis.problems import PROBLEM, ProblemSchema
from . import handlers, schemas
from .domain import Feedback, Submission
from .handlers import AlreadySaid, RateOutcome, Receipt, ReplyToFeedback, SubmitFeedback
from .store import FeedbackStore, UnitStore

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY_LONGEST = 255

KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LONGEST},
    "description": "Repeat a request with the same key and body as often as you like: it counts once. "
    "A key is yours alone: it belongs to your token, or without one to your network address.",
}
REPLAYED = {
    REPLAYED_HEADER: {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present when this key had been here before; the answer is the first one.",
    }
}
PUBLIC: list[dict[str, list[str]]] = [{}, {"staffToken": []}]
EITHER: list[dict[str, list[str]]] = [{}, {"trackingToken": []}, {"staffToken": []}]
OWN: list[dict[str, list[str]]] = [{"trackingToken": []}]

TRACKING_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "The last part of the tracking link; it is the submitter's, for one feedback.",
}

STATE = schemas.FeedbackStateSchema()
WHOLE = schemas.FeedbackSchema()


def blueprint(feedbacks: FeedbackStore, units: UnitStore, clock: Clock, secret: str, public_url: str) -> Blueprint:
    """The operations below /v1."""
    api = Blueprint("feedback", __name__, description="Say something, and follow what becomes of it")
    _submission(api, feedbacks, units, clock, secret, public_url)
    _following(api, feedbacks, units)
    _speaking_again(api, feedbacks, clock, secret)
    return api


def _problem(api: Blueprint, status: int, description: str) -> Callable[[Any], Any]:
    """Document an error of an operation."""
    decorate: Callable[[Any], Any] = api.alt_response(
        status, schema=ProblemSchema, content_type=PROBLEM, description=description
    )
    return decorate


def _submission(
    api: Blueprint, feedbacks: FeedbackStore, units: UnitStore, clock: Clock, secret: str, public_url: str
) -> None:
    @api.route("/v1/feedback", methods=["POST"])
    @api.arguments(schemas.SubmissionSchema())
    @api.response(201, schemas.ReceiptSchema, headers={**REPLAYED, "Location": {"schema": {"type": "string"}}})
    @_problem(api, 401, "A bearer token came that is not valid")
    @_problem(api, 415, "Not JSON")
    @_problem(api, 422, "A field, the unit or the Idempotency-Key cannot be taken")
    @_problem(api, 503, "Not stored; try again after Retry-After seconds")
    @api.doc(summary="Submit feedback", parameters=[KEY_PARAMETER], security=PUBLIC, operationId="submitFeedback")
    def submit(said: Submission) -> Response:
        """The feedback is on disk before this answers; `tracking_url` is the submitter's secret link."""
        command = SubmitFeedback(said=said, scope=_scope(), key=_key())
        try:
            receipt = handlers.submit_feedback(command, feedbacks, units, secret, clock.now())
        except AlreadySaid as error:
            raise Invalid(str(error)) from None
        # Written without a schema: this is the hot path, and its shape is six strings.
        response = Response(json.dumps(_receipt(receipt, public_url)), 201, content_type="application/json")
        response.headers["Location"] = f"{public_url}/v1/feedback/{receipt.feedback.id}"
        if receipt.repeated:
            response.headers[REPLAYED_HEADER] = "true"
        return response


def _following(api: Blueprint, feedbacks: FeedbackStore, units: UnitStore) -> None:
    @api.route("/v1/feedback/<feedback_id>", methods=["GET"])
    @api.response(200, schemas.FeedbackSchema, description="Without a token, the words are left out")
    @_problem(api, 404, "No feedback has this id")
    @api.doc(summary="Read a feedback", security=EITHER, operationId="readFeedback")
    def read(feedback_id: str) -> Any:
        """The id alone shows the state; the tracking token, or a staff token of the unit, shows the words as well."""
        feedback = _find(feedbacks, feedback_id)
        schema = WHOLE if _is_owner(feedback) or _is_staff(feedback) else STATE
        return Response(schema.dumps(feedback), content_type="application/json")

    @api.route("/v1/units", methods=["GET"])
    @api.response(200, schemas.PublicUnitsSchema)
    @_problem(api, 503, "No unit has been set up yet")
    @api.doc(summary="List the units that take feedback", security=[{}], operationId="listUnits")
    def list_units() -> dict[str, Any]:
        """Their ids, services, promises in working days and the liaison's name."""
        return {"units": units.current().units}


def _speaking_again(api: Blueprint, feedbacks: FeedbackStore, clock: Clock, secret: str) -> None:
    def own(summary: str, operation: str) -> Callable[[Any], Any]:
        def decorate(view: Any) -> Any:
            view = _problem(api, 401, "No bearer token")(view)
            view = _problem(api, 404, "No feedback has this id and this token")(view)
            view = _problem(api, 409, "The state does not allow it")(view)
            view = _problem(api, 422, "A field or the Idempotency-Key cannot be taken")(view)
            return api.doc(summary=summary, parameters=[KEY_PARAMETER], security=OWN, operationId=operation)(view)

        return decorate

    @api.route("/v1/feedback/<feedback_id>/replies", methods=["POST"])
    @api.arguments(schemas.ReplySchema())
    @api.response(201, schemas.FeedbackSchema)
    @own("Reply to the liaison", "replyToFeedback")
    def reply(body: dict[str, Any], feedback_id: str) -> Feedback:
        """An answer, an addition, or with `reopen` the word that the outcome does not settle it."""
        _own(feedbacks, feedback_id)
        command = ReplyToFeedback(feedback_id=feedback_id, channel="api", key=_key(), **body)
        return handlers.reply_to_feedback(command, feedbacks, secret, clock.now())

    @api.route("/v1/feedback/<feedback_id>/rating", methods=["POST"])
    @api.arguments(schemas.RatingSchema())
    @api.response(201, schemas.FeedbackSchema)
    @own("Rate the outcome", "rateOutcome")
    def rate(body: dict[str, Any], feedback_id: str) -> Feedback:
        """One score from 1 to 5 for each outcome."""
        _own(feedbacks, feedback_id)
        command = RateOutcome(feedback_id=feedback_id, key=_key(), **body)
        return handlers.rate_outcome(command, feedbacks, secret, clock.now())


def _receipt(receipt: Receipt, public_url: str) -> dict[str, str]:
    feedback = receipt.feedback
    return {
        "id": feedback.id,
        "number": feedback.number,
        "status": "new",  # as it was when this was first said: a repeat gets the same answer
        "liaison": feedback.promised_by,
        "answer_due": feedback.promised_due.isoformat(),
        "tracking_url": f"{public_url}/t/{receipt.tracking_token}",
    }


def _key() -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is not None and not (0 < len(key) <= KEY_LONGEST and key.isascii() and key.isprintable()):
        raise Invalid(f"{KEY_HEADER} must be 1 to {KEY_LONGEST} printable ASCII characters.")
    return key


def _scope() -> str:
    """Keys of different principals never meet; a client without a token is known by its network address."""
    identity = current()
    if identity is None and bearer() is not None:
        raise Unauthorized("This bearer token is not valid. Leave it out, or ask for a new one.")
    return f"api:{identity.account}" if identity else f"api:public:{request.remote_addr}"


def _find(feedbacks: FeedbackStore, feedback_id: str) -> Feedback:
    kept = feedbacks.find(feedback_id)
    if kept is None:
        raise NotFound
    return kept.feedback


def _is_owner(feedback: Feedback) -> bool:
    return compare_digest(ids.digest(bearer() or ""), feedback.tracking_hash)


def _is_staff(feedback: Feedback) -> bool:
    identity = current()
    return identity is not None and "feedback" in identity.scopes and identity.may_see(feedback.unit)


def _own(feedbacks: FeedbackStore, feedback_id: str) -> None:
    if bearer() is None:
        raise Unauthorized("Send the tracking token, the last part of the tracking link, as a bearer token.")
    if not _is_owner(_find(feedbacks, feedback_id)):
        raise NotFound
