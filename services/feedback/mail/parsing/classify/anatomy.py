"""A mail taken apart: what a machine says, the fields of its report, and the mail that it returns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from .heads import Fields, fields_of, first
from .markers import RETURNED_LINES, RETURNED_STARTS
from .notifications import report_of

TEXT_LONGEST: Final = 65_536
PAYLOAD_LONGEST: Final = 262_144
PARTS_MOST: Final = 100
RETURNED_TYPES: Final = ("message/rfc822", "message/global", "message/partial")
HEADER_TYPES: Final = ("text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers")
REPORT_TYPES: Final = ("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status")

_PARAMETER: Final = re.compile(r"report-type\s{0,9}=\s{0,9}\"?([a-z0-9-]{1,40})", re.IGNORECASE)
_BREAKS: Final = re.compile(r"<(?:br|p|/p|div|/div|li|tr|/tr|/td|/h[1-6])\b[^<>]{0,500}>", re.IGNORECASE)
_SCRIPTS: Final = re.compile(r"<(style|script|title)\b", re.IGNORECASE)
_TAGS: Final = re.compile(r"<[!/a-zA-Z][^<>]*>")
_MESSAGE_ID: Final = re.compile(r"(?im)^[ \t]{0,9}message-id:\s{0,9}(<[^<>\s]{1,400}>)")
_TO: Final = re.compile(r"(?im)^[ \t]{0,9}to:([^\r\n]{1,1000})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """`types` are the content types outside the returned mail, `notice` the prose of whoever wrote, `report` the
    fields of a delivery report (RFC 3464), `returned` the headers of the mail it returns, with or without its text."""

    fields: Fields
    content_type: str
    report_type: str
    types: frozenset[str]
    notice: str
    report: str
    returned: str

    @property
    def returned_id(self) -> str:
        """The Message-ID of the mail that came back, or ""."""
        found = _MESSAGE_ID.search(self.returned)
        return found[1] if found else ""

    @property
    def returned_to(self) -> str:
        """Whom the mail that came back was for, as its header says."""
        found = _TO.search(self.returned)
        return found[1] if found else ""


def dissect(message: Message, text: str) -> Anatomy:
    """Take a mail apart; `text` stands in where no part of it could be read."""
    fields = fields_of(message)
    leaves = list(_leaves(message))
    notice, cut = _split(_prose(leaves) or text[:TEXT_LONGEST])
    told = report_of(notice) if notice.lstrip().startswith("{") else ""
    carried = told + "\n".join(_carried(part) for kind, part in leaves if kind in RETURNED_TYPES + HEADER_TYPES)
    return Anatomy(
        fields=fields,
        content_type=_content_type(first(fields, "content-type")),
        report_type=_report_type(first(fields, "content-type")),
        types=frozenset(kind for kind, _ in leaves),
        notice=notice,
        report=(told + "\n\n".join(_report(part) for kind, part in leaves if kind in REPORT_TYPES))[:TEXT_LONGEST],
        returned=(carried or cut)[:TEXT_LONGEST],
    )


def _leaves(message: Message) -> Iterator[tuple[str, Message]]:
    """The parts in their order, not into what a mail returns: its words are not those of who returned it."""
    waiting, seen = [message], 0
    while waiting and seen < PARTS_MOST:
        part, seen = waiting.pop(), seen + 1
        kind = _content_type(first(fields_of(part), "content-type"))
        if part.is_multipart() and kind not in RETURNED_TYPES + HEADER_TYPES + REPORT_TYPES:
            waiting.extend(reversed(_inner(part)))
        else:
            yield kind, part


def _inner(part: Message) -> list[Message]:
    """The parts of a part; only of a multipart, since the text of another may not be readable."""
    return [inner for inner in part.get_payload() if isinstance(inner, Message)]


def _content_type(value: str) -> str:
    return value.partition(";")[0].strip().lower() or "text/plain"


def _report_type(value: str) -> str:
    found = _PARAMETER.search(value)
    return found[1].lower() if found and value.lower().startswith("multipart/") else ""


def _prose(leaves: list[tuple[str, Message]]) -> str:
    """The plain text, or the HTML where no plain text says anything.

    A multipart whose boundaries are broken has no parts: its raw text is read.
    """
    plain = "\n".join(_decoded(part) for kind, part in leaves if kind == "text/plain" or kind.startswith("multipart/"))
    if plain.strip():
        return plain[:TEXT_LONGEST]
    return "\n".join(_without_tags(_decoded(part)) for kind, part in leaves if kind == "text/html")[:TEXT_LONGEST]


def _decoded(part: Message) -> str:
    try:
        payload = part.get_payload(decode=True)
        charset = part.get_content_charset("utf-8")
    except Exception:  # The standard library raises all sorts of errors on hostile fields.
        return ""
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload[:PAYLOAD_LONGEST].decode(charset, "replace").replace("\r\n", "\n")
    except (LookupError, ValueError):
        return payload[:PAYLOAD_LONGEST].decode("latin-1").replace("\r\n", "\n")


def _without_tags(html: str) -> str:
    """HTML as lines; sources of styles and scripts are no prose."""
    pieces = _SCRIPTS.split(html)
    for index in range(1, len(pieces) - 1, 2):
        pieces[index + 1] = pieces[index + 1].partition(f"</{pieces[index]}>")[2]
    plain = _TAGS.sub("", _BREAKS.sub("\n", "".join(pieces[::2])))
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&#39;", "'")


def _split(prose: str) -> tuple[str, str]:
    """What the machine says, and from the line on that begins the returned mail, that."""
    position = 0
    for line in prose.splitlines(keepends=True):
        bare = line.strip().lower()
        if position and (bare.startswith(RETURNED_STARTS) or any(mark in bare for mark in RETURNED_LINES)):
            return prose[:position], prose[position:]
        position += len(line)
    return prose, ""


def _report(part: Message) -> str:
    """The fields of a delivery report, one on a line, its groups apart."""
    if not part.is_multipart():
        return _decoded(part)
    return "\n\n".join(f"{_lines(group)}\n{_decoded(group)}" for group in _inner(part)[:PARTS_MOST])


def _carried(part: Message) -> str:
    """The header of a mail that came along, as a mail or as its text."""
    return _lines(_inner(part)[0]) if part.is_multipart() and _inner(part) else _decoded(part)


def _lines(part: Message) -> str:
    return "\n".join(f"{name}: {value}" for name, values in fields_of(part).items() for value in values)
