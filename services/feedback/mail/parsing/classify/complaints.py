"""Reports that somebody called one of our mails unwanted."""

from email.utils import parseaddr
from typing import Final

from .anatomy import RETURNED_TYPES, Anatomy
from .bounces import notification_type
from .heads import first, lowered, present

REPORTERS: Final = ("staff@hotmail.com", "complaints@email-abuse.amazonses.com")
"""Providers that report in a format of their own: the mail as an attachment, and a subject."""


def complaint_reason(anatomy: Anatomy) -> str:
    """Why this is a complaint, or ""."""
    fields = anatomy.fields
    if anatomy.report_type == "feedback-report" or "message/feedback-report" in anatomy.types:
        return "It is an abuse report (RFC 5965)."
    if present(fields, ("x-apple-unsubscribe",)):
        return "A mail program unsubscribes its user."
    if notification_type(anatomy) == "complaint":
        return "It is a notification of a mail service about a complaint."
    subject, sender = lowered(fields, "subject"), parseaddr(first(fields, "from"))[1].lower()
    if subject.startswith("complaint about message from ") and (
        sender in REPORTERS or anatomy.types.intersection(RETURNED_TYPES)
    ):
        return "A mail provider reports a complaint about a mail."
    return ""
