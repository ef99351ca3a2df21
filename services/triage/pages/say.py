"""Cases in the words of the pages."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ..domain import CATALOGUE, Case, Mail

SOON: Final = timedelta(days=1)
KINDS: Final = {"complaint": "Problem", "idea": "Idea", "need": "Need", "praise": "Praise", "question": "Question"}
CHANNELS: Final = {
    "web": "the form",
    "widget": "the form on another site",
    "email": "e-mail",
    "api": "another program",
    "liaison": "word of mouth",
    "import": "import",
}
MAILS: Final = {
    "receipt": "The receipt",
    "joined": "The receipt",
    "question": "The question",
    "outcome": "The closing message",
}
BOUNCED: Final = "bounced"
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


def submitter(case: Case) -> str:
    """What to call who wrote."""
    return case.submitter_name or "Somebody"


def voices(count: int) -> str | None:
    """How many say this, where it is more than one."""
    return f"{count} voices" if count > 1 else None


def mails(case: Case) -> list[tuple[datetime, str]]:
    """What became of the messages about it, each with its time."""
    return [(mail.at, _mail(mail, case)) for mail in case.mails]


def undelivered(case: Case) -> str | None:
    """What the submitter will not have read, if the last word on a message is that it failed."""
    own = [mail for mail in case.mails if mail.voice is None]
    failed = next((mail for mail in reversed(own) if mail.reason), None)
    later = failed and any(mail.reason is None and mail.kind == failed.kind and mail.at > failed.at for mail in own)
    return _mail(failed, case) if failed and not later else None


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


def _mail(mail: Mail, case: Case) -> str:
    what = MAILS.get(mail.kind, mail.kind.capitalize()) + (" for somebody who joined" if mail.voice else "")
    if mail.reason and mail.reason.startswith(BOUNCED):
        status = mail.reason.removeprefix(BOUNCED).strip("-")
        return f"{what} came back undelivered{f' ({status})' if status else ''}."
    if mail.reason:
        return f"{what} could not be delivered ({mail.reason})."
    if mail.channel != "page":
        return f"{what} was sent."
    unknown = "" if case.has_address or mail.voice else ", as there is no address"
    return f"{what} waits on the tracking page{unknown}."


def reason_label(code: str) -> str:
    """A reason as people read it."""
    return CATALOGUE[code].label if code in CATALOGUE else code
