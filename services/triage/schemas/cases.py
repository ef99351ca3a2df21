"""What the cases API and the forms of the case page take and give."""

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from ...chassis.fields import Body, Line, Text
from ...contracts.feedback import KINDS
from ...contracts.triage import REASONS
from ..domain.parts import STATES
from ..domain.query import DUE, SORTS

LONG: Final = 5000
MOST: Final = 100


class Words(Body):
    """A body of words; an optional field left empty counts as absent, as forms send it."""

    @pre_load
    def drop_empty(self, data: Any, **_: Any) -> Any:
        optional = {name for name, field in self.fields.items() if not field.required}
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if not (name in optional and _blank(value))}


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class NothingBody(Words):
    """No fields."""


class AskBody(Words):
    question = Text(LONG, required=True)


class NoteBody(Words):
    text = Text(LONG, required=True)


class AssignBody(Words):
    owner = Line(100, required=True, metadata={"description": "The id of an account"})


class DoneBody(Words):
    what_was_done = Text(LONG, required=True)
    link = fields.Url(schemes={"http", "https"}, require_tld=False, validate=validate.Length(max=2000))


class DeclineBody(Words):
    reason = fields.String(
        required=True, validate=validate.OneOf(REASONS, error="Choose the reason why this cannot be done.")
    )
    explanation = Text(LONG, required=True)
    alternative = Text(LONG)
    would_change = Text(LONG)


class DuplicateBody(Words):
    of = Line(100, required=True, metadata={"description": "The id or number of the original case"})


class CasesQuery(Schema):
    """Filters that all apply."""

    class Meta:
        unknown = EXCLUDE

    state = fields.String(validate=validate.OneOf(STATES))
    unit = fields.String()
    owner = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    q = fields.String(validate=validate.Length(max=200))
    sort = fields.String(load_default=DUE, validate=validate.OneOf(SORTS))
    after = fields.String(validate=validate.Length(max=100))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MOST))


class StaffSchema(Schema):
    id = fields.String()
    name = fields.String()


class CaseSubmitterSchema(Schema):
    name = fields.String(allow_none=True)
    has_address = fields.Boolean()


class OutcomeSchema(Schema):
    """The words of the ending; which of them are there depends on the state."""

    what_was_done = fields.String(allow_none=True)
    link = fields.String(allow_none=True)
    reason = fields.String()
    explanation = fields.String()
    alternative = fields.String(allow_none=True)
    would_change = fields.String(allow_none=True)
    duplicate_of = fields.String()
    duplicate_of_number = fields.String()
    why = fields.String(allow_none=True, metadata={"description": "Of what was withdrawn, if the submitter said it"})


class CaseFileSchema(Schema):
    """A file that came with it; its bytes are at /intake/files/{case}/{id} for who is signed in."""

    id = fields.String()
    name = fields.String()
    content_type = fields.String()
    size = fields.Integer(metadata={"description": "Bytes"})


class EntrySchema(Schema):
    at = fields.AwareDateTime()
    what = fields.String()
    who = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    full_text = fields.String(allow_none=True, metadata={"description": "The whole mail, where `text` is not all"})
    files = fields.List(fields.Nested(CaseFileSchema))
    sender = fields.String(allow_none=True, metadata={"description": "Set when it came from another address"})
    verified = fields.Boolean(allow_none=True, metadata={"description": "False: nobody could confirm the sender"})


class MailSchema(Schema):
    id = fields.String()
    at = fields.AwareDateTime()
    kind = fields.String()
    channel = fields.String()
    closure = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "Set when it failed or came back"})
    voice = fields.String(allow_none=True, metadata={"description": "Set when it was for somebody who joined"})


class CaseRatingSchema(Schema):
    at = fields.AwareDateTime()
    closure = fields.Integer()
    score = fields.Integer()
    comment = fields.String(allow_none=True)


class CaseSummarySchema(Schema):
    id = fields.String()
    number = fields.String()
    state = fields.String()
    open = fields.Boolean(attribute="is_open")
    unit = fields.String()
    service = fields.String(allow_none=True)
    kind = fields.String()
    channel = fields.String()
    language = fields.String()
    rating = fields.Integer(allow_none=True)
    title = fields.String(allow_none=True)
    text = fields.String()
    submitter = fields.Nested(CaseSubmitterSchema)
    voices = fields.Integer(metadata={"description": "How many say this, the submitter included"})
    shared = fields.Boolean(metadata={"description": "Whether others can read it and join"})
    verified = fields.Boolean(
        allow_none=True, metadata={"description": "False: a mail whose sender nobody could confirm"}
    )
    recorded_by = fields.String(allow_none=True, metadata={"description": "Who wrote it down for the submitter"})
    said_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When something imported was said"})
    owner = fields.Nested(StaffSchema)
    received_at = fields.AwareDateTime()
    answer_due = fields.AwareDateTime()
    outcome_due = fields.AwareDateTime()
    due = fields.AwareDateTime(allow_none=True)
    answered_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    closures = fields.Integer()
    unread_since = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the submitter wrote what nobody reacted to yet"}
    )
    outcome = fields.Nested(OutcomeSchema, allow_none=True)
    version = fields.Integer(attribute="revision", metadata={"description": "Counts what people did; the ETag"})


class CaseSchema(CaseSummarySchema):
    full_text = fields.String(allow_none=True, metadata={"description": "The whole mail, where `text` is not all"})
    files = fields.List(fields.Nested(CaseFileSchema))
    timeline = fields.List(fields.Nested(EntrySchema))
    notifications = fields.List(fields.Nested(MailSchema), attribute="mails")
    ratings = fields.List(fields.Nested(CaseRatingSchema))


class CasePageSchema(Schema):
    items = fields.List(fields.Nested(CaseSummarySchema), attribute="cases")
    next = fields.String(attribute="after", allow_none=True, metadata={"description": "Send it as `after`"})
