"""The submitter speaks again: a reply, or a score for the outcome."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields
from werkzeug.wrappers import Response as BaseResponse

from ....chassis import ids
from ....chassis.bodies import takes_files
from ....chassis.errors import Conflict, Invalid
from ....chassis.fields import Text
from ....contracts.feedback import SCORE
from ... import handlers, schemas
from ...domain import Feedback
from ...handlers import RateOutcome, ReplyToFeedback
from ...handlers.files import rules_of
from ...handlers.with_files import NothingKept, reply_with_files
from .. import words
from ..uploads import choose_again, not_kept, offered
from .link import Link, key, load, problems
from .reading import show


class ReplyFormSchema(Schema):
    """The reply box; files may come without words."""

    text = Text(schemas.COMMENT_LONGEST, load_default="")


class RatingFormSchema(Schema):
    """The pulse after an outcome."""

    score = fields.Integer(required=True, validate=SCORE)
    comment = Text(schemas.COMMENT_LONGEST, load_default=None)


REPLY = ReplyFormSchema()
RATING = RatingFormSchema()


def replying(pages: Blueprint, link: Link) -> None:
    """The reply box, and the one that contests."""

    @pages.get("/<token>/reply")
    def back(token: str) -> BaseResponse:
        """Where a link of the page that lists a form's errors leads, such as the one to another language."""
        return redirect(url_for(".track", token=token), 303)

    @pages.post("/<token>/reply")
    @takes_files
    def reply(token: str) -> BaseResponse:
        feedback = link.find(token)
        if link.crowded():
            return show(link, feedback, token, values=request.form)
        try:
            said = load(REPLY, request.form)
            command = ReplyToFeedback(
                feedback_id=feedback.id, channel="web", key=key(), reopen="reopen" in request.form, **said
            )
            rules = rules_of(link.settings)
            reply_with_files(command, offered(), feedback, link.stores, rules, link.secret, link.clock.now())
        except ValidationError as error:
            return show(link, feedback, token, 422, errors=problems(error) | choose_again(), values=request.form)
        except NothingKept as nothing:
            errors = not_kept(nothing.refused, rules) or words.problems({"text": False})
            return show(link, feedback, token, 422, errors=errors, values=request.form)
        except (Conflict, Invalid):
            return show(link, link.find(token), token, 409, refused=True, errors=choose_again(), values=request.form)
        flash(_("Your reply is with %(name)s.", name=feedback.liaison_name), "success")
        return redirect(url_for(".track", token=token), 303)


def rating(pages: Blueprint, link: Link) -> None:
    """The score after an outcome."""

    @pages.get("/<token>/rate")
    def ask_rating(token: str) -> Response:
        feedback = link.find(token)
        meant = request.args.get("closure", feedback.closure, type=int)
        if not feedback.may_rate or meant != feedback.closure:
            return show(link, feedback, token, refused=meant != feedback.closure)
        return make_response(_rating_page(feedback, token, {"score": request.args.get("score", ""), "closure": meant}))

    @pages.post("/<token>/rate")
    def rate(token: str) -> BaseResponse:
        feedback = link.find(token)
        if link.crowded():
            return make_response(_rating_page(feedback, token, request.form))
        try:
            said = load(RATING, request.form)
            closure = request.form.get("closure", type=int)
            command = RateOutcome(feedback_id=feedback.id, key=key(), closure=closure, **said)
            handlers.rate_outcome(command, link.feedbacks, link.secret, link.clock.now())
        except ValidationError as error:
            return make_response(_rating_page(feedback, token, request.form, problems(error)), 422)
        except (Conflict, Invalid):
            return show(link, link.find(token), token, 409, refused=True)
        flash(_("Thank you. Your answer counts."), "success")
        return redirect(url_for(".track", token=token), 303)


def _rating_page(
    feedback: Feedback, token: str, values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> str:
    return render_template(
        "feedback/rate.html", feedback=feedback, token=token, values=values, errors=errors or {}, form_token=ids.token()
    )
