"""Two questions to a person: what do you want to hear, and how? The answers hold for everything they say."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response as BaseResponse

from ....contracts.feedback import BY_EMAIL, EVERYTHING, ON_PAGE, OUTCOMES_ONLY, QUESTIONS, WAYS, WISHES
from ... import handlers
from ...domain import Feedback, Profile
from ...handlers import SetProfile
from .link import Link, load, problems
from .reading import show


class ProfileFormSchema(Schema):
    """The two answers."""

    wants = fields.String(required=True, validate=validate.OneOf(WISHES))
    way = fields.String(required=True, validate=validate.OneOf(WAYS))


PROFILE = ProfileFormSchema()


def profile(pages: Blueprint, link: Link) -> None:
    """The page of the two questions; to somebody without an address it says that their page is the only way."""

    @pages.get("/<token>/profile")
    def ask_profile(token: str) -> Response:
        feedback = link.find(token)
        known = handlers.profile_of(feedback.person, link.stores.profiles)
        return _page(feedback, token, {"wants": known.wants, "way": known.way})

    @pages.post("/<token>/profile")
    def set_profile(token: str) -> BaseResponse:
        feedback = link.find(token)
        if not feedback.email:
            return show(link, feedback, token, 409, refused=True)
        try:
            command = SetProfile(person=feedback.person, **load(PROFILE, request.form))
        except ValidationError as error:
            return _page(feedback, token, request.form, problems(error))
        chosen = handlers.set_profile(command, link.stores.profiles, link.clock.now())
        flash(_promise(chosen), "success")
        return redirect(url_for(".track", token=token), 303)


def _page(
    feedback: Feedback, token: str, values: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> Response:
    wishes = [
        (EVERYTHING, _("Every step"), _("That somebody reads it, who has it, questions, and the outcome.")),
        (QUESTIONS, _("Questions and the outcome"), _("Only when we need something from you, and at the end.")),
        (OUTCOMES_ONLY, _("Only the outcome"), _("One message, when something was done or we say why not.")),
    ]
    ways = [
        (BY_EMAIL, _("By e-mail"), _("To %(email)s. Everything stands on your page as well.", email=feedback.email)),
        (ON_PAGE, _("Only on my page"), _("We send no e-mail. You look when you like: your secret link is the way.")),
    ]
    page = render_template(
        "feedback/profile.html",
        feedback=feedback,
        token=token,
        wishes=wishes,
        ways=ways,
        values=values,
        errors=errors or {},
    )
    return make_response(page, 422 if errors else 200)


def _promise(chosen: Profile) -> str:
    """What will happen from now on."""
    if chosen.way == ON_PAGE:
        return str(_("Saved. We send no more e-mail: look at this page when you want to know."))
    said = {
        EVERYTHING: _("Saved. We write to you at every step."),
        QUESTIONS: _("Saved. We write to you when there is a question, and when there is an outcome."),
        OUTCOMES_ONLY: _("Saved. We write to you once, when there is an outcome. Questions wait on your page."),
    }
    return str(said[chosen.wants])
