"""The JSON API: the same figures by the same functions as the page."""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from ..chassis.clock import Clock
from ..chassis.identity import signed_in, staff_api
from ..chassis.problems import PROBLEM, STAFF_SECURITY, ProblemSchema
from . import handlers, schemas
from .domain.report import Report
from .store import JourneyStore, UnitStore

View = Callable[..., Any]

SCOPE = "insights"


def blueprint(journeys: JourneyStore, units: UnitStore, clock: Clock, zone: str) -> Blueprint:
    """The operations below /v1/insights."""
    api = Blueprint("insights_api", __name__, description="How satisfied people are, and whether promises are kept")

    def ask(values: dict[str, Any]) -> Report:
        question = schemas.question(values, signed_in(), units.names(None))
        return handlers.answer(question, journeys, units, clock.now(), zone)

    @api.route("/v1/insights/summary", methods=["GET"])
    @staff_api(SCOPE)
    @api.arguments(schemas.FilterSchema, location="query")
    @api.response(200, schemas.InsightsSummarySchema)
    @_problem(api, 401, "No valid bearer token")
    @_problem(api, 403, "The token lacks the scope insights")
    @_problem(api, 404, "No such unit, or not for you")
    @api.doc(summary="Read all figures by unit", security=STAFF_SECURITY, operationId="readInsightsSummary")
    def summary(values: dict[str, Any]) -> dict[str, Any]:
        """Of the feedback received on these days; without days, of the last twelve months."""
        return schemas.summary(ask(values))

    @api.route("/v1/insights/trend", methods=["GET"])
    @staff_api(SCOPE)
    @api.arguments(schemas.TrendFilterSchema, location="query")
    @api.response(200, schemas.InsightsTrendSchema)
    @_problem(api, 401, "No valid bearer token")
    @_problem(api, 403, "The token lacks the scope insights")
    @_problem(api, 404, "No such unit, or not for you")
    @api.doc(summary="Read satisfaction over time by unit", security=STAFF_SECURITY, operationId="readInsightsTrend")
    def trend(values: dict[str, Any]) -> dict[str, Any]:
        """Each point is the feedback received in it; a score is null where fewer than `small_group` answered."""
        return schemas.trend(ask(values))

    return api


def _problem(api: Blueprint, status: int, description: str) -> Callable[[View], View]:
    """Document an error of an operation."""
    decorate: Callable[[View], View] = api.alt_response(
        status, schema=ProblemSchema, content_type=PROBLEM, description=description
    )
    return decorate
