"""What a submitter, and who joins them, does with a case; nothing of it needs anybody's leave."""

from dataclasses import replace
from datetime import datetime

from ...contracts.triage import CaseResumed
from .case import Case, Change
from .outcomes import Withdrawn, or_none
from .parts import Entry

REPLIED, CORRECTED, JOINED = "replied", "corrected", "joined"


def reply(case: Case, said: Entry) -> Change:
    """The submitter wrote again; an open question counts as answered.

    What came from elsewhere, or from a sender nobody could confirm, is kept and answers nothing.
    """
    entry = replace(said, what=REPLIED, who=case.submitter_name if said.sender is None else None)
    if case.state == "waiting" and said.sender is None and said.verified is not False:
        return case.moved(entry, state="in_progress", unread_since=said.at), [CaseResumed()]
    return case.moved(entry, unread_since=said.at), []


def correct(case: Case, text: str, at: datetime) -> Change:
    """The submitter put right what somebody wrote down for them; the former words stay in the history."""
    entry = Entry(at, CORRECTED, case.submitter_name, case.text, case.full_text)
    return case.moved(entry, text=text, full_text=None, unread_since=at), []


def join(case: Case, name: str | None, voices: int, at: datetime) -> Change:
    """Somebody else says the same. No revision: what staff are writing stays right."""
    entry = Entry(at, JOINED, name)
    return replace(case, timeline=(*case.timeline, entry), voices=max(case.voices, voices)), []


def withdraw(case: Case, why: str | None, at: datetime) -> Change:
    """The submitter ends it; what has ended stays as it is.

    The event names nobody: a submitter's name stands sealed or not at all, and no liaison did this.
    """
    if not case.is_open:
        return case, []
    outcome = Withdrawn(or_none(why))
    return case.ended(Entry(at, outcome.STATE, case.submitter_name, outcome.why), outcome, by_name="")
