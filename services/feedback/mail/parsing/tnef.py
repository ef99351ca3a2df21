"""winmail.dat (TNEF), which Outlook makes of a mail with rich text: the words and files in it."""

import logging
from collections.abc import Iterator
from typing import Any

from tnefparse import TNEF

from . import decode, tnef_rtf
from .attachments import Files
from .limits import CUT_NOTE
from .text_html import as_text

logging.getLogger("tnefparse").disabled = True
SIGNATURE = b"\x78\x9f\x3e\x22"
ATTRIBUTES = 3_000
COPIES = 4_000_000_000
"""Bytes that reading may copy; the library copies all that is left for each attribute."""


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
    cheap = count < ATTRIBUTES and count * len(content) < COPIES
    return content.startswith(SIGNATURE) and cheap and at >= len(content) - 10


def _texts(opened: Any) -> Iterator[str]:
    """Its words in every form it has, the plainest first."""
    yield decode.clean(_decoded(opened.body))
    text, cut = as_text(decode.clean(_decoded(opened.htmlbody)))
    yield text + CUT_NOTE if cut else text
    packed = opened._rtfbody  # its own way to it needs one more library
    if isinstance(packed, bytes):
        yield decode.clean(tnef_rtf.words(tnef_rtf.unpack(packed)))


def _decoded(found: object) -> str:
    return decode.text(found) if isinstance(found, bytes) else found if isinstance(found, str) else ""
