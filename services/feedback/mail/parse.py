"""A mail as bytes becomes what somebody said: sender, subject and words. No network, no database."""

import re
from collections.abc import Sequence
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
BULK: Final = ("bulk", "junk", "auto_reply")
SENDER_HEADERS: Final = ("From", "Reply-To", "Sender")

_address = Address()


class NoSender(Exception):
    """Nobody could be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one mail says; `key` is the same however often the same mail arrives.

    `sender` is None when a mailing list hides who wrote: the words are taken, and nobody is answered.
    """

    sender: str | None
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
    """Whether a machine wrote this (RFC 3834) or we did ourselves: answering would begin a loop.

    What a mailing list passed on, a person wrote: some lists say "bulk" of it, and name where to post (RFC 2369).
    """
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _header(message, "Precedence").strip().lower()
    bulk = precedence in BULK and not _list_addresses(message)
    own = bool(own_address) and own_address.lower() in {
        envelope_sender.lower(),
        *(address.lower() for _, address in _senders(message)),
    }
    return not envelope_sender or submitted not in ("", "no") or bulk or own


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


def _key(message: Message, content: bytes, sender: str | None) -> str:
    """One mail delivered again is the same; another body below the same Message-ID is not."""
    body = content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
    # Without a Message-ID, its day and subject tell it from the same words of another day.
    message_id = _header(message, "Message-ID") or _header(message, "Date") + "\n" + _header(message, "Subject")
    return "\n".join(((sender or "").lower(), ids.digest(message_id), ids.digest(body.decode("latin-1"))))


def _header(message: Message, name: str) -> str:
    """A header as text; a mangled one never stops a mail."""
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # the stdlib's parser has its own bugs
        return next((str(raw) for key, raw in message.raw_items() if key.lower() == name.lower()), "")


def _senders(message: Message, headers: Sequence[str] = SENDER_HEADERS) -> list[tuple[str, str]]:
    return getaddresses([_header(message, header) for header in headers])


def _sender(message: Message, envelope_sender: str) -> tuple[str | None, str | None]:
    """The name and the address to answer."""
    if _header(message, "List-Id") or _header(message, "List-Post"):
        return _sender_to_list(message)
    for name, address in [*_senders(message), ("", envelope_sender)]:
        valid = _valid(address)
        if valid:
            return _line(name, NAME_LONGEST), valid
    raise NoSender


def _sender_to_list(message: Message) -> tuple[str | None, str | None]:
    """Who wrote to the mailing list; never an address of the list, where everybody would read the answer."""
    lists = _list_addresses(message)
    senders = _senders(message, ("From", "Reply-To"))
    people = [valid for _, address in senders if address.lower() not in lists and (valid := _valid(address))]
    return _line(senders[0][0], NAME_LONGEST) if senders else None, people[0] if people else None


def _list_addresses(message: Message) -> set[str]:
    """Where one posts to the mailing list that passed this on; "NO", for a list nobody may post to, is none."""
    return set(re.findall(r"<mailto:([^>?]+)", _header(message, "List-Post").lower()))


def _valid(address: str) -> str | None:
    try:
        return str(_address.deserialize(address))
    except ValidationError:
        return None


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
