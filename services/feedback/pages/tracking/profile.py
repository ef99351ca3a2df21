"""Two questions to a person: what do you want to hear, and how? The answers hold for everything they say."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response as BaseResponse

from ....chassis import ids
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
    """The page of the two questions, for whoever has read a mail of ours to the address they are about.

    The secret link is no proof of that: anybody may give anybody's address, and the answers hold for all they say.
    To somebody without an address it says that their page is the only way.
    """

    @pages.get("/<token>/profile")
    def ask_profile(token: str) -> Response:
        feedback = link.find(token)
        proof = _proven(link, feedback, request.args)
        if proof is None:
            return _page(feedback, token, proof)
        known = handlers.profile_of(feedback.person, link.stores.profiles)
        return _page(feedback, token, proof, {"wants": known.wants, "way": known.way})

    @pages.post("/<token>/profile")
    def set_profile(token: str) -> BaseResponse:
        feedback = link.find(token)
        if not feedback.email:
            return show(link, feedback, token, 409, refused=True)
        proof = _proven(link, feedback, request.form)
        if proof is None:
            return _page(feedback, token, proof, code=403)
        if link.crowded():
            return _page(feedback, token, proof, request.form)
        try:
            command = SetProfile(person=feedback.person, **load(PROFILE, request.form))
        except ValidationError as error:
            return _page(feedback, token, proof, request.form, problems(error), 422)
        chosen = handlers.set_profile(command, link.stores.profiles, link.clock.now())
        flash(_promise(chosen), "success")
        return redirect(url_for(".track", token=token), 303)


def _proven(link: Link, feedback: Feedback, values: Mapping[str, str]) -> str | None:
    """What shows that a mail about this feedback brought them here, or None."""
    proof = values.get("proof", "")
    return proof if ids.read_signed_reference(link.secret, "profile", proof) == feedback.id else None


def _page(
    feedback: Feedback,
    token: str,
    proof: str | None,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    code: int = 200,
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
        proof=proof,
        wishes=wishes,
        ways=ways,
        values=values or {},
        errors=errors or {},
    )
    return make_response(page, code)


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
