"""Where a mail belongs: what it answers, proven by a signature; the unit and kind that its addresses name."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from ...chassis import ids
from ..domain import DEFAULT_KIND
from .parsing import Recipient, recipient

REPLY: Final = "reply"
"""What signed references are made for, and the local part of the addresses that carry one: reply+REFERENCE@DOMAIN."""

ADDRESS: Final = re.compile(r"reply\+([a-z2-7]{42})@", re.I)
MESSAGE_ID: Final = re.compile(r"[.<]([a-z2-7]{42})@", re.I)
"""Of a mail of ours, NOTIFICATION.REFERENCE@DOMAIN, and of the thread it stands in, REFERENCE@DOMAIN."""
NUMBER: Final = re.compile(r"\[([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\]")
QUOTED_MOST: Final = 1_000_000
"""Bytes of a mail that are searched for references of ours."""
LOOKED_AT: Final = 100
"""References in one mail that are tried, as many as it may have recipients; each costs a signature."""

UnitAt = Callable[[str], str | None]
"""The id of the unit that has this local part as its address."""


def proven(secret: str, recipients: Iterable[str], message_ids: Iterable[str]) -> list[str]:
    """The ids of the feedbacks that addresses and Message-IDs of ours belong to; what is not ours proves nothing."""
    found = [match[1] for text in recipients if (match := ADDRESS.match(text))]
    found += [match[1] for text in message_ids if (match := MESSAGE_ID.search(text))]
    return list(dict.fromkeys(_read(secret, found)))


def conversations(
    secret: str,
    envelope: Sequence[str],
    header: Sequence[str],
    message_ids: Iterable[str],
    unit_at: UnitAt,
    domain: str,
) -> tuple[list[str], list[str]]:
    """The feedbacks that a mail is addressed to, for each of which it is, and those it refers to, newest first.

    The header's addresses count only where no envelope is known: our address in Cc does not take a mail to somebody
    else. What goes to a unit as well, and refers to nothing of ours, is a new feedback for that unit.
    """
    addressed, referred = proven(secret, envelope or header, ()), proven(secret, (), message_ids)
    ours = envelope or [address for address in header if address.rpartition("@")[2].lower() == domain.lower()]
    if not referred and any(unit_at(recipient(address).local_part) for address in ours):
        return [], []
    return addressed, referred


def quoted(secret: str, content: bytes) -> tuple[str, str] | None:
    """The first Message-ID of ours that a mail quotes anywhere, as reports do, and the feedback it belongs to."""
    text = content[:QUOTED_MOST].decode("latin-1")
    for match, _ in zip(MESSAGE_ID.finditer(text), range(LOOKED_AT), strict=False):
        feedback_id = ids.read_signed_reference(secret, REPLY, match[1])
        if feedback_id:
            return _around(text, match.start(), match.end()), feedback_id
    return None


def _around(text: str, start: int, end: int) -> str:
    """The whole Message-ID, or "" when its ends are not where they should be."""
    first, last = text.rfind("<", max(0, start - 100), start + 1), text.find(">", end, end + 255)
    whole = text[first : last + 1] if first >= 0 and last >= 0 else ""
    return "" if any(character.isspace() for character in whole) else whole


def numbers(subject: str) -> list[str]:
    """The feedbacks' numbers that a subject names as `[7K3M-9QXT]`; anybody can write one, so it proves nothing."""
    return NUMBER.findall(subject)[:3]


def addressed(
    envelope: Sequence[str], header: Sequence[str], mailbox: str | None, unit_at: UnitAt, domain: str
) -> tuple[str | None, str]:
    """The unit and the kind; None is for the fallback unit.

    The unit is the mailbox's, else that of the first envelope recipient we know, else of the first in the header. A
    mail to two units is one feedback, for the one that stands first. The kind is what that recipient's tag names.
    """
    # Elsewhere too somebody is called "it": our own domain comes first.
    ours = sorted(header, key=lambda address: address.rpartition("@")[2].lower() != domain.lower())
    read = [recipient(address) for address in (*envelope, *ours)]
    if mailbox:
        return mailbox, _kind(read)
    for one in read:
        unit = unit_at(one.local_part)
        if unit:
            return unit, one.kind
    return None, read[0].kind if read else DEFAULT_KIND


def _kind(read: Iterable[Recipient]) -> str:
    return next((one.kind for one in read if one.kind != DEFAULT_KIND), DEFAULT_KIND)


def _read(secret: str, references: list[str]) -> Iterator[str]:
    for reference in references[:LOOKED_AT]:
        feedback_id = ids.read_signed_reference(secret, REPLY, reference)
        if feedback_id:
            yield feedback_id
