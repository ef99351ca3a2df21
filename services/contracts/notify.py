"""What `notify` says. The subject of each event is the notification's id."""

from dataclasses import dataclass

from marshmallow import Schema, fields, validate

from .registry import Event, event

RECEIPT, JOINED, QUESTION, OUTCOME = "receipt", "joined", "question", "outcome"


class NotificationSentSchema(Schema):
    feedback = fields.String(required=True)
    kind = fields.String(required=True)
    closure = fields.Integer(allow_none=True, load_default=None)
    channel = fields.String(required=True)
    voice = fields.String(allow_none=True, load_default=None)


@event("notify.notification_sent", 1, NotificationSentSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(Event):
    """A channel took the message; channel `page` means that no mail goes out and the tracking page tells.

    It is for the submitter, or for somebody who joined: then `voice` says who.
    """

    feedback: str
    kind: str
    closure: int | None = None
    channel: str
    voice: str | None = None


class NotificationFailedSchema(Schema):
    feedback = fields.String(required=True)
    kind = fields.String(required=True)
    closure = fields.Integer(allow_none=True, load_default=None)
    channel = fields.String(required=True)
    reason = fields.String(required=True, validate=validate.Length(max=40))
    voice = fields.String(allow_none=True, load_default=None)


@event("notify.notification_failed", 1, NotificationFailedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(Event):
    """The message will not arrive; `reason` is a code such as `smtp-550` or `gave-up`, never an address.

    It may come after NotificationSent: a mail that a server took came back (`bounced-5.1.1`).
    """

    feedback: str
    kind: str
    closure: int | None = None
    channel: str
    reason: str
    voice: str | None = None
