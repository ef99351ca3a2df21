"""How a case begins."""

from datetime import datetime

from ...contracts import files
from ...contracts.envelope import Envelope
from ...contracts.feedback import FeedbackSubmitted
from ...contracts.triage import CaseOpened
from .case import Case, Change
from .parts import Entry, Staff


def open_case(
    message: Envelope[FeedbackSubmitted], data: FeedbackSubmitted, unit: str, owner: Staff, outcome_due: datetime
) -> Change:
    """A new case from a feedback; `data` is the message's with its personal values open."""
    case = Case(
        id=message.subject,
        number=data.number,
        unit=unit,
        service=data.service,
        kind=data.kind,
        channel=data.channel,
        language=data.language,
        rating=data.rating,
        person=data.person,
        submitter_name=data.name,
        has_address=data.email is not None,
        title=data.title,
        text=data.text,
        owner=owner,
        received_at=message.time,
        answer_due=data.answer_due,
        outcome_due=outcome_due,
        timeline=(Entry(message.time, "received", text=data.channel),),
        full_text=data.full_text,
        files=files.load(data.files),
        verified=data.verified,
        recorded_by=data.recorded_by,
        said_at=data.said_at,
        shared=data.shared,
    )
    return case, [_opened(case)]


def _opened(case: Case) -> CaseOpened:
    return CaseOpened(
        number=case.number,
        unit=case.unit,
        kind=case.kind,
        owner=case.owner.id,
        owner_name=case.owner.name,
        answer_due=case.answer_due,
        outcome_due=case.outcome_due,
    )
