"""A journey: the facts of one feedback from its arrival to its last outcome. It holds nothing personal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ...contracts.feedback import IMPORT
from ...contracts.triage import WITHDRAWN

SENT, PAGE, FAILED = "sent", "page", "failed"
DELIVERED: Final = (SENT, PAGE)
"""Where there is no address, the tracking page is how the submitter hears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """One ending of the case; `number` counts from 1."""

    number: int
    at: datetime
    outcome: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The facts: `closures` by number, `pulses` as (closure, score), `told` the closures whose message arrived.

    `received_at` is when something imported was said; `voices` counts who says it, the submitter included. `due_again`
    holds the two days promised when it was reopened last; `answered` counts from there.
    """

    id: str
    number: str
    unit: str
    service: str | None
    kind: str
    channel: str
    language: str
    anonymous: bool
    rating: int | None
    received_at: datetime
    answer_due: datetime
    outcome_due: datetime | None
    first_answer_at: datetime | None
    open: bool
    closures: tuple[Closure, ...] = ()
    reopened: int = 0
    pulses: tuple[tuple[int, int], ...] = ()
    told: tuple[int, ...] = ()
    answered: bool = False
    due_again: tuple[datetime, datetime] | None = None
    voices: int = 1

    @property
    def imported(self) -> bool:
        """Whether it was said elsewhere, long ago: nobody was promised a day then."""
        return self.channel == IMPORT

    @property
    def withdrawn_at(self) -> datetime | None:
        """When the submitter withdrew it, if that is how it ended."""
        return self.closures[-1].at if self.ended and self.closures[-1].outcome == WITHDRAWN else None

    @property
    def outcomes(self) -> tuple[Closure, ...]:
        """The endings that somebody of staff decided."""
        return tuple(closure for closure in self.closures if closure.outcome != WITHDRAWN)

    @property
    def told_outcome(self) -> bool:
        """Whether the submitter was told an outcome, and so asked how it went."""
        return any(closure.number in self.told for closure in self.outcomes)

    @property
    def score(self) -> int | None:
        """The pulse of the latest closure that has one."""
        return max(self.pulses)[1] if self.pulses else None

    @property
    def ended(self) -> bool:
        """Whether it has an outcome and is not open again."""
        return bool(self.closures) and not self.open

    @property
    def loop_closed(self) -> bool:
        """Whether it has ended and the submitter was told of that very ending."""
        return self.ended and self.closures[-1].number in self.told

    @property
    def time_to_answer(self) -> timedelta | None:
        """From arrival to the first answer."""
        return self.first_answer_at - self.received_at if self.first_answer_at and not self.imported else None

    @property
    def time_to_outcome(self) -> timedelta | None:
        """From arrival to the latest outcome, for what has ended with one."""
        if self.imported or self.withdrawn_at or not self.ended:
            return None
        return self.closures[-1].at - self.received_at

    @property
    def state(self) -> str:
        """The status as the page shows it."""
        if self.ended:
            return self.closures[-1].outcome
        if self.reopened:
            return "reopened"
        return "in_progress" if self.first_answer_at else "new"

    def answer_kept(self, now: datetime) -> bool | None:
        """Whether the promised first answer came in time; None while the day is still to come, or came no more."""
        return None if self.imported else _kept(self.first_answer_at, self.answer_due, self._until(now))

    def outcome_kept(self, now: datetime) -> bool | None:
        """Whether the first outcome came in time; None while the day is to come, is not promised, or came no more."""
        first = self.outcomes[0].at if self.outcomes else None
        return None if self.imported else _kept(first, self.outcome_due, self._until(now))

    def overdue(self, now: datetime) -> bool:
        """Whether the submitter waits at this moment for an answer or an outcome past its promised day."""
        if self.imported or self.ended or (self.reopened and self.due_again is None):
            return False
        answer_due, outcome_due = self.due_again or (self.answer_due, self.outcome_due)
        answered = self.answered if self.due_again else self.first_answer_at is not None
        return (not answered and now > answer_due) or (outcome_due is not None and now > outcome_due)

    def _until(self, now: datetime) -> datetime:
        """The moment by which promises count: what is withdrawn needs nothing any more."""
        return min(now, self.withdrawn_at or now)


def _kept(at: datetime | None, due: datetime | None, now: datetime) -> bool | None:
    if due is None:
        return None
    if at is not None:
        return at <= due
    return False if now > due else None
