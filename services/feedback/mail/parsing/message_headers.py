"""The block of header lines on top of a mail or of a part, however mangled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from . import decode
from .decode_words import words
from .limits import HEADER, TooMuch

BLANK: Final = re.compile(rb"(?:\A|(?<=\n))(?:\r{0,2}\n|[ \t]{1,8}\r{0,2}\n(?![ \t]|[A-Z][A-Za-z-]{1,40}:))")
"""The line that ends the fields; one of spaces alone only where none follow."""
LINE: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,20}:(.*)", re.S)
NO_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WELL_KNOWN: Final = re.compile(
    rb"(?:From|To|Cc|Subject|Date|Message-ID|MIME-Version|Content-[A-Za-z-]+|Received|Reply-To|Return-Path|X-[\w-]+):",
    re.I,
)
TYPE: Final = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+")
PARAMETER: Final = re.compile(
    rb"""[;\s]\s{0,20}([A-Za-z][\w*.-]{0,60})\s{0,20}=\s{0,20}"""
    rb"""(?:"((?:[^"\\]|\\.)*)"|'([^'";]*)'(?=\s{0,20}(?:;|\Z))|"?([^;"]*))""",
    re.S,
)


@dataclass(slots=True)
class Headers:
    """The fields in their order: names as written, values as unfolded bytes."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)

    def raw(self, name: str) -> bytes:
        """The first field of the name that says anything, or nothing."""
        return next((value for value in self.all(name) if value), b"")

    def all(self, name: str) -> list[bytes]:
        """Every field of the name, from the top."""
        return [value for key, value in self.fields if key.lower() == name]

    def text(self, name: str) -> str:
        """The field as printable ASCII; for what only programs write."""
        return NO_CONTROL.sub("", self.raw(name).decode("ascii", "replace")).strip()

    def parameters(self, name: str) -> dict[str, bytes]:
        """The parameters behind the value (RFC 2045), continuations and charsets (RFC 2231) resolved."""
        raw = self.raw(name)
        start = raw.find(b";")
        if start < 0:
            start = next((found.start() for found in re.finditer(rb"\s{1,20}[\w*-]{1,60}\s{0,20}=", raw)), len(raw))
        return dict(_resolved(_parameters(raw[start:])))


def split(content: bytes) -> tuple[Headers, bytes]:
    """The header fields on top, and what is below them; raises TooMuch."""
    end = BLANK.search(content, 0, HEADER + 4)
    if end is None and len(content) > HEADER:
        if LINE.match(content):
            raise TooMuch(f"It has more than {HEADER // 1024} KB of header lines.")
        return Headers(), content
    block = content[: end.start()] if end else content
    fields, rest = _fields(block)
    body = len(block) - rest if rest else end.end() if end else len(content)
    return Headers(fields), content[body:]


def _fields(block: bytes) -> tuple[list[tuple[str, bytes]], int]:
    """The fields, and how many bytes at the end are none of theirs but the body's."""
    found: list[tuple[bytes, list[bytes]]] = []
    lines = block.split(b"\n")
    last = max((number for number, one in enumerate(lines) if WELL_KNOWN.match(one)), default=-1)
    for number, one in enumerate(lines):
        named = LINE.match(one)
        if one[:1] in (b" ", b"\t") and found:
            found[-1][1].append(one.rstrip(b"\r"))
        elif named and not one.startswith(b">From "):
            found.append((named[1], [named[2].rstrip(b"\r")]))
        elif not one.startswith((b"From ", b">From ")) and one.strip():
            if number > last:
                return _unfolded(found), len(b"\n".join(lines[number:]))
            if found:  # a line that was broken without a fold
                found[-1][1].append(b" " + one.strip())
    return _unfolded(found), 0


def _unfolded(found: list[tuple[bytes, list[bytes]]]) -> list[tuple[str, bytes]]:
    return [(name.decode("latin-1"), b"".join(pieces).strip()) for name, pieces in found]


def content_type(headers: Headers) -> str:
    """The type in lower case; text/plain where none is said that has the form of one (RFC 2045, 5.2)."""
    found = TYPE.match(headers.text("content-type").lower().lstrip("\"' "))
    return found[0] if found else "text/plain"


def _parameters(raw: bytes) -> Iterator[tuple[str, bytes]]:
    for found in PARAMETER.finditer(b";" + raw if raw[:1] != b";" else raw):
        quoted, single, bare = found[2], found[3], found[4]
        value = (single if single is not None else bare or b"").strip()
        yield found[1].decode("latin-1").lower(), value if quoted is None else re.sub(rb"\\([\"\\])", rb"\1", quoted)


def _resolved(pairs: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """`name*0*=utf-8''a%20; name*1=b` is one parameter, given as UTF-8; of the same name the first counts."""
    plain: dict[str, bytes] = {}
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for key, value in pairs:
        name, star, rest = key.partition("*")
        if not star:
            plain.setdefault(name, value)
        else:
            digits = rest.rstrip("*")
            number = int(digits) if digits.isdecimal() else 0
            pieces.setdefault(name, []).append((number, rest.endswith("*") or rest == "", value))
    yield from plain.items()
    for name, some in pieces.items():
        yield name, _joined(sorted(some, key=lambda piece: piece[0]))


def _joined(some: list[tuple[int, bool, bytes]]) -> bytes:
    charset, out = "", b""
    for number, (_, encoded, value) in enumerate(some):
        if encoded and number == 0 and value.count(b"'") >= 2:
            label, _, value = value.split(b"'", 2)
            charset = label.decode("latin-1")
        out += unquote_to_bytes(value) if encoded else value
    return decode.text(out, charset).encode("utf-8", "replace") if charset or b"=?" not in out else words(out).encode()
