# mypy: disable-error-code="untyped-decorator"
"""What becomes of a feedback, and where one may be sent."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from .. import schemas
from ..store import Stores
from .asking import find, is_owner, is_sender, is_staff, problem

EITHER: list[dict[str, list[str]]] = [{}, {"trackingToken": []}, {"clientKey": []}, {"staffToken": []}]
ETAG = {
    "ETag": {"schema": {"type": "string"}, "description": "Send it as If-None-Match: 304 while nothing has changed."}
}

STATE = schemas.FeedbackStateSchema()
WHOLE = schemas.FeedbackSchema()


def following(api: Blueprint, stores: Stores) -> None:
    """Reading a feedback, and the units that take some."""

    @api.route("/v1/feedback/<feedback_id>", methods=["GET"])
    @api.response(200, schemas.FeedbackSchema, description="Without a token, the words are left out", headers=ETAG)
    @api.alt_response(304, description="As it was when its ETag was given")
    @problem(api, 404, "No feedback has this id")
    @api.doc(summary="Read a feedback", security=EITHER, operationId="readFeedback")
    def read(feedback_id: str) -> Any:
        """The id alone shows the state; the words need the tracking token, the key that sent it, or a staff token."""
        kept = find(stores.feedbacks, feedback_id)
        feedback = kept.feedback
        sees_words = is_owner(feedback) or is_staff(feedback) or is_sender(feedback, stores.clients)
        schema = WHOLE if sees_words else STATE
        response = Response(schema.dumps(feedback), content_type="application/json")
        response.set_etag(f"{kept.version}-{'words' if sees_words else 'state'}")
        return response.make_conditional(request)

    @api.route("/v1/units", methods=["GET"])
    @api.response(200, schemas.PublicUnitsSchema)
    @problem(api, 503, "No unit has been set up yet")
    @api.doc(summary="List the units that take feedback", security=[{}], operationId="listUnits")
    def list_units() -> dict[str, Any]:
        """Their ids, services, promises in working days and the liaison's name."""
        return {"units": stores.units.current().units}
