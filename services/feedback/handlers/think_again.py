"""The submitter takes it back, or corrects what a liaison wrote down for them."""

from dataclasses import dataclass
from datetime import datetime

from ...chassis import ids
from .. import domain
from ..domain import Feedback
from ..store import FeedbackStore
from .speak_again import change


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawFeedback:
    """Nothing more shall be done about it."""

    feedback_id: str
    why: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectFeedback:
    """`text` is all of what was meant."""

    feedback_id: str
    text: str
    key: str | None = None


def withdraw_feedback(command: WithdrawFeedback, feedbacks: FeedbackStore, secret: str, now: datetime) -> Feedback:
    """Note it, and let triage end the case; raises NotFound, Conflict, Invalid."""
    withdrawal_id = ids.keyed(secret, "withdrawal", command.feedback_id, command.key) if command.key else ids.new()
    return change(
        feedbacks, command.feedback_id, lambda feedback: domain.withdraw(feedback, withdrawal_id, command.why, now), now
    )


def correct_feedback(command: CorrectFeedback, feedbacks: FeedbackStore, secret: str, now: datetime) -> Feedback:
    """Take the new words; raises NotFound, Conflict, Invalid."""
    correction_id = ids.keyed(secret, "correction", command.feedback_id, command.key) if command.key else ids.new()
    return change(
        feedbacks, command.feedback_id, lambda feedback: domain.correct(feedback, correction_id, command.text, now), now
    )
