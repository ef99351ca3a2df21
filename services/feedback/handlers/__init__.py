"""One function per use case and per event; the message first, then the collaborators."""

from .come_back import tracking_token_of
from .events import HANDLERS
from .profile import SetProfile, profile_of, set_profile
from .speak_again import RateOutcome, ReplyToFeedback, rate_outcome, reply_to_feedback
from .submit import AlreadySaid, Receipt, SubmitFeedback, code, submit_feedback
from .think_again import CorrectFeedback, WithdrawFeedback, correct_feedback, withdraw_feedback

__all__ = [
    "HANDLERS",
    "AlreadySaid",
    "CorrectFeedback",
    "RateOutcome",
    "Receipt",
    "ReplyToFeedback",
    "SetProfile",
    "SubmitFeedback",
    "WithdrawFeedback",
    "code",
    "correct_feedback",
    "profile_of",
    "rate_outcome",
    "reply_to_feedback",
    "set_profile",
    "submit_feedback",
    "tracking_token_of",
    "withdraw_feedback",
]
