"""What `feedback` says. The subject of each event is the feedback's id."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from marshmallow import Schema, fields, validate

from .registry import Event, event
from .sealed import Personal

KINDS: Final = ("complaint", "idea", "need", "praise", "question")
WEB, WIDGET, EMAIL, API, LIAISON, IMPORT = "web", "widget", "email", "api", "liaison", "import"
CHANNELS: Final = (WEB, WIDGET, EMAIL, API, LIAISON, IMPORT)
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
    full_text = Personal(allow_none=True, load_default=None)
    files = Personal(allow_none=True, load_default=None)
    verified = fields.Boolean(allow_none=True, load_default=None)
    recorded_by = fields.String(allow_none=True, load_default=None)
    said_at = fields.AwareDateTime(allow_none=True, load_default=None)
    shared = fields.Boolean(load_default=False)
    tracking_token = Personal(required=True)


@event("feedback.submitted", 1, FeedbackSubmittedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackSubmitted(Event):
    """Somebody spoke up; `answer_due` is the promised day of the first answer, in the unit's time zone.

    `full_text` is a mail with its quotes, where `text` is not all of it; `files` is what `files.dump` makes.
    `verified` is False for a mail whose sender our mail server could not confirm; `recorded_by` names the liaison who
    wrote it down for somebody; `said_at` is when something imported was said; what is
    `shared` others may read and join.
    """

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
    full_text: str | None = None
    files: str | None = None
    verified: bool | None = None
    recorded_by: str | None = None
    said_at: datetime | None = None
    shared: bool = False
    tracking_token: str


class FeedbackRepliedSchema(Schema):
    reply_id = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    reopen = fields.Boolean(load_default=False)
    person = fields.String(required=True)
    text = Personal(required=True)
    full_text = Personal(allow_none=True, load_default=None)
    files = Personal(allow_none=True, load_default=None)
    verified = fields.Boolean(allow_none=True, load_default=None)
    sender = Personal(allow_none=True, load_default=None)


@event("feedback.replied", 1, FeedbackRepliedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackReplied(Event):
    """The submitter answered; `reopen` says that an ended case is not settled for them.

    `sender` is the address of a mail that came from another address than the submitter's; the rest as when submitted.
    """

    reply_id: str
    channel: str
    reopen: bool = False
    person: str
    text: str
    full_text: str | None = None
    files: str | None = None
    verified: bool | None = None
    sender: str | None = None


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


class FeedbackJoinedSchema(Schema):
    voice = fields.String(required=True)
    voices = fields.Integer(required=True, validate=validate.Range(min=2))
    language = fields.String(required=True)
    person = fields.String(required=True)
    name = Personal(allow_none=True, load_default=None)
    email = Personal(allow_none=True, load_default=None)
    tracking_token = Personal(required=True)


@event("feedback.joined", 1, FeedbackJoinedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackJoined(Event):
    """Somebody else says "me too": one more voice on a shared feedback, told of its outcome by their own secret link.

    `voices` counts all of them, the submitter included.
    """

    voice: str
    voices: int
    language: str
    person: str
    name: str | None = None
    email: str | None = None
    tracking_token: str


class FeedbackCorrectedSchema(Schema):
    correction_id = fields.String(required=True)
    person = fields.String(required=True)
    text = Personal(required=True)


@event("feedback.corrected", 1, FeedbackCorrectedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackCorrected(Event):
    """The submitter put right what a liaison had written down for them; `text` is all of it."""

    correction_id: str
    person: str
    text: str


class FeedbackWithdrawnSchema(Schema):
    person = fields.String(required=True)
    why = Personal(allow_none=True, load_default=None)


@event("feedback.withdrawn", 1, FeedbackWithdrawnSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackWithdrawn(Event):
    """The submitter wants nothing more to be done about it."""

    person: str
    why: str | None = None


EVERYTHING, QUESTIONS, OUTCOMES_ONLY = "everything", "questions", "outcome"
WISHES: Final = (EVERYTHING, QUESTIONS, OUTCOMES_ONLY)
"""What a person wants to hear: every step; questions and the outcome; the outcome alone."""

BY_EMAIL, ON_PAGE = "email", "page"
WAYS: Final = (BY_EMAIL, ON_PAGE)


class ProfileSetSchema(Schema):
    person = fields.String(required=True)
    wants = fields.String(required=True, validate=validate.OneOf(WISHES))
    way = fields.String(required=True, validate=validate.OneOf(WAYS))


@event("feedback.profile_set", 1, ProfileSetSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSet(Event):
    """What a person wants to hear, and how; the subject is the person."""

    person: str
    wants: str
    way: str


BOUNCED, COMPLAINED, AUTO_REPLIED = "bounce", "complaint", "auto-reply"


class MailReportedSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf((BOUNCED, COMPLAINED, AUTO_REPLIED)))
    status = fields.String(load_default="")
    permanent = fields.Boolean(load_default=False)
    original_id = fields.String(load_default="")
    feedback = fields.String(allow_none=True, load_default=None)
    person = fields.String(required=True)
    address = Personal(allow_none=True, load_default=None)


@event("feedback.mail_reported", 1, MailReportedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class MailReported(Event):
    """A machine wrote about a mail of ours: a delivery report (RFC 3464), an abuse report (RFC 5965), an absence note.

    The subject is the mail that said so, one event for each `address` it speaks of; `status` is an enhanced status
    code (RFC 3463) or ""; `original_id` our mail's Message-ID, `feedback` what that was about, where they are known.
    """

    kind: str
    status: str = ""
    permanent: bool = False
    original_id: str = ""
    feedback: str | None = None
    person: str
    address: str | None = None
