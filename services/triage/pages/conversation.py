"""The conversation of a case, line by line: what people said and did, and how it came here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from ...contracts.files import File
from ..domain import Case, Entry
from .say import submitter

SCORES: Final = {1: "very bad", 2: "bad", 3: "fair", 4: "good", 5: "very good"}
HIDDEN: Final = ("duplicate", "withdrawn")
"""What nobody finds any more, shared or not."""

UNCONFIRMED: Final = "Our mail server could not confirm that this mail comes from the address it names."


@dataclass(frozen=True, slots=True)
class Mark:
    """What staff must know before they believe a line: a word, and a sentence that explains it."""

    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation; `kind` is submitter, staff, note or system.

    `remarks` say how it came here, `folded` is (what opens it, text).
    """

    kind: str
    who: str
    at: datetime
    text: str
    marks: tuple[Mark, ...] = ()
    remarks: tuple[str, ...] = ()
    folded: tuple[str, str] | None = None
    files: tuple[File, ...] = ()


def conversation(case: Case, time_zone: str) -> list[Line]:
    """Everything people said and did about a case, oldest first."""
    lines = []
    for what, entries in groupby(case.timeline, lambda entry: entry.what):
        some = list(entries)
        lines += [_joined(some)] if what == "joined" else [one for entry in some for one in _lines(entry, case)]
    first, *rest = lines
    lines = [_first(first, case, time_zone), *rest]
    for rating in case.ratings:
        lines.append(Line("system", "", rating.at, f"Rated {rating.score} of 5, {SCORES[rating.score]}."))
        if rating.comment:
            lines.append(Line("submitter", submitter(case), rating.at, rating.comment))
    return sorted(lines, key=lambda line: line.at)


def _first(line: Line, case: Case, time_zone: str) -> Line:
    """What was said at the beginning, with how it came here."""
    return replace(
        line,
        marks=_marks(case.verified, None),
        remarks=tuple(_remarks(case, time_zone)),
        folded=_whole(case.full_text),
        files=case.files,
    )


def _remarks(case: Case, time_zone: str) -> Iterator[str]:
    if case.recorded_by:
        yield f"{case.recorded_by} wrote this down for {case.submitter_name or 'somebody'}."
    if case.said_at:
        day = case.said_at.astimezone(ZoneInfo(time_zone))
        yield f"Said on {day.day} {day:%B %Y}, {'imported' if case.channel == 'import' else 'written down later'}."
    if case.shared and case.state not in HIDDEN:
        yield "Shared: others can read this, join, and read how it ends."


def _marks(verified: bool | None, sender: str | None) -> tuple[Mark, ...]:
    marks = []
    if sender:
        sentence = f"{sender}. This answers no question and reopens nothing by itself."
        marks.append(Mark("From another address", sentence))
    if verified is False:
        marks.append(Mark("Sender not confirmed", UNCONFIRMED))
    return tuple(marks)


def _whole(full_text: str | None) -> tuple[str, str] | None:
    return ("Show the whole mail", full_text) if full_text else None


def _joined(some: Sequence[Entry]) -> Line:
    """Those who joined one after the other, in one line."""
    named = [entry.who for entry in some if entry.who]
    others = len(some) - len(named[:3])
    names = named[:3] + ([f"{others} other{'s' if others > 1 else ''}" if named else _people(others)] if others else [])
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return Line("system", "", some[-1].at, f"{text} {'says' if len(some) == 1 else 'say'} the same.")


def _people(count: int) -> str:
    return "Somebody" if count == 1 else f"{count} people"


def _lines(entry: Entry, case: Case) -> Iterator[Line]:
    who, text = entry.who or submitter(case), entry.text or ""
    match entry.what:
        case "received":
            yield Line("submitter", submitter(case), entry.at, case.text)
        case "replied":
            marks, folded = _marks(entry.verified, entry.sender), _whole(entry.full_text)
            by = "Somebody" if entry.sender else who
            yield Line("submitter", by, entry.at, text, marks, folded=folded, files=entry.files)
        case "corrected":
            former = ("Show the former words", text) if text else None
            yield Line("system", "", entry.at, f"{who} put the words right.", folded=former)
        case "withdrawn":
            by = f"{entry.who or 'The submitter'} withdrew it"
            yield Line("submitter", by, entry.at, text) if text else Line("system", "", entry.at, f"{by}.")
        case "asked":
            yield Line("staff", f"{who} asked", entry.at, text)
        case "note":
            yield Line("note", who, entry.at, text)
        case "done":
            yield Line("staff", f"{who} closed it as done", entry.at, text)
        case "declined":
            yield Line("staff", f"{who} declined it", entry.at, text)
        case "acknowledged":
            yield Line("system", "", entry.at, f"{who} acknowledged it.")
        case "assigned":
            yield Line("system", "", entry.at, f"{who} gave it to {text}.")
        case "duplicate":
            yield Line("system", "", entry.at, f"{who} closed it as a duplicate of {text}.")
        case "reopened":
            yield Line("system", "", entry.at, f"{who} opened it again.")
