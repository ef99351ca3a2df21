"""What a submitter, and who joins them, does with a case; nothing of it needs anybody's leave."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ...contracts.triage import CaseResumed
from .case import Case, Change
from .outcomes import Withdrawn, or_none
from .parts import Entry

REPLIED, CORRECTED, JOINED = "replied", "corrected", "joined"
KEPT_MOST: Final = 4_000_000
"""UTF-8 bytes of the words in a case beyond which corrected ones are no longer kept: a document must have an end."""


def reply(case: Case, said: Entry) -> Change:
    """The submitter wrote again; an open question counts as answered.

    What came from elsewhere, or from a sender nobody could confirm, is kept and answers nothing.
    """
    entry = replace(said, what=REPLIED, who=case.submitter_name if said.sender is None else None)
    if case.state == "waiting" and said.sender is None and said.verified is not False:
        return case.moved(entry, state="in_progress", unread_since=said.at), [CaseResumed()]
    return case.moved(entry, unread_since=said.at), []


def correct(case: Case, text: str, at: datetime) -> Change:
    """The submitter put right what somebody wrote down for them; the former words stay in the history.

    The first ones always; later ones while there is room for them.
    """
    first = all(entry.what != CORRECTED for entry in case.timeline)
    former = (case.text, case.full_text) if first or _bytes(case) <= KEPT_MOST else ()
    entry = Entry(at, CORRECTED, case.submitter_name, *former)
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


def _bytes(case: Case) -> int:
    words = (text or "" for entry in case.timeline for text in (entry.text, entry.full_text))
    return sum(len(text.encode(errors="surrogatepass")) for text in words)
