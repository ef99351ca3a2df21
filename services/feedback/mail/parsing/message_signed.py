"""A mail that was signed so that it cannot be read without S/MIME (RFC 8551, 3.5.2): the words are inside, in the open.

The signature is not checked: who wrote is told by our mail server (see `authentication`), not by the mail.
"""

from typing import Final

DATA: Final = bytes.fromhex("06092a864886f70d010701")
"""The object identifier in front of the content of signed data (RFC 5652, 4); before encrypted content stands more."""
EXPLICIT, OCTETS, PIECES = 0xA0, 0x04, 0x24
MOST_PIECES: Final = 100_000


def opened(content: bytes) -> bytes:
    """What was signed; b"" where nothing readable is inside."""
    at = content.find(DATA, 0, 200)
    at, _ = _header(content, at + len(DATA), EXPLICIT) if at >= 0 else (-1, 0)
    if at < 0:
        return b""
    start, length = _header(content, at, OCTETS)
    if start >= 0:
        return content[start : start + length]
    start, _ = _header(content, at, PIECES)
    return _joined(content, start) if start >= 0 else b""


def _joined(content: bytes, at: int) -> bytes:
    """The pieces of a string that was written while its length was unknown."""
    pieces: list[bytes] = []
    while len(pieces) < MOST_PIECES:
        at, length = _header(content, at, OCTETS)
        if at < 0:
            break
        pieces.append(content[at : at + length])
        at += length
    return b"".join(pieces)


def _header(content: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of the element begins, and its length, 0 for unknown; -1 where another element stands."""
    if at < 0 or at + 2 > len(content) or content[at] != tag:
        return -1, 0
    first = content[at + 1]
    if first < 0x80:
        return at + 2, first
    size = first & 0x7F
    return at + 2 + size, int.from_bytes(content[at + 2 : at + 2 + min(size, 8)], "big")
