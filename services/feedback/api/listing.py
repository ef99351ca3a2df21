# mypy: disable-error-code="untyped-decorator"
"""What a client sent, page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, Final

from flask_smorest import Blueprint
from werkzeug.exceptions import Unauthorized

from ...chassis.clock import Clock
from ...chassis.errors import Invalid
from ...chassis.identity import ASK_FOR_BEARER
from .. import schemas
from ..domain import Feedback
from ..domain.client import FOLLOW
from ..store import FeedbackStore, Stores
from .asking import principal, problem, require_scope

TIED: Final = 50
"""More than were ever received in one millisecond, the time's grain in the store."""


def listing(api: Blueprint, stores: Stores, clock: Clock) -> None:
    """GET /v1/feedback."""

    @api.route("/v1/feedback", methods=["GET"])
    @api.arguments(schemas.PageQuerySchema(), location="query")
    @api.response(200, schemas.FeedbackPageSchema)
    @problem(api, 401, "No client key")
    @problem(api, 403, "The key lacks the scope `follow`")
    @problem(api, 422, "The cursor or the limit cannot be taken")
    @api.doc(summary="List what this client sent", security=[{"clientKey": []}], operationId="listFeedback")
    def list_feedback(query: dict[str, Any]) -> dict[str, Any]:
        """The newest first; `next` is the cursor of the page after this one, null on the last."""
        client = principal(stores.clients).client
        if client is None:
            raise Unauthorized("Send a client key as a bearer token.", www_authenticate=ASK_FOR_BEARER)
        require_scope(client, FOLLOW)
        until, seen = _read(query["after"]) if query["after"] else (clock.now(), "")
        page = _page(stores.feedbacks, client.id, until, seen, query["limit"])
        more = page[: query["limit"]]
        return {"feedback": more, "next": _cursor(more[-1]) if len(page) > len(more) else None}


def _page(feedbacks: FeedbackStore, client: str, until: datetime, seen: str, limit: int) -> list[Feedback]:
    """One more than the limit, where there is one, so that the last page is known; ties are told apart by id."""
    found = sorted(feedbacks.of_client(client, until, limit + TIED), key=_place, reverse=True)
    return [one for one in found if not seen or _place(one) < (until, seen)][: limit + 1]


def _place(feedback: Feedback) -> tuple[datetime, str]:
    return feedback.received_at, feedback.id


def _cursor(feedback: Feedback) -> str:
    return urlsafe_b64encode(f"{feedback.received_at.isoformat()}|{feedback.id}".encode()).decode()


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        at, _, seen = urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(at).replace(tzinfo=UTC), seen
    except ValueError:
        raise Invalid("This is no cursor of ours; leave it out to begin anew.", "/after") from None
