"""Where staff choose their own password."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request

from ...chassis.clock import Clock
from ...chassis.errors import Invalid
from ...chassis.identity import signed_in, staff_page
from ..handlers import accounts as use
from ..store import AccountStore, AttemptStore
from .forms import Errors, field_of

PAGE = "/triage/password"
CLOSED = "Too many attempts. Please try again in a quarter of an hour."
LONGEST = 1000


def blueprint(accounts: AccountStore, attempts: AttemptStore, clock: Clock) -> Blueprint:
    """The page over these stores."""
    pages = Blueprint("password", __name__, template_folder="../templates")

    @pages.get(PAGE)
    @staff_page()
    def show() -> str:
        return _form({})

    @pages.post(PAGE)
    @staff_page()
    def change() -> Any:
        old, new = (request.form.get(name, "")[:LONGEST] for name in ("old", "new"))
        try:
            use.change_password(use.ChangePassword(signed_in().account, old, new), accounts, attempts, clock.now())
        except Invalid as error:
            return _form({field_of(error.pointer): error.detail}), 422
        except use.TooManyAttempts:
            return _form({"old": CLOSED}), 429
        flash("Your new password is set.")
        return redirect("/triage/", 303)

    return pages


def _form(errors: Errors) -> str:
    return render_template("triage/password.html", errors=errors, shortest=use.SHORTEST_PASSWORD)
