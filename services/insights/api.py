"""The JSON API: the same figures by the same functions as the page."""

from typing import Any

from flask_smorest import Blueprint

from ..chassis.clock import Clock
from ..chassis.identity import signed_in, staff_api
from . import handlers, schemas
from .domain.report import Report
from .store import JourneyStore, UnitStore

SCOPE = "insights"
STAFF_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "Made with `liaise token create ACCOUNT --scope ...`.",
}
SECURITY: list[dict[str, list[str]]] = [{"staffToken": []}]


def blueprint(journeys: JourneyStore, units: UnitStore, clock: Clock, zone: str) -> Blueprint:
    """The operations below /v1/insights."""
    api = Blueprint("insights_api", __name__, description="How satisfied people are, and whether promises are kept")

    def ask(values: dict[str, Any]) -> Report:
        question = schemas.question(values, signed_in(), units.names(None))
        return handlers.answer(question, journeys, units, clock.now(), zone)

    @api.route("/v1/insights/summary", methods=["GET"])
    @api.arguments(schemas.FilterSchema, location="query")
    @api.response(200, schemas.InsightsSummarySchema)
    @api.alt_response(401, description="No valid bearer token")
    @api.alt_response(403, description="The token lacks the scope insights")
    @api.alt_response(404, description="No such unit, or not for you")
    @api.doc(summary="Read all figures by unit", security=SECURITY, operationId="readInsightsSummary")
    @staff_api(SCOPE)
    def summary(values: dict[str, Any]) -> dict[str, Any]:
        """Of the feedback received on these days; without days, of the last twelve months."""
        return schemas.summary(ask(values))

    @api.route("/v1/insights/trend", methods=["GET"])
    @api.arguments(schemas.TrendFilterSchema, location="query")
    @api.response(200, schemas.InsightsTrendSchema)
    @api.alt_response(401, description="No valid bearer token")
    @api.alt_response(403, description="The token lacks the scope insights")
    @api.alt_response(404, description="No such unit, or not for you")
    @api.doc(summary="Read satisfaction over time by unit", security=SECURITY, operationId="readInsightsTrend")
    @staff_api(SCOPE)
    def trend(values: dict[str, Any]) -> dict[str, Any]:
        """Each point is the feedback received in it; a score is null where fewer than `small_group` answered."""
        return schemas.trend(ask(values))

    return api
