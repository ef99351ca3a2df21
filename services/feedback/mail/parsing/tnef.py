"""winmail.dat (TNEF), which Outlook makes of a mail with rich text: the words and files in it."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from tnefparse import TNEF

from . import decode
from .attachments import Files
from .text_html import as_text

logging.getLogger("tnefparse").disabled = True
SIGNATURE = b"\x78\x9f\x3e\x22"
ATTRIBUTES = 3_000
RTF = re.compile(r"\\'([0-9a-f]{2})|\\u(-?\d+)\s?\??|\\par[d ]?|\\[a-z]+-?\d* ?|[{}]", re.I)


def unpack(content: bytes, files: Files) -> str | None:
    """The words, "" for none, its files kept; None when it is no TNEF that can be read."""
    if not _well_formed(content):
        return None
    try:
        opened = TNEF(content, do_checksum=False)
        attached = [(str(one.long_filename() or one.name or ""), bytes(one.data)) for one in opened.attachments]
    except Exception:  # the library checks no lengths; whatever it raises, the file itself is kept
        return None
    for name, data in attached:
        files.keep(name.strip("\x00"), "application/octet-stream", data)
    return next((text for text in _texts(opened) if text.strip()), "")


def _well_formed(content: bytes) -> bool:
    """Whether its attributes fill it, and are no more than a mail has; the library checks neither."""
    at, count = 6, 0
    while at + 11 <= len(content) and count < ATTRIBUTES and content[at] in (1, 2):
        at += 11 + int.from_bytes(content[at + 5 : at + 9], "little")
        count += 1
    return content.startswith(SIGNATURE) and count < ATTRIBUTES and (at >= len(content) - 10)


def _texts(opened: Any) -> Iterator[str]:
    for name in ("body", "htmlbody", "rtfbody"):
        try:
            found = getattr(opened, name)
        except Exception:  # noqa: S112 - as above, another form of the words may be readable
            continue
        text = decode.text(found) if isinstance(found, bytes) else str(found or "")
        if text:
            yield decode.clean(as_text(text) if name == "htmlbody" else _rtf(text) if name == "rtfbody" else text)


def _rtf(text: str) -> str:
    """The words of simple rich text."""
    if not text.startswith("{\\rtf"):
        return text

    def shown(found: re.Match[str]) -> str:
        if found[1]:
            return bytes([int(found[1], 16)]).decode("cp1252", "replace")
        if found[2]:
            return chr(int(found[2]) % 65536)
        return "\n" if found[0].startswith("\\par") and not found[0].startswith("\\pard") else ""

    body = re.sub(r"\{\\(?:\*|fonttbl|colortbl|stylesheet|info)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "", text)
    return RTF.sub(shown, body)
