# mypy: disable-error-code="untyped-decorator"
"""A feedback comes in."""

import json

from flask import Response
from flask_smorest import Blueprint

from ...chassis.clock import Clock
from ...chassis.errors import Invalid
from ...chassis.settings import Settings
from .. import handlers, schemas
from ..domain import Submission
from ..domain.client import SUBMIT
from ..handlers import AlreadySaid, Receipt, SubmitFeedback
from ..handlers.submit import KEY_REUSED, is_taken
from ..store import Stores
from .asking import KEY_PARAMETER, REPLAYED, REPLAYED_HEADER, key, principal, problem, require_scope

PUBLIC: list[dict[str, list[str]]] = [{}, {"clientKey": []}, {"staffToken": []}]


def submitting(api: Blueprint, stores: Stores, clock: Clock, settings: Settings) -> None:
    """POST /v1/feedback."""
    secret, public_url = settings.secret_key.reveal(), settings.public_url

    @api.route("/v1/feedback", methods=["POST"])
    @api.arguments(schemas.SubmissionSchema())
    @api.response(201, schemas.ReceiptSchema, headers={**REPLAYED, "Location": {"schema": {"type": "string"}}})
    @problem(api, 401, "A bearer token came that is not valid")
    @problem(api, 403, "The key lacks the scope `submit`")
    @problem(api, 415, "Not JSON")
    @problem(api, 422, "A field, the unit or the Idempotency-Key cannot be taken")
    @problem(api, 429, "Too many requests; try again after Retry-After seconds")
    @problem(api, 503, "Not stored; try again after Retry-After seconds")
    @api.doc(summary="Submit feedback", parameters=[KEY_PARAMETER], security=PUBLIC, operationId="submitFeedback")
    def submit(said: Submission) -> Response:
        """The feedback is on disk before this answers; `tracking_url` is the submitter's secret link."""
        asking = principal(stores.clients)
        if asking.client:
            require_scope(asking.client, SUBMIT)
        client = asking.client.id if asking.client else None
        named, own = asking.scope(anonymous=False), asking.scope(said.nameless)
        if own != named and key() and is_taken(named, key() or "", stores.feedbacks, secret):
            raise Invalid(KEY_REUSED)
        command = SubmitFeedback(said=said, scope=own, key=key(), client=client)
        try:
            receipt = handlers.submit_feedback(command, stores.feedbacks, stores.units, secret, clock.now())
        except AlreadySaid as error:
            raise Invalid(str(error)) from None
        # Written without a schema: this is the hot path, and its shape is a few strings.
        response = Response(json.dumps(_receipt(receipt, public_url, secret)), 201, content_type="application/json")
        response.headers["Location"] = f"{public_url}/v1/feedback/{receipt.feedback.id}"
        if receipt.repeated:
            response.headers[REPLAYED_HEADER] = "true"
        return response


def _receipt(receipt: Receipt, public_url: str, secret: str) -> dict[str, str]:
    feedback = receipt.feedback
    way_back = {"code": handlers.code(secret, feedback.id)} if feedback.anonymous else {}
    return way_back | {
        "id": feedback.id,
        "number": feedback.number,
        "status": "new",  # as it was when this was first said: a repeat gets the same answer
        "liaison": feedback.promised_by,
        "answer_due": feedback.promised_due.isoformat(),
        "tracking_url": f"{public_url}/t/{receipt.tracking_token}",
    }
