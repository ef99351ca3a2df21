"""What a bounce says: of whom, with which status, and of which of our mails."""

import re
from collections.abc import Iterator
from typing import Final

from ..mail import Bounce
from .addresses import addresses_in, distinct
from .anatomy import Anatomy
from .heads import decoded, first
from .markers import DAEMON_LOCAL_PARTS
from .permanence import is_permanent

_FIELD: Final = re.compile(
    r"(?im)^[ \t]{0,3}(final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code)"
    r"[ \t]{0,3}:([^\n]{0,2000}(?:\n[ \t]{1,40}\S[^\n]{0,500}){0,40})"
)
_STATUS: Final = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![\w]|\.\d)")
_LEADING: Final = re.compile(
    r"^\s*(?:>>> |\* |[45]\d\d [^<]{0,100})?[<\"]{0,2}([^\s<>\":]{1,320})[>\"]{0,2}\s*(?:[:.;(].*|\.\.\..*)?$"
)
_PHRASES: Final = re.compile(
    r"rcpt to:|recipient address:|original address:|intended recipient|addressed to|delivered to|delivering your mail to"
    r"|deliver (?:the )?(?:message|mail) to|deliver to|failed to deliver|undeliverable to|unknown user|user unknown"
    r"|mailbox exceeds|mailbox is full|delivery failed|following message to|failed recipient|error-for:|recipient:"
    r"|not found|no such|does not exist|invalid|rejected|sent mail to|smtp server <| on \d|^to:|wasn't found|\*\* |was automatically",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"^\s*(?:from|mail from|sender|reply-to|message-id|x-|cc|original sender|received|references|in-reply-to)\b"
    r"|expanded from|contact|assistance|please (?:send|forward)|\bhost \S{1,100} said|mailto:|http",
    re.IGNORECASE,
)


def bounce_of(anatomy: Anatomy) -> Bounce:
    """What a bounce says as far as it can be read."""
    reported = _reported(anatomy.report) or _reported(anatomy.notice)
    diagnosis = " ".join(value for name, value in reported if name == "diagnostic-code")
    status = _status(reported, diagnosis or anatomy.notice)
    actions = {value.strip().lower().split(" ")[0] for name, value in reported if name == "action"}
    said = f"{diagnosis}\n{anatomy.notice}" if diagnosis else anatomy.notice
    return Bounce(
        status=status,
        recipients=_recipients(anatomy, reported),
        permanent=is_permanent(status, diagnosis, said, delayed=bool(actions) and "failed" not in actions),
        original_id=anatomy.returned_id,
    )


def _reported(report: str) -> list[tuple[str, str]]:
    """The fields of a report (RFC 3464 section 2.3) in their order, found also in prose that has lost its parts."""
    return [(name.lower(), " ".join(value.split())) for name, value in _FIELD.findall(report)]


def _status(reported: list[tuple[str, str]], prose: str) -> str:
    """The first enhanced status code; one that says nothing gives way to one that says more in the same class."""
    stated = next((found[1] for name, value in reported if name == "status" if (found := _STATUS.search(value))), "")
    if stated and not stated.endswith(".0.0"):
        return stated
    told = [code for code in _STATUS.findall(prose) if not code.endswith(".0.0") and code[0] == (stated or code)[0]]
    return told[0] if told and told[0][0] != "2" else stated


def _recipients(anatomy: Anatomy, reported: list[tuple[str, str]]) -> tuple[str, ...]:
    """All failed recipients, by the surest source that names any."""
    ways = (_finals(reported), _failed(anatomy), _strict(anatomy), _told(anatomy), addresses_in(anatomy.returned_to))
    for way in ways:
        if found := distinct(way):
            return found
    return distinct(address for line in _lines(anatomy) for address in addresses_in(line))


def _finals(reported: list[tuple[str, str]]) -> Iterator[str]:
    """The final recipients; one that is no address, as a file, counts by its original recipient."""
    original = ""
    for name, value in reported:
        address = next(iter(addresses_in(value.rpartition(";")[2])), "")
        if name == "original-recipient":
            original = address
        elif name == "final-recipient" and (address or original):
            yield address or original
    if original and not any(name == "final-recipient" for name, _ in reported):
        yield original


def _failed(anatomy: Anatomy) -> list[str]:
    return addresses_in(first(anatomy.fields, "x-failed-recipients"))


def _strict(anatomy: Anatomy) -> Iterator[str]:
    """Lines that are an address and what went wrong with it."""
    for line in _lines(anatomy):
        found = _LEADING.match(line[:600])
        if found and "@" in found[1]:
            yield from addresses_in(found[1])


def _told(anatomy: Anatomy) -> Iterator[str]:
    for line in _lines(anatomy):
        if _PHRASES.search(line[:600]):
            yield from addresses_in(line[:600])


def _lines(anatomy: Anatomy) -> list[str]:
    """The lines of the notice that may name a failed recipient: no line about the sender or about help."""
    sender = {address.lower() for name in ("to", "from") for address in addresses_in(_field(anatomy, name))}
    lines = [line for line in anatomy.notice.splitlines() if "@" in line and not _OTHERS.search(line[:600])]
    others = [line for line in lines if not any(_is_other(address, sender) for address in addresses_in(line[:600]))]
    return others or lines


def _is_other(address: str, sender: set[str]) -> bool:
    return address.lower() in sender or address.lower().startswith((*DAEMON_LOCAL_PARTS, "postmaster"))


def _field(anatomy: Anatomy, name: str) -> str:
    return decoded(first(anatomy.fields, name))
