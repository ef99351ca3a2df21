"""The public form: one page, one POST, one redirect to the receipt."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ....chassis.bodies import takes_files
from ....chassis.clock import Clock
from ....chassis.settings import Settings
from ...store import Stores
from ..crowding import Limits
from .desk import Desk, Door
from .filling import LINKED, form_token, new_token

__all__ = ["Desk", "Door", "blueprint"]

DOOR = Door(
    channel="web",
    template="feedback/form.html",
    send="/",
    similar="/similar",
    join="/join",
    cookies=True,
    issue=new_token,
    read=form_token,
)


def blueprint(stores: Stores, clock: Clock, settings: Settings, limits: Limits) -> Blueprint:
    """The form at /, what others have said at /similar, and "me too" at /join."""
    desk = Desk(DOOR, stores, clock, settings, limits)
    pages = Blueprint("form", __name__)
    _sending(pages, desk)
    _joining(pages, desk)
    return pages


def _sending(pages: Blueprint, desk: Desk) -> None:
    @pages.get("/")
    def show() -> Response:
        return desk.open({name: request.args.get(name, "") for name in LINKED})

    @pages.post("/")
    @takes_files
    def submit() -> BaseResponse:
        taken = desk.take(request.form, form_token(request.form) or new_token())
        return taken if isinstance(taken, Response) else _go("tracking.received", token=taken.tracking_token)


def _joining(pages: Blueprint, desk: Desk) -> None:
    @pages.post("/similar")
    @takes_files
    def similar() -> Response | str:
        # A POST though it changes nothing: words in an address end up in logs and histories.
        return desk.similar(request.form)

    @pages.post("/join")
    @takes_files
    def join() -> BaseResponse:
        joined = desk.join(request.form, form_token(request.form) or new_token())
        if isinstance(joined, Response):
            return joined
        return _go("voices.follow", token=joined) if joined else redirect(url_for(".counted"), 303)

    @pages.get("/joined")
    def counted() -> str:
        return render_template("feedback/joined.html")

    @pages.get("/similar")
    @pages.get("/join")
    def back() -> BaseResponse:
        """Where a link of a page shown after a POST leads, such as the one to another language."""
        return redirect("/?" + request.query_string.decode("ascii", "ignore"), 303)


def _go(view: str, token: str) -> BaseResponse:
    return redirect(url_for(view, token=token), 303)
