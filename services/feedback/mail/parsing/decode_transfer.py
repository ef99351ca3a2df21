"""Content-Transfer-Encoding (RFC 2045) undone, as far as what came allows."""

import binascii
import re
from contextlib import suppress
from typing import Final

ALPHABET: Final = re.compile(rb"[^A-Za-z0-9+/=]+")
BASE64_LINES: Final = re.compile(rb"(?:[A-Za-z0-9+/]+[ \t]{0,2}\r?\n)*[A-Za-z0-9+/]*={0,2}")
NO_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=\r\n]")
FULL_LINE: Final = 60
"""Letters of base64 that no word has."""
UU_BEGIN: Final = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,250})\r?\n", re.M)


def transfer(content: bytes, encoding: str, *, text: bool = False) -> bytes:
    """The bytes that were meant; an encoding nobody knows is none."""
    name = re.split(r"[;\s(]", encoding.strip().strip("\"'").lower(), maxsplit=1)[0]
    if name == "quoted-printable":
        return quoted_printable(content)
    if name == "base64":
        return base64_of_text(content) if text else base64(content)
    if name in ("x-uuencode", "uuencode", "x-uue", "uue"):
        found = UU_BEGIN.search(content)
        return uu(content[found.end() :]) if found else content
    return content


def quoted_printable(content: bytes) -> bytes:
    """Quoted-printable decoded; what is no escape stays as it is."""
    return binascii.a2b_qp(re.sub(rb"=[ \t]{1,80}(?=\r?\n)", b"=", content))


def base64(content: bytes) -> bytes:
    """Base64 decoded, block by block where several were joined, what is not of its alphabet left out."""
    whole = content.rstrip(b"\r\n\t -")
    if whole.find(b"=", 0, -2) < 0:
        with suppress(binascii.Error):
            return binascii.a2b_base64(whole)
    blocks = re.split(rb"=+", ALPHABET.sub(b"", content))
    return b"".join(binascii.a2b_base64(_whole(block)) for block in blocks)


def base64_of_text(content: bytes) -> bytes:
    """The same for words, which mailing lists extend by a footer in the open, or which never were base64."""
    content = content.lstrip()
    found = BASE64_LINES.match(content)
    start = found[0] if found else b""
    rest = content[len(start) :].strip()
    sample = rest[:100_000]
    ended = start.endswith(b"=") and b"\n" not in rest
    if not rest.strip(b"=-") or (not ended and len(NO_BASE64.findall(sample)) * 20 < len(sample)):
        return base64(content)
    if not start.endswith(b"=") and len(start) < FULL_LINE:
        return content
    return base64(start) + b"\n" + rest


def _whole(block: bytes) -> bytes:
    block = block[: len(block) - 1] if len(block) % 4 == 1 else block
    return block + b"=" * (-len(block) % 4)


def uu(lines: bytes) -> bytes:
    """Lines of uuencoded data up to `end`; broken ones are left out."""
    out = []
    for one in lines.split(b"\n"):
        one = one.rstrip(b"\r")
        if one in (b"end", b"`", b""):
            break
        out.append(_uu_line(one))
    return b"".join(out)


def _uu_line(one: bytes) -> bytes:
    try:
        return binascii.a2b_uu(one)
    except binascii.Error:  # some programs pad lines with more than they announce
        length = (((one[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(one[:length])
        except binascii.Error:
            return b""
