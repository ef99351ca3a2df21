"""Bytes become a tree of parts (RFC 2045, 2046) in bounds; the standard library's parser has none, and recurses."""

import re
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from .decode_transfer import transfer
from .limits import DEPTH, HEADERS, PARTS, SIZE, TooMuch, too_large
from .message_headers import Headers, content_type, split
from .message_signed import opened

FROM_LINE: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n){0,100}(?:>?From [^\n]*\n)?")
FIRST_BOUNDARY: Final = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]{0,100}\r?$", re.M)
KEPT_FOR_JUDGING: Final = 1_000_000
"""Bytes of a leaf that the standard library's message holds; who classifies a mail looks at its head."""
SIGNED: Final = ("application/pkcs7-mime", "application/x-pkcs7-mime")
COMMENTS: Final = 100
"""Opening parentheses of a field; the standard library reads comments by recursion."""


@dataclass(slots=True)
class Part:
    """A mail or a part of it; `body` is still encoded for transfer, and empty where there are children."""

    headers: Headers
    type: str
    body: bytes
    children: list["Part"] = field(default_factory=list)

    @property
    def main(self) -> str:
        """The first half of its type."""
        return self.type.partition("/")[0]

    def content(self) -> bytes:
        """The bytes that were meant."""
        return transfer(self.body, self.headers.text("content-transfer-encoding"))


@dataclass(slots=True)
class _Count:
    """How many parts there are so far, and how many bytes of header lines."""

    parts: int = 0
    header: int = 0

    def one_more(self, depth: int, header: int) -> None:
        self.parts += 1
        self.header += header
        if self.header > HEADERS:
            raise TooMuch(f"It has more than {HEADERS // 1024} KB of header lines in all its parts.")
        if self.parts > PARTS:
            raise TooMuch(f"It has more than {PARTS} parts.")
        if depth > DEPTH:
            raise TooMuch(f"Its parts are nested more than {DEPTH} deep.")


def read(content: bytes) -> Part:
    """The mail as a tree; raises TooMuch."""
    if len(content) > SIZE:
        raise too_large()
    return _part(normal(content), 0, _Count(), "text/plain")


def normal(content: bytes) -> bytes:
    """The bytes without an mbox line or byte order mark in front, and with line feeds where there are none."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode()
    if b"\r" in content[:1000] and b"\n" not in content[:100_000]:
        content = content.replace(b"\r", b"\n")
    found = FROM_LINE.match(content)
    return content[found.end() :] if found else content


def _part(content: bytes, depth: int, count: _Count, default: str) -> Part:
    headers, body = split(content)
    count.one_more(depth, len(content) - len(body))
    kind = content_type(headers) if headers.raw("content-type") else default
    part = Part(headers, kind, body)
    if kind.startswith("multipart/"):
        _divide(part, depth, count)
    elif kind in ("message/rfc822", "message/global") and body.strip():
        inner = normal(part.content().lstrip(b"\r\n"))
        part.children = [_part(inner, depth + 1, count, "text/plain")]
    elif kind in SIGNED and (inner := opened(part.content())):
        part.children = [_part(inner, depth + 1, count, "text/plain")]
    return part


def _divide(part: Part, depth: int, count: _Count) -> None:
    """Cut a multipart at its boundaries; without any it is text, since somebody wrote it."""
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    boundary = part.headers.parameters("content-type").get("boundary", b"").rstrip()
    pieces = _pieces(part.body, boundary, count) if boundary else []
    if not pieces and (guess := FIRST_BOUNDARY.search(part.body)):
        pieces = _pieces(part.body, guess[1], count)
    for piece in pieces:
        part.children.append(_part(piece, depth + 1, count, default))
    if not part.children:
        part.type = "text/plain"


def _pieces(body: bytes, boundary: bytes, count: _Count) -> list[bytes]:
    mark = re.escape(b"--" + boundary)
    # What must stand in front of the mark is looked for behind it: so the search is for plain bytes, and fast.
    line = re.compile(mark + rb"(?<![^\n]" + mark + rb")(--)?[ \t]{0,100}\r{0,2}(?:\n|\Z)")
    pieces: list[bytes] = []
    start = None
    for found in line.finditer(body):
        if start is not None:
            pieces.append(_without_last_break(body[start : found.start()]))
            if len(pieces) + count.parts > PARTS:
                raise TooMuch(f"It has more than {PARTS} parts.")
        start = None if found[1] else found.end()
        if found[1]:
            break
    if start is not None:
        pieces.append(body[start:])
    return pieces


def _without_last_break(piece: bytes) -> bytes:
    """A part without the line break that belongs to the boundary behind it (RFC 2046, 5.1.1)."""
    piece = piece.removesuffix(b"\n")
    return piece.removesuffix(b"\r").removesuffix(b"\r")


def standard(part: Part) -> Message:
    """The part as the standard library would have read it, header fields unfolded and as text."""
    message = Message()
    for name, value in part.headers.fields:
        text = value.decode("utf-8", "replace").replace("\n", " ")
        message.set_raw(name, text if text.count("(") < COMMENTS else text.replace("(", ""))
    message.set_default_type(part.type)
    if part.type == "message/delivery-status":
        message.set_payload(_blocks(part.content()))
    elif part.children:
        message.set_payload([standard(child) for child in part.children])
    else:
        message.set_payload(part.body[:KEPT_FOR_JUDGING].decode("ascii", "surrogateescape"))
    return message


def _blocks(content: bytes) -> list[Message | str]:
    """The blocks of fields of a delivery report, one of the mail and one for each recipient (RFC 3464)."""
    blocks = [block for block in re.split(rb"\r?\n[ \t]*\r?\n", content.strip()) if block.strip()][:PARTS]
    return [standard(Part(split(block + b"\n\n")[0], "text/plain", b"")) for block in blocks]
