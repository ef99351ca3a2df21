"""The page of somebody who said "me too": what is shared and where it stands, and nothing else of the submitter's."""

from flask import Blueprint, Response, render_template

from ...chassis.clock import Clock
from ...chassis.errors import NotFound
from ...chassis.http import prefer
from ..domain.voices import count, headline
from ..handlers.join import find_joined
from ..store import Stores
from ..throttle import Throttle
from . import words
from .guessing import one_more_guess
from .tracking.link import TOKEN_LENGTH, WRONG_EACH_MINUTE, WRONG_IN_ALL


def blueprint(stores: Stores, clock: Clock) -> Blueprint:
    """The page at /v/<token>; reading it changes nothing (scanners follow links)."""
    pages = Blueprint("voices", __name__, url_prefix="/v")
    throttle = Throttle(clock)

    @pages.after_request
    def keep_secret(response: Response) -> Response:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    @pages.get("/<token>")
    def follow(token: str) -> str:
        joined = find_joined(token, stores.feedbacks) if len(token) == TOKEN_LENGTH else None
        if joined is None:
            one_more_guess(throttle, WRONG_EACH_MINUTE, WRONG_IN_ALL)
            raise NotFound
        feedback, voice = joined
        prefer(voice.language)
        return render_template(
            "feedback/voice.html",
            feedback=feedback,
            line=headline(feedback.title, feedback.text),
            voices=count(feedback),
            tells_by_mail=voice.email is not None,
            reasons=words.reasons(),
        )

    return pages
