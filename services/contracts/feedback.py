"""What `feedback` says. The subject of each event is the feedback's id."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from marshmallow import Schema, fields, validate

from .registry import Event, event
from .sealed import Personal

KINDS: Final = ("complaint", "idea", "need", "praise", "question")
CHANNELS: Final = ("web", "email", "api")
SCORE: Final = validate.Range(min=1, max=5)


class FeedbackSubmittedSchema(Schema):
    number = fields.String(required=True)
    unit = fields.String(required=True)
    service = fields.String(allow_none=True, load_default=None)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    rating = fields.Integer(allow_none=True, load_default=None, validate=SCORE)
    language = fields.String(required=True)
    anonymous = fields.Boolean(required=True)
    liaison = fields.String(required=True)
    liaison_name = fields.String(required=True)
    answer_due = fields.AwareDateTime(required=True)
    time_zone = fields.String(allow_none=True, load_default=None)
    person = fields.String(required=True)
    name = Personal(allow_none=True, load_default=None)
    email = Personal(allow_none=True, load_default=None)
    title = Personal(allow_none=True, load_default=None)
    text = Personal(required=True)
    tracking_token = Personal(required=True)


@event("feedback.submitted", 1, FeedbackSubmittedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSubmitted(Event):
    """Somebody spoke up; `answer_due` is the promised day of the first answer, in the unit's time zone."""

    number: str
    unit: str
    service: str | None = None
    kind: str
    channel: str
    rating: int | None = None
    language: str
    anonymous: bool
    liaison: str
    liaison_name: str
    answer_due: datetime
    time_zone: str | None = None
    person: str
    name: str | None = None
    email: str | None = None
    title: str | None = None
    text: str
    tracking_token: str


class FeedbackRepliedSchema(Schema):
    reply_id = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    reopen = fields.Boolean(load_default=False)
    person = fields.String(required=True)
    text = Personal(required=True)


@event("feedback.replied", 1, FeedbackRepliedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackReplied(Event):
    """The submitter answered; `reopen` says that an ended case is not settled for them."""

    reply_id: str
    channel: str
    reopen: bool = False
    person: str
    text: str


class FeedbackRatedSchema(Schema):
    closure = fields.Integer(required=True, validate=validate.Range(min=1))
    score = fields.Integer(required=True, validate=SCORE)
    person = fields.String(required=True)
    comment = Personal(allow_none=True, load_default=None)


@event("feedback.rated", 1, FeedbackRatedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRated(Event):
    """The pulse after an outcome: one score from 1 to 5 per closure."""

    closure: int
    score: int
    person: str
    comment: str | None = None
