"""What triage does with what it hears. A redelivered event changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ...chassis.clock import working_days_after
from ...chassis.errors import NotFound, NotYet, Unavailable
from ...chassis.outbox import is_applied
from ...contracts import files
from ...contracts.envelope import Envelope
from ...contracts.feedback import (
    FeedbackCorrected,
    FeedbackJoined,
    FeedbackRated,
    FeedbackReplied,
    FeedbackSubmitted,
    FeedbackWithdrawn,
)
from ...contracts.notify import NotificationFailed, NotificationSent
from ...contracts.registry import Event
from ...contracts.sealed import Unseal
from .. import domain
from ..domain import Case, Change, Entry, Mail, Rating, Unit
from ..store import AccountStore, CaseStore, UnitStore

PERSONAL: Final = ("name", "email", "title", "text", "full_text", "files")


def open_case(
    message: Envelope[FeedbackSubmitted],
    cases: CaseStore,
    units: UnitStore,
    accounts: AccountStore,
    unseal: Unseal,
    now: datetime,
) -> None:
    """Open one case per feedback, with an owner from the first moment."""
    unit = _answering(units, message.data.unit)
    opened: dict[str, Any] = {name: _open(unseal, getattr(message.data, name)) for name in PERSONAL}
    data = replace(message.data, **opened)
    outcome_due = working_days_after(message.time, unit.outcome_days, unit.time_zone)
    owner = unit.owner(accounts.active())
    cases.add_once(domain.open_case(message, data, unit.id, owner, outcome_due), now, message)


def record_reply(
    message: Envelope[FeedbackReplied], cases: CaseStore, units: UnitStore, unseal: Unseal, now: datetime
) -> None:
    """Add what the submitter wrote; it answers a question, and reopens an ended case when they ask for that."""
    data = message.data

    def move(case: Case) -> Change:
        case, events = domain.reply(case, _said(message, unseal))
        if not (data.reopen and case.allows("reopen")):
            return case, events
        case, reopened = case.reopen(*promises(units, case.unit, message.time), message.time)
        return case, [*events, *reopened]

    _apply(message, cases, move, now)


def record_correction(message: Envelope[FeedbackCorrected], cases: CaseStore, unseal: Unseal, now: datetime) -> None:
    """Take the submitter's own words in place of those somebody wrote down for them."""
    text = unseal(message.data.text)
    _apply(message, cases, lambda case: domain.correct(case, text, message.time), now)


def record_voice(message: Envelope[FeedbackJoined], cases: CaseStore, unseal: Unseal, now: datetime) -> None:
    """Show how many say the same."""
    name, voices = _open(unseal, message.data.name), message.data.voices
    _apply(message, cases, lambda case: domain.join(case, name, voices, message.time), now)


def record_withdrawal(message: Envelope[FeedbackWithdrawn], cases: CaseStore, unseal: Unseal, now: datetime) -> None:
    """End the case, if it is open, as the submitter wishes."""
    why = _open(unseal, message.data.why)
    _apply(message, cases, lambda case: domain.withdraw(case, why, message.time), now)


def record_rating(message: Envelope[FeedbackRated], cases: CaseStore, unseal: Unseal, now: datetime) -> None:
    """Show the submitter's pulse on the case."""
    data = message.data
    rating = Rating(message.time, data.closure, data.score, _open(unseal, data.comment))
    _apply(message, cases, lambda case: (case.rated(rating), []), now)


def record_sent(message: Envelope[NotificationSent], cases: CaseStore, now: datetime) -> None:
    """Show that a notification left."""
    _record_mail(message, None, cases, now)


def record_failed(message: Envelope[NotificationFailed], cases: CaseStore, now: datetime) -> None:
    """Show that a notification will not arrive."""
    _record_mail(message, message.data.reason, cases, now)


def promises(units: UnitStore, unit_id: str, start: datetime) -> tuple[datetime, datetime]:
    """The days by which the unit owes a first answer and an outcome, counted from `start`."""
    unit = _answering(units, unit_id)
    return (
        working_days_after(start, unit.first_answer_days, unit.time_zone),
        working_days_after(start, unit.outcome_days, unit.time_zone),
    )


def _answering(units: UnitStore, unit_id: str) -> Unit:
    """The active unit of this id, or the one that takes what is addressed to nobody."""
    unit = units.find(unit_id)
    unit = unit if unit and unit.active else units.fallback()
    if unit is None:
        raise Unavailable("the registry of units is empty; run `liaise migrate`")
    return unit


def _apply(message: Envelope[Any], cases: CaseStore, move: Callable[[Case], Change], now: datetime) -> None:
    """Make the move and the mark in one write, unless that was done already; raises Conflict, NotFound."""
    found = cases.find(message.subject)
    if found is None:
        # Same topic, same key: it was read before this one, so waiting would not bring it.
        raise NotFound
    if not is_applied(found.document, message):
        cases.save(found, move(found.case), now, message)


def _said(message: Envelope[FeedbackReplied], unseal: Unseal) -> Entry:
    data = message.data
    return Entry(
        at=message.time,
        what=domain.REPLIED,
        text=unseal(data.text),
        full_text=_open(unseal, data.full_text),
        files=files.load(_open(unseal, data.files)),
        sender=_open(unseal, data.sender),
        verified=data.verified,
    )


def _record_mail(
    message: Envelope[NotificationSent] | Envelope[NotificationFailed],
    reason: str | None,
    cases: CaseStore,
    now: datetime,
) -> None:
    data = message.data
    found = cases.find(data.feedback)
    if found is None:
        raise NotYet
    mail = Mail(message.subject, message.time, data.kind, data.channel, data.closure, reason, data.voice)
    case = found.case.told(mail)
    if case != found.case:
        cases.save(found, (case, []), now)


def _open(unseal: Unseal, sealed: str | None) -> str | None:
    return None if sealed is None else unseal(sealed)


HANDLERS: Final[Mapping[type[Event], Callable[..., None]]] = {
    FeedbackSubmitted: open_case,
    FeedbackReplied: record_reply,
    FeedbackRated: record_rating,
    FeedbackJoined: record_voice,
    FeedbackCorrected: record_correction,
    FeedbackWithdrawn: record_withdrawal,
    NotificationSent: record_sent,
    NotificationFailed: record_failed,
}
