"""Where a mail says who wrote the quoted one and when ("On ... wrote:"), also when it is wrapped over several lines."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from . import words_attribution as words
from .lines import INVISIBLE, LONGEST, plain

MOST_LINES: Final = 5
MOST_NAMED: Final = 3
"""Lines of an announcement, and of one that begins with a name, which prose can do as well."""
LONGEST_ABOVE_DATE: Final = 15
"""Characters: "On Monday," may stand above the line with the date; a longer line is the writer's last one."""
PREFIX: Final = r"[\s<>|*_\-]*"


def _any_of(table: Mapping[str, Iterable[str]]) -> str:
    phrases = sorted({phrase for line in table.values() for phrase in line}, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases)


_VERB: Final = rf"(?:(?<!\w)(?:{_any_of(words.VERBS)})(?!\w)|(?:{_any_of(words.VERBS_UNSPACED)}))"
_ADDRESS: Final = r"[^\s<>()\[\]@\"]{1,80}@[^\s<>()\[\]@\"]{1,80}"

VERB: Final = re.compile(_VERB)
SPOKEN: Final = re.compile(rf"(?<!\w)(?:{'|'.join(words.SPOKEN)})(?!\w)")
ADDRESS: Final = re.compile(_ADDRESS)
TIME: Final = re.compile(r"\d[:.h]\d\d(?!\d)")
YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d\d(?!\d)|\d年")
OPENING: Final = re.compile(
    rf"{PREFIX}(?:(?:{_any_of(words.OPENERS)})\s|(?:{_any_of(words.OPENERS_UNSPACED)}))\D{{0,40}}?(?:\d|$)"
)
BY_MESSAGE: Final = re.compile(rf"{PREFIX}In (?:message|article|a message dated) \S")
DATE_FIRST: Final = re.compile(rf"{PREFIX}(?:[^\W\d]{{1,14}}[.,]{{0,2}}\s{{1,3}}){{0,3}}\d{{1,4}}[\w./年 -]")
ENDS_WITH_VERB: Final = re.compile(rf"{_VERB}[\s.*_>:：]*$")
ENDS_WITH_ADDRESS: Final = re.compile(rf"<\s?{_ADDRESS}\s?>\s*[:：]?$")
LINE_ENDS_WITH_ADDRESS: Final = re.compile(rf"{_ADDRESS}\s?>\s*[:：]?$")
SENTENCE_ENDS: Final = re.compile(r"[^\W\d_]{6}\.$|[!?]$")
ON_DATE: Final = re.compile(rf"{_VERB}\s+(?:{'|'.join(words.ON)})\s.{{0,80}}\d.{{0,40}}[:：]$")
VIA: Final = re.compile(r"\S\svia\s\S")
NAMED: Final = re.compile(rf"[^.!?:;]{{1,80}}(?:<|&lt;|\(|\[){_ADDRESS}(?:>|&gt;|\)|\]),?.{{0,60}}?{_VERB}")
DASHED: Final = re.compile(rf"-{{2,}}.{{3,200}}{_VERB}\s?:?\s*-{{2,}}$")
QUOTED: Final = re.compile(r"\s*(?:[>|]|[A-Za-z]{1,12}>(?:\s|$))")
POSTED_BY: Final = re.compile(r"[\s>]*Posted by \S.{0,80} on \d{1,2}/\d{1,2}/\d{4}$", re.IGNORECASE)
ISO_NAMED: Final = re.compile(r"[\s>]*20\d\d-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:?\d\d [\w .'-]{1,80}$")
ONE_LINE: Final = (POSTED_BY, ISO_NAMED)


def attributions(lines: list[str]) -> set[int]:
    """The numbers of all lines that belong to an announcement of a quoted mail."""
    found: set[int] = set()
    for end, line in enumerate(lines):
        if len(line) <= LONGEST and _may_end(line):
            start = _start_of(lines, end, found)
            found.update(range(start, end + 1))
    return found


def _may_end(line: str) -> bool:
    """A cheap look that spares nearly all lines the search for a beginning."""
    last = line[-20:] if line.isascii() else line[-20:].translate(INVISIBLE)
    last = last.rstrip(" \t*_\xa0")[-1:]
    return last in ":：->)" or last.isalnum()


def _start_of(lines: list[str], end: int, taken: set[int]) -> int:
    """The line where the announcement ending at `end` begins; `end + 1` when there is none."""
    last = _bare(lines[end])
    if any(pattern.match(last) for pattern in ONE_LINE) or (last.endswith("--") and DASHED.match(last)):
        return end
    closed = last.endswith((":", "：", "-"))
    if not (closed or LINE_ENDS_WITH_ADDRESS.search(last) or ENDS_WITH_VERB.search(last[-60:])):
        return end + 1
    return _begin(lines, end, taken, closed)


def _begin(lines: list[str], end: int, taken: set[int], closed: bool) -> int:
    """Upwards line by line: an opening word is the beginning; without one the nearest date, else the nearest name."""
    quoted = _quote_follows(lines, end)
    joined, dated, named = "", end + 1, end + 1
    for start in range(end, max(-1, end - MOST_LINES), -1):
        piece = _bare(lines[start]) if len(lines[start]) <= LONGEST else ""
        if not piece or start in taken or len(joined) + len(lines[start]) > LONGEST:
            break
        if start < end and (SENTENCE_ENDS.search(piece) or (dated <= end and len(piece) > LONGEST_ABOVE_DATE)):
            break
        joined = f"{piece} {joined}".rstrip()
        says = (closed or quoted) and VERB.search(joined) is not None
        if says and _opens(joined, quoted):
            return start
        if dated > end and _dates(piece, joined, says, quoted):
            dated = start
        if named > end and end - start < MOST_NAMED and says and _names(joined, quoted):
            named = start
    return dated if dated <= end else named


def _opens(joined: str, quoted: bool) -> bool:
    """On <date> <somebody> wrote: or In message <id> <somebody> writes:"""
    return bool(BY_MESSAGE.match(joined) or (OPENING.match(joined) and _is_certain(joined, quoted)))


def _dates(piece: str, joined: str, says: bool, quoted: bool) -> bool:
    """<date> <somebody> wrote: or <date> <somebody> <address>, the colon being optional."""
    if not (DATE_FIRST.match(piece) and YEAR.search(joined)):
        return False
    return bool(ENDS_WITH_ADDRESS.search(joined)) or (says and _is_certain(joined, quoted))


def _names(joined: str, quoted: bool) -> bool:
    """<somebody> <address> wrote: or, right above a quote, <somebody> wrote on <date>:"""
    via = VIA.search(joined) and ENDS_WITH_VERB.search(joined[-60:])
    return bool(NAMED.match(joined) or via or (quoted and ON_DATE.search(joined)))


def _is_certain(joined: str, quoted: bool) -> bool:
    """Prose says "On 3 May the display said:" too, but hardly with an address, or a time of day and "wrote"."""
    if quoted or ADDRESS.search(joined):
        return True
    return bool(TIME.search(joined) and YEAR.search(joined)) and not SPOKEN.search(joined)


def _quote_follows(lines: list[str], end: int) -> bool:
    after = next((line for line in lines[end + 1 : end + 4] if line.strip()), "")
    return bool(QUOTED.match(after))


def _bare(line: str) -> str:
    """Without emphasis and invisible marks around it."""
    return plain(line).strip("*_ \t")
