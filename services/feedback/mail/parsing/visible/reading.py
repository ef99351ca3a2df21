"""All of a mail as lines with their letters: attributions first, for quotes in odd styles count only below one."""

import re
from collections.abc import Iterator
from typing import Final

from .attribution import attributions
from .headers import announces, blocks
from .lines import ATTRIBUTION, DIVIDER, EMPTY, LONGEST, MOST_READ, ORIGINAL, PHONE, QUOTE, TEXT, Line
from .signatures import is_divider, is_phone

FENCE: Final = "```"
INITIALS: Final = re.compile(r"[ \t]*(?:[A-Za-z]{1,12}>|\|)(?=[\s>|]|$)(?:[ \t]*[A-Za-z]{0,12}[>|])*")
MARK: Final = re.compile(r"[A-Za-z]+>|\|")
ALIAS: Final = re.compile(r'>{5,} "[^"]{1,120}" == .{1,160} writes:\s*$')
"""Supercite of Emacs: like the lines around an enclosed quote it goes, and the quote stays."""
ENCLOSING: Final = re.compile(r"(>{3,}|<{3,})[ \t]*([^<>]{0,80}?)[ \t]*(>{3}|<{3}|)[ \t]*$")
SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
SIGNATURE_BEGINS, SIGNATURE_ENDS = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
UNSUBSCRIBE: Final = re.compile(r"Unsubscribe: \S{1,200}@\S{1,200}(\s+\S{0,200}http\S{1,300})?$", re.IGNORECASE)


def read(mail: str) -> list[Line]:
    """Every line of the mail that is not wrapping (PGP, a list's way out), with its kind."""
    every = without_wrapping(mail.split("\n"))
    return [*_read(every[:MOST_READ]), *(Line(_plain_kind(line), line) for line in every[MOST_READ:])]


def _plain_kind(line: str) -> str:
    first = line.lstrip()[:1]
    return QUOTE if first == ">" else TEXT if first else EMPTY


def _read(lines: list[str]) -> list[Line]:
    code, enclosed = fenced(lines), enclosures(lines)
    found = attributions(lines) - code
    announced = {number for number, line in enumerate(lines) if announces(line)} - code
    inside = blocks(lines, announced) - code
    result: list[Line] = []
    below_attribution = False
    for number, line in enumerate(lines):
        alias = line.startswith(">>>>>") and len(line) <= LONGEST and ALIAS.match(line) is not None
        below_attribution = below_attribution or alias or number in found
        if number in code:
            result.append(Line(TEXT, line))
        elif alias or number in enclosed:
            result += [Line(QUOTE, f"> {line}")] if enclosed.get(number) else []
        elif number in found:
            result.append(Line(ATTRIBUTION, line))
        elif number in announced or number in inside:
            result.append(Line(_announcement(lines, number), line))
        else:
            result.append(_line(line, below_attribution))
    return result


def _announcement(lines: list[str], number: int) -> str:
    """An announced mail that is marked with ">" is a quote like others."""
    if lines[number].lstrip().startswith(">"):
        return ATTRIBUTION
    after = next((line for line in lines[number + 1 : number + 4] if line.strip()), "")
    return ATTRIBUTION if after.lstrip().startswith(">") else ORIGINAL


def _line(line: str, below_attribution: bool) -> Line:
    stripped = line.strip()
    if not stripped:
        return Line(EMPTY, line)
    if stripped[0] == ">":
        return Line(QUOTE, line)
    if below_attribution:
        marks = INITIALS.match(line)
        if marks and line.count("|") < 2:
            return Line(QUOTE, MARK.sub(">", marks[0]) + line[marks.end() :])
    if is_divider(line):
        return Line(DIVIDER, line)
    return Line(PHONE if is_phone(line) else TEXT, line)


def fenced(lines: list[str]) -> set[int]:
    """The lines of code between ``` and ```, where nothing means what it says."""
    inside: set[int] = set()
    begun = -1
    for number, line in enumerate(lines):
        if begun < 0 and line.startswith(FENCE) and line[3:].strip().isalnum() | (line.strip() == FENCE):
            begun = number
        elif begun >= 0 and line.rstrip() == FENCE:
            inside.update(range(begun, number + 1))
            begun = -1
    return inside


def enclosures(lines: list[str]) -> dict[int, bool]:
    """Quotes between ">>> name >>>" and "<<< name <<<": True for their lines, False for the two around them."""
    found: dict[int, bool] = {}
    begun: dict[str, int] = {}
    for number, line in enumerate(lines):
        mark = ENCLOSING.match(line) if line.startswith((">>>", "<<<")) and len(line) <= LONGEST else None
        if mark and line[0] == ">":
            begun.setdefault(mark[2], number)
        elif mark and mark[2] in begun:
            start = begun[mark[2]]
            begun.clear()
            found.update(dict.fromkeys(range(start + 1, number), True) | {start: False, number: False})
    return found


def without_wrapping(lines: list[str]) -> list[str]:
    if SIGNED in lines or SIGNATURE_BEGINS in lines:
        lines = list(_without_pgp(lines))
    end = len(lines)
    while end > 0 and (ways_out := next((n for n in (1, 2) if _is_way_out(lines[max(0, end - n) : end])), 0)):
        end -= ways_out
    return lines[: max(0, end)]


def _is_way_out(lines: list[str]) -> bool:
    """What a list's program adds: "Unsubscribe: <address>", and below it a link."""
    return max(map(len, lines)) <= LONGEST and UNSUBSCRIBE.match(" ".join(lines)) is not None


def _without_pgp(lines: list[str]) -> Iterator[str]:
    ends = max((number for number, line in enumerate(lines) if line == SIGNATURE_ENDS), default=-1)
    signature = next((n for n, line in enumerate(lines) if line == SIGNATURE_BEGINS and n < ends), len(lines))
    signed = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    head = signed + 1 if lines[signed : signed + 1] == [SIGNED] else 0
    while 0 < head < len(lines) and (lines[head].startswith("Hash:") or lines[head] == SIGNED):
        head += 1
    return (line for number, line in enumerate(lines) if number >= head and not signature <= number <= ends)
