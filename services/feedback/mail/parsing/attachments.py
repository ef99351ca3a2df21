"""The files that came with a mail."""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from . import decode
from .decode_transfer import uu
from .decode_words import words
from .limits import FILENAME_LONGEST, PARTS
from .mail import AttachedFile
from .message import Part
from .message_headers import split

OCTETS: Final = "application/octet-stream"
NAMED: Final = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "message/global-delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invite.ics",
    "text/html": "document.html",
    "text/plain": "document.txt",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
}
"""Names of what came without one."""
UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069\u200e\u200f]")
UU_BLOCK: Final = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,250})\r?\n((?:[ -`][ -~]{0,90}\r?\n)+?(?:[` ]?\r?\n)?)end[ \t]{0,9}\r?$", re.M
)


@dataclass(slots=True)
class Files:
    """The files so far, names unique."""

    hints: Sequence[str]
    found: list[AttachedFile] = field(default_factory=list)
    packed: list[Part] = field(default_factory=list)

    def add(self, part: Part) -> None:
        """Keep a part as a file; an empty one is none, a winmail.dat is set aside."""
        name = filename(part, self.hints)
        if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
            self.packed.append(part)
            return
        content = part.content()
        if content.strip() or name:
            self.keep(name or _made_up(part, self.hints), part.type, content)

    def keep(self, name: str, content_type: str, content: bytes) -> None:
        """Keep a file by its name, or one close to it."""
        safe = _safe(name) or "file"
        taken = {one.filename for one in self.found}
        stem, dot, ending = safe.rpartition(".") if "." in safe[1:] else (safe, "", "")
        numbered = (f"{stem}{number}{dot}{ending}" for number in range(1, PARTS * 10))
        free = next((one for one in (safe, *numbered) if one not in taken), safe) if safe in taken else safe
        self.found.append(AttachedFile(filename=free, content_type=content_type[:100], content=content))

    def uuencoded(self, text: bytes) -> bytes:
        """Keep the files that stand uuencoded in a text, and give the text without them."""
        return UU_BLOCK.sub(self._keep_block, text)

    def _keep_block(self, block: re.Match[bytes]) -> bytes:
        content = uu(block[2])
        if not content or len(self.found) >= PARTS:
            return block[0]
        name = decode.text(block[1], "", self.hints)
        self.keep(name, mimetypes.guess_type(name)[0] or OCTETS, content)
        return b""


def filename(part: Part, hints: Sequence[str]) -> str:
    """The name that its headers give it, "" for none; no folder in front."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        raw = part.headers.parameters(header).get(parameter) or part.headers.parameters(header).get(
            "name" if parameter == "filename" else "filename"
        )
        if raw and (name := _safe(words(raw, hints))):
            return name
    return ""


def _safe(name: str) -> str:
    """A name that is a name wherever it is saved: one line, no folders, no marks that turn its letters round."""
    last = re.split(r"[/\\]", decode.line(name, FILENAME_LONGEST * 4).strip("\"' "))[-1]
    plain = UNSAFE.sub("", last).strip(". ")
    if len(plain) <= FILENAME_LONGEST:
        return plain
    stem, dot, ending = plain.rpartition(".")
    return plain[:FILENAME_LONGEST] if not dot or len(ending) > 10 else f"{stem[: FILENAME_LONGEST - 11]}.{ending}"


def _made_up(part: Part, hints: Sequence[str]) -> str:
    """A name for what has none: of the mail inside by its subject, else by its type."""
    described = decode.line(words(part.headers.raw("content-description"), hints), FILENAME_LONGEST)
    if part.type in ("message/rfc822", "message/global"):
        subject = decode.line(words(split(part.content().lstrip())[0].raw("subject"), hints), FILENAME_LONGEST - 4)
        return f"{subject or described or 'Mail'}.eml".replace("/", "-").replace("\\", "-")
    location = part.headers.text("content-location")
    if re.fullmatch(r"[\w. -]{1,100}\.\w{1,5}", location):
        return location
    known = NAMED.get(part.type)
    ending = (mimetypes.guess_extension(part.type) if known is None else f".{known.rpartition('.')[2]}") or ""
    return (
        f"{described}{ending}"
        if described
        else known or f"{part.main if part.main != 'application' else 'file'}{ending}"
    )
