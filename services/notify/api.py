"""GET /v1/notifications: the ledger for programs."""

from typing import Any

from flask_smorest import Blueprint

from ..chassis.identity import signed_in, staff_api
from ..chassis.problems import PROBLEM, STAFF_SECURITY, ProblemSchema
from .schemas import PAGE_SIZE, LedgerQuery, LedgerShape
from .store import Filter, NotificationStore

SCOPE = "notifications"


def blueprint(notifications: NotificationStore) -> Blueprint:
    """The API over this ledger."""
    api = Blueprint("Notifications", __name__, url_prefix="/v1", description="What was told to whom")

    @api.get("/notifications")
    @staff_api(SCOPE)
    @api.arguments(LedgerQuery, location="query")
    @api.response(200, LedgerShape)
    @api.alt_response(401, schema=ProblemSchema, content_type=PROBLEM, description="No valid bearer token")
    @api.alt_response(403, schema=ProblemSchema, content_type=PROBLEM, description=f"The token lacks the scope {SCOPE}")
    @api.doc(security=STAFF_SECURITY, operationId="listNotifications")
    def list_notifications(query: dict[str, Any]) -> dict[str, Any]:
        """The messages about one feedback, or all of your units, newest first."""
        shown = Filter(**query, units=signed_in().visible_units())
        rows = notifications.ledger(shown, PAGE_SIZE + 1)
        page, more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
        return {"items": [notification for _, notification in page], "next": page[-1][0] if more else None}

    return api
