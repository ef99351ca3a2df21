"""The submitter takes it back, or puts right what somebody wrote down for them."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response as BaseResponse

from ....chassis import ids
from ....chassis.errors import Conflict, Invalid
from ....chassis.fields import Text
from ... import handlers, schemas
from ...domain import Feedback
from ...handlers import CorrectFeedback, WithdrawFeedback
from .link import Link, key, load, problems
from .reading import show


class WithdrawalFormSchema(Schema):
    """The word with which somebody takes it back."""

    why = Text(schemas.COMMENT_LONGEST, load_default=None)


class CorrectionFormSchema(Schema):
    """What they had said, as they would say it."""

    text = Text(schemas.TEXT_LONGEST, required=True)


WITHDRAWAL = WithdrawalFormSchema()
CORRECTION = CorrectionFormSchema()


def withdrawing(pages: Blueprint, link: Link) -> None:
    """One page that says what it does, and the button."""

    @pages.get("/<token>/withdraw")
    def ask_withdraw(token: str) -> Response:
        feedback = link.find(token)
        return _asking("withdraw", feedback, token) if feedback.may_withdraw else show(link, feedback, token)

    @pages.post("/<token>/withdraw")
    def withdraw(token: str) -> BaseResponse:
        feedback = link.find(token)
        if link.crowded():
            return _asking("withdraw", feedback, token, request.form)
        try:
            command = WithdrawFeedback(feedback_id=feedback.id, key=key(), **load(WITHDRAWAL, request.form))
            handlers.withdraw_feedback(command, link.feedbacks, link.secret, link.clock.now())
        except ValidationError as error:
            return _asking("withdraw", feedback, token, request.form, problems(error))
        except (Conflict, Invalid):
            return show(link, link.find(token), token, 409, refused=True)
        flash(_("You withdrew it. %(name)s hears of it now.", name=feedback.liaison_name), "success")
        return redirect(url_for(".track", token=token), 303)


def correcting(pages: Blueprint, link: Link) -> None:
    """One page with the words, and the button."""

    @pages.get("/<token>/correct")
    def ask_correct(token: str) -> Response:
        feedback = link.find(token)
        values = {"text": feedback.text}
        return _asking("correct", feedback, token, values) if feedback.may_correct else show(link, feedback, token)

    @pages.post("/<token>/correct")
    def correct(token: str) -> BaseResponse:
        feedback = link.find(token)
        if link.crowded():
            return _asking("correct", feedback, token, request.form)
        try:
            command = CorrectFeedback(feedback_id=feedback.id, key=key(), **load(CORRECTION, request.form))
            handlers.correct_feedback(command, link.feedbacks, link.secret, link.clock.now())
        except ValidationError as error:
            return _asking("correct", feedback, token, request.form, problems(error))
        except Conflict:
            return _not_corrected(link, link.find(token), token)
        except Invalid:
            return show(link, link.find(token), token, 409, refused=True)
        flash(_("Your words are as you say them now."), "success")
        return redirect(url_for(".track", token=token), 303)


def _not_corrected(link: Link, feedback: Feedback, token: str) -> Response:
    """It has ended meanwhile; or nothing more fits, and what was typed must not be lost."""
    if not feedback.may_correct:
        return show(link, feedback, token, 409, refused=True)
    full = _(
        "Nothing more fits here. Please send this as a new feedback that names %(number)s.", number=feedback.number
    )
    errors = {"text": full}
    return _asking("correct", feedback, token, request.form, errors, code=409)


def _asking(
    name: str,
    feedback: Feedback,
    token: str,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    code: int = 422,
) -> Response:
    page = render_template(
        f"feedback/{name}.html",
        feedback=feedback,
        token=token,
        values=values or {},
        errors=errors or {},
        form_token=ids.token(),
        longest=schemas.TEXT_LONGEST,
    )
    return make_response(page, code if errors else 200)
