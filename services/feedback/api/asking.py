"""Who is asking, and with which key: what every operation of this API has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from flask import request
from flask_smorest import Blueprint
from werkzeug.exceptions import Forbidden, Unauthorized

from ...chassis import ids
from ...chassis.errors import Invalid, NotFound
from ...chassis.identity import bearer, current
from ...chassis.problems import PROBLEM, ProblemSchema
from ..domain import Feedback
from ..domain.client import FOLLOW, Client
from ..handlers.clients import client_of
from ..store import ClientStore, FeedbackStore, Kept

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY_LONGEST = 255

KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LONGEST},
    "description": "Repeat a request with the same key and body as often as you like: it counts once. "
    "A key is yours alone: it belongs to your token, or without one to your network address. Only with anonymous "
    "feedback nothing tells whose it is: make it one that nobody guesses, such as a UUID.",
}
REPLAYED = {
    REPLAYED_HEADER: {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present when this key had been here before; the answer is the first one.",
    }
}
TRACKING_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "The last part of the tracking link; it is the submitter's, for one feedback.",
}


CLIENT_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "Made with `liaise client add NAME`, or by an admin at /intake/clients; it has scopes and a limit.",
}


def problem(api: Blueprint, status: int, description: str) -> Callable[[Any], Any]:
    """Document an error of an operation."""
    decorate: Callable[[Any], Any] = api.alt_response(
        status, schema=ProblemSchema, content_type=PROBLEM, description=description
    )
    return decorate


def key() -> str | None:
    """The idempotency key of this request; raises Invalid."""
    key = request.headers.get(KEY_HEADER)
    if key is not None and not (0 < len(key) <= KEY_LONGEST and key.isascii() and key.isprintable()):
        raise Invalid(f"{KEY_HEADER} must be 1 to {KEY_LONGEST} printable ASCII characters.")
    return key


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sends something: staff by a token, a client by its key, or the public by nothing at all."""

    account: str | None = None
    client: Client | None = None

    def scope(self, anonymous: bool) -> str:
        """Keys of different principals never meet; the public is told apart by network address.

        Not so the anonymous, staff among them: their id must hold nothing of who or where they are. Two of them with
        one key would get one answer only if all their words were the same as well.
        """
        if self.client:
            return f"api:client:{self.client.id}"
        if anonymous:
            return "api:anonymous"
        return f"api:{self.account}" if self.account else f"api:public:{request.remote_addr}"


def principal(clients: ClientStore) -> Principal:
    """Who is asking; raises Unauthorized for a bearer that is no good, which is better than to go on as the public."""
    token = bearer()
    if token is None:
        return Principal()
    if identity := current():
        return Principal(account=identity.account)
    client = client_of(token, clients)
    if client is None:
        raise Unauthorized("This bearer token is not valid. Leave it out, or ask for a new one.")
    return Principal(client=client)


def require_scope(client: Client, scope: str) -> None:
    """Raises Forbidden when the key was not made for this."""
    if scope not in client.scopes:
        raise Forbidden(f"This key lacks the scope {scope}.")


def find(feedbacks: FeedbackStore, feedback_id: str) -> Kept:
    """The feedback of this id; raises NotFound."""
    kept = feedbacks.find(feedback_id)
    if kept is None:
        raise NotFound
    return kept


def is_owner(feedback: Feedback) -> bool:
    """Whether the bearer token is this feedback's tracking token."""
    return compare_digest(ids.digest(bearer() or ""), feedback.tracking_hash)


def is_sender(feedback: Feedback, clients: ClientStore) -> bool:
    """Whether the client asks that sent it, and may read what it sent."""
    client = client_of(bearer() or "", clients)
    return client is not None and feedback.client == client.id and FOLLOW in client.scopes


def is_staff(feedback: Feedback) -> bool:
    """Whether staff of the unit asks."""
    identity = current()
    return identity is not None and "feedback" in identity.scopes and identity.may_see(feedback.unit)


def own(feedbacks: FeedbackStore, feedback_id: str) -> None:
    """Refuse whoever has not the tracking token; raises Unauthorized, NotFound."""
    if bearer() is None:
        raise Unauthorized("Send the tracking token, the last part of the tracking link, as a bearer token.")
    if not is_owner(find(feedbacks, feedback_id).feedback):
        raise NotFound
