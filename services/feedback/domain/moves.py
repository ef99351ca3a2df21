"""What may happen to a feedback: pure functions from (state, wish) to (new state, events)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from ...contracts import files
from ...contracts.feedback import FeedbackRated, FeedbackReplied, FeedbackSubmitted
from ...contracts.files import File
from ...contracts.registry import Event
from ...contracts.triage import CaseClosed
from .directory import Unit
from .feedback import REOPENED, SHAREABLE, Entry, Feedback, Submission
from .files import Refused
from .room import has_room

HISTORY_LONGEST: Final = 400
"""Entries; what one person may add to one document must have an end, as `room` says of the words."""
FULL: Final = "This conversation is full. Please send a new feedback and name this number."


class IllegalMove(Exception):
    """The state does not allow it; the text is for the submitter."""


class KeyReused(Exception):
    """The same idempotency key came with something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What makes one submission a feedback of its own: id, secrets and the promised day."""

    id: str
    person: str
    tracking_token: str
    tracking_hash: str
    fingerprint: str
    answer_due: datetime
    code_hash: str
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """An outcome in open words: what was done or why not, what to do instead, what would change it."""

    text: str | None
    alternative: str | None
    would_change: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the submitter answers; the fields mean what they mean in FeedbackReplied."""

    id: str
    text: str
    channel: str
    reopen: bool = False
    full_text: str | None = None
    files: tuple[File, ...] = ()
    sender: str | None = None
    verified: bool | None = None
    refused: tuple[Refused, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether it may act: a mail from elsewhere, or of a sender nobody could confirm, only says something."""
        return self.sender is None and self.verified is not False


Step = tuple[Feedback, list[Event]]


def receive(said: Submission, unit: Unit, labels: Labels, number: str, now: datetime) -> Step:
    """A new feedback; without name and address, or if asked, it is anonymous and neither is kept."""
    anonymous = said.nameless
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
        "time_zone": unit.time_zone,
        "person": labels.person,
        "name": name,
        "email": email,
        "title": said.title,
        "text": said.text,
        "full_text": said.full_text,
        "verified": said.verified,
        "recorded_by": said.recorded_by,
        "said_at": said.said_at,
        "shared": said.shared and said.kind in SHAREABLE,
    }
    feedback = Feedback(
        id=labels.id,
        unit_name=unit.name,
        received_at=now,
        tracking_hash=labels.tracking_hash,
        fingerprint=labels.fingerprint,
        code_hash=labels.code_hash if anonymous else None,
        client=labels.client,
        files=said.files,
        refused=said.refused,
        history=(Entry(at=now, kind="received", who=unit.liaison_name, due=labels.answer_due),),
        **shared,
    )
    return feedback, [FeedbackSubmitted(tracking_token=labels.tracking_token, files=files.dump(said.files), **shared)]


def reply(feedback: Feedback, said: Reply, now: datetime) -> Step:
    """The submitter answers; the same id again changes nothing. Reopening what is open is a plain reply."""
    known = next((entry for entry in feedback.history if entry.kind == "reply" and entry.id == said.id), None)
    if known:
        if (known.text, known.reopen, _contents(known.files)) != (said.text, said.reopen, _contents(said.files)):
            raise KeyReused
        return feedback, []
    names = [*(file.name for file in said.files), *(file.name for file in said.refused)]
    if len(feedback.history) >= HISTORY_LONGEST or not has_room(feedback, said.text, said.full_text, *names):
        raise IllegalMove(FULL)
    shared: dict[str, Any] = {
        "text": said.text,
        "full_text": said.full_text,
        "sender": said.sender,
        "verified": said.verified,
    }
    entry = Entry(
        at=now, kind="reply", id=said.id, reopen=said.reopen, files=said.files, refused=said.refused, **shared
    )
    event = FeedbackReplied(
        reply_id=said.id,
        channel=said.channel,
        reopen=said.reopen and said.trusted and (feedback.ended or feedback.withdraw_asked),
        person=feedback.person,
        files=files.dump(said.files),
        **shared,
    )
    return noted(feedback, entry), [event]


def rate(
    feedback: Feedback, rating_id: str, score: int, comment: str | None, closure: int | None, now: datetime
) -> Step:
    """One score from 1 to 5 for the present outcome; the same id again changes nothing.

    `closure` is the outcome that the submitter saw; None is for whoever does not say.
    """
    known = next((entry for entry in feedback.history if entry.kind == "rated" and entry.id == rating_id), None)
    if known:
        if (known.score, known.text, known.closure) != (score, comment, closure or known.closure):
            raise KeyReused
        return feedback, []
    if not feedback.ended:
        raise IllegalMove("There is no outcome to rate yet.")
    if closure not in (None, feedback.closure):
        raise IllegalMove("There is another outcome by now. Please read it, and rate that one.")
    if not feedback.may_rate:
        raise IllegalMove("You have already rated this outcome.")
    if comment and not has_room(feedback, comment):
        raise IllegalMove("This conversation is full. Please give the score without words.")
    entry = Entry(at=now, kind="rated", text=comment, id=rating_id, score=score, closure=feedback.closure)
    event = FeedbackRated(closure=feedback.closure, score=score, person=feedback.person, comment=comment)
    return replace(noted(feedback, entry), ratings={**feedback.ratings, feedback.closure: score}), [event]


def opened(feedback: Feedback, owner: str, owner_name: str, outcome_due: datetime, at: datetime) -> Feedback:
    """A case is open; somebody else than the promised liaison is worth a line."""
    return replace(assigned(feedback, owner, owner_name, at), outcome_due=outcome_due)


def assigned(feedback: Feedback, owner: str, owner_name: str, at: datetime) -> Feedback:
    """Somebody has it now."""
    if owner == feedback.liaison:
        return replace(feedback, liaison_name=owner_name)
    changed = replace(feedback, liaison=owner, liaison_name=owner_name)
    return noted(changed, Entry(at=at, kind="assigned", who=owner_name))


def moved(feedback: Feedback, status: str, entry: Entry) -> Feedback:
    """The case went on."""
    return replace(noted(feedback, entry), status=status)


def reopened(feedback: Feedback, entry: Entry, answer_due: datetime | None, outcome_due: datetime | None) -> Feedback:
    """The case is open again; the days promised now replace those of before."""
    told = replace(entry, due=outcome_due, before=feedback.outcome_due or feedback.answer_due) if outcome_due else entry
    again = moved(feedback, REOPENED, told)
    return replace(again, answer_due=answer_due or feedback.answer_due, outcome_due=outcome_due or feedback.outcome_due)


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


def _contents(files: tuple[File, ...]) -> list[tuple[str, str]]:
    return [(file.name, file.sha256) for file in files]


def noted(feedback: Feedback, entry: Entry) -> Feedback:
    """One more line in the history."""
    return replace(feedback, history=(*feedback.history, entry))
