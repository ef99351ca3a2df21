"""Envelopes and events with plausible contents; a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis import ids
from services.contracts.directory import UnitDefined
from services.contracts.envelope import Envelope
from services.contracts.feedback import (
    FeedbackCorrected,
    FeedbackJoined,
    FeedbackRated,
    FeedbackReplied,
    FeedbackSubmitted,
    FeedbackWithdrawn,
    MailReported,
    ProfileSet,
)
from services.contracts.notify import NotificationFailed, NotificationSent
from services.contracts.registry import Event
from services.contracts.triage import (
    CaseAcknowledged,
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseResumed,
    QuestionAsked,
)

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PERSON = "7d9f3f0e-0000-4000-8000-000000000001"
JOINER = "7d9f3f0e-0000-4000-8000-000000000002"


def envelope(event: Event, subject: str | None = None, seq: int = 1, at: datetime = MONDAY) -> Envelope[Any]:
    """Any event in its envelope."""
    subject = subject or ids.random_id()
    return Envelope(
        id=ids.new(),
        type=event.TYPE,
        version=event.VERSION,
        subject=subject,
        seq=seq,
        time=at,
        correlation_id=subject,
        causation_id=None,
        data=event,
    )


def submitted(**changes: Any) -> FeedbackSubmitted:
    """Somebody's printer does not print. Personal fields are open; seal them where a handler unseals."""
    values: dict[str, Any] = {
        "number": ids.number(),
        "unit": "it",
        "kind": "complaint",
        "channel": "web",
        "language": "en",
        "anonymous": False,
        "liaison": "ines",
        "liaison_name": "Ines Marchetti",
        "answer_due": MONDAY + timedelta(days=2),
        "time_zone": "Europe/Berlin",
        "person": PERSON,
        "name": "Sam Field",
        "email": "sam@example.com",
        "text": "The printer on the third floor has been broken for two weeks.",
        "tracking_token": ids.token(),
    }
    return FeedbackSubmitted(**values | changes)


def replied(**changes: Any) -> FeedbackReplied:
    """The submitter writes again."""
    values: dict[str, Any] = {"reply_id": ids.new(), "channel": "web", "person": PERSON, "text": "The one by the lift."}
    return FeedbackReplied(**values | changes)


def rated(**changes: Any) -> FeedbackRated:
    """The submitter rates the outcome."""
    return FeedbackRated(**{"closure": 1, "score": 4, "person": PERSON, **changes})


def joined(**changes: Any) -> FeedbackJoined:
    """Somebody else has the same printer."""
    values: dict[str, Any] = {
        "voice": ids.random_id(),
        "voices": 2,
        "language": "en",
        "person": JOINER,
        "name": "Kim Wood",
        "email": "kim@example.com",
        "tracking_token": ids.token(),
    }
    return FeedbackJoined(**values | changes)


def corrected(**changes: Any) -> FeedbackCorrected:
    """The submitter meant another floor."""
    values = {"correction_id": ids.new(), "person": PERSON, "text": "It is the printer on the fourth floor."}
    return FeedbackCorrected(**values | changes)


def withdrawn(**changes: Any) -> FeedbackWithdrawn:
    """The printer works again."""
    return FeedbackWithdrawn(**{"person": PERSON, "why": "It works again.", **changes})


def profile(**changes: Any) -> ProfileSet:
    """Somebody wants to hear little."""
    return ProfileSet(**{"person": PERSON, "wants": "outcome", "way": "email", **changes})


def mail_reported(**changes: Any) -> MailReported:
    """A mail server found nobody of that name."""
    values: dict[str, Any] = {
        "kind": "bounce",
        "status": "5.1.1",
        "permanent": True,
        "person": PERSON,
        "address": "sam@example.com",
    }
    return MailReported(**values | changes)


def opened(**changes: Any) -> CaseOpened:
    """A case with an owner."""
    values: dict[str, Any] = {
        "number": ids.number(),
        "unit": "it",
        "kind": "complaint",
        "owner": "ines",
        "owner_name": "Ines Marchetti",
        "answer_due": MONDAY + timedelta(days=2),
        "outcome_due": MONDAY + timedelta(days=14),
    }
    return CaseOpened(**values | changes)


def assigned(**changes: Any) -> CaseAssigned:
    """Somebody else owns the case."""
    return CaseAssigned(**{"owner": "jonas", "owner_name": "Jonas Berg", **changes})


def acknowledged(**changes: Any) -> CaseAcknowledged:
    """The liaison has read it."""
    return CaseAcknowledged(**{"by_name": "Ines Marchetti", **changes})


def asked(**changes: Any) -> QuestionAsked:
    """The liaison asks back."""
    values = {
        "question_id": ids.new(),
        "by_name": "Ines Marchetti",
        "person": PERSON,
        "question": "Which printer is it?",
    }
    return QuestionAsked(**values | changes)


def resumed() -> CaseResumed:
    """The submitter answered."""
    return CaseResumed()


def done(**changes: Any) -> CaseClosed:
    """Closed with what was done."""
    return CaseClosed(**_closed("done", what_was_done="We replaced the drum of the printer.") | changes)


def declined(**changes: Any) -> CaseClosed:
    """Closed with a reason and an explanation."""
    words = {
        "reason": "budget",
        "explanation": "The lease of this printer ends in March; until then we cannot replace it.",
    }
    return CaseClosed(**_closed("declined", **words) | changes)


def duplicate(**changes: Any) -> CaseClosed:
    """Closed as a duplicate of another."""
    return CaseClosed(**_closed("duplicate", duplicate_of=ids.random_id(), duplicate_of_number=ids.number()) | changes)


def reopened(**changes: Any) -> CaseReopened:
    """Open again."""
    values: dict[str, Any] = {
        "by_submitter": True,
        "owner": "ines",
        "owner_name": "Ines Marchetti",
        "answer_due": MONDAY + timedelta(days=9),
        "outcome_due": MONDAY + timedelta(days=21),
    }
    return CaseReopened(**values | changes)


def sent(**changes: Any) -> NotificationSent:
    """A message left."""
    values = {"feedback": ids.random_id(), "kind": "outcome", "closure": 1, "channel": "email"}
    return NotificationSent(**values | changes)


def failed(**changes: Any) -> NotificationFailed:
    """A message will not arrive."""
    values = {"feedback": ids.random_id(), "kind": "outcome", "closure": 1, "channel": "email", "reason": "smtp-550"}
    return NotificationFailed(**values | changes)


def unit(**changes: Any) -> UnitDefined:
    """A unit of the directory."""
    values: dict[str, Any] = {
        "name": "IT",
        "addresses": ["it"],
        "active": True,
        "fallback": True,
        "time_zone": "Europe/Berlin",
        "services": ["Network"],
        "liaison": {"id": "ines", "name": "Ines Marchetti"},
        "deputies": [{"id": "jonas", "name": "Jonas Berg"}],
        "promise": {"first_answer_days": 2, "outcome_days": 10},
    }
    return UnitDefined(**values | changes)


def _closed(outcome: str, **words: str) -> dict[str, Any]:
    return {
        "closure": 1,
        "outcome": outcome,
        "unit": "it",
        "kind": "complaint",
        "by_name": "Ines Marchetti",
        "person": PERSON,
        **words,
    }
