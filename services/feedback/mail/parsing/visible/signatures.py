"""Signatures below a line of dashes, and the advertising of phones and mail programs."""

import re
from typing import Final

from .lines import ATTRIBUTION, DIVIDER, EMPTY, LONGEST, ORIGINAL, PHONE, QUOTE, TEXT, Line, kinds, plain, without
from .words_signatures import FOOTER, PROGRAMS, SENT_FROM

DIVIDING: Final = frozenset("-_,=+~#*ᐧ—–")
OFFICIAL: Final = ("--", "—")
"""RFC 3676 wants "-- "; programs lose the space, some write a dash."""
MOST_OFFICIAL: Final = 15
MOST_FOLLOWING: Final = 6
MOST_WORDS: Final = 20
POSTSCRIPT: Final = re.compile(r"\s*P\.?\s?(?:P\.?\s?)?S\b", re.IGNORECASE)
ITEM: Final = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)]|[^\W\d_]{3,20}\s?:)\s+\S")
LONGEST_PHONE: Final = 160

_LINK: Final = re.compile(r"\[([^\]]{1,100})\]\([^)]{1,200}\)")
_SENT: Final = re.compile(
    rf"[\s*_(<\[]*(?:{'|'.join(pattern for patterns in SENT_FROM.values() for pattern in patterns)})", re.IGNORECASE
)


def is_divider(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and stripped[0] in DIVIDING and DIVIDING.issuperset(stripped)


def is_phone(line: str) -> bool:
    """Whether the line may be advertising; `without_phones` looks where it stands."""
    return len(line) <= LONGEST_PHONE and bool(_SENT.match(_LINK.sub(r"\1", plain(line))))


def without_phones(lines: list[Line]) -> list[Line]:
    """A line naming a device or program goes; "Sent by courier on Monday" goes only where no text follows it."""
    if PHONE not in kinds(lines):
        return lines
    kept: list[Line] = []
    text_follows = False
    for line in reversed(lines):
        if line.kind == PHONE and text_follows and not _names_program(line.text):
            line = Line(TEXT, line.text)
        if line.kind == TEXT:
            text_follows = True
        elif line.kind not in EMPTY + PHONE:
            text_follows = False
        kept.append(line)
    return without(kept[::-1], PHONE)


def _names_program(line: str) -> bool:
    folded = line.casefold()
    return any(program in folded for program in PROGRAMS)


def without_signature(lines: list[Line]) -> list[Line]:
    """Cut what stands below a divider when it looks like a signature, up to the next quote; other dividers are text."""
    letters = kinds(lines)
    if DIVIDER not in letters:
        return lines
    lines = lines[: len(letters.rstrip(EMPTY + DIVIDER))] if TEXT in letters else lines
    kept: list[Line] = []
    sections: set[str] = set()
    number, has_text = 0, False
    while number < len(lines):
        line = lines[number]
        if line.kind != DIVIDER:
            has_text = has_text or line.kind == TEXT
            kept.append(line)
            number += 1
            continue
        after = _end_of_signature(lines, number, sections) if has_text else number
        if after == number:
            sections.add(line.text.strip())
            kept.append(Line(TEXT, line.text) if has_text else line)
        number = max(after, number + 1)
    return kept


def _end_of_signature(lines: list[Line], number: int, sections: set[str]) -> int:
    """The line after the signature that the divider begins; the divider's own number when it is part of the text."""
    divider = lines[number].text
    official = divider.strip() in OFFICIAL
    most = len(lines) if divider == "-- " else MOST_OFFICIAL if official else MOST_FOLLOWING
    below: list[str] = []
    for after in range(number + 1, len(lines)):
        if lines[after].kind in QUOTE + ATTRIBUTION + ORIGINAL:
            break
        if lines[after].kind in TEXT + DIVIDER:
            below.append(lines[after].text)
        if len(below) > most:
            return number
    else:
        after = len(lines)
    if any(POSTSCRIPT.match(line) for line in below):
        return number
    if official or not below:
        return after
    return number if _is_heading(lines, number) or divider.strip() in sections or _is_prose(below) else after


def _is_heading(lines: list[Line], number: int) -> bool:
    """A title underlined: no sentence, and as long as its line."""
    above, rule = lines[number - 1].text.strip(), lines[number].text.strip()
    return min(len(above), len(rule)) >= 3 and abs(len(above) - len(rule)) <= 2 and above[-1:].isalnum()


def _is_prose(below: list[str]) -> bool:
    """Lists, labelled lines ("Expected: light") and paragraphs are the writer's own, unless they are contact data."""
    folded = " ".join(below).casefold()[: LONGEST * 10]
    if any(sign in folded for sign in FOOTER):
        return False
    return sum(len(line.split()) for line in below) > MOST_WORDS or any(ITEM.match(line) for line in below)
