"""What `triage` says of cases. The subject of each event is the case's id, which is the feedback's id."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from .registry import Event, event
from .sealed import Personal

DONE, DECLINED, DUPLICATE, WITHDRAWN = "done", "declined", "duplicate", "withdrawn"
OUTCOMES: Final = (DONE, DECLINED, DUPLICATE)
"""How a liaison ends a case."""

ENDINGS: Final = (*OUTCOMES, WITHDRAWN)
"""All ways in which a case ends; the last is the submitter's own."""

REASONS: Final = ("budget", "security", "policy", "capacity", "exists_already", "no_value", "not_ours")


class CaseOpenedSchema(Schema):
    number = fields.String(required=True)
    unit = fields.String(required=True)
    kind = fields.String(required=True)
    owner = fields.String(required=True)
    owner_name = fields.String(required=True)
    answer_due = fields.AwareDateTime(required=True)
    outcome_due = fields.AwareDateTime(required=True)


@event("triage.case_opened", 1, CaseOpenedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A case has an owner and two promised days."""

    number: str
    unit: str
    kind: str
    owner: str
    owner_name: str
    answer_due: datetime
    outcome_due: datetime


class CaseAssignedSchema(Schema):
    owner = fields.String(required=True)
    owner_name = fields.String(required=True)


@event("triage.case_assigned", 1, CaseAssignedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAssigned(Event):
    """Somebody else owns the case now."""

    owner: str
    owner_name: str


class CaseAcknowledgedSchema(Schema):
    by_name = fields.String(required=True)


@event("triage.case_acknowledged", 1, CaseAcknowledgedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAcknowledged(Event):
    """A named person has read it and works on it; the first answer."""

    by_name: str


class QuestionAskedSchema(Schema):
    question_id = fields.String(required=True)
    by_name = fields.String(required=True)
    person = fields.String(required=True)
    question = Personal(required=True)


@event("triage.question_asked", 1, QuestionAskedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(Event):
    """The case waits on the submitter."""

    question_id: str
    by_name: str
    person: str
    question: str


class CaseResumedSchema(Schema):
    """No fields: the time is the envelope's."""


@event("triage.case_resumed", 1, CaseResumedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed(Event):
    """The submitter answered the question; work goes on."""


class CaseClosedSchema(Schema):
    closure = fields.Integer(required=True, validate=validate.Range(min=1))
    outcome = fields.String(required=True, validate=validate.OneOf(ENDINGS))
    unit = fields.String(required=True)
    kind = fields.String(required=True)
    by_name = fields.String(required=True)
    person = fields.String(required=True)
    what_was_done = Personal(allow_none=True, load_default=None)
    link = fields.String(allow_none=True, load_default=None)
    reason = fields.String(allow_none=True, load_default=None, validate=validate.OneOf(REASONS))
    explanation = Personal(allow_none=True, load_default=None)
    alternative = Personal(allow_none=True, load_default=None)
    would_change = Personal(allow_none=True, load_default=None)
    duplicate_of = fields.String(allow_none=True, load_default=None)
    duplicate_of_number = fields.String(allow_none=True, load_default=None)

    @validates_schema
    def outcome_has_its_words(self, data: dict[str, Any], **_: Any) -> None:
        needed = {DONE: ("what_was_done",), DECLINED: ("reason", "explanation"), DUPLICATE: ("duplicate_of",)}
        for name in needed.get(data.get("outcome", ""), ()):
            if not (data.get(name) or "").strip():
                raise ValidationError("The outcome lacks its words.", name)


@event("triage.case_closed", 1, CaseClosedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """The case ended; `closure` counts the endings of one case from 1."""

    closure: int
    outcome: str
    unit: str
    kind: str
    by_name: str
    person: str
    what_was_done: str | None = None
    link: str | None = None
    reason: str | None = None
    explanation: str | None = None
    alternative: str | None = None
    would_change: str | None = None
    duplicate_of: str | None = None
    duplicate_of_number: str | None = None


class CaseReopenedSchema(Schema):
    by_submitter = fields.Boolean(required=True)
    owner = fields.String(required=True)
    owner_name = fields.String(required=True)
    answer_due = fields.AwareDateTime(allow_none=True, load_default=None)
    outcome_due = fields.AwareDateTime(allow_none=True, load_default=None)


@event("triage.case_reopened", 1, CaseReopenedSchema)
@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Event):
    """An ended case is open again, with two new promised days; they replace those of before."""

    by_submitter: bool
    owner: str
    owner_name: str
    answer_due: datetime | None = None
    outcome_due: datetime | None = None
