"""Where a mail says who wrote the quoted one and when ("On ... wrote:"), also when it is wrapped over several lines."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from . import words_attribution as words
from .lines import INVISIBLE, LONGEST, plain

MOST_LINES: Final = 5
PREFIX: Final = r"[\s<>|*_\-]*"


def _any_of(table: Mapping[str, Iterable[str]]) -> str:
    phrases = sorted({phrase for line in table.values() for phrase in line}, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases)


_VERB: Final = rf"(?:(?<!\w)(?:{_any_of(words.VERBS)})(?!\w)|(?:{_any_of(words.VERBS_UNSPACED)}))"
_ADDRESS: Final = r"[^\s<>()\[\]@\"]{1,80}@[^\s<>()\[\]@\"]{1,80}"
_YEAR: Final = re.compile(rf"{_YEAR}|\d{{1,2}}[./-]\d{{1,2}}[./-]\d\d(?!\d)|\d年")
OPENING: Final = re.compile(
    rf"{PREFIX}(?:(?:{_any_of(words.OPENERS)})\s|(?:{_any_of(words.OPENERS_UNSPACED)}))\D{{0,40}}?(?:\d|$)"
)
BY_MESSAGE: Final = re.compile(rf"{PREFIX}In (?:message|article) \S")
DATE_FIRST: Final = re.compile(rf"{PREFIX}(?:[^\W\d]{{1,14}}[.,]{{0,2}}\s{{1,3}}){{0,3}}\d{{1,4}}[\w./年 -]")
ENDS_WITH_VERB: Final = re.compile(rf"{_VERB}[\s.*_>:：]*$")
ENDS_WITH_ADDRESS: Final = re.compile(rf"<\s?{_ADDRESS}\s?>\s*[:：]?$")
SENTENCE_ENDS: Final = re.compile(r"[^\W\d_]{6}\.$|[!?]$")
ON_DATE: Final = re.compile(rf"{_VERB}\s+(?:{'|'.join(words.ON)})\s.{{0,80}}\d.{{0,40}}[:：]$")
VIA: Final = re.compile(r"\S\svia\s\S")
NAMED: Final = re.compile(rf"[^.!?:;]{{1,80}}(?:<|&lt;|\(|\[){_ADDRESS}(?:>|&gt;|\)|\]),?.{{0,60}}?{_VERB}")
DASHED: Final = re.compile(rf"-{{2,}}.{{3,200}}{_VERB}\s?:?\s*-{{2,}}$")
SUPERCITED: Final = re.compile(r'>{5} "[^"]{1,120}" == .{1,160} writes:$')
POSTED_BY: Final = re.compile(r"[\s>]*Posted by \S.{0,80} on \d{1,2}/\d{1,2}/\d{4}$", re.IGNORECASE)
ISO_NAMED: Final = re.compile(r"[\s>]*20\d\d-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:?\d\d [\w .'-]{1,80}$")
ONE_LINE: Final = (SUPERCITED, POSTED_BY, ISO_NAMED)


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
    ends_open = last.endswith((":", "：", "-"))
    if not (ends_open or ENDS_WITH_ADDRESS.search(last) or ENDS_WITH_VERB.search(last[-60:])):
        return end + 1
    return _begin(lines, end, taken, ends_open or _quote_follows(lines, end))


def _begin(lines: list[str], end: int, taken: set[int], surely_ends: bool) -> int:
    joined, dated, named = "", end + 1, end + 1
    for start in range(end, max(-1, end - MOST_LINES), -1):
        piece = _bare(lines[start])
        if not piece or start in taken or len(joined) + len(piece) > LONGEST:
            break
        if start < end and SENTENCE_ENDS.search(piece):
            break
        joined = f"{piece} {joined}".rstrip()
        if surely_ends and _opens(joined, piece, lines, end):
            return start
        if dated > end and _dates(joined, piece, lines, end if surely_ends else -1):
            dated = start
        if named > end and end - start < 3 and surely_ends and _names(joined, lines, end):
            named = start
    return dated if dated <= end else named


def _opens(joined: str, piece: str, lines: list[str], end: int) -> bool:
    """On <date> <somebody> wrote: - with a date or an address that prose would hardly carry."""
    if not VERB.search(joined):
        return False
    if BY_MESSAGE.match(piece):
        return True
    return bool(OPENING.match(joined)) and _is_certain(joined, lines, end)


def _is_certain(joined: str, lines: list[str], end: int) -> bool:
    """Prose says "On 3 May the display said:" too, but hardly with an address, or a time of day and "wrote"."""
    if ADDRESS.search(joined) or _quote_follows(lines, end):
        return True
    return bool(TIME.search(joined) and YEAR.search(joined)) and not SPOKEN.search(joined)


def _dates(joined: str, piece: str, lines: list[str], end: int) -> bool:
    """<date> <somebody> wrote: - or <date> <somebody> <address>, the colon being optional."""
    if not (DATE_FIRST.match(piece) and YEAR.search(joined)):
        return False
    return bool(ENDS_WITH_ADDRESS.search(joined) or (VERB.search(joined) and _is_certain(joined, lines, end)))


def _names(joined: str, lines: list[str], end: int) -> bool:
    """<somebody> <address> wrote: - without an address only right above a quote."""
    if NAMED.match(joined) or (VIA.search(joined) and ENDS_WITH_VERB.search(joined[-60:])):
        return True
    return bool(ON_DATE.search(joined)) and (bool(BRACKETED.search(joined)) or _quote_follows(lines, end))


def _quote_follows(lines: list[str], end: int) -> bool:
    after = next((line for line in lines[end + 1 : end + 4] if line.strip()), "")
    return after.lstrip().startswith((">", "|"))


def _bare(line: str) -> str:
    """Without quote marks, emphasis and invisible marks around it."""
    return plain(line[: LONGEST + 1]).strip("*_ \t") if not line.startswith(">>>>> ") else line.rstrip()
