"""Every event as facts, and the one question that is asked of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ..contracts.directory import UnitDefined
from ..contracts.envelope import Envelope
from ..contracts.feedback import FeedbackJoined, FeedbackRated, FeedbackSubmitted
from ..contracts.notify import OUTCOME, NotificationFailed, NotificationSent
from ..contracts.registry import Event
from ..contracts.triage import WITHDRAWN, CaseAcknowledged, CaseClosed, CaseOpened, CaseReopened, QuestionAsked
from .domain.journey import FAILED, PAGE, SENT
from .domain.report import Report, report
from .domain.window import MONTH, Window, choose
from .store import JourneyStore, UnitStore


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReport:
    """Which figures: of these units (None: all), received on these days (both included, None: the usual year)."""

    units: tuple[str, ...] | None = None
    start: date | None = None
    end: date | None = None
    step: str = MONTH


def window_of(question: AskForReport, now: datetime, zone: str) -> Window:
    """The window a question means today."""
    return choose(question.start, question.end, question.step, now.astimezone(ZoneInfo(zone)).date(), zone)


def answer(question: AskForReport, journeys: JourneyStore, units: UnitStore, now: datetime, zone: str) -> Report:
    """Read the journeys once and compute every figure from them."""
    window = window_of(question, now, zone)
    return report(journeys.received(window, question.units), units.names(question.units), window, now)


def note_submission(message: Envelope[FeedbackSubmitted], journeys: JourneyStore) -> None:
    """The journey begins when it was said; who it was and what they wrote stay where they are."""
    said = message.data
    facts = {
        "received_at": said.said_at or message.time,
        "number": said.number,
        "unit": said.unit,
        "service": said.service,
        "kind": said.kind,
        "channel": said.channel,
        "language": said.language,
        "rating": said.rating,
        "anonymous": said.anonymous,
        "answer_due": said.answer_due,
    }
    journeys.record(message, facts)


def note_pulse(message: Envelope[FeedbackRated], journeys: JourneyStore) -> None:
    pulse = {"score": message.data.score, "at": message.time}
    journeys.record(message, {f"pulses.{message.data.closure}": pulse})


def note_voice(message: Envelope[FeedbackJoined], journeys: JourneyStore) -> None:
    journeys.record(message, {"voices": message.data.voices})


def note_opening(message: Envelope[CaseOpened], journeys: JourneyStore) -> None:
    journeys.record(message, {"outcome_due": message.data.outcome_due, "open": True})


def note_answer(message: Envelope[CaseAcknowledged] | Envelope[QuestionAsked], journeys: JourneyStore) -> None:
    journeys.record(message, {"answered": True}, earliest={"first_answer_at": message.time})


def note_closing(message: Envelope[CaseClosed], journeys: JourneyStore) -> None:
    """An outcome is also a first answer, if none came before; a withdrawal answers nobody."""
    said = message.data
    closure = {"at": message.time, "outcome": said.outcome, "reason": said.reason}
    facts = {f"closures.{said.closure}": closure, "open": False}
    answer = {} if said.outcome == WITHDRAWN else {"first_answer_at": message.time}
    journeys.record(message, facts, earliest=answer)


def note_reopening(message: Envelope[CaseReopened], journeys: JourneyStore) -> None:
    """The days promised now count from here; the first ones stay, as it is they that were kept or not."""
    said = message.data
    facts = {f"reopened.{message.seq}": message.time, "open": True, "answered": False}
    again = {"answer_due": said.answer_due, "outcome_due": said.outcome_due}
    journeys.record(message, facts | {"due_again": again if all(again.values()) else None})


def note_told(message: Envelope[NotificationSent], journeys: JourneyStore) -> None:
    _note_closing_message(message, journeys, PAGE if message.data.channel == PAGE else SENT)


def note_not_told(message: Envelope[NotificationFailed], journeys: JourneyStore) -> None:
    _note_closing_message(message, journeys, FAILED)


def note_unit(message: Envelope[UnitDefined], units: UnitStore) -> None:
    units.define(message, message.data.name, message.data.active)


def _note_closing_message(
    message: Envelope[NotificationSent] | Envelope[NotificationFailed], journeys: JourneyStore, state: str
) -> None:
    """Whether the submitter knows how it ended; the messages to those who joined say nothing of that."""
    said = message.data
    if said.kind == OUTCOME and said.closure is not None and said.voice is None:
        journeys.record_latest(said.feedback, f"closing_messages.{said.closure}", message.time, state)


HANDLERS: Final[Mapping[type[Event], Callable[..., None]]] = {
    FeedbackSubmitted: note_submission,
    FeedbackRated: note_pulse,
    FeedbackJoined: note_voice,
    CaseOpened: note_opening,
    CaseAcknowledged: note_answer,
    QuestionAsked: note_answer,
    CaseClosed: note_closing,
    CaseReopened: note_reopening,
    NotificationSent: note_told,
    NotificationFailed: note_not_told,
    UnitDefined: note_unit,
}
