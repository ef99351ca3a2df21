"""A case: one feedback on its way to an outcome. Every move returns the new case and the events that say so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...contracts.files import File
from ...contracts.notify import OUTCOME
from ...contracts.registry import Event
from ...contracts.triage import (
    CaseAcknowledged,
    CaseAssigned,
    CaseClosed,
    CaseReopened,
    QuestionAsked,
)
from .outcomes import ENDINGS, Declined, Done, Duplicate, Outcome, WordsMissing, need, or_none, words
from .parts import MOVES, STATES, Entry, IllegalMove, Mail, Rating, Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One feedback's case; `revision` counts what people did to it, `closures` how often it ended.

    `unread_since` is the time of a reply that nobody has reacted to; `voices` counts who says this, the submitter
    included. `full_text`, `verified`, `recorded_by`, `said_at` and `shared` mean what they mean in FeedbackSubmitted.
    """

    id: str
    number: str
    unit: str
    service: str | None
    kind: str
    channel: str
    language: str
    rating: int | None
    person: str
    submitter_name: str | None
    has_address: bool
    title: str | None
    text: str
    owner: Staff
    received_at: datetime
    answer_due: datetime
    outcome_due: datetime
    state: str = "new"
    revision: int = 1
    closures: int = 0
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    timeline: tuple[Entry, ...] = ()
    mails: tuple[Mail, ...] = ()
    ratings: tuple[Rating, ...] = ()
    unread_since: datetime | None = None
    full_text: str | None = None
    files: tuple[File, ...] = ()
    verified: bool | None = None
    recorded_by: str | None = None
    said_at: datetime | None = None
    shared: bool = False
    voices: int = 1

    def __post_init__(self) -> None:
        if self.state not in STATES or not self.owner.id:
            raise ValueError("a case needs a known state and an owner")
        ending = ENDINGS.get(self.state)
        if (type(self.outcome) if self.outcome else None) is not ending:
            raise WordsMissing("outcome", "An ended case carries the words of its ending, an open one none.")

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes an outcome."""
        return self.outcome is None

    @property
    def due(self) -> datetime | None:
        """The promise that counts now: the first answer, then the outcome; None when ended."""
        if not self.is_open:
            return None
        return self.outcome_due if self.answered_at else self.answer_due

    @property
    def untold_since(self) -> datetime | None:
        """When it ended, as long as nothing is known of the message about that very ending."""
        own = (mail for mail in self.mails if mail.voice is None)
        told = any(mail.kind == OUTCOME and mail.closure == self.closures for mail in own)
        return None if told or self.is_open else self.closed_at

    @property
    def headline(self) -> str:
        """The title, or the first line of what was written."""
        return self.title or next(iter(self.text.strip().splitlines()), "")

    @property
    def submitter(self) -> dict[str, str | bool | None]:
        """Who wrote, as far as staff need it; the address itself is for the mail alone."""
        return {"name": self.submitter_name, "has_address": self.has_address}

    def acknowledge(self, by: Staff, now: datetime) -> "Change":
        """Somebody has read it and works on it."""
        self._allow("acknowledge")
        entry = Entry(now, "acknowledged", by.name)
        case = self.moved(entry, state="acknowledged", answered_at=self.answered_at or now)
        return case, [CaseAcknowledged(by_name=by.name)]

    def ask(self, question: str, question_id: str, by: Staff, now: datetime) -> "Change":
        """Wait for the submitter's answer to a question."""
        self._allow("ask")
        need(question, "question", "Write the question.")
        case = self.moved(Entry(now, "asked", by.name, question), state="waiting", answered_at=self.answered_at or now)
        return case, [QuestionAsked(question_id=question_id, by_name=by.name, person=self.person, question=question)]

    def note(self, text: str, by: Staff, now: datetime) -> "Change":
        """Write something that only staff will ever see; says nothing to anybody."""
        need(text, "text", "Write the note.")
        return self.moved(Entry(now, "note", by.name, text)), []

    def assign(self, owner: Staff, by: Staff, now: datetime) -> "Change":
        """Give it to somebody else; giving it to its owner changes nothing."""
        self._allow("assign")
        if owner.id == self.owner.id:
            return self, []
        case = self.moved(Entry(now, "assigned", by.name, owner.name), owner=owner)
        return case, [CaseAssigned(owner=owner.id, owner_name=owner.name)]

    def done(self, what_was_done: str, link: str | None, by: Staff, now: datetime) -> "Change":
        """End it: this was done."""
        self._allow("done")
        return self._end(Done(what_was_done, or_none(link)), what_was_done, by, now)

    def decline(
        self, reason: str, explanation: str, alternative: str | None, would_change: str | None, by: Staff, now: datetime
    ) -> "Change":
        """End it: this will not be done, and why."""
        self._allow("decline")
        outcome = Declined(reason, explanation, or_none(alternative), or_none(would_change))
        return self._end(outcome, explanation, by, now)

    def duplicate(self, original: "Case", by: Staff, now: datetime) -> "Change":
        """End it: `original` carries it on. The original is another case, still open."""
        self._allow("duplicate")
        if original.id == self.id:
            raise IllegalMove("A case cannot be a duplicate of itself.")
        if original.state == Duplicate.STATE:
            raise IllegalMove("That case is a duplicate itself; name its original.")
        if not original.is_open:
            raise IllegalMove("That case has ended; answer this one itself.")
        return self._end(Duplicate(original.id, original.number), original.number, by, now)

    def reopen(self, answer_due: datetime, outcome_due: datetime, now: datetime, by: Staff | None = None) -> "Change":
        """Open an ended case again, with two new promised days; without `by` the submitter wants it."""
        self._allow("reopen")
        case = self.moved(
            Entry(now, "reopened", by.name if by else self.submitter_name),
            state="reopened",
            outcome=None,
            closed_at=None,
            answered_at=None,
            answer_due=answer_due,
            outcome_due=outcome_due,
        )
        event = CaseReopened(
            by_submitter=by is None,
            owner=self.owner.id,
            owner_name=self.owner.name,
            answer_due=answer_due,
            outcome_due=outcome_due,
        )
        return case, [event]

    def seen(self) -> "Change":
        """Somebody read the reply and has nothing to answer; every other move of staff says the same."""
        self._allow("seen")
        return replace(self, revision=self.revision + 1, unread_since=None), []

    def rated(self, rating: Rating) -> "Case":
        """The submitter told how satisfied they are with an outcome."""
        return replace(self, ratings=(*self.ratings, rating))

    def told(self, mail: Mail) -> "Case":
        """What became of a notification; the same news again changes nothing. No revision: nobody decided anything.

        What was sent may come back later, and that is the last word on it.
        """
        known = next((one for one in self.mails if one.id == mail.id), None)
        if known and (known.reason or not mail.reason):
            return self
        return replace(self, mails=(*(one for one in self.mails if one.id != mail.id), mail))

    def allows(self, move: str) -> bool:
        """Whether the case is in a state for this move."""
        return self.unread_since is not None if move == "seen" else self.state in MOVES.get(move, STATES)

    def _allow(self, move: str) -> None:
        if not self.allows(move):
            raise IllegalMove(f"This case is {self.state.replace('_', ' ')}; that cannot be done with it now.")

    def ended(self, entry: Entry, outcome: Outcome, by_name: str) -> "Change":
        """The case as it ends with this line, and the event; for the moves that end it."""
        closure = self.closures + 1
        case = self.moved(entry, state=outcome.STATE, outcome=outcome, closures=closure, closed_at=entry.at)
        event = CaseClosed(
            closure=closure,
            outcome=outcome.STATE,
            unit=self.unit,
            kind=self.kind,
            by_name=by_name,
            person=self.person,
            **words(outcome),
        )
        return case, [event]

    def moved(self, entry: Entry, **changes: Any) -> "Case":
        """The case with one more line of history and these changes; for the moves alone."""
        changes = {"unread_since": None, **changes}
        return replace(self, timeline=(*self.timeline, entry), revision=self.revision + 1, **changes)

    def _end(self, outcome: Outcome, text: str, by: Staff, now: datetime) -> "Change":
        case, events = self.ended(Entry(now, outcome.STATE, by.name, text), outcome, by.name)
        return replace(case, answered_at=self.answered_at or now), events


Change = tuple[Case, Sequence[Event]]
