"""The way back for somebody anonymous: the code from the receipt, and the page it leads to."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as BaseResponse

from ...chassis.clock import Clock
from ...chassis.settings import Settings
from .. import handlers
from ..store import Stores
from ..throttle import Throttle
from .guessing import one_more_guess

EACH_MINUTE = 10
IN_ALL = 600
"""Codes that are looked at in a minute, from one network and from everywhere: of 10^20 codes nobody finds one so."""


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """The page at /back."""
    pages = Blueprint("back", __name__)
    secret, throttle = settings.secret_key.reveal(), Throttle(clock)

    @pages.get("/back")
    def ask_code() -> Response:
        return _page({}, 200)

    @pages.post("/back")
    def enter_code() -> BaseResponse:
        try:
            one_more_guess(throttle, EACH_MINUTE, IN_ALL)
        except TooManyRequests as error:
            wait = _("Too many codes were tried. Please wait a minute and try again; your secret link works meanwhile.")
            return _page({"code": wait}, 429, dict(error.get_headers()))
        token = handlers.tracking_token_of(request.form.get("code", ""), stores.feedbacks, secret)
        if token is None:
            wrong = _("No feedback has this code. Please compare it with what you wrote down: twenty digits.")
            return _page({"code": wrong}, 422)
        return redirect(url_for("tracking.track", token=token), 303)

    return pages


def _page(errors: dict[str, str], status: int, headers: dict[str, str] | None = None) -> Response:
    page = render_template("feedback/back.html", errors=errors, value=request.form.get("code", "")[:200])
    response = make_response(page, status)
    if headers and "Retry-After" in headers:
        response.headers["Retry-After"] = headers["Retry-After"]
    return response
