"""The words of a mail: which of its parts are read, and how."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from . import decode
from .attachments import Files, filename
from .decode_transfer import transfer
from .limits import CUT_NOTE, TEXT_LONGEST
from .message import SIGNED, Part
from .text_forms import fullest
from .text_html import as_text

PLAIN, HTML = "text/plain", "text/html"
READ: Final = (PLAIN, HTML, "text/enriched", "text/richtext", "text/x-markdown", "text/markdown", "text")
META: Final = re.compile(rb"<meta[^<>]{1,200}charset=[\"']?([\w.:-]{1,40})", re.I)
CHARACTERS: Final = 4_000_000
"""Bytes of a part's words that are looked at; a hundred thousand characters are kept."""


@dataclass(slots=True)
class Words:
    """What was found so far: pieces of text in order, whether any was HTML, the files, and the parts that were cut."""

    files: Files
    hints: Sequence[str]
    pieces: list[str] = field(default_factory=list)
    html: bool = False
    cut: list[Part] = field(default_factory=list)

    def text(self) -> str:
        """All pieces, an empty line between them where there are several."""
        return "\n\n".join(piece.strip("\n") for piece in self.pieces) if len(self.pieces) > 1 else "".join(self.pieces)


def collect(part: Part, words: Words) -> None:
    """Read a part and what is in it, in order."""
    if part.type == "multipart/alternative":
        _alternative(part, words)
    elif part.main == "multipart":
        _several(part, words)
    elif part.type in SIGNED and part.children:
        collect(part.children[0], words)
        words.files.add(part)
    elif _is_words(part, words):
        _add(part, words)
    else:
        words.files.add(part)


def _several(part: Part, words: Words) -> None:
    related = part.type == "multipart/related" and part.children and _readable(part.children[0])
    for number, child in enumerate(part.children):
        if related and number and child.main != "multipart":  # what the first part shows, its style sheets included
            words.files.add(child)
        else:
            collect(child, words)


def _alternative(part: Part, words: Words) -> None:
    """The same words in several forms: the plain one if it has them all, else the richest; files count from each."""
    read = [Words(words.files, words.hints) for _ in part.children]
    for child, one in zip(part.children, read, strict=True):
        collect(child, one)
    words.html |= any(one.html for one in read)
    said = [one for one in read if one.text().strip()]
    if said:
        chosen = said[fullest([(one.text().removesuffix(CUT_NOTE), one.html) for one in said])]
        words.pieces += chosen.pieces
        words.cut += chosen.cut


def _readable(part: Part) -> bool:
    return part.main == "multipart" or part.type in READ


def _is_words(part: Part, words: Words) -> bool:
    """Whether it is shown in the mail, not beside it: a name makes it a file, unless no words came before."""
    if part.type not in READ or _disposition(part).startswith("attachment"):
        return False
    return not words.pieces or not filename(part, words.hints)


def _disposition(part: Part) -> str:
    return part.headers.text("content-disposition").lower()


def _add(part: Part, words: Words) -> None:
    if kept := _disposition(part).startswith("inline") and bool(filename(part, words.hints)):
        words.files.add(part)  # phones send what was typed as a file; which of both it is nobody can tell
    encoding = part.headers.text("content-transfer-encoding").lower()
    encoded = encoding.startswith(("base64", "quoted-printable"))
    raw = transfer(part.body[: 2 * CHARACTERS] if encoded else part.body, encoding, text=True)
    cut = len(raw) > CHARACTERS or (encoded and len(part.body) > 2 * CHARACTERS)
    if part.type == PLAIN and b"begin " in raw:
        raw = words.files.uuencoded(raw)
    text = _text(part, raw, words.hints)
    if part.type != PLAIN and part.type != "text":
        words.html |= bool(text.strip())
        text, shortened = as_text(text)
        cut |= shortened
    if cut or len(text) > TEXT_LONGEST:
        text = text[:TEXT_LONGEST].rstrip() + CUT_NOTE
        words.cut += [] if kept else [part]
    if text.strip():
        words.pieces.append(text)


def _text(part: Part, raw: bytes, hints: Sequence[str]) -> str:
    named = part.headers.parameters("content-type").get("charset", b"")
    if not named and part.type == HTML and (meta := META.search(raw[:5_000])):
        named = meta[1]
    text = decode.text(raw[:CHARACTERS], named.decode("latin-1"), hints)
    return decode.clean(text[: CHARACTERS if part.type != PLAIN else TEXT_LONGEST * 4])
