"""The lines of a mail, each with the letter of what it is; the steps of `reply` read the letters."""

from collections.abc import Iterable
from typing import Final, NamedTuple

EMPTY: Final = "e"
TEXT: Final = "t"
QUOTE: Final = "q"
ATTRIBUTION: Final = "b"
"""Who wrote the quoted mail and when: "On ... wrote:"."""
ORIGINAL: Final = "o"
"""Everything below is another mail, unquoted: "-----Original Message-----" or a block of headers."""
DIVIDER: Final = "d"
PHONE: Final = "s"
"""Advertising of a mail program: "Sent from my iPhone"."""

LONGEST: Final = 400
"""Characters; no longer line is anything but text or a quote, so no pattern ever meets one."""

MOST_READ: Final = 5_000
"""Lines; nobody writes more, and below them a line is only empty, a quote or text, so that no mail takes long."""

INVISIBLE: Final = dict.fromkeys([0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks of direction and width that programs put around names and dates."""


class Line(NamedTuple):
    """One line as it will be shown, and the letter of its kind."""

    kind: str
    text: str


def kinds(lines: Iterable[Line]) -> str:
    return "".join([line[0] for line in lines])


def without(lines: list[Line], unwanted: str) -> list[Line]:
    return [line for line in lines if line[0] not in unwanted]


def plain(line: str) -> str:
    """The line as the patterns read it: no invisible marks, no space that is not a space."""
    if line.isascii():
        return line.strip()
    return line.translate(INVISIBLE).replace("\xa0", " ").replace("\u202f", " ").strip()


def shown(lines: Iterable[Line]) -> str:
    return unpadded("\n".join([line[1] for line in lines]))


def unpadded(text: str) -> str:
    """The text without empty lines around it; the first line keeps its indentation."""
    first = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, first) + 1 :].rstrip()
