"""A feedback as its submitter sees it, and what comes in at a door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ...contracts.files import File
from ...contracts.triage import ENDINGS, WITHDRAWN
from .files import Refused

NEW, ACKNOWLEDGED, IN_PROGRESS, WAITING, REOPENED = "new", "acknowledged", "in_progress", "waiting", "reopened"
WITHDREW, CORRECTED = "withdrew", "corrected"
"""Entries of the submitter's own: they took it back, they put right what somebody had written down."""

DEFAULT_KIND: Final = "question"
"""What a feedback is when its door does not say: the reading that promises an answer and claims nothing else."""

SHAREABLE: Final = ("idea", "need", "question")
"""Kinds that others may read if the submitter says so; a complaint or praise is about somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What came in at a door, its shape already checked; `unit` None means that they are not sure.

    `full_text`, `verified`, `recorded_by`, `said_at` and `shared` mean what they mean in FeedbackSubmitted.
    """

    channel: str
    text: str
    unit: str | None = None
    service: str | None = None
    kind: str = DEFAULT_KIND
    rating: int | None = None
    language: str = "en"
    anonymous: bool = False
    name: str | None = None
    email: str | None = None
    title: str | None = None
    full_text: str | None = None
    files: tuple[File, ...] = ()
    verified: bool | None = None
    recorded_by: str | None = None
    said_at: datetime | None = None
    shared: bool = False
    refused: tuple[Refused, ...] = ()

    @property
    def nameless(self) -> bool:
        """Whether nothing of who said it is kept: because they asked for that, or gave neither name nor address."""
        return self.anonymous or not (self.name or self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history; `who` is a name, and empty for the submitter.

    `due` is the day promised then, `before` the one it replaces. The first entry has a `text` once the words it came
    with were corrected.

    A reply by mail may have a `full_text`, be from another `sender`, and be of one nobody `verified`.
    """

    at: datetime
    kind: str
    who: str | None = None
    text: str | None = None
    id: str | None = None
    closure: int | None = None
    reason: str | None = None
    alternative: str | None = None
    would_change: str | None = None
    link: str | None = None
    number: str | None = None
    score: int | None = None
    reopen: bool = False
    due: datetime | None = None
    before: datetime | None = None
    full_text: str | None = None
    files: tuple[File, ...] = ()
    sender: str | None = None
    verified: bool | None = None
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Somebody who said "me too"; their secret link's digest leads to what is shared, not to the submitter's page."""

    id: str
    person: str
    name: str | None
    email: str | None
    language: str
    tracking_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One feedback as its submitter sees it; `closure` counts its endings, `ratings` has one score per ending.

    Days are promised in `time_zone`, the unit's: they have to be shown in it. `code_hash` is the digest of the code
    that brings an anonymous submitter back, `client` the API client that sent it.
    """

    id: str
    number: str
    unit: str
    unit_name: str
    service: str | None
    kind: str
    channel: str
    rating: int | None
    language: str
    anonymous: bool
    person: str
    name: str | None
    email: str | None
    title: str | None
    text: str
    received_at: datetime
    answer_due: datetime
    liaison: str
    liaison_name: str
    tracking_hash: str
    fingerprint: str
    time_zone: str | None = None
    outcome_due: datetime | None = None
    status: str = NEW
    closure: int = 0
    ratings: Mapping[int, int] = field(default_factory=dict)
    history: tuple[Entry, ...] = ()
    full_text: str | None = None
    files: tuple[File, ...] = ()
    verified: bool | None = None
    recorded_by: str | None = None
    said_at: datetime | None = None
    shared: bool = False
    voices: tuple[Voice, ...] = ()
    code_hash: str | None = None
    refused: tuple[Refused, ...] = ()
    client: str | None = None

    @property
    def ended(self) -> bool:
        """Whether there is an outcome now."""
        return self.status in ENDINGS

    @property
    def outcome(self) -> Entry | None:
        """The entry of the present outcome."""
        return next((entry for entry in reversed(self.history) if entry.kind in ENDINGS), None) if self.ended else None

    @property
    def may_rate(self) -> bool:
        """Whether the present outcome waits for its score; what was withdrawn is nobody's work."""
        return self.ended and self.status != WITHDRAWN and self.closure not in self.ratings

    @property
    def reopen_asked(self) -> bool:
        """Whether the submitter has said, since the outcome, that it is not settled."""
        since = next((i for i, entry in enumerate(reversed(self.history)) if entry.kind in ENDINGS), 0)
        return self.ended and any(entry.reopen for entry in self.history[len(self.history) - since :])

    @property
    def withdraw_asked(self) -> bool:
        """Whether the submitter has taken it back, and the case is about to end for that."""
        for entry in reversed(self.history):
            if entry.kind == WITHDREW:
                return True
            if entry.kind in (*ENDINGS, REOPENED) or entry.reopen:
                return False
        return False

    @property
    def may_withdraw(self) -> bool:
        """Whether there is something left to take back."""
        return not self.ended and not self.withdraw_asked

    @property
    def may_correct(self) -> bool:
        """Whether somebody else chose these words, and they still matter."""
        return self.recorded_by is not None and self.may_withdraw

    @property
    def moved_promise(self) -> Entry | None:
        """The entry that put another day in the place of the one promised before, while that day still counts."""
        last = next((entry for entry in reversed(self.history) if entry.due), None)
        return last if last and last.before and last.due == self.outcome_due and not self.ended else None

    @property
    def all_files(self) -> tuple[File, ...]:
        """Every file that came with it, then or later."""
        return (*self.files, *(file for entry in self.history for file in entry.files))

    @property
    def promised_by(self) -> str:
        """The name on the receipt, whoever has it now."""
        return self.history[0].who or self.liaison_name

    @property
    def promised_due(self) -> datetime:
        """The day on the receipt, whatever was promised since."""
        return self.history[0].due or self.answer_due
