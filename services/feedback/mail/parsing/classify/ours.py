"""What we wrote ourselves: taking it for feedback would begin a loop."""

import re
from email.utils import getaddresses
from typing import Final

from ..mail import Ours
from .addresses import addresses_in
from .bounces import is_office
from .heads import Fields, first, token

BY_ADDRESS: Final = "It comes from our own address."
VALUES_MOST: Final = 10
OTHERS: Final = ("from", "reply-to", "x-original-from", "x-original-sender")
"""Where a group or a form that writes in our name says for whom it writes."""

_REFERENCE: Final = re.compile(r"reply\+[a-z2-7]{42}@", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"[.<][a-z2-7]{42}@", re.IGNORECASE)
"""The addresses and Message-IDs that only our own mails carry."""


def own_reason(fields: Fields, envelope_sender: str | None, ours: Ours) -> str:
    """Why we wrote this ourselves, or ""; our address alone is not enough where somebody else is named beside it."""
    address = ours.address.strip().lower()
    if not address:
        return ""
    if address in {value.lower() for name in ("x-loop", "x-liaise") for value in fields.get(name, [])}:
        return "It carries our own mark against loops."
    if _is_echo(fields, address):
        return "It is a mail of ours that came back."
    senders = _named(fields, ("from",)) or {(envelope_sender or "").strip("<> ").lower()}
    if address in senders and not any(_is_somebody(one, address) for one in _named(fields, OTHERS)):
        return BY_ADDRESS
    return ""


def _is_echo(fields: Fields, address: str) -> bool:
    message_id = first(fields, "message-id").lower()
    if not message_id.endswith("@" + address.rpartition("@")[2] + ">"):
        return False
    return bool(_MESSAGE_ID.search(message_id)) or token(fields, "auto-submitted") == "auto-generated"


def _named(fields: Fields, names: tuple[str, ...]) -> set[str]:
    written = [value for name in names for value in fields.get(name, [])[:VALUES_MOST]]
    found = {address.lower() for _, address in getaddresses(written) if "@" in address}
    return found or {address.lower() for value in written for address in addresses_in(value)}


def _is_somebody(other: str, address: str) -> bool:
    """Whether it is not ours, with a tag or without, and not an address that nobody reads."""
    local_part, _, domain = other.partition("@")
    untagged = f"{local_part.partition('+')[0]}@{domain}"
    return untagged != address and not _REFERENCE.match(other) and not is_office(local_part)
