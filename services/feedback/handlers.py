"""One function per use case and per event; the message first, then the collaborators."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from ..chassis import ids
from ..chassis.clock import working_days_after
from ..chassis.errors import Conflict, Invalid, NotFound, Unavailable
from ..chassis.failpoints import hit
from ..contracts.directory import UnitDefined
from ..contracts.envelope import Envelope
from ..contracts.registry import Event
from ..contracts.sealed import Unseal
from ..contracts.triage import (
    CaseAcknowledged,
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseResumed,
    QuestionAsked,
)
from . import domain
from .domain import (
    Entry,
    Feedback,
    IllegalMove,
    KeyReused,
    Labels,
    Step,
    Submission,
    Unit,
    UnknownService,
    UnknownUnit,
    Words,
)
from .store import FeedbackStore, Kept, UnitStore

NUMBER_TRIES: Final = 5
WRITE_TRIES: Final = 5
KEY_REUSED: Final = "This Idempotency-Key came before with something else. Take a new key for a new request."
POINTS: Final = {
    "web": ("intake.before_write", "intake.after_write"),
    "api": ("intake.before_write", "intake.after_write"),
    "email": ("mail.before_write", "mail.after_write"),
}
"""The failpoints around the write of each channel."""

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitFeedback:
    """Take this in; the same key from the same scope (door and principal) makes one feedback."""

    said: Submission
    scope: str
    key: str | None = None

    @property
    def fingerprint(self) -> str:
        """The digest of everything that was said."""
        return ids.digest(json.dumps(asdict(self.said), sort_keys=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyToFeedback:
    """The submitter answers; `reopen` says that the outcome does not settle it."""

    feedback_id: str
    text: str
    reopen: bool
    channel: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateOutcome:
    """The submitter's score, 1 to 5, for the present outcome."""

    feedback_id: str
    score: int
    comment: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the submitter gets; `repeated` says that this key had been here before."""

    feedback: Feedback
    tracking_token: str
    repeated: bool


class AlreadySaid(Exception):
    """The key came before with something else; a form can lead its sender to the first one."""

    def __init__(self, feedback: Feedback, tracking_token: str) -> None:
        super().__init__(KEY_REUSED)
        self.feedback = feedback
        self.tracking_token = tracking_token


def submit_feedback(
    command: SubmitFeedback, feedbacks: FeedbackStore, units: UnitStore, secret: str, now: datetime
) -> Receipt:
    """One durable feedback per key, however often it comes; raises AlreadySaid, Invalid, Unavailable."""
    feedback_id = ids.keyed(secret, command.scope, command.key) if command.key else ids.random_id()
    token = ids.keyed_token(secret, "tracking", feedback_id)
    try:
        unit = units.current().find(command.said.unit, command.said.service)
    except (UnknownUnit, UnknownService) as error:
        # A repeat gets its first answer even when the unit has gone since.
        kept = feedbacks.find(feedback_id) if command.key else None
        if kept is None:
            raise _unknown(error) from None
        return _repeat(kept, command, token)
    labels = Labels(
        id=feedback_id,
        person=_person(secret, command.said),
        tracking_token=token,
        tracking_hash=ids.digest(token),
        fingerprint=command.fingerprint,
        answer_due=working_days_after(now, unit.answer_days, unit.time_zone),
    )
    return _add(command, unit, labels, feedbacks, now)


def _add(command: SubmitFeedback, unit: Unit, labels: Labels, feedbacks: FeedbackStore, now: datetime) -> Receipt:
    for _ in range(NUMBER_TRIES):
        feedback, events = domain.receive(command.said, unit, labels, ids.number(), now)
        before, after = POINTS[command.said.channel]
        hit(before)
        added = feedbacks.add(feedback, events, now)
        hit(after)
        if added:
            return Receipt(feedback, labels.tracking_token, repeated=False)
        kept = feedbacks.find(labels.id)
        if kept:
            return _repeat(kept, command, labels.tracking_token)
    raise Unavailable("No free number was found. Please try again.")


def _repeat(kept: Kept, command: SubmitFeedback, token: str) -> Receipt:
    if kept.feedback.fingerprint != command.fingerprint:
        raise AlreadySaid(kept.feedback, token)
    return Receipt(kept.feedback, token, repeated=True)


def _unknown(error: Exception) -> Invalid:
    if isinstance(error, UnknownUnit):
        return Invalid("No unit has this id; GET /v1/units lists them.", "/unit")
    return Invalid("The unit does not offer this service; GET /v1/units lists them.", "/service")


def _person(secret: str, said: Submission) -> str:
    """The same person for the same address; strangers and the anonymous are somebody new each time."""
    if said.anonymous or not said.email:
        return ids.random_id()
    return ids.keyed(secret, "person", said.email.lower())


def reply_to_feedback(command: ReplyToFeedback, feedbacks: FeedbackStore, secret: str, now: datetime) -> Feedback:
    """Add the reply; raises NotFound, Conflict, Invalid."""
    reply_id = ids.keyed(secret, "reply", command.feedback_id, command.key) if command.key else ids.new()

    def step(feedback: Feedback) -> Step:
        return domain.reply(feedback, reply_id, command.text, command.reopen, command.channel, now)

    return _change(feedbacks, command.feedback_id, step, now)


def rate_outcome(command: RateOutcome, feedbacks: FeedbackStore, secret: str, now: datetime) -> Feedback:
    """Keep the score; raises NotFound, Conflict, Invalid."""
    rating_id = ids.keyed(secret, "rating", command.feedback_id, command.key) if command.key else ids.new()

    def step(feedback: Feedback) -> Step:
        return domain.rate(feedback, rating_id, command.score, command.comment, now)

    return _change(feedbacks, command.feedback_id, step, now)


def _change(feedbacks: FeedbackStore, feedback_id: str, step: Callable[[Feedback], Step], now: datetime) -> Feedback:
    """Take the step on the newest state; a write that came between is read and the step taken again."""
    for _ in range(WRITE_TRIES):
        kept = feedbacks.find(feedback_id)
        if kept is None:
            raise NotFound
        feedback, events = _allowed(step, kept.feedback)
        try:
            if events:
                feedbacks.save(kept, feedback, events, now)
            return feedback
        except Conflict:
            continue
    raise Unavailable("Too many people change this at once. Please try again.")


def _allowed(step: Callable[[Feedback], Step], feedback: Feedback) -> Step:
    try:
        return step(feedback)
    except IllegalMove as error:
        raise Conflict(str(error)) from None
    except KeyReused:
        raise Invalid(KEY_REUSED) from None


def keep_unit(message: Envelope[UnitDefined], units: UnitStore) -> None:
    """Keep the copy of a unit; an old or repeated event changes nothing."""
    said = message.data
    unit = Unit(
        id=message.subject,
        name=said.name,
        addresses=tuple(address.lower() for address in said.addresses),
        services=tuple(said.services),
        active=said.active,
        fallback=said.fallback,
        time_zone=said.time_zone,
        liaison=said.liaison["id"],
        liaison_name=said.liaison["name"],
        answer_days=said.promise["first_answer_days"],
        outcome_days=said.promise["outcome_days"],
    )
    units.put(unit, message)


def note_opened(message: Envelope[CaseOpened], feedbacks: FeedbackStore, now: datetime) -> None:
    """A case is open: who has it, and the second promised day."""
    said = message.data
    _apply(
        message,
        feedbacks,
        lambda feedback: domain.opened(feedback, said.owner, said.owner_name, said.outcome_due, message.time),
        now,
    )


def note_assigned(message: Envelope[CaseAssigned], feedbacks: FeedbackStore, now: datetime) -> None:
    """Somebody else has it."""
    said = message.data
    _apply(
        message, feedbacks, lambda feedback: domain.assigned(feedback, said.owner, said.owner_name, message.time), now
    )


def note_acknowledged(message: Envelope[CaseAcknowledged], feedbacks: FeedbackStore, now: datetime) -> None:
    """A named person has read it."""
    entry = Entry(at=message.time, kind="acknowledged", who=message.data.by_name)
    _apply(message, feedbacks, lambda feedback: domain.moved(feedback, domain.ACKNOWLEDGED, entry), now)


def note_question(message: Envelope[QuestionAsked], feedbacks: FeedbackStore, unseal: Unseal, now: datetime) -> None:
    """There is a question for the submitter."""
    said = message.data
    entry = Entry(at=message.time, kind="question", who=said.by_name, text=unseal(said.question), id=said.question_id)
    _apply(message, feedbacks, lambda feedback: domain.moved(feedback, domain.WAITING, entry), now)


def note_resumed(message: Envelope[CaseResumed], feedbacks: FeedbackStore, now: datetime) -> None:
    """The answer arrived and work goes on."""
    entry = Entry(at=message.time, kind="resumed")
    _apply(message, feedbacks, lambda feedback: domain.moved(feedback, domain.IN_PROGRESS, entry), now)


def note_closed(message: Envelope[CaseClosed], feedbacks: FeedbackStore, unseal: Unseal, now: datetime) -> None:
    """There is an outcome, with its words."""
    said = message.data

    def opened(sealed: str | None) -> str | None:
        return unseal(sealed) if sealed else None

    words = Words(opened(said.what_was_done or said.explanation), opened(said.alternative), opened(said.would_change))
    _apply(message, feedbacks, lambda feedback: domain.closed(feedback, said, words, message.time), now)


def note_reopened(message: Envelope[CaseReopened], feedbacks: FeedbackStore, now: datetime) -> None:
    """It is open again."""
    said = message.data
    entry = Entry(at=message.time, kind="reopened", who=None if said.by_submitter else said.owner_name)

    def step(feedback: Feedback) -> Feedback:
        reopened = domain.moved(feedback, domain.REOPENED, entry)
        return domain.assigned(reopened, said.owner, said.owner_name, message.time)

    _apply(message, feedbacks, step, now)


def _apply(
    message: Envelope[Any], feedbacks: FeedbackStore, step: Callable[[Feedback], Feedback], now: datetime
) -> None:
    """Take the step and the mark in one write; a redelivered event changes nothing. Raises Conflict."""
    kept = feedbacks.find(message.subject)
    if kept is None:
        # A case comes from a feedback that was written here first: this one is gone for good.
        logger.info("event of a feedback that is gone", type=message.type, id=message.subject)
    elif not kept.has(message):
        feedbacks.save(kept, step(kept.feedback), [], now, message)


HANDLERS: Final[dict[type[Event], Callable[..., None]]] = {
    UnitDefined: keep_unit,
    CaseOpened: note_opened,
    CaseAssigned: note_assigned,
    CaseAcknowledged: note_acknowledged,
    QuestionAsked: note_question,
    CaseResumed: note_resumed,
    CaseClosed: note_closed,
    CaseReopened: note_reopened,
}
