"""The same form on another site's page: a script with a button, and this form in a frame.

In a frame on another site no cookie of ours is sent (SameSite=Lax), so the usual proof against forged forms, a token
that must match the session, cannot work here and nothing here may rest on a cookie. It need not: the widget acts for
nobody who is signed in, so a forger would gain what anybody may do anyway. What is left to prove is that this form was
shown by us a while ago (a signed token with a purpose and an age, which is the idempotency key as well) and sent by a
page of ours (Origin). Which sites may frame it is said by WIDGET_ORIGINS, and enforced by the browser (frame-
ancestors).
"""

from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import get_locale
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from ...chassis import ids, ui
from ...chassis.bodies import takes_files
from ...chassis.clock import Clock
from ...chassis.errors import NotFound
from ...chassis.http import CONTENT_SECURITY_POLICY
from ...chassis.settings import Settings
from .. import handlers
from ..store import Stores
from .crowding import Limits
from .form import Desk, Door
from .form.filling import LINKED
from .tracking.reading import fresh

NAME: Final = "widget"
SALT: Final = "liaise-widget-form"
OPEN_SECONDS: Final = 24 * 3600
"""For how long a form may lie open before it has to be sent twice; nothing typed is lost by it."""

SCRIPT: Final = "widget.js"
SCRIPT_HEADERS: Final = {"Cache-Control": ui.BRIEFLY, "Cross-Origin-Resource-Policy": "cross-origin"}


def blueprint(stores: Stores, clock: Clock, settings: Settings, limits: Limits) -> Blueprint:
    """/widget.js and everything below /widget; 404 while no other site may show it."""
    desk = Desk(_door(settings.secret_key.reveal(), clock), stores, clock, settings, limits)
    pages = Blueprint(NAME, __name__)
    pages.record(_without_cookies)
    pages.before_request(partial(_only_allowed, settings))
    pages.after_request(partial(_framed, settings))
    _showing(pages, desk)
    _sending(pages, desk)
    return pages


def _showing(pages: Blueprint, desk: Desk) -> None:
    @pages.get(f"/{SCRIPT}")
    def script() -> Response:
        found = ui.find(SCRIPT)
        if found is None:
            raise NotFound
        return Response(found.body, mimetype=found.mimetype, headers=SCRIPT_HEADERS)

    @pages.get("/widget")
    def show() -> Response:
        return desk.open({name: request.args.get(name, "") for name in LINKED})

    @pages.get("/widget/received/<token>")
    def received(token: str) -> str:
        kept = desk.stores.feedbacks.find_tracked(ids.digest(token))
        if kept is None:
            raise NotFound
        feedback, link = kept.feedback, f"{desk.settings.public_url}/t/{token}"
        code = handlers.code(desk.secret, feedback.id) if fresh(feedback, desk.clock) else None
        return render_template("feedback/widget_received.html", feedback=feedback, link=link, code=code)

    @pages.get("/widget/joined/<token>")
    def joined(token: str) -> str:
        if desk.stores.feedbacks.find_voiced(ids.digest(token)) is None:
            raise NotFound
        return render_template(
            "feedback/widget_received.html", feedback=None, link=f"{desk.settings.public_url}/v/{token}"
        )

    @pages.get("/widget/joined")
    def counted() -> str:
        return render_template("feedback/widget_received.html", feedback=None, link=None)


def _sending(pages: Blueprint, desk: Desk) -> None:
    @pages.post("/widget")
    @takes_files
    def submit() -> BaseResponse:
        taken = desk.take(request.form, desk.door.read(request.form))
        return taken if isinstance(taken, Response) else _go("received", token=taken.tracking_token)

    @pages.post("/widget/similar")
    @takes_files
    def similar() -> Response | str:
        return desk.similar(request.form)

    @pages.post("/widget/join")
    @takes_files
    def join() -> BaseResponse:
        joined = desk.join(request.form, desk.door.read(request.form))
        if isinstance(joined, Response):
            return joined
        return _go("joined", token=joined) if joined else _go("counted")


def _go(view: str, token: str | None = None) -> BaseResponse:
    return redirect(url_for(f".{view}", token=token, lang=str(get_locale())), 303)


def _door(secret: str, clock: Clock) -> Door:
    signer = URLSafeSerializer(secret, salt=SALT)

    def issue() -> str:
        return str(signer.dumps([ids.token(), clock.now().timestamp()]))

    def read(form: Mapping[str, str]) -> str | None:
        try:
            key, shown_at = signer.loads(form.get("form_token", ""))
        except BadData:
            return None
        return str(key) if clock.now().timestamp() - shown_at <= OPEN_SECONDS else None

    return Door(
        channel="widget",
        template="feedback/widget.html",
        send="/widget",
        similar="/widget/similar",
        join="/widget/join",
        cookies=False,
        issue=issue,
        read=read,
    )


def _without_cookies(state: BlueprintSetupState) -> None:
    state.app.config["COOKIELESS"].add(NAME)


def _only_allowed(settings: Settings) -> None:
    """Not there while no site may show it; a form must come from a page of ours, which its Origin says."""
    if not settings.widget_origins:
        raise NotFound
    if request.method == "POST" and request.headers.get("Origin") not in _own_origins(settings):
        raise Forbidden("This form was sent by another page than ours.")


def _own_origins(settings: Settings) -> tuple[str, ...]:
    """Ours by the address people type, or by the one they did type."""
    public = urlsplit(settings.public_url)
    return f"{public.scheme}://{public.netloc}".lower(), request.host_url.rstrip("/").lower()


def _framed(settings: Settings, response: Response) -> Response:
    ancestors = " ".join(settings.widget_origins) or "'none'"
    policy = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")
    response.headers["Content-Security-Policy"] = policy
    # With no-referrer, the rule elsewhere, a browser sends "Origin: null" with our own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    return response
