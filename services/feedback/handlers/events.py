"""What other services say: the copy of the units, and what became of a case."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import structlog

from ...contracts.directory import UnitDefined
from ...contracts.envelope import Envelope
from ...contracts.registry import Event
from ...contracts.sealed import Unseal
from ...contracts.triage import (
    CaseAcknowledged,
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseResumed,
    QuestionAsked,
)
from .. import domain
from ..domain import Entry, Feedback, Unit, Words
from ..store import FeedbackStore, UnitStore

logger = structlog.get_logger()


def keep_unit(message: Envelope[UnitDefined], units: UnitStore) -> None:
    """Keep the copy of a unit; an old or repeated event changes nothing."""
    said = message.data
    unit = Unit(
        id=message.subject,
        name=said.name,
        addresses=tuple(address.lower() for address in said.addresses),
        domains=tuple(domain.lower() for domain in said.domains),
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
    """It is open again, with new promised days."""
    said = message.data
    entry = Entry(at=message.time, kind="reopened", who=None if said.by_submitter else said.owner_name)

    def step(feedback: Feedback) -> Feedback:
        reopened = domain.reopened(feedback, entry, said.answer_due, said.outcome_due)
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
