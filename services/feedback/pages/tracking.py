"""The secret link's pages: receipt, tracking, reply, rating. Reading them changes nothing (scanners follow links)."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields
from werkzeug.wrappers import Response as BaseResponse

from ...chassis import ids
from ...chassis.clock import Clock
from ...chassis.errors import Conflict, Invalid, NotFound
from ...chassis.fields import Text
from ...chassis.settings import Settings
from ...contracts.feedback import SCORE
from .. import handlers, schemas
from ..domain import Feedback
from ..handlers import RateOutcome, ReplyToFeedback
from ..store import FeedbackStore, Stores
from . import words

TOKEN_LENGTH = 64
LOW = 2
"""A score up to this asks what should have been different."""


class ReplyFormSchema(Schema):
    """The reply box."""

    text = Text(schemas.COMMENT_LONGEST, required=True)


class RatingFormSchema(Schema):
    """The pulse after an outcome."""

    score = fields.Integer(required=True, validate=SCORE)
    comment = Text(schemas.COMMENT_LONGEST, load_default=None)


Find = Callable[[str], Feedback]
"""The feedback of a tracking token; raises NotFound."""

Show = Callable[..., Response]
"""The tracking page of (feedback, token, status code, what to add)."""

REPLY = ReplyFormSchema()
RATING = RatingFormSchema()


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """Everything below /t/."""
    feedbacks, secret, public_url = stores.feedbacks, settings.secret_key.reveal(), settings.public_url
    pages = Blueprint("tracking", __name__, url_prefix="/t")

    def find(token: str) -> Feedback:
        kept = feedbacks.find_tracked(ids.digest(token)) if len(token) == TOKEN_LENGTH else None
        if kept is None:
            raise NotFound
        return kept.feedback

    def show(feedback: Feedback, token: str, code: int = 200, **more: Any) -> Response:
        return make_response(_tracking_page(feedback, token, public_url, **more), code)

    @pages.after_request
    def keep_secret(response: Response) -> Response:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    _reading(pages, find, show, public_url)
    _replying(pages, find, show, feedbacks, clock, secret)
    _rating(pages, find, show, feedbacks, clock, secret)
    return pages


def _reading(pages: Blueprint, find: Find, show: Show, public_url: str) -> None:
    @pages.get("/<token>")
    def track(token: str) -> Response:
        return show(find(token), token)

    @pages.get("/<token>/received")
    def received(token: str) -> str:
        link = f"{public_url}/t/{token}"
        return render_template("feedback/received.html", feedback=find(token), token=token, tracking_url=link)


def _replying(pages: Blueprint, find: Find, show: Show, feedbacks: FeedbackStore, clock: Clock, secret: str) -> None:
    @pages.get("/<token>/reply")
    def back(token: str) -> BaseResponse:
        """Where a link of the page that lists a form's errors leads, such as the one to another language."""
        return redirect(url_for(".track", token=token), 303)

    @pages.post("/<token>/reply")
    def reply(token: str) -> BaseResponse:
        feedback = find(token)
        try:
            said = _load(REPLY, request.form)
            command = ReplyToFeedback(
                feedback_id=feedback.id, channel="web", key=_key(), reopen="reopen" in request.form, **said
            )
            handlers.reply_to_feedback(command, feedbacks, secret, clock.now())
        except ValidationError as error:
            return show(feedback, token, 422, errors=_problems(error), values=request.form)
        except (Conflict, Invalid):
            return show(find(token), token, 409, refused=True, values=request.form)
        flash(_("Your reply is with %(name)s.", name=feedback.liaison_name), "success")
        return redirect(url_for(".track", token=token), 303)


def _rating(pages: Blueprint, find: Find, show: Show, feedbacks: FeedbackStore, clock: Clock, secret: str) -> None:
    @pages.get("/<token>/rate")
    def ask_rating(token: str) -> Response:
        feedback = find(token)
        meant = request.args.get("closure", feedback.closure, type=int)
        if not feedback.may_rate or meant != feedback.closure:
            return show(feedback, token, refused=meant != feedback.closure)
        return make_response(_rating_page(feedback, token, {"score": request.args.get("score", ""), "closure": meant}))

    @pages.post("/<token>/rate")
    def rate(token: str) -> BaseResponse:
        feedback = find(token)
        try:
            said = _load(RATING, request.form)
            closure = request.form.get("closure", type=int)
            command = RateOutcome(feedback_id=feedback.id, key=_key(), closure=closure, **said)
            handlers.rate_outcome(command, feedbacks, secret, clock.now())
        except ValidationError as error:
            return make_response(_rating_page(feedback, token, request.form, _problems(error)), 422)
        except (Conflict, Invalid):
            return show(find(token), token, 409, refused=True)
        flash(_("Thank you. Your answer counts."), "success")
        return redirect(url_for(".track", token=token), 303)


def _tracking_page(
    feedback: Feedback,
    token: str,
    public_url: str,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    refused: bool = False,
) -> str:
    return render_template(
        "feedback/tracking.html",
        feedback=feedback,
        token=token,
        tracking_url=f"{public_url}/t/{token}",
        reasons=words.reasons(),
        kinds={kind: word for kind, word, _sentence in words.kinds()},
        errors=errors or {},
        values=values or {},
        refused=refused,
        form_token=ids.token(),
        disappointed=_disappointed(feedback),
    )


def _rating_page(
    feedback: Feedback, token: str, values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> str:
    return render_template(
        "feedback/rate.html", feedback=feedback, token=token, values=values, errors=errors or {}, form_token=ids.token()
    )


def _disappointed(feedback: Feedback) -> bool:
    """Whether the last word was a low score without a reason."""
    last = feedback.history[-1]
    return last.kind == "rated" and (last.score or 0) <= LOW and not last.text


def _load(schema: Schema, form: Mapping[str, str]) -> dict[str, Any]:
    loaded: dict[str, Any] = schema.load({name: form[name] for name in schema.fields if form.get(name, "").strip()})
    return loaded


def _key() -> str | None:
    return request.form.get("form_token") or None


def _problems(error: ValidationError) -> dict[str, str]:
    return words.problems({str(name): bool(request.form.get(str(name), "").strip()) for name in error.messages_dict})
