"""Sign-in and sign-out of staff."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request

from ...chassis.clock import Clock
from ...chassis.identity import current, safe_next, sign_in, sign_out
from ..handlers import accounts as use
from ..schemas.directory import Demo
from ..store import AccountStore, AttemptStore, UnitStore
from ..store.accounts import WINDOW

HOME = "/triage/"
WRONG = "The address or the password is not right. Please try again."
CLOSED = "Too many attempts. Please try again in a quarter of an hour."
WITHOUT_STAFF = ("ui", "operations")
NOTHING = "Write your mail address and your password."


def blueprint(
    accounts: AccountStore, units: UnitStore, attempts: AttemptStore, clock: Clock, demo: Demo | None
) -> Blueprint:
    """The pages over these stores; `demo` is shown to whoever tries the product on this machine."""
    pages = Blueprint("sign_in", __name__, template_folder="../templates")

    def form(error: str | None, status: int) -> tuple[str, int]:
        page = render_template(
            "triage/sign_in.html",
            error=error,
            demo=demo,
            email=request.form.get("email", ""),
            next=safe_next(request.values.get("next"), HOME),
        )
        return page, status

    _ask_the_registry(pages, accounts, units)

    @pages.get("/sign-in")
    def show() -> Any:
        if current():
            return redirect(safe_next(request.args.get("next"), HOME))
        return form(None, 200)

    @pages.post("/sign-in")
    def enter() -> Any:
        email, password = request.form.get("email", ""), request.form.get("password", "")
        if not email.strip() or not password:
            return form(NOTHING, 422)
        command = use.SignIn(email[:254], password[:1000], request.remote_addr or "")
        try:
            identity = use.sign_in(command, accounts, units, attempts, clock.now())
        except use.TooManyAttempts:
            page, status = form(CLOSED, 429)
            return Response(page, status, {"Retry-After": str(int(WINDOW.total_seconds()))})
        if identity is None:
            return form(WRONG, 401)
        sign_in(identity)
        return redirect(safe_next(request.form.get("next"), HOME), 303)

    @pages.post("/sign-out")
    def leave() -> Any:
        sign_out()
        flash("You are signed out.")
        return redirect("/sign-in", 303)

    return pages


def _ask_the_registry(pages: Blueprint, accounts: AccountStore, units: UnitStore) -> None:
    @pages.before_app_request
    def ask_the_registry() -> None:
        """What cookie or token say of role and units may be old: here the registry decides, at every request.

        The other services take their word until the session or the token ends.
        """
        known = None if request.blueprint in WITHOUT_STAFF else current()
        if known is not None:
            g.identity = use.present(known, accounts, units)
            if g.identity is None and not request.path.startswith("/v1/"):
                sign_out()
