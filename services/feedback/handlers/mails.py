"""Mails that make no feedback: what machines report of ours, and what nobody could read."""

from dataclasses import dataclass
from datetime import datetime

from ...chassis import ids
from ...contracts.feedback import MailReported
from ..domain.quarantine import Quarantined
from ..store import FeedbackStore
from ..store.mails import QuarantineStore, ReportStore

ADDRESSES_MOST = 100
"""How many addresses one report is believed to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMail:
    """A machine wrote about a mail of ours; the fields as in MailReported, `key` the same however often it comes.

    `feedback_id` is proven: only what we sent carries the signed reference it was read from.
    """

    key: str
    kind: str
    addresses: tuple[str, ...]
    status: str = ""
    permanent: bool = False
    original_id: str = ""
    feedback_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A mail that cannot be taken, as it came, and why in a sentence; the rest as in Quarantined."""

    key: str
    content: bytes
    reason: str
    sender: str
    subject: str
    envelope_sender: str | None
    recipients: tuple[str, ...]
    unit: str | None


def report_mail(
    command: ReportMail, reports: ReportStore, feedbacks: FeedbackStore, secret: str, now: datetime
) -> bool:
    """Say it once for each address, and count what names none; False when it was said before. Raises Unavailable."""
    events = [
        MailReported(
            kind=command.kind,
            status=command.status,
            permanent=command.permanent,
            original_id=command.original_id,
            feedback=command.feedback_id,
            person=ids.keyed(secret, "person", address.lower()),
            address=address,
        )
        for address in _addresses(command, feedbacks)
    ]
    return reports.add(mail_id(secret, command.key), command.kind, events, now)


def set_aside(command: SetAside, quarantine: QuarantineStore, secret: str, now: datetime) -> bool:
    """Keep it for a person to look at; False when it lies there already. Raises Unavailable."""
    mail = Quarantined(
        id=mail_id(secret, command.key),
        reason=command.reason,
        received_at=now,
        sender=command.sender,
        subject=command.subject,
        size=len(command.content),
        envelope_sender=command.envelope_sender,
        recipients=command.recipients,
        unit=command.unit,
    )
    return quarantine.add(mail, command.content)


def mail_id(secret: str, key: str) -> str:
    """The id of what is kept of a mail that makes no feedback."""
    return ids.keyed(secret, "mail report", key)


def _addresses(command: ReportMail, feedbacks: FeedbackStore) -> list[str]:
    """Whom it is about: the addresses it names, else the one our mail about this feedback went to."""
    if command.addresses:
        return list({address.lower(): address for address in command.addresses[:ADDRESSES_MOST]}.values())
    kept = feedbacks.find(command.feedback_id) if command.feedback_id else None
    return [kept.feedback.email] if kept and kept.feedback.email else []
