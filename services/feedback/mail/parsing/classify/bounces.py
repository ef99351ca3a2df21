"""Whether a mail is a machine's word about a failed or late delivery."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from .addresses import addresses_in
from .anatomy import REPORT_TYPES, Anatomy
from .heads import Fields, decoded, first, lowered, present, token
from .markers import (
    BODIES,
    DAEMON_LOCAL_PARTS,
    DAEMON_NAMES,
    FAILURE_FIELDS,
    MACHINE_BODIES,
    OFFICE_LOCAL_PARTS,
    OFFICE_NAMES,
    POSTMASTERS,
    SUBJECTS,
)

NOBODY, OFFICE, PERSON = "nobody", "office", "person"
"""Who sends by the look of it: a program that carries mail, an address that programs and people use, or a person."""

OPENING: Final = 3_000
"""Characters in which a machine has said what it is about."""

EARLY: Final = 200
"""Characters of somebody's first words."""

AT_ONCE: Final = 10
"""Characters before somebody comes to the point."""

_ANSWERED: Final = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|odp|转发|回复)\s?:", re.IGNORECASE)
_QUOTED: Final = re.compile(r"(?im)^[ \t]{0,9}(?:[>|]|--|content-[a-z-]{1,40}:|boundary=).*$")
"""Quotes, and what is left of parts whose boundaries are broken."""

_GREETING: Final = re.compile(
    r"(?:hello|hi|hey|dear|hallo|liebe[rs]?|guten (?:tag|morgen)|moin|sehr geehrte[r]?|bonjour|hola|ciao|buongiorno|olá"
    r"|beste|hej|dzień dobry|здравствуйте)\b[^.\n]{0,60}\n"
)
"""People greet; what follows is not a machine's word."""

_REPORTED: Final = re.compile(r"(?im)^(?:final|original)-recipient\s{0,3}:")
_TALK: Final = re.compile(r"(?m)^[\t >]{0,9}(?:[45]\d\d[ -]|<<< |rcpt to:)|\b5\.\d\.\d{1,3}\b")
_NOTIFIED: Final = re.compile(r'(?i)"(?:notificationtype|eventtype)\\{0,3}"\s{0,9}:\s{0,9}\\{0,3}"(\w{1,20})')


def is_null(fields: Fields, envelope_sender: str | None) -> bool:
    """Whether nobody is to answer (RFC 5321): by the envelope, or where it is unknown by what the last server noted."""
    if envelope_sender is not None:
        return envelope_sender.strip() in ("", "<>")
    return first(fields, "return-path") == "<>" or "mailer-daemon" in first(fields, "return-path").lower()


def sender_kind(fields: Fields) -> str:
    """Who sends, by the address and the name in From."""
    name, local_part = _sender(fields)
    if local_part.startswith(DAEMON_LOCAL_PARTS) or name.startswith(DAEMON_NAMES) or first(fields, "from") == "<>":
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
        return f"Its field {field} is one of failed deliveries."
    if notification_type(anatomy) == "bounce":
        return "It is a notification of a mail service about a bounce."
    kind, told = sender_kind(fields), _telling(anatomy)
    if kind == NOBODY:
        return "A mail delivery program sent it."
    if is_null(fields, envelope_sender) and (told.in_subject or told.in_detail or (told.in_body and kind == OFFICE)):
        return "It has an empty envelope sender and tells of a failed delivery."
    if kind == OFFICE and ((told.in_subject and told.in_body) or told.in_detail or told.early):
        return "No person sent it, and it tells of a failed delivery."
    if is_null(fields, envelope_sender) and "".join(_sender(fields)).startswith(POSTMASTERS) and not _answers(fields):
        return "A mail server's postmaster sent it and wants no answer."
    if told.in_subject and (told.at_once or anatomy.types.intersection(REPORT_TYPES)):
        return "It has the subject and the words of a delivery program."
    return ""


def notification_type(anatomy: Anatomy) -> str:
    """What a mail service tells as JSON: "bounce", "complaint", ..., or ""."""
    head = anatomy.notice.lstrip()
    found = _NOTIFIED.search(head) if head.startswith("{") else None
    return found[1].lower() if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """How a mail tells of a failed delivery: in the subject, in its words, with a machine's words early or at once, or
    with what only machines say: fields of a report, the mail that came back, the talk of two servers."""

    in_subject: bool
    in_body: bool
    early: bool
    at_once: bool
    in_detail: bool


def _telling(anatomy: Anatomy) -> _Telling:
    fields, subject = anatomy.fields, lowered(anatomy.fields, "subject")
    opening = _QUOTED.sub("", anatomy.notice[:OPENING]).lower().strip()
    if _GREETING.match(opening):
        opening = ""
    in_subject = any(mark in subject for mark in SUBJECTS) and not _ANSWERED.match(subject)
    in_body = any(mark in opening for mark in (*BODIES, *MACHINE_BODIES))
    return _Telling(
        in_subject=in_subject,
        in_body=in_body,
        early=any(mark in opening[:EARLY] for mark in MACHINE_BODIES),
        at_once=any(0 <= opening.partition("\n")[0].find(mark) <= AT_ONCE for mark in MACHINE_BODIES),
        in_detail=(in_subject or in_body) and _is_detailed(anatomy, opening, fields),
    )


def _is_detailed(anatomy: Anatomy, opening: str, fields: Fields) -> bool:
    program, answered = {"user-agent", "x-mailer"}.intersection(fields), _ANSWERED.match(lowered(fields, "subject"))
    said = bool(_REPORTED.search(anatomy.report or opening)) or token(fields, "auto-submitted") not in ("", "no")
    spoken = any(mark in opening for mark in MACHINE_BODIES) or bool(_TALK.search(opening)) or bool(anatomy.returned)
    return said or "x-mlserver" in fields or (bool(opening) and spoken and not (program or answered))


def _sender(fields: Fields) -> tuple[str, str]:
    """The name and the local part in From, in lower case; many programs write what is no address."""
    name, address = parseaddr(first(fields, "from"))
    written = address or next(iter(addresses_in(first(fields, "from"))), first(fields, "from"))
    return decoded(name or first(fields, "from")).lower().lstrip('"'), written.partition("@")[0].strip('<>" ').lower()


def _answers(fields: Fields) -> bool:
    return bool(present(fields, ("in-reply-to", "x-autoreply", "x-auto-response-suppress")))
