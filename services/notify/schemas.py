"""HTTP shapes of `notify`; no shape holds an address."""

from marshmallow import Schema, fields, validate

from .domain import STATES

PAGE_SIZE = 50


class LedgerQuery(Schema):
    """What of the ledger to return; `before` is the `next` of the page before."""

    feedback = fields.String(validate=validate.Length(max=64), metadata={"description": "The feedback's id"})
    state = fields.String(validate=validate.OneOf(STATES))
    before = fields.String(validate=validate.Length(max=64), metadata={"description": "`next` of the page before"})


class NotificationShape(Schema):
    """One message and what became of it."""

    id = fields.String()
    feedback = fields.String()
    number = fields.String()
    unit = fields.String()
    kind = fields.String(metadata={"description": "receipt, joined, question or outcome"})
    closure = fields.Integer(allow_none=True)
    channel = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer()
    doubts = fields.Integer(metadata={"description": "How often it was sent again because the answer got lost"})
    last_reply = fields.String(allow_none=True)
    voice = fields.String(allow_none=True, metadata={"description": "Set when it is for somebody who joined"})
    reason = fields.String(
        allow_none=True,
        metadata={"description": "Why it failed (smtp-550), came back (bounced-5.1.1) or was not mailed (wished)"},
    )
    report = fields.String(
        allow_none=True, metadata={"description": "What a machine answered: auto-reply, complaint, delayed-4.4.7"}
    )
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When it is looked at again"})


class LedgerShape(Schema):
    """A page of the ledger, newest first."""

    items = fields.List(fields.Nested(NotificationShape))
    next = fields.String(allow_none=True)
