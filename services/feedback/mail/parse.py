"""A mail as bytes becomes what somebody said: sender, subject and words. No network, no database."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import Final

from inscriptis import get_text
from marshmallow import ValidationError

from ...chassis import ids
from ...chassis.fields import CONTROL, Address
from ...chassis.http import LANGUAGES
from ...contracts.feedback import KINDS
from ..domain import DEFAULT_KIND

TEXT_LONGEST: Final = 100_000
LINE_LONGEST: Final = 200
NAME_LONGEST: Final = 100
CUT_NOTE: Final = "\n\n[The rest of this mail was too long to keep.]"
EMPTY_NOTE: Final = "[This mail had no text.]"
BULK: Final = ("bulk", "list", "junk")
SENDER_HEADERS: Final = ("From", "Reply-To", "Sender")

_address = Address()


class NoSender(Exception):
    """Nobody could be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one mail says; `key` is the same however often the same mail arrives."""

    sender: str
    name: str | None
    title: str | None
    text: str
    language: str
    key: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address of ours: the local part without its tag, and the kind that the tag names."""

    local_part: str
    kind: str


def is_automatic(message: Message, envelope_sender: str, own_address: str) -> bool:
    """Whether a machine wrote this (RFC 3834) or we did ourselves: answering would begin a loop."""
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _header(message, "Precedence").strip().lower()
    own = bool(own_address) and own_address.lower() in {
        envelope_sender.lower(),
        *(address.lower() for _, address in _senders(message)),
    }
    return not envelope_sender or submitted not in ("", "no") or precedence in BULK or own


def read(content: bytes) -> EmailMessage:
    """The parsed mail; defects are tolerated."""
    return message_from_bytes(content, policy=policy.default)


def to_mail(message: EmailMessage, content: bytes, envelope_sender: str) -> Mail:
    """What the mail says; raises NoSender."""
    name, sender = _sender(message, envelope_sender)
    title = _line(_header(message, "Subject"), LINE_LONGEST)
    return Mail(
        sender=sender,
        name=name,
        title=title,
        text=_cut(_words(message) or title or EMPTY_NOTE) + _not_kept(message),
        language=_language(message),
        key=_key(message, content, sender),
    )


def recipient(address: str) -> Recipient:
    """`it+complaint@example.com` is the unit at `it` and a complaint; an unknown tag names no kind."""
    local_part, _, tag = address.rpartition("@")[0].lower().partition("+")
    return Recipient(local_part, tag if tag in KINDS else DEFAULT_KIND)


def _key(message: Message, content: bytes, sender: str) -> str:
    """One mail delivered again is the same; another body below the same Message-ID is not."""
    body = content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
    # Without a Message-ID, its day and subject tell it from the same words of another day.
    message_id = _header(message, "Message-ID") or _header(message, "Date") + "\n" + _header(message, "Subject")
    return "\n".join((sender.lower(), ids.digest(message_id), ids.digest(body.decode("latin-1"))))


def _header(message: Message, name: str) -> str:
    """A header as text; a mangled one never stops a mail."""
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # the stdlib's parser has its own bugs
        return next((str(raw) for key, raw in message.raw_items() if key.lower() == name.lower()), "")


def _senders(message: Message) -> list[tuple[str, str]]:
    return getaddresses([_header(message, header) for header in SENDER_HEADERS])


def _sender(message: Message, envelope_sender: str) -> tuple[str | None, str]:
    for name, address in [*_senders(message), ("", envelope_sender)]:
        try:
            return _line(name, NAME_LONGEST), str(_address.deserialize(address))
        except ValidationError:
            continue
    raise NoSender


def _line(text: str, longest: int) -> str | None:
    line = " ".join(_clean(text).split())
    return line[:longest] or None


def _clean(text: str) -> str:
    plain = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.encode("utf-8", "replace").decode()


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LONGEST else text[: TEXT_LONGEST - len(CUT_NOTE)] + CUT_NOTE


def _words(message: EmailMessage) -> str:
    """The text of the mail: its plain part, else its HTML as text."""
    for subtype in ("plain", "html"):
        part = message.get_body((subtype,))
        text = _text(part) if part else ""
        text = _clean(get_text(text) if subtype == "html" and text.strip() else text).strip()
        if text:
            return text
    return ""


def _not_kept(message: Message) -> str:
    """A note on what is not kept, so that nobody waits for an answer to it."""
    count = sum(_header(part, "Content-Disposition").lower().startswith("attachment") for part in message.walk())
    return f"\n\n[Attachments that were not kept: {count}.]" if count else ""


def _text(part: Message) -> str:
    """A part decoded, whatever charset it claims."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    for charset in (str(part.get_content_charset("")), "utf-8"):
        try:
            return payload.decode(charset)
        except (LookupError, ValueError):
            continue
    return payload.decode("cp1252", "replace")


def _language(message: Message) -> str:
    """What the sender's mail program says it is written in, if we can answer in it."""
    tags = re.findall(
        r"[a-z]{2}", f"{_header(message, 'Content-Language')},{_header(message, 'Accept-Language')}".lower()
    )
    return next((tag for tag in tags if tag in LANGUAGES), "en")
