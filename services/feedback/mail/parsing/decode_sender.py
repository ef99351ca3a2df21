"""Who wrote a mail, and whom to answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from marshmallow import ValidationError

from ....chassis.fields import Address
from . import decode
from .decode_addresses import Mailbox, mailboxes
from .limits import NAME_LONGEST
from .message_headers import Headers

SENDERS: Final = ("from", "reply-to", "sender", "return-path")
ANSWERED: Final = ("from", "reply-to", "sender")
RECIPIENTS: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "resent-to", "resent-cc", "bcc")
NOBODY: Final = Mailbox("", "")

_address = Address()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the header says it is, and who can be answered; `is_author` when what proves the first is of the second."""

    box: Mailbox
    answer_to: str | None
    answer_name: str | None
    is_author: bool = True


def sender(headers: Headers, hints: Sequence[str], envelope_sender: str | None, ours: str = "") -> Sender:
    """The first address of From, else of the next field that has one; the envelope's comes last.

    Our own address is never answered: a group or a form that writes in our name says elsewhere for whom.
    """
    envelope = Mailbox("", envelope_sender or "")
    found = [*_of(headers, SENDERS, hints), envelope]
    box = next((one for one in found if "@" in one.address), next((one for one in found if one.address), found[0]))
    posts = list_addresses(headers)
    ours = ours.strip().lower()
    in_our_name = bool(ours) and box.address.lower() == ours
    if headers.raw("list-id") or headers.raw("list-post"):
        return Sender(box, *_through_list(headers, hints, posts | {ours}), is_author=not in_our_name)
    back = envelope if envelope.address else next(iter(_of(headers, ("return-path",), hints)), NOBODY)
    fields = ("x-original-from", "reply-to") if in_our_name else ANSWERED
    for one in [*_of(headers, fields, hints), *([] if in_our_name else [back])]:
        if one.address.lower() != ours and (valid := _valid(one.address)):
            return Sender(box, valid, _cut(one.name), is_author=not in_our_name)
    return Sender(box, None, None, is_author=not in_our_name)


def recipients(headers: Headers, hints: Sequence[str]) -> tuple[str, ...]:
    """Every address the mail was sent to by its headers, once."""
    return tuple(dict.fromkeys(one.address for one in _of(headers, RECIPIENTS, hints) if "@" in one.address))


def list_addresses(headers: Headers) -> set[str]:
    """Where one posts to the mailing list that passed this on; "NO", for a list nobody may post to, is none."""
    return set(re.findall(r"<mailto:([^>?]+)", headers.text("list-post").lower()))


def _through_list(headers: Headers, hints: Sequence[str], posts: set[str]) -> tuple[str | None, str | None]:
    """Who wrote to the mailing list; never an address of the list, where everybody would read the answer."""
    writers = _of(headers, ("from", "x-original-from", "reply-to"), hints)
    people = [valid for one in writers if one.address.lower() not in posts and (valid := _valid(one.address))]
    return people[0] if people else None, _cut(writers[0].name) if writers else None


def _of(headers: Headers, names: Sequence[str], hints: Sequence[str]) -> list[Mailbox]:
    return [box for name in names for raw in headers.all(name)[:20] for box in mailboxes(raw, hints)]


def _valid(address: str) -> str | None:
    try:
        return str(_address.deserialize(address)) if address else None
    except ValidationError:
        return None


def _cut(name: str) -> str | None:
    return decode.line(name, NAME_LONGEST) or None
