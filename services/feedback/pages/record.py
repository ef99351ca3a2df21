"""A liaison writes down what somebody told them: a talk at the coffee machine, a call, a visit to the shop floor."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request
from marshmallow import ValidationError

from ...chassis import ids
from ...chassis.clock import Clock
from ...chassis.errors import Invalid, Unavailable
from ...chassis.http import LANGUAGES
from ...chassis.identity import signed_in, staff_page
from ...chassis.settings import Settings
from ...contracts.feedback import LIAISON
from .. import handlers
from ..domain import Submission
from ..handlers import AlreadySaid, Receipt, SubmitFeedback
from ..schemas.record import RecordFormSchema
from ..store import Stores, UnitStore
from . import words

RECORD: Final = "/intake/record"
FORM: Final = RecordFormSchema()
FIELD_ORDER: Final = ("text", "kind", "unit", "name", "email")
KEPT: Final = ("unit", "kind", "language")
"""What the next record begins with: on a tour of the shop floor it is the same each time."""

AWAY: Final = "This could not be kept just now. Nothing you wrote is lost: please send it again in a moment."
ERRORS: Final = {
    "text": "Write down what they said, in a sentence or more.",
    "kind": "Choose what it is.",
    "unit": "Choose the unit it is about.",
    "name": "Write the name in one line, with at most 100 characters.",
    "email": "Write the address like name@example.com, or leave it empty.",
}


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """The page at /intake/record."""
    pages = Blueprint("record", __name__)
    secret, public_url = settings.secret_key.reveal(), settings.public_url

    @pages.get(RECORD)
    @staff_page()
    def show() -> Response:
        return _page(stores.units, {"kind": "complaint", **_first_unit(stores.units)})

    @pages.post(RECORD)
    @staff_page()
    def record() -> Response:
        try:
            receipt = handlers.submit_feedback(_command(), stores.feedbacks, stores.units, secret, clock.now())
        except ValidationError as error:
            return _page(stores.units, request.form, _problems(error), code=422)
        except Invalid:
            return _page(stores.units, request.form, {"unit": ERRORS["unit"]}, code=422)
        except AlreadySaid as earlier:
            return _page(stores.units, request.form, earlier=earlier, code=409)
        except Unavailable:
            return _page(stores.units, request.form, away=AWAY, code=503)
        begin = {name: request.form.get(name, "") for name in KEPT}
        link = f"{public_url}/t/{receipt.tracking_token}"
        return _page(stores.units, begin, receipt=receipt, link=link, code=201)

    return pages


def _command() -> SubmitFeedback:
    by = signed_in()
    said = Submission(channel=LIAISON, recorded_by=by.name, **FORM.load(request.form))
    return SubmitFeedback(said=said, scope=f"record:{by.account}", key=request.form.get("form_token") or None)


def _first_unit(units: UnitStore) -> Mapping[str, str]:
    """Of a liaison of one unit it is that one, most of the time."""
    visible = signed_in().visible_units()
    return {"unit": visible[0]} if visible and len(visible) == 1 else {}


def _problems(error: ValidationError) -> dict[str, str]:
    return {name: ERRORS[name] for name in FIELD_ORDER if name in error.messages_dict}


def _page(
    units: UnitStore,
    values: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    receipt: Receipt | None = None,
    earlier: AlreadySaid | None = None,
    code: int = 200,
    **more: Any,
) -> Response:
    page = render_template(
        "feedback/record.html",
        kinds=[(kind, word) for kind, word, _ in words.kinds()],
        units=[(unit.id, unit.name) for unit in units.current().units],
        spoken=list(LANGUAGES.items()),
        values=values,
        errors=errors or {},
        receipt=receipt,
        earlier=earlier,
        form_token=ids.token() if receipt or earlier else values.get("form_token") or ids.token(),
        **more,
    )
    return make_response(page, code)
