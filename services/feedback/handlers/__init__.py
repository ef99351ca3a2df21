"""One function per use case and per event; the message first, then the collaborators."""

from .events import HANDLERS
from .speak_again import RateOutcome, ReplyToFeedback, rate_outcome, reply_to_feedback
from .submit import AlreadySaid, Receipt, SubmitFeedback, submit_feedback

__all__ = [
    "HANDLERS",
    "AlreadySaid",
    "RateOutcome",
    "Receipt",
    "ReplyToFeedback",
    "SubmitFeedback",
    "rate_outcome",
    "reply_to_feedback",
    "submit_feedback",
]
