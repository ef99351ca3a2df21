"""Which files are taken, and under which names."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NAME_LONGEST: Final = 150
"""Characters; with four bytes each still a name that a disk can hold beside a number."""
ENDING_LONGEST: Final = 10
START_BYTES: Final = 512
"""How much of a file's beginning is looked at."""

EMPTY, PROGRAM, TOO_LARGE, TOO_MANY, TOO_MUCH = "empty", "program", "too_large", "too_many", "too_much"
TELLING: Final = "telling"
"""A picture of somebody anonymous that cannot be freed of what it says about them."""
MORE: Final = "more"
"""Not a reason: stands for `count` files that are not named one by one."""
REASONS: Final = (EMPTY, PROGRAM, TOO_LARGE, TOO_MANY, TOO_MUCH, TELLING, MORE)

GONE, AWAY = "gone", "away"
"""Why a file of a form that is shown again is not there: it waited for a day, or could not be kept just now."""

_ENDINGS = """
    exe dll com bat cmd msi msp mst scr pif cpl ocx sys drv js jse mjs vb vbs vbe ws wsf wsh wsc sct ps1 psm1 psd1
    ps1xml psc1 jar jnlp class apk app appx msix appref-ms application gadget lnk url scf hta chm hlp inf reg msc iso
    img vhd vhdx dmg pkg deb rpm run sh bash command desktop library-ms search-ms settingcontent-ms diagcab cab xll
    wll ade adp mde
"""
PROGRAMS: Final = frozenset(_ENDINGS.split())
"""Endings that a double click runs, mounts or installs."""

STARTS: Final = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # macOS, and the next four too
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # and Java
    b"dex\n",
    b"#!",
    b"MSCF",
    b"ITSF",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
)
"""How a program begins, whatever it calls itself."""

RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))]
)
UNSAFE: Final = frozenset('<>:"|?*')
UNSEEN: Final = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
"""Categories of Unicode that a name has no use for: controls, marks that turn letters round, line ends, no letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRules:
    """How much is taken: files at once, bytes of one, bytes of all at once, and files of one feedback in its life."""

    at_once: int
    bytes_each: int
    bytes_together: int
    in_all: int = 100


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not kept, and why: one of REASONS; with MORE it has no name and stands for `count` files."""

    name: str
    reason: str
    count: int = 1


def clean_name(name: str) -> str:
    """A name that is a name wherever it is saved: no folders, nothing unseen, no marks that turn its letters round."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:10_000]))[-1]
    seen = "".join(letter for letter in last if letter not in UNSAFE and unicodedata.category(letter) not in UNSEEN)
    plain = re.sub(r"\s+", " ", seen).strip(". ")
    if plain.partition(".")[0].strip().lower() in RESERVED:
        plain = f"_{plain}"
    return _shortened(plain) or "file"


def refusal(name: str, start: bytes) -> str | None:
    """Why a file of this clean name and beginning is not taken whatever its size; None when it is."""
    if not start:
        return EMPTY
    _stem, dot, ending = unicodedata.normalize("NFKC", name).rpartition(".")
    runs = dot and ending.strip().lower() in PROGRAMS
    windows = start.startswith(b"MZ") and b"\0" in start  # a text may begin with these two letters
    return PROGRAM if runs or windows or start.startswith(STARTS) else None


def few(refused: Sequence[Refused], most: int) -> tuple[Refused, ...]:
    """At most so many by name, the rest as a number: a form may bring thousands, and each name would be kept."""
    rest = len(refused) - most
    return (*refused[:most], Refused("", MORE, rest)) if rest > 0 else tuple(refused)


def _shortened(name: str) -> str:
    if len(name) <= NAME_LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > ENDING_LONGEST:
        return name[:NAME_LONGEST].strip(". ")
    return f"{stem[: NAME_LONGEST - len(ending) - 1].strip('. ')}.{ending}"
