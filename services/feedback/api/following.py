# mypy: disable-error-code="untyped-decorator"
"""What becomes of a feedback, and where one may be sent."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from .. import schemas
from ..store import Stores
from .asking import find, is_owner, is_staff, problem

EITHER: list[dict[str, list[str]]] = [{}, {"trackingToken": []}, {"staffToken": []}]

STATE = schemas.FeedbackStateSchema()
WHOLE = schemas.FeedbackSchema()


def following(api: Blueprint, stores: Stores) -> None:
    """Reading a feedback, and the units that take some."""

    @api.route("/v1/feedback/<feedback_id>", methods=["GET"])
    @api.response(200, schemas.FeedbackSchema, description="Without a token, the words are left out")
    @problem(api, 404, "No feedback has this id")
    @api.doc(summary="Read a feedback", security=EITHER, operationId="readFeedback")
    def read(feedback_id: str) -> Any:
        """The id alone shows the state; the tracking token, or a staff token of the unit, shows the words as well."""
        feedback = find(stores.feedbacks, feedback_id)
        schema = WHOLE if is_owner(feedback) or is_staff(feedback) else STATE
        return Response(schema.dumps(feedback), content_type="application/json")

    @api.route("/v1/units", methods=["GET"])
    @api.response(200, schemas.PublicUnitsSchema)
    @problem(api, 503, "No unit has been set up yet")
    @api.doc(summary="List the units that take feedback", security=[{}], operationId="listUnits")
    def list_units() -> dict[str, Any]:
        """Their ids, services, promises in working days and the liaison's name."""
        return {"units": stores.units.current().units}
