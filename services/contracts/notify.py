"""What `notify` says. The subject of each event is the notification's id."""

from dataclasses import dataclass

from marshmallow import Schema, fields, validate

from .registry import Event, event

RECEIPT, QUESTION, OUTCOME = "receipt", "question", "outcome"


class NotificationSentSchema(Schema):
    feedback = fields.String(required=True)
    kind = fields.String(required=True)
    closure = fields.Integer(allow_none=True, load_default=None)
    channel = fields.String(required=True)


@event("notify.notification_sent", 1, NotificationSentSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(Event):
    """A channel took the message; channel `page` means there was no address and the tracking page tells."""

    feedback: str
    kind: str
    closure: int | None = None
    channel: str


class NotificationFailedSchema(Schema):
    feedback = fields.String(required=True)
    kind = fields.String(required=True)
    closure = fields.Integer(allow_none=True, load_default=None)
    channel = fields.String(required=True)
    reason = fields.String(required=True, validate=validate.Length(max=40))


@event("notify.notification_failed", 1, NotificationFailedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(Event):
    """The message will not arrive; `reason` is a code such as `smtp-550` or `gave-up`, never an address."""

    feedback: str
    kind: str
    closure: int | None = None
    channel: str
    reason: str
