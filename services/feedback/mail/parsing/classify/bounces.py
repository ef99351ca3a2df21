"""Whether a mail is a machine's word about a failed or late delivery."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from .addresses import addresses_in
from .anatomy import REPORT_TYPES, Anatomy
from .automatic import PEOPLES, is_of_absence
from .heads import Fields, decoded, first, lowered, present, token
from .markers import (
    BODIES,
    DAEMON_LOCAL_PARTS,
    DAEMON_NAMES,
    FAILURE_FIELDS,
    MACHINE_BODIES,
    MACHINE_MAILERS,
    OFFICE_LOCAL_PARTS,
    OFFICE_NAMES,
    POSTMASTERS,
    SUBJECTS,
)

NOBODY, POSTMASTER, OFFICE, PERSON = "nobody", "postmaster", "office", "person"
"""Who sends by the look of it: a program that carries mail, whoever looks after one, an address that programs and
people use, or a person."""
ANSWER_FIELDS: Final = ("in-reply-to", "x-autoreply", "x-auto-response-suppress")

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

_TAG: Final = re.compile(r"(?:[+=].*|[-_.]?\d[0-9a-f-]{0,64}|[-_.])$", re.DOTALL)
_REPORTED: Final = re.compile(r"(?im)^(?:final|original)-recipient\s{0,3}:")
_TALK: Final = re.compile(
    r"(?m)^[\t >]{0,9}(?:[45]\d\d[ -]|<<< |rcpt to:|<[^<>@\s]{1,64}@[^<>\s]{1,255}>:?$)|\b5\.\d\.\d{1,3}\b"
)
_NOTIFIED: Final = re.compile(r'(?i)"(?:notificationtype|eventtype)\\{0,3}"\s{0,9}:\s{0,9}\\{0,3}"(\w{1,20})')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """How a mail tells of a failed delivery: in the subject, in its words, with a machine's words early or at once,
    with what only machines say, or as one that calls itself automatic; and whether a person shows in it."""

    in_subject: bool
    in_body: bool
    early: bool
    at_once: bool
    in_detail: bool
    as_program: bool
    greeted: bool
    typed: bool


def is_null(fields: Fields, envelope_sender: str | None) -> bool:
    """Whether nobody is to answer (RFC 5321): by the envelope, or where it is unknown by what the last server noted."""
    if envelope_sender is not None:
        return envelope_sender.strip() in ("", "<>")
    return first(fields, "return-path") == "<>" or "mailer-daemon" in first(fields, "return-path").lower()


def sender_kind(fields: Fields) -> str:
    """Who sends, by the address and the name in From."""
    name, local_part = _sender(fields)
    if is_daemon(fields) or name.startswith(DAEMON_NAMES):
        return NOBODY
    if "x-mlserver" in fields and local_part.endswith("-admin"):
        return NOBODY
    if name in POSTMASTERS or is_whole(local_part, POSTMASTERS):
        return POSTMASTER
    unanswered = is_office(first(fields, "reply-to").lower().lstrip("<").partition("@")[0])
    return OFFICE if is_office(local_part) or name in OFFICE_NAMES or unanswered else PERSON


def is_daemon(fields: Fields) -> bool:
    """Whether the address in From is one of programs that carry mail, and of nobody else."""
    return is_whole(_sender(fields)[1], DAEMON_LOCAL_PARTS) or first(fields, "from") == "<>"


def is_office(local_part: str) -> bool:
    """Whether programs send from this address, and people at times."""
    return is_whole(local_part, OFFICE_LOCAL_PARTS)


def is_whole(local_part: str, names: tuple[str, ...]) -> bool:
    """Whether it is one of these names, but for a tag or digits of the program: "apps", never "apps.team"."""
    return _TAG.sub("", local_part) in names


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
    if is_null(fields, envelope_sender) and _is_returned(told, kind, fields):
        return "It has an empty envelope sender and tells of a failed delivery."
    if kind != PERSON and _is_told_by_office(told, kind):
        return "No person sent it, and it tells of a failed delivery."
    at_once = told.at_once and not told.typed
    if told.in_subject and (at_once or told.as_program or anatomy.types.intersection(REPORT_TYPES)):
        return "It has the subject and the words of a delivery program."
    return ""


def _is_returned(told: _Telling, kind: str, fields: Fields) -> bool:
    """Whether what wants no answer is about a delivery; absence wants none either."""
    if told.in_subject or told.in_detail:
        return True
    return kind == POSTMASTER and (told.in_body or not present(fields, ANSWER_FIELDS))


def _is_told_by_office(told: _Telling, kind: str) -> bool:
    if kind == POSTMASTER and told.in_subject and not (told.greeted or told.typed):
        return True
    return told.early or told.in_detail or (told.in_subject and told.in_body)


def notification_type(anatomy: Anatomy) -> str:
    """What a mail service tells as JSON: "bounce", "complaint", ..., or ""."""
    head = anatomy.notice.lstrip()
    found = _NOTIFIED.search(head) if head.startswith("{") else None
    return found[1].lower() if found else ""


def _telling(anatomy: Anatomy) -> _Telling:
    fields, subject = anatomy.fields, lowered(anatomy.fields, "subject")
    opening = _QUOTED.sub("", anatomy.notice[:OPENING]).lower().strip()
    greeted, answered = _is_greeting(opening), bool(_ANSWERED.match(subject)) or is_of_absence(subject)
    words = "" if greeted else opening
    in_subject = any(mark in subject for mark in SUBJECTS) and not answered
    in_body = any(mark in words for mark in (*BODIES, *MACHINE_BODIES))
    typed = answered or _is_typed(fields)
    return _Telling(
        in_subject=in_subject,
        in_body=in_body,
        early=any(mark in words[:EARLY] for mark in MACHINE_BODIES),
        at_once=_begins_as_machine(words),
        in_detail=(in_subject or in_body) and _is_detailed(anatomy, words, typed=typed),
        as_program=in_body and token(fields, "auto-submitted") not in PEOPLES,
        greeted=greeted,
        typed=typed,
    )


def _is_greeting(opening: str) -> bool:
    """Whether it greets, and not as the servers do that say "Hi!" and who they are."""
    greeting = _GREETING.match(opening)
    return bool(greeting) and not _begins_as_machine(opening[greeting.end() if greeting else 0 :].lstrip())


def _begins_as_machine(words: str) -> bool:
    line = words.partition("\n")[0]
    return any(0 <= line.find(mark) <= AT_ONCE for mark in MACHINE_BODIES)


def _is_detailed(anatomy: Anatomy, words: str, *, typed: bool) -> bool:
    """Whether it has what only machines write: fields of a report, the talk of two servers, the mail that came back."""
    if _REPORTED.search(anatomy.report or words):
        return True
    spoken = any(mark in words for mark in MACHINE_BODIES) or bool(_TALK.search(words)) or bool(anatomy.returned)
    return bool(words) and spoken and not typed


def _is_typed(fields: Fields) -> bool:
    """Whether a mail program of people wrote it; some servers name themselves in the same fields."""
    program = lowered(fields, "user-agent") + lowered(fields, "x-mailer")
    return bool(program) and not program.startswith(MACHINE_MAILERS)


def _sender(fields: Fields) -> tuple[str, str]:
    """The name and the local part in From, in lower case; many programs write what is no address."""
    name, address = parseaddr(first(fields, "from"))
    written = address or next(iter(addresses_in(first(fields, "from"))), first(fields, "from"))
    return decoded(name or first(fields, "from")).lower().lstrip('"'), written.partition("@")[0].strip('<>" ').lower()
