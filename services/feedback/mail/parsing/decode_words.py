"""Header fields as people read them: encoded words (RFC 2047), and the bytes that should have been some."""

import binascii
import re
from collections.abc import Iterable
from typing import Final

from . import decode
from .decode_transfer import base64

WORD: Final = re.compile(rb"=\?([^?\s=]{1,60})\?([QqBb])\?([^?]*(?:\?(?!=)[^?]*){0,100})\?=")
GAP: Final = re.compile(rb"[ \t\r\n]*")


def words(raw: bytes, hints: Iterable[str] = ()) -> str:
    """The header field decoded: several words of one character are joined before they are read (RFC 2047, 5.3)."""
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    end = 0
    for found in WORD.finditer(raw):
        between = raw[end : found.start()]
        if not pending or GAP.fullmatch(between) is None:
            out.append(_flush(pending))
            out.append(decode.text(between, "", hints))
        pending.append(_word(found))
        end = found.end()
    out.append(_flush(pending))
    out.append(decode.text(raw[end:], "", hints))
    return "".join(out)


def charsets(raw: bytes) -> Iterable[str]:
    """The charsets that encoded words name: what else came undeclared is likely in one of them."""
    return [found[1].decode("latin-1").partition("*")[0] for found in WORD.finditer(raw)]


def _word(found: re.Match[bytes]) -> tuple[str, bytes]:
    label = found[1].decode("latin-1").partition("*")[0].lower()  # "utf-8*de" names a language too (RFC 2231)
    content = found[3]
    if found[2] in b"Bb":
        return label, base64(content)
    return label, binascii.a2b_qp(re.sub(rb"[ \t]*[\r\n]+[ \t]*", b" ", content), header=True)


def _flush(pending: list[tuple[str, bytes]]) -> str:
    """The text of the encoded words so far, bytes of the same charset joined; leaves none pending."""
    joined: list[tuple[str, bytes]] = []
    for label, content in pending:
        if joined and joined[-1][0] == label:
            joined[-1] = (label, joined[-1][1] + content)
        else:
            joined.append((label, content))
    pending.clear()
    return "".join(decode.text(content, label) for label, content in joined)
