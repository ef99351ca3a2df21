"""Keys for programs: an admin makes one, sees it once, and can end it."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response as BaseResponse

from ...chassis.clock import Clock
from ...chassis.fields import Line
from ...chassis.identity import ADMIN, staff_page
from ..domain.client import CLIENT_SCOPES
from ..handlers.clients import MOST_PER_MINUTE, PER_MINUTE, AddClient, add_client, revoke_client
from ..store import ClientStore

CLIENTS: Final = "/intake/clients"
ERRORS: Final = {
    "name": "Give the client a name that says what it is, with at most 100 characters.",
    "scopes": "Choose what the key may do.",
    "per_minute": f"Write a number from 0, for no limit, to {MOST_PER_MINUTE}.",
}


class ClientFormSchema(Schema):
    """The form for a new client."""

    name = Line(100, required=True)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(CLIENT_SCOPES)), required=True, validate=validate.Length(min=1)
    )
    per_minute = fields.Integer(required=True, validate=validate.Range(min=0, max=MOST_PER_MINUTE))


FORM = ClientFormSchema()


def blueprint(clients: ClientStore, clock: Clock) -> Blueprint:
    """The page at /intake/clients."""
    pages = Blueprint("clients", __name__)

    @pages.get(CLIENTS)
    @staff_page(ADMIN)
    def show() -> Response:
        return _page(clients, {"per_minute": PER_MINUTE, "scopes": CLIENT_SCOPES})

    @pages.post(CLIENTS)
    @staff_page(ADMIN)
    def add() -> Response:
        typed = {**request.form.to_dict(), "scopes": request.form.getlist("scopes")}
        try:
            command = AddClient(**FORM.load({name: typed.get(name) for name in FORM.fields}))
        except ValidationError as error:
            return _page(clients, typed, {str(name): ERRORS[str(name)] for name in error.messages_dict}, code=422)
        client, key = add_client(command, clients, clock.now())
        return _page(clients, {"per_minute": PER_MINUTE, "scopes": CLIENT_SCOPES}, made=(client.name, key), code=201)

    @pages.post(f"{CLIENTS}/<client_id>/revoke")
    @staff_page(ADMIN)
    def revoke(client_id: str) -> BaseResponse:
        client = revoke_client(client_id, clients, clock.now())
        flash(f"The key of {client.name} opens nothing any more.", "success")
        return redirect(CLIENTS, 303)

    return pages


def _page(
    clients: ClientStore,
    typed: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    made: tuple[str, str] | None = None,
    code: int = 200,
) -> Response:
    page = render_template("feedback/clients.html", clients=clients.all(), typed=typed, errors=errors or {}, made=made)
    return make_response(page, code)
