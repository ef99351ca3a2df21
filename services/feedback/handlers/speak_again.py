"""The submitter speaks again: a reply, or a score for the outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...chassis import ids
from ...chassis.errors import Conflict, Invalid, NotFound, Unavailable
from ...contracts.files import File
from .. import domain
from ..domain import Feedback, IllegalMove, KeyReused, Reply, Step
from ..domain.files import Refused
from ..store import FeedbackStore
from .submit import KEY_REUSED

WRITE_TRIES: Final = 100
"""A try fails only where somebody else's write came through, so that this many may speak at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyToFeedback:
    """The submitter answers; `reopen` says that the outcome does not settle it. The rest as in FeedbackReplied."""

    feedback_id: str
    text: str
    reopen: bool
    channel: str
    key: str | None = None
    full_text: str | None = None
    files: tuple[File, ...] = ()
    sender: str | None = None
    verified: bool | None = None
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateOutcome:
    """The submitter's score, 1 to 5, for the present outcome; `closure` is the one they saw, if they say so."""

    feedback_id: str
    score: int
    comment: str | None = None
    closure: int | None = None
    key: str | None = None


def reply_id(command: ReplyToFeedback, secret: str) -> str | None:
    """The id of the reply with this key, the same each time; None without a key: then each is a new one."""
    return ids.keyed(secret, "reply", command.feedback_id, command.key) if command.key else None


def reply_to_feedback(command: ReplyToFeedback, feedbacks: FeedbackStore, secret: str, now: datetime) -> Feedback:
    """Add the reply; raises NotFound, Conflict, Invalid."""
    said = Reply(
        id=reply_id(command, secret) or ids.new(),
        text=command.text,
        channel=command.channel,
        reopen=command.reopen,
        full_text=command.full_text,
        files=command.files,
        sender=command.sender,
        verified=command.verified,
        refused=command.refused,
    )

    def step(feedback: Feedback) -> Step:
        return domain.reply(feedback, said, now)

    return change(feedbacks, command.feedback_id, step, now)


def rate_outcome(command: RateOutcome, feedbacks: FeedbackStore, secret: str, now: datetime) -> Feedback:
    """Keep the score; raises NotFound, Conflict, Invalid."""
    rating_id = ids.keyed(secret, "rating", command.feedback_id, command.key) if command.key else ids.new()

    def step(feedback: Feedback) -> Step:
        return domain.rate(feedback, rating_id, command.score, command.comment, command.closure, now)

    return change(feedbacks, command.feedback_id, step, now)


def change(feedbacks: FeedbackStore, feedback_id: str, step: Callable[[Feedback], Step], now: datetime) -> Feedback:
    """Take the step on the newest state; a write that came between is read and the step taken again."""
    for _ in range(WRITE_TRIES):
        kept = feedbacks.find(feedback_id)
        if kept is None:
            raise NotFound
        feedback, events = _allowed(step, kept.feedback)
        try:
            if events:
                feedbacks.save(kept, feedback, events, now)
            return feedback
        except Conflict:
            continue
    raise Unavailable("Too many people change this at once. Please try again.")


def _allowed(step: Callable[[Feedback], Step], feedback: Feedback) -> Step:
    try:
        return step(feedback)
    except IllegalMove as error:
        raise Conflict(str(error)) from None
    except KeyReused:
        raise Invalid(KEY_REUSED) from None
