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
_WORD: Final = re.compile(r"[^a-z]+")
_VAGUE: Final = re.compile(r"[245]\.\d{1,3}\.0|[245]\.0\.\d{1,3}|4\.4\.7|5\.3\.\d{1,3}")
_LEADING: Final = re.compile(
    r"\s*(?:>>> |\*{1,2} )?(?:[45]\d\d [^<@]{0,100})?[<\"]{0,2}([^\s<>\":]{1,320}+)[>\"]{0,2}\s*"
    r"(?:[:.;(].*|<mailto:.*|\s(?:on|invalid address)\b.*)?$",
    re.IGNORECASE,
)
_PHRASES: Final = re.compile(
    r"rcpt to:|recipient address:|original address:|intended recipient|addressed to|delivered to|delivery failed"
    r"|delivering your mail to|deliver (?:the )?(?:message|mail) to|deliver to|undeliverable to|following message to"
    r"|unknown (?:user|host)|user unknown|mailbox exceeds|mailbox is full|failed recipient|error-for:|recipient:"
    r"|not found|no such|does not exist|invalid|rejected|sent mail to|smtp server <|^\s*to:|wasn't found|address: <",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"^\s*(?:from|mail from|sender|reply-to|message-id|x-|cc|original sender|received|references|in-reply-to)\b"
    r"|expanded from|for (?:further )?assistance|please (?:contact|send|forward)|support@|https?:",
    re.IGNORECASE,
)


def bounce_of(anatomy: Anatomy) -> Bounce:
    """What a bounce says as far as it can be read; of several recipients the first decides."""
    reported = _report_fields(anatomy)
    diagnosis = next((value for name, value in reported if name == "diagnostic-code"), "")
    status = _status(reported, diagnosis or anatomy.notice)
    return Bounce(
        status=status,
        recipients=_recipients(anatomy, reported),
        permanent=is_permanent(status, diagnosis, anatomy.notice, delayed=_is_delayed(reported)),
        original_id=anatomy.returned_id,
    )


def _report_fields(anatomy: Anatomy) -> list[tuple[str, str]]:
    """The fields of the report (RFC 3464 section 2.3) in their order, also where it has lost its part."""
    for text in (anatomy.report, anatomy.notice, anatomy.returned):
        found = [(name.lower(), " ".join(value.split())) for name, value in _FIELD.findall(text)]
        if any(name in ("final-recipient", "original-recipient", "status") for name, _ in found):
            return found
    return []


def is_delivered(anatomy: Anatomy) -> bool:
    """Whether all it reports is success."""
    actions = _actions(_report_fields(anatomy)) if anatomy.report_type == "delivery-status" else set()
    return bool(actions) and actions <= {"delivered", "relayed", "expanded"}


def _actions(reported: list[tuple[str, str]]) -> set[str]:
    """What became of the mail: "failed", "delayed", "delivered", "relayed", "expanded"."""
    return {_WORD.split(value.lower())[0] for name, value in reported if name == "action"}


def _is_delayed(reported: list[tuple[str, str]]) -> bool:
    return "delayed" in _actions(reported) and "failed" not in _actions(reported)


def _status(reported: list[tuple[str, str]], prose: str) -> str:
    """The first enhanced status code; one that says little gives way to one of its class that says more."""
    stated = next((found[1] for name, value in reported if name == "status" if (found := _STATUS.search(value))), "")
    if stated and not _VAGUE.fullmatch(stated):
        return stated
    told = [code for code in _STATUS.findall(prose) if code[0] in (stated[:1] or "45")]
    telling = [code for code in told if not code.endswith(".0.0")]
    clear = [code for code in told if not _VAGUE.fullmatch(code)]
    if stated:
        return next(iter(clear + telling if stated.endswith(".0.0") else clear), stated)
    return next(iter(clear + telling + told), "")


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
            yield from addresses_in(line[:600])[:1]


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
