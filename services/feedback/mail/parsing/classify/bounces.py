"""Whether a mail is a machine's word about a failed or late delivery."""

import re
from email.utils import parseaddr
from typing import Final

from .anatomy import REPORT_TYPES, Anatomy
from .heads import Fields, decoded, first, lowered, present, token
from .markers import (
    BODIES,
    DAEMON_LOCAL_PARTS,
    DAEMON_NAMES,
    FAILURE_FIELDS,
    OFFICE_LOCAL_PARTS,
    OFFICE_NAMES,
    SUBJECTS,
)

NOBODY, OFFICE, PERSON = "nobody", "office", "person"
"""Who sends by the look of it: a program that carries mail, an address that programs and people use, or a person."""

OPENING: Final = 3_000
"""Characters in which a machine has said what it is about."""

_ANSWERED: Final = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|odp|转发|回复)\s?:", re.IGNORECASE)
_QUOTED: Final = re.compile(r"(?m)^[ \t]{0,9}[>|].*$")
_REPORTED: Final = re.compile(r"(?im)^(?:final|original)-recipient\s{0,3}:")
_TALK: Final = re.compile(r"(?m)^[\t >]{0,9}(?:[45]\d\d[ -]|<<< |rcpt to:)|\b5\.\d\.\d{1,3}\b")
_NOTIFIED: Final = re.compile(r'"(?:notificationtype|eventtype)"\s{0,9}:\s{0,9}"(\w{1,20})"')


def is_null(fields: Fields, envelope_sender: str | None) -> bool:
    """Whether nobody is to answer (RFC 5321): by the envelope, or where it is unknown by what the last server noted."""
    if envelope_sender is not None:
        return envelope_sender.strip() in ("", "<>")
    return first(fields, "return-path") == "<>" or "mailer-daemon" in first(fields, "return-path").lower()


def sender_kind(fields: Fields) -> str:
    """Who sends, by the address and the name in From."""
    name, address = parseaddr(first(fields, "from"))
    local_part, name = address.rpartition("@")[0].lower() or address.lower(), decoded(name).lower()
    if not local_part and first(fields, "from"):
        return NOBODY
    if local_part.startswith(DAEMON_LOCAL_PARTS) or name.startswith(DAEMON_NAMES):
        return NOBODY
    if local_part.startswith(OFFICE_LOCAL_PARTS) or name.startswith(OFFICE_NAMES) or "x-mlserver" in fields:
        return OFFICE
    return PERSON


def bounce_reason(anatomy: Anatomy, envelope_sender: str | None) -> str:
    """Why this is a bounce, or ""."""
    fields = anatomy.fields
    if anatomy.report_type == "delivery-status":
        return "It is a delivery status notification (RFC 3464)."
    if field := present(fields, FAILURE_FIELDS):
        return f"Its field {field} names failed recipients."
    if notification_type(anatomy) == "bounce":
        return "It is a notification of a mail service about a bounce."
    nobody, kind = is_null(fields, envelope_sender), sender_kind(fields)
    if kind == NOBODY:
        return "A mail delivery program sent it."
    told = _told(anatomy)
    if (nobody or kind == OFFICE) and told:
        return "It has no person as its sender and tells of a failed delivery."
    if nobody and kind == OFFICE and not _on_leave(fields):
        return "A mail server's postmaster sent it and wants no answer."
    if anatomy.types.intersection(REPORT_TYPES) and told:
        return "It carries a delivery status (RFC 3464)."
    return ""


def notification_type(anatomy: Anatomy) -> str:
    """What a mail service tells as JSON: "bounce", "complaint", ..., or ""."""
    head = anatomy.notice[:OPENING].lstrip().lower()
    found = _NOTIFIED.search(head) if head.startswith("{") else None
    return found[1] if found else ""


def _told(anatomy: Anatomy) -> bool:
    """Whether it tells of a failed delivery in a machine's own way: a quote or a forwarded text is not enough."""
    fields, subject = anatomy.fields, lowered(anatomy.fields, "subject")
    opening = _QUOTED.sub("", anatomy.notice[:OPENING]).lower()
    in_subject = any(mark in subject for mark in SUBJECTS) and not _ANSWERED.match(subject)
    in_body = any(mark in opening for mark in BODIES)
    return (in_subject and in_body) or ((in_subject or in_body) and _in_detail(anatomy, opening, fields))


def _in_detail(anatomy: Anatomy, opening: str, fields: Fields) -> bool:
    """Whether it says what only machines say: fields of a report, the mail itself, the talk of two servers."""
    said = bool(_REPORTED.search(anatomy.report or opening)) or token(fields, "auto-submitted") not in ("", "no")
    typed = "user-agent" in fields or "x-mailer" in fields
    return said or bool(anatomy.returned) or "x-mlserver" in fields or (not typed and bool(_TALK.search(opening)))


def _on_leave(fields: Fields) -> bool:
    return bool(present(fields, ("in-reply-to", "x-autoreply", "x-auto-response-suppress")))
