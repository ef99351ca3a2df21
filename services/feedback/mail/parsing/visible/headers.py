"""Blocks of headers ("From: ... Sent: ... To: ... Subject: ...") and lines that announce another mail, unquoted."""

import re
from typing import Final

from .lines import LONGEST, plain
from .words_headers import DATE, FROM, NAMES
from .words_labels import BEGINNINGS, LABELS

KINDS: Final = {
    name.casefold(): kind for language in NAMES.values() for kind, names in language.items() for name in names
}
FIELD: Final = re.compile(r"[\s*_]*([^\W\d_][\w .\-/]{0,30}?)[\s*_]*[:：][\s*_]*(.*)")
DASHES: Final = "-=_—–#"
LABELS_FOLDED: Final = {label.casefold() for labels in LABELS.values() for label in labels}
BEGINNINGS_FOLDED: Final = {label.casefold() for labels in BEGINNINGS.values() for label in labels}
FEWEST: Final = 3
MOST_CONTINUED: Final = 2


def announces(line: str) -> bool:
    """Whether the line is "-----Original Message-----", "Begin forwarded message:" or their like, quoted or not."""
    if len(line) > LONGEST:
        return False
    folded = plain(line).casefold().strip(" \t>*")
    if folded.endswith((":", "：")):
        return folded.strip("_").rstrip(":： \t") in BEGINNINGS_FOLDED
    return folded[:1] in DASHES and folded[-1:] in DASHES and folded.strip(DASHES + " :*") in LABELS_FOLDED


def header(line: str) -> tuple[str, str] | None:
    """The kind of header the line is, and its value; None for other lines."""
    if len(line) > LONGEST * 4 or not (":" in line or "：" in line):
        return None
    found = FIELD.match(plain(line))
    kind = KINDS.get(" ".join(found[1].split()).casefold()) if found else None
    return (kind, found[2].strip()) if found and kind else None


def blocks(lines: list[str], announced: set[int]) -> set[int]:
    """The numbers of all lines in blocks of headers that stand above a mail."""
    inside: set[int] = set()
    number = 0
    while number < len(lines):
        fields, after = _block(lines, number)
        if fields and _is_mail(fields, _after_announcement(lines, number, announced)):
            inside.update(range(number, after))
        number = max(after, number + 1)
    return inside


def _block(lines: list[str], start: int) -> tuple[list[tuple[str, str]], int]:
    """The headers from `start` on, folded ones and single empty lines between them included, and the line after."""
    fields: list[tuple[str, str]] = []
    end = number = start
    while number < len(lines) and number - end <= MOST_CONTINUED:
        field = header(lines[number])
        if field:
            fields.append(field)
            end = number + 1
        elif not fields:
            break
        elif _continues(lines[number], fields[-1][1]) and number == end:
            end = number + 1
        number += 1
    return fields, end if fields else start


def _continues(line: str, value: str) -> bool:
    return bool(line.strip()) and (line[:1] in " \t" or value.endswith((",", ";")))


def _after_announcement(lines: list[str], start: int, announced: set[int]) -> bool:
    before = start - 1
    while before >= max(0, start - 3) and not lines[before].strip():
        before -= 1
    return before in announced


def _is_mail(fields: list[tuple[str, str]], announced: bool) -> bool:
    """Three different headers with a sender, and a date, an address or a fourth: forms people fill in look else."""
    present = {kind for kind, _ in fields}
    certain = any("@" in value or (kind == DATE and re.search(r"\d", value)) for kind, value in fields)
    return announced or (FROM in present and len(present) >= (FEWEST if certain else FEWEST + 1))
