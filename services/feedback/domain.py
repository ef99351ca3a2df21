"""What a feedback is and may become: pure functions from (state, wish) to (new state, events)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from ..contracts.feedback import FeedbackRated, FeedbackReplied, FeedbackSubmitted
from ..contracts.registry import Event
from ..contracts.triage import OUTCOMES, CaseClosed

NEW, ACKNOWLEDGED, IN_PROGRESS, WAITING, REOPENED = "new", "acknowledged", "in_progress", "waiting", "reopened"
DEFAULT_KIND: Final = "question"
"""What a feedback is when its door does not say: the reading that promises an answer and claims nothing else."""

HISTORY_LONGEST: Final = 400
"""Entries; what one person may add to one document must have an end."""


class IllegalMove(Exception):
    """The state does not allow it; the text is for the submitter."""


class UnknownUnit(Exception):
    """No active unit has this id."""


class UnknownService(Exception):
    """The unit lists its services and this is none of them."""


class KeyReused(Exception):
    """The same idempotency key came with something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as far as intake needs it; `answer_days` and `outcome_days` are working days."""

    id: str
    name: str
    addresses: tuple[str, ...]
    services: tuple[str, ...]
    active: bool
    fallback: bool
    time_zone: str
    liaison: str
    liaison_name: str
    answer_days: int
    outcome_days: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The active units, by name."""

    units: tuple[Unit, ...]

    def find(self, unit_id: str | None, service: str | None = None) -> Unit:
        """The unit of this id, or the fallback for None; raises UnknownUnit, UnknownService."""
        unit = next((unit for unit in self.units if unit.id == unit_id), None) if unit_id else self.fallback()
        if unit is None:
            raise UnknownUnit
        if service and unit.services and service not in unit.services:
            raise UnknownService
        return unit

    def fallback(self) -> Unit:
        """The unit that takes what nobody else does."""
        return next((unit for unit in self.units if unit.fallback), self.units[0])

    def by_address(self, local_part: str) -> Unit | None:
        """The unit with this mail address."""
        return next((unit for unit in self.units if local_part.lower() in unit.addresses), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history; `who` is a name, and empty for the submitter."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One feedback as its submitter sees it; `closure` counts its endings, `ratings` has one score per ending."""

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
    outcome_due: datetime | None = None
    status: str = NEW
    closure: int = 0
    ratings: Mapping[int, int] = field(default_factory=dict)
    history: tuple[Entry, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether there is an outcome now."""
        return self.status in OUTCOMES

    @property
    def outcome(self) -> Entry | None:
        """The entry of the present outcome."""
        return next((entry for entry in reversed(self.history) if entry.kind in OUTCOMES), None) if self.ended else None

    @property
    def may_rate(self) -> bool:
        """Whether the present outcome waits for its score."""
        return self.ended and self.closure not in self.ratings

    @property
    def reopen_asked(self) -> bool:
        """Whether the submitter has said, since the outcome, that it is not settled."""
        since = next((i for i, entry in enumerate(reversed(self.history)) if entry.kind in OUTCOMES), 0)
        return self.ended and any(entry.reopen for entry in self.history[len(self.history) - since :])

    @property
    def promised_by(self) -> str:
        """The name on the receipt, whoever has it now."""
        return self.history[0].who or self.liaison_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What came in at a door, its shape already checked; `unit` None means that they are not sure."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What makes one submission a feedback of its own: id, secrets and the promised day."""

    id: str
    person: str
    tracking_token: str
    tracking_hash: str
    fingerprint: str
    answer_due: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """An outcome in open words: what was done or why not, what to do instead, what would change it."""

    text: str | None
    alternative: str | None
    would_change: str | None


Step = tuple[Feedback, list[Event]]


def receive(said: Submission, unit: Unit, labels: Labels, number: str, now: datetime) -> Step:
    """A new feedback; without name and address, or if asked, it is anonymous and neither is kept."""
    anonymous = said.anonymous or not (said.name or said.email)
    name, email = (None, None) if anonymous else (said.name, said.email)
    shared: dict[str, Any] = {
        "number": number,
        "unit": unit.id,
        "service": said.service,
        "kind": said.kind,
        "channel": said.channel,
        "rating": said.rating,
        "language": said.language,
        "anonymous": anonymous,
        "liaison": unit.liaison,
        "liaison_name": unit.liaison_name,
        "answer_due": labels.answer_due,
        "person": labels.person,
        "name": name,
        "email": email,
        "title": said.title,
        "text": said.text,
    }
    feedback = Feedback(
        id=labels.id,
        unit_name=unit.name,
        received_at=now,
        tracking_hash=labels.tracking_hash,
        fingerprint=labels.fingerprint,
        history=(Entry(at=now, kind="received", who=unit.liaison_name),),
        **shared,
    )
    return feedback, [FeedbackSubmitted(tracking_token=labels.tracking_token, **shared)]


def reply(feedback: Feedback, reply_id: str, text: str, reopen: bool, channel: str, now: datetime) -> Step:
    """The submitter answers; the same id again changes nothing. Reopening what is open is a plain reply."""
    known = next((entry for entry in feedback.history if entry.kind == "reply" and entry.id == reply_id), None)
    if known:
        if known.text != text:
            raise KeyReused
        return feedback, []
    if len(feedback.history) >= HISTORY_LONGEST:
        raise IllegalMove("This conversation is full. Please send a new feedback and name this number.")
    reopen = reopen and feedback.ended
    entry = Entry(at=now, kind="reply", text=text, id=reply_id, reopen=reopen)
    event = FeedbackReplied(reply_id=reply_id, channel=channel, reopen=reopen, person=feedback.person, text=text)
    return _noted(feedback, entry), [event]


def rate(feedback: Feedback, rating_id: str, score: int, comment: str | None, now: datetime) -> Step:
    """One score from 1 to 5 for the present outcome; the same id again changes nothing."""
    known = next((entry for entry in feedback.history if entry.kind == "rated" and entry.id == rating_id), None)
    if known:
        if (known.score, known.text) != (score, comment):
            raise KeyReused
        return feedback, []
    if not feedback.ended:
        raise IllegalMove("There is no outcome to rate yet.")
    if not feedback.may_rate:
        raise IllegalMove("You have already rated this outcome.")
    entry = Entry(at=now, kind="rated", text=comment, id=rating_id, score=score, closure=feedback.closure)
    event = FeedbackRated(closure=feedback.closure, score=score, person=feedback.person, comment=comment)
    return replace(_noted(feedback, entry), ratings={**feedback.ratings, feedback.closure: score}), [event]


def opened(feedback: Feedback, owner: str, owner_name: str, outcome_due: datetime, at: datetime) -> Feedback:
    """A case is open; somebody else than the promised liaison is worth a line."""
    return replace(assigned(feedback, owner, owner_name, at), outcome_due=outcome_due)


def assigned(feedback: Feedback, owner: str, owner_name: str, at: datetime) -> Feedback:
    """Somebody has it now."""
    if owner == feedback.liaison:
        return replace(feedback, liaison_name=owner_name)
    changed = replace(feedback, liaison=owner, liaison_name=owner_name)
    return _noted(changed, Entry(at=at, kind="assigned", who=owner_name))


def moved(feedback: Feedback, status: str, entry: Entry) -> Feedback:
    """The case went on."""
    return replace(_noted(feedback, entry), status=status)


def closed(feedback: Feedback, said: CaseClosed, words: Words, at: datetime) -> Feedback:
    """The case ended, and its words are for the submitter."""
    entry = Entry(
        at=at,
        kind=said.outcome,
        who=said.by_name,
        text=words.text,
        closure=said.closure,
        reason=said.reason,
        alternative=words.alternative,
        would_change=words.would_change,
        link=said.link,
        number=said.duplicate_of_number,
    )
    return replace(moved(feedback, said.outcome, entry), closure=said.closure)


def _noted(feedback: Feedback, entry: Entry) -> Feedback:
    return replace(feedback, history=(*feedback.history, entry))
