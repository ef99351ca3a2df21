"""The public form: one page, one POST, one redirect to the receipt."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from ...chassis import ids
from ...chassis.clock import Clock
from ...chassis.errors import Invalid, Unavailable
from ...chassis.settings import Settings
from ...contracts.feedback import KINDS
from .. import handlers, schemas
from ..domain import Submission
from ..handlers import AlreadySaid, SubmitFeedback
from ..store import Stores, UnitStore
from . import words

FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,100}\Z")
FIELD_ORDER = ("kind", "unit", "text", "name", "email", "rating")
"""As on the page, so that the summary of errors reads from top to bottom."""

FORM = schemas.FormSchema()
RETRY_SECONDS = "5"


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """The form at /."""
    units, secret = stores.units, settings.secret_key.reveal()
    pages = Blueprint("form", __name__)

    @pages.get("/")
    def show() -> Response:
        linked = {"unit": request.args.get("unit", ""), "kind": request.args.get("kind", "")}
        return _page(units, linked, form_token=ids.token())

    @pages.post("/")
    def submit() -> BaseResponse:
        try:
            command = _command(request.form)
            receipt = handlers.submit_feedback(command, stores.feedbacks, units, secret, clock.now())
        except ValidationError as error:
            return _page(units, request.form, _problems(error), code=422)
        except AlreadySaid as earlier:
            # The button "back", another text: a new form, so that sending it again makes a second feedback.
            return _page(units, request.form, earlier=earlier, form_token=ids.token(), code=422)
        except Invalid:
            return _page(units, request.form, words.problems({"unit": True}), code=422)
        except Unavailable:
            return _page(units, request.form, away=True, code=503)
        return redirect(url_for("tracking.received", token=receipt.tracking_token), 303)

    return pages


def _page(
    units: UnitStore,
    values: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    form_token: str = "",
    earlier: AlreadySaid | None = None,
    away: bool = False,
    code: int = 200,
) -> Response:
    known = units.current().units
    page = render_template(
        "feedback/form.html",
        kinds=words.kinds(),
        units=[(unit.id, unit.name) for unit in known] + [(schemas.UNSURE, _("I am not sure"))],
        values=dict(values) | _recognised(values, {unit.id for unit in known}),
        errors=errors or {},
        form_token=form_token or _form_token(values),
        earlier=earlier,
        away=away,
        longest=schemas.TEXT_LONGEST,
    )
    response = make_response(page, code)
    if away:
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _recognised(values: Mapping[str, str], known: set[str]) -> dict[str, str | None]:
    unit, kind = values.get("unit"), values.get("kind")
    return {
        "unit": unit if unit in known or unit == schemas.UNSURE else None,
        "kind": kind if kind in KINDS else None,
    }


def _command(form: Mapping[str, str]) -> SubmitFeedback:
    fields = FORM.load(form)
    if fields["unit"] == schemas.UNSURE:
        fields["unit"] = None
    said = Submission(channel="web", language=str(get_locale()), **fields)
    return SubmitFeedback(said=said, scope="form", key=_form_token(form))


def _form_token(form: Mapping[str, str]) -> str:
    """The form's own idempotency key, made when it was shown."""
    token = form.get("form_token", "")
    return token if FORM_TOKEN.match(token) else ids.token()


def _problems(error: ValidationError) -> dict[str, str]:
    wrong = [name for name in FIELD_ORDER if name in error.messages_dict]
    names = {name: bool(request.form.get(name, "").strip()) for name in wrong}
    return words.problems(names)
