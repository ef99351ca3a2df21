# mypy: disable-error-code="untyped-decorator"
"""The submitter speaks again: a reply, a score for the outcome, a withdrawal, a correction."""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from ...chassis.clock import Clock
from .. import handlers, schemas
from ..domain import Feedback
from ..handlers import CorrectFeedback, RateOutcome, ReplyToFeedback, WithdrawFeedback
from ..store import FeedbackStore
from .asking import KEY_PARAMETER, key, own, problem

OWN: list[dict[str, list[str]]] = [{"trackingToken": []}]


def speaking_again(api: Blueprint, feedbacks: FeedbackStore, clock: Clock, secret: str) -> None:
    """What only the holder of the tracking token may say."""
    _answering(api, feedbacks, clock, secret)
    _thinking_again(api, feedbacks, clock, secret)


def _documented(api: Blueprint, summary: str, operation: str) -> Callable[[Any], Any]:
    def decorate(view: Any) -> Any:
        view = problem(api, 401, "No bearer token")(view)
        view = problem(api, 404, "No feedback has this id and this token")(view)
        view = problem(api, 409, "The state does not allow it")(view)
        view = problem(api, 422, "A field or the Idempotency-Key cannot be taken")(view)
        return api.doc(summary=summary, parameters=[KEY_PARAMETER], security=OWN, operationId=operation)(view)

    return decorate


def _answering(api: Blueprint, feedbacks: FeedbackStore, clock: Clock, secret: str) -> None:
    @api.route("/v1/feedback/<feedback_id>/replies", methods=["POST"])
    @api.arguments(schemas.ReplySchema())
    @api.response(201, schemas.FeedbackSchema)
    @_documented(api, "Reply to the liaison", "replyToFeedback")
    def reply(body: dict[str, Any], feedback_id: str) -> Feedback:
        """An answer, an addition, or with `reopen` the word that the outcome does not settle it."""
        own(feedbacks, feedback_id)
        command = ReplyToFeedback(feedback_id=feedback_id, channel="api", key=key(), **body)
        return handlers.reply_to_feedback(command, feedbacks, secret, clock.now())

    @api.route("/v1/feedback/<feedback_id>/rating", methods=["POST"])
    @api.arguments(schemas.RatingSchema())
    @api.response(201, schemas.FeedbackSchema)
    @_documented(api, "Rate the outcome", "rateOutcome")
    def rate(body: dict[str, Any], feedback_id: str) -> Feedback:
        """One score from 1 to 5 for each outcome."""
        own(feedbacks, feedback_id)
        command = RateOutcome(feedback_id=feedback_id, key=key(), **body)
        return handlers.rate_outcome(command, feedbacks, secret, clock.now())


def _thinking_again(api: Blueprint, feedbacks: FeedbackStore, clock: Clock, secret: str) -> None:
    @api.route("/v1/feedback/<feedback_id>/withdraw", methods=["POST"])
    @api.arguments(schemas.WithdrawalSchema())
    @api.response(201, schemas.FeedbackSchema)
    @_documented(api, "Withdraw a feedback", "withdrawFeedback")
    def withdraw(body: dict[str, Any], feedback_id: str) -> Feedback:
        """Nothing more will be done about it, while it is open; a reply with `reopen` takes it up again."""
        own(feedbacks, feedback_id)
        command = WithdrawFeedback(feedback_id=feedback_id, key=key(), **body)
        return handlers.withdraw_feedback(command, feedbacks, secret, clock.now())

    @api.route("/v1/feedback/<feedback_id>/correction", methods=["POST"])
    @api.arguments(schemas.CorrectionSchema())
    @api.response(201, schemas.FeedbackSchema)
    @_documented(api, "Correct what a liaison wrote down", "correctFeedback")
    def correct(body: dict[str, Any], feedback_id: str) -> Feedback:
        """Only of what somebody recorded for the submitter, while it is open; the words of before stay in `history`."""
        own(feedbacks, feedback_id)
        command = CorrectFeedback(feedback_id=feedback_id, key=key(), **body)
        return handlers.correct_feedback(command, feedbacks, secret, clock.now())
