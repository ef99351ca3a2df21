"""Cases in the words of the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ..domain import CATALOGUE, Case, Entry

SOON: Final = timedelta(days=1)
KINDS: Final = {"complaint": "Problem", "idea": "Idea", "need": "Need", "praise": "Praise", "question": "Question"}
CHANNELS: Final = {"web": "the form", "email": "e-mail", "api": "another program"}
MAILS: Final = {"receipt": "The receipt", "question": "The question", "outcome": "The closing message"}
BECAUSE: Final = {
    "budget": "We could not do this, because there is no money for it at present.",
    "security": "We could not do this, because it would put systems or information at risk.",
    "policy": "We could not do this, because a rule of the company stands against it.",
    "capacity": "We could not do this, because we do not have the people for it at present.",
    "exists_already": "We did not do this, because there is a way to do it already.",
    "no_value": "We did not do this, because the effort would be greater than what it brings.",
    "not_ours": "We could not do this, because it is not ours to decide.",
}
"""How the closing mail begins; the preview reads like it."""

SCORES: Final = {1: "very bad", 2: "bad", 3: "fair", 4: "good", 5: "very good"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation; `kind` is submitter, staff, note or system."""

    kind: str
    who: str
    at: datetime
    text: str


def conversation(case: Case) -> list[Line]:
    """Everything people said and did about a case, oldest first."""
    lines = [line for entry in case.timeline for line in _lines(entry, case)]
    for rating in case.ratings:
        lines.append(Line("system", "", rating.at, f"Rated {rating.score} of 5, {SCORES[rating.score]}."))
        if rating.comment:
            lines.append(Line("submitter", submitter(case), rating.at, rating.comment))
    return sorted(lines, key=lambda line: line.at)


def submitter(case: Case) -> str:
    """What to call who wrote."""
    return case.submitter_name or "Somebody"


def mails(case: Case) -> list[Line]:
    """What became of the messages to the submitter."""
    return [Line("system", "", mail.at, _mail(mail.kind, mail.channel, mail.reason)) for mail in case.mails]


def undelivered(case: Case) -> str | None:
    """What the submitter will not have read, if the last word on a message is that it failed."""
    failed = next((mail for mail in reversed(case.mails) if mail.reason), None)
    later = failed and any(
        mail.reason is None and mail.kind == failed.kind and mail.at > failed.at for mail in case.mails
    )
    return _mail(failed.kind, failed.channel, failed.reason) if failed and not later else None


def urgency(due: datetime | None, now: datetime) -> str | None:
    """`late`, `soon`, or None while there is time."""
    if due is None:
        return None
    return "late" if due < now else "soon" if due - now <= SOON else None


def due_words(due: datetime | None, now: datetime, time_zone: str) -> str:
    """The due day as a queue says it: today, 2 days late, Thu 26 Nov."""
    if due is None:
        return ""
    day, today = due.astimezone(ZoneInfo(time_zone)).date(), now.astimezone(ZoneInfo(time_zone)).date()
    if due < now:
        days = (today - day).days
        return "just late" if days == 0 else f"{days} day{'s' if days > 1 else ''} late"
    names = {0: "today", 1: "tomorrow"}
    return names.get((day - today).days, f"{day:%a} {day.day} {day:%b}")


def age(since: datetime, now: datetime) -> str:
    """How old, in one short word: 20 min, 3 h, 4 d."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 0)} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _lines(entry: Entry, case: Case) -> Iterator[Line]:
    who, text = entry.who or submitter(case), entry.text or ""
    match entry.what:
        case "received":
            yield Line("submitter", submitter(case), entry.at, case.text)
        case "replied":
            yield Line("submitter", who, entry.at, text)
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


def _mail(kind: str, channel: str, reason: str | None) -> str:
    what = MAILS.get(kind, kind.capitalize())
    if reason:
        return f"{what} could not be delivered ({reason})."
    return f"{what} waits on the tracking page, as there is no address." if channel == "page" else f"{what} was sent."


def reason_label(code: str) -> str:
    """A reason as people read it."""
    return CATALOGUE[code].label if code in CATALOGUE else code
