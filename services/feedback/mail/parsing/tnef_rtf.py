"""The rich text inside a winmail.dat: unpacked (MS-OXRTFCP), and read as plain words."""

import re
from typing import Final

START: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every compressed text may refer to."""
WINDOW: Final = 4096
PACKED, PLAIN = b"LZFu", b"MELA"
LONGEST: Final = 2_000_000

TOKEN: Final = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|(.)", re.I | re.S)
SILENT: Final = {"fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "object"}
BREAKS: Final = {"par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "row": "\n", "cell": "\t", "tab": "\t"}
SIGNS: Final = {"emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“"}


def unpack(content: bytes) -> str:
    """The rich text; "" when this is none."""
    kind = content[8:12]
    if kind == PLAIN:
        return content[16:].decode("latin-1")
    return bytes(_unpacked(content[16:])).decode("latin-1") if kind == PACKED else ""


def _unpacked(packed: bytes) -> bytearray:
    window = bytearray(START.ljust(WINDOW, b"\0"))
    out, write, at = bytearray(), len(START), 0
    while at < len(packed) and len(out) < LONGEST:
        flags, at = packed[at], at + 1
        for bit in range(8):
            if flags >> bit & 1:
                token, at = int.from_bytes(packed[at : at + 2], "big"), at + 2
                if at > len(packed) or token >> 4 == write:
                    return out
                piece = [(token >> 4) + step for step in range((token & 15) + 2)]
            else:
                piece, at = [at], at + 1
                if at > len(packed):
                    return out
            for source in piece:
                byte = window[source % WINDOW] if flags >> bit & 1 else packed[source]
                out.append(byte)
                window[write] = byte
                write = (write + 1) % WINDOW
    return out


def words(rich: str) -> str:
    """The words of rich text; of HTML packed in it, those between the tags."""
    if not rich.startswith("{\\rtf"):
        return ""
    page = re.search(r"\\ansicpg(\d{3,5})", rich)
    out: list[str] = []
    groups = [False]
    skip = 0
    for found in TOKEN.finditer(rich):
        name, number, code, sign, brace, letter = found.groups()
        if brace:
            groups = [*groups, groups[-1]] if brace == "{" else groups[:-1] or [False]
        elif sign == "*" or name in SILENT:
            groups[-1] = True
        elif name == "htmlrtf":
            groups[-1] = number != "0"
        elif groups[-1]:
            continue
        elif name == "u" and number:
            out.append(chr(int(number) % 65536))
            skip = 1  # the letter behind stands for it in programs that know no Unicode
        elif skip and (letter or code):
            skip = 0
        else:
            out.append(_shown(name, code, sign, letter, f"cp{page[1]}" if page else "cp1252"))
    return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shown(name: str | None, code: str | None, sign: str | None, letter: str | None, page: str) -> str:
    if code:
        try:
            return bytes.fromhex(code).decode(page, "replace")
        except LookupError:
            return bytes.fromhex(code).decode("cp1252", "replace")
    if name:
        return BREAKS.get(name) or SIGNS.get(name, "")
    return letter or {"~": " ", "_": "-"}.get(sign or "", sign if sign in ("{", "}", "\\") else "") or ""
