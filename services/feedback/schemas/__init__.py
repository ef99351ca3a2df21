"""The HTTP shapes of this service, one per purpose."""

from typing import Any

from marshmallow import Schema, fields, post_dump, post_load, validate

from ...chassis.fields import Address, Body, Line, Text
from ...chassis.http import LANGUAGES
from ...contracts.feedback import KINDS, SCORE
from ..domain import DEFAULT_KIND, Feedback, Submission
from .files import FileSchema, with_urls

TEXT_LONGEST = 20_000
COMMENT_LONGEST = 5_000
NAME_LONGEST = 100
ID_LONGEST = 100
UNSURE = "unsure"
"""What the form sends for "I am not sure"."""

EXAMPLE_ID = "6f0c1f9e-6f0e-4a52-8f3a-0d2a4a1d6b7e"
EXAMPLE_URL = "https://feedback.example/t/2b1c0d9a7e3f4c5b8a6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b"


def nearest_language(tag: str) -> str:
    """The language we can answer in that is nearest to this tag (BCP 47)."""
    primary = tag.partition("-")[0].lower()
    return primary if primary in LANGUAGES else "en"


class SubmitterSchema(Body):
    """Who spoke up; both are optional, and an answer by mail needs the address."""

    name = Line(NAME_LONGEST, allow_none=True, load_default=None, metadata={"example": "Amara Okafor"})
    email = Address(allow_none=True, load_default=None, metadata={"example": "amara@example.com"})


class SubmissionSchema(Body):
    """The body of POST /v1/feedback."""

    unit = Line(
        ID_LONGEST,
        allow_none=True,
        load_default=None,
        metadata={"description": "An id from GET /v1/units; absent or null: the fallback unit.", "example": "it"},
    )
    service = Line(
        ID_LONGEST,
        allow_none=True,
        load_default=None,
        metadata={"description": "One of the unit's services, when it lists some."},
    )
    kind = fields.String(
        load_default=DEFAULT_KIND,
        validate=validate.OneOf(KINDS),
        metadata={"description": "Absent: a question, the reading that promises an answer and claims nothing else."},
    )
    text = Text(TEXT_LONGEST, required=True, metadata={"example": "The VPN drops every morning at nine."})
    rating = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=SCORE, metadata={"description": "1 (bad) to 5 (good)"}
    )
    language = fields.String(
        load_default="en",
        validate=validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z"),
        metadata={"description": "BCP 47; what we cannot write in is answered in English.", "example": "de"},
    )
    submitter = fields.Nested(SubmitterSchema, allow_none=True, load_default=None)
    anonymous = fields.Boolean(
        load_default=False, metadata={"description": "True: name and address are not kept even if they are sent."}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Submission:
        submitter = data.pop("submitter") or {}
        return Submission(channel="api", **data | {"language": nearest_language(data["language"])}, **submitter)


class ReplySchema(Body):
    """The body of POST /v1/feedback/{id}/replies."""

    text = Text(COMMENT_LONGEST, required=True, metadata={"example": "It is the one by the stairs."})
    reopen = fields.Boolean(
        load_default=False, metadata={"description": "The outcome does not settle it: open the case again."}
    )


class WithdrawalSchema(Body):
    """The body of POST /v1/feedback/{id}/withdraw."""

    why = Text(COMMENT_LONGEST, allow_none=True, load_default=None, metadata={"example": "It was solved meanwhile."})


class CorrectionSchema(Body):
    """The body of POST /v1/feedback/{id}/correction."""

    text = Text(
        TEXT_LONGEST, required=True, metadata={"description": "All of it, as it should have been written down."}
    )


class RatingSchema(Body):
    """The body of POST /v1/feedback/{id}/rating."""

    score = fields.Integer(strict=True, required=True, validate=SCORE, metadata={"example": 4})
    comment = Text(COMMENT_LONGEST, allow_none=True, load_default=None)
    closure = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(min=1),
        metadata={"description": "The outcome you mean, from `outcome.closure`: if it has changed, that is a 409."},
    )


class ReceiptSchema(Schema):
    """The answer to a submission: the same one for every repeat of its key."""

    id = fields.String(metadata={"example": EXAMPLE_ID})
    number = fields.String(metadata={"example": "7K3M-9QXT", "description": "To be said on the phone."})
    status = fields.String(metadata={"example": "new"})
    liaison = fields.String(metadata={"example": "Jonas Weber", "description": "The name of the person who has it."})
    answer_due = fields.AwareDateTime(format="iso", metadata={"description": "The promised day of the first answer."})
    tracking_url = fields.String(
        metadata={"example": EXAMPLE_URL, "description": "A secret link; its last part is the tracking token."}
    )
    code = fields.String(
        metadata={
            "example": "4711-0815-2024-6174-1729",
            "description": "Of anonymous feedback only: what its submitter enters at /back. Nobody can give it again.",
        }
    )


class FeedbackEntrySchema(Schema):
    """One line of the history; a field that has nothing to say is null."""

    at = fields.AwareDateTime(format="iso")
    kind = fields.String(metadata={"example": "question"})
    who = fields.String(allow_none=True)
    text = fields.String(allow_none=True)
    closure = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)
    alternative = fields.String(allow_none=True)
    would_change = fields.String(allow_none=True)
    link = fields.String(allow_none=True)
    duplicate_of = fields.String(attribute="number", allow_none=True)
    score = fields.Integer(allow_none=True)
    reopen = fields.Boolean()


class FeedbackOutcomeSchema(Schema):
    """How it ended, without the words."""

    outcome = fields.String(attribute="kind", metadata={"example": "declined"})
    reason = fields.String(allow_none=True, metadata={"example": "budget"})
    closure = fields.Integer(metadata={"example": 1, "description": "Counts the outcomes of this feedback."})
    at = fields.AwareDateTime(format="iso")


class FeedbackStateSchema(Schema):
    """What anybody with the id may know."""

    id = fields.String(metadata={"example": EXAMPLE_ID})
    number = fields.String(metadata={"example": "7K3M-9QXT"})
    unit = fields.String(metadata={"example": "it"})
    kind = fields.String(metadata={"example": "complaint"})
    status = fields.String(metadata={"example": "acknowledged"})
    liaison = fields.String(attribute="liaison_name", metadata={"example": "Jonas Weber"})
    received_at = fields.AwareDateTime(format="iso")
    answer_due = fields.AwareDateTime(format="iso")
    outcome = fields.Nested(FeedbackOutcomeSchema, allow_none=True)


class FeedbackSchema(FeedbackStateSchema):
    """What the submitter and the unit's staff may know: the words as well."""

    service = fields.String(allow_none=True)
    rating = fields.Integer(allow_none=True)
    title = fields.String(allow_none=True)
    text = fields.String()
    files = fields.List(fields.Nested(FileSchema), attribute="all_files")
    history = fields.List(fields.Nested(FeedbackEntrySchema))

    @post_dump(pass_original=True)
    def add_urls(self, data: dict[str, Any], feedback: Feedback, **_: Any) -> dict[str, Any]:
        return {**data, "files": with_urls(feedback.id, data["files"])}


class PageQuerySchema(Body):
    """Which page of a list."""

    after = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "The `next` of the page before; absent: the first page."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class FeedbackPageSchema(Schema):
    """A page of a list."""

    feedback = fields.List(fields.Nested(FeedbackSchema))
    next = fields.String(allow_none=True, metadata={"description": "Send it as `after`; null on the last page."})


class PublicPromiseSchema(Schema):
    """Working days."""

    first_answer_days = fields.Integer(attribute="answer_days", metadata={"example": 3})
    outcome_days = fields.Integer(metadata={"example": 10})


_promise = PublicPromiseSchema()


class PublicUnitSchema(Schema):
    """A unit that takes feedback."""

    id = fields.String(metadata={"example": "it"})
    name = fields.String(metadata={"example": "IT"})
    services = fields.List(fields.String())
    promise = fields.Function(
        lambda unit: _promise.dump(unit), metadata={"type": "object", "description": "Working days"}
    )
    liaison = fields.String(attribute="liaison_name", metadata={"example": "Jonas Weber"})


class PublicUnitsSchema(Schema):
    """All units that take feedback."""

    units = fields.List(fields.Nested(PublicUnitSchema))
