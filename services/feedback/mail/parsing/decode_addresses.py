"""Addresses out of header fields (RFC 5322, 3.4), as lenient as what is sent."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from . import decode
from .decode_words import words
from .limits import ADDRESSES, NAME_LONGEST

TOKEN: Final = re.compile(
    rb"""=\?[^?\s]{1,60}\?[QqBb]\?[^?]{0,500}\?=|"(?:[^"\\]|\\.)*"|\\.|[(),;:<>]|(?:(?!=\?)[^"\\(),;:<>])+|.""", re.S
)
"""An encoded word is one piece whatever stands in it, as is a quoted string."""
ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"@]{1,200}@(?:\[[^\s\[\]]{1,100}\]|[^\s<>()\[\],;:\"@]{1,255})")
ROUTE: Final = re.compile(r"^@[^:]*:")
LONGEST: Final = 20_000
"""Bytes of a field that are looked at."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A decoded name, "" for none, and the address as it was written."""

    name: str
    address: str


def mailboxes(raw: bytes, hints: Iterable[str] = ()) -> list[Mailbox]:
    """Everybody the field names; a part without any address is dropped when another has one."""
    raw = raw[:LONGEST]
    if b"=?" in raw and b"@" not in raw:  # somebody encoded the address together with the name
        raw = words(raw, hints).encode()
    found = [Mailbox(box.name, decode.line(box.address, 320)) for box in _read(raw, hints)]
    valid = [one for one in found if "@" in one.address]
    return (valid or found)[:ADDRESSES]


def _read(raw: bytes, hints: Iterable[str]) -> list[Mailbox]:
    found = [box for piece in _pieces(raw) if (box := _mailbox(piece, hints)) is not None]
    if not any("@" in box.address for box in found):
        loose = ADDRESS.search(words(raw, hints))
        found = [Mailbox("", loose[0]), *found] if loose else found
    return found


@dataclass(slots=True)
class _Piece:
    """What stands between two commas."""

    words: bytes = b""
    angle: bytes | None = None
    comment: bytes = b""


def _pieces(raw: bytes) -> Iterator[_Piece]:
    """The field cut at its commas; one before any address belongs to a name that should have been quoted."""
    piece, inside, depth = _Piece(), False, 0
    for token in TOKEN.findall(raw):
        if depth:
            depth += (token == b"(") - (token == b")")
            piece.comment += token if depth else b""
        elif inside:
            inside = token != b">"
            piece.angle = (piece.angle or b"") + (token if inside else b"")
        elif token == b"(":
            depth = 1
        elif token == b"<":
            piece.words += b"<" + piece.angle + b">" if piece.angle else b""
            inside, piece.angle = True, b""
        elif token in b",;" and token:
            if _complete(piece) or token == b";":
                yield piece
                piece = _Piece()
            elif piece.words.strip():
                piece.words += token
        elif token == b">":
            continue
        elif token == b":" and not _complete(piece) and not piece.words.lower().endswith(b"mailto"):
            piece = _Piece()  # a group's name is nobody's
        else:
            piece.words += token
    yield piece


def _complete(piece: _Piece) -> bool:
    return piece.angle is not None or b"@" in _outside_quotes(piece.words)


def _outside_quotes(text: bytes) -> bytes:
    return re.sub(rb'"[^"]*"(?!@)', b"", text)


def _mailbox(piece: _Piece, hints: Iterable[str]) -> Mailbox | None:
    if piece.angle is not None:
        address = _address(words(piece.angle, hints))
        name = words(piece.words, hints)
        if "@" not in address and (loose := ADDRESS.search(name)):
            address, name = loose[0], name.replace(loose[0], "")
        if not address and name.strip() and " " not in name.strip():
            return Mailbox("", name.strip())  # MAILER-DAEMON <>
        return Mailbox(_name(name) or _name(words(piece.comment, hints)), address) if address or name.strip() else None
    text = words(piece.words, hints).strip()
    bare = ADDRESS.search(text)
    if bare is None or text == bare[0] or (text.startswith('"') and text.count('"') == 2 and " " not in text):
        return Mailbox(_name(words(piece.comment, hints)), _address(text)) if text else None
    rest = re.sub(r"(?i)mailto:|[\[\]<>]", " ", text.replace(bare[0], ""))
    beside = "" if ADDRESS.search(rest) else rest
    return Mailbox(_name(beside) or _name(words(piece.comment, hints)), bare[0])


def _address(text: str) -> str:
    """The address without what programs wrap around it: brackets, quotes, routes, `mailto:`."""
    found = re.sub(r"\([^()]*\)", "", re.sub(r"\s+", " ", text)) if "@" in text else text
    found = found.strip().strip("<>").strip()
    found = re.sub(r"(?i)^mailto:", "", ROUTE.sub("", found))
    if "@" in found and found[:1] in "'\"" and found[-1:] == found[:1]:
        found = found[1:-1]
    return re.sub(r"\s*([@.])\s*", r"\1", found) if " " in found else found


def _name(text: str) -> str:
    """A name without quotes and escapes."""
    plain = re.sub(r"\\(.)", r"\1", text.replace("\\\\", "\\"))
    name = decode.line(plain.replace('"', ""), NAME_LONGEST * 3)
    return re.sub(r"^'|'$", "", name).strip()
