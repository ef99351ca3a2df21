"""The directory: units and people, for admins."""

from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request

from ...chassis import ids
from ...chassis.clock import Clock
from ...chassis.errors import Conflict, Invalid, NotFound
from ...chassis.identity import ADMIN, staff_page
from ..domain import Unit
from ..handlers import accounts as people
from ..handlers import directory as use
from ..schemas.directory import NewUnitBody, PersonBody, UnitBody
from ..store import AccountStore, CaseStore, UnitStore
from .forms import Errors, field_of, load

DIRECTORY: Final = "/triage/directory"
LISTS: Final = ("addresses", "domains", "services")
NEW: Final = "new"


def blueprint(units: UnitStore, accounts: AccountStore, cases: CaseStore, clock: Clock) -> Blueprint:
    """The directory over these stores."""
    pages = Blueprint("directory", __name__, template_folder="../templates")
    _add_units(pages, units, accounts, cases, clock)
    _add_people(pages, units, accounts, cases)
    return pages


def _add_units(pages: Blueprint, units: UnitStore, accounts: AccountStore, cases: CaseStore, clock: Clock) -> None:
    @pages.get(DIRECTORY)
    @staff_page(ADMIN)
    def show() -> str:
        return _page(units, accounts)

    @pages.get(f"{DIRECTORY}/units/<unit_id>")
    @staff_page(ADMIN)
    def edit(unit_id: str) -> str:
        unit = units.find(unit_id)
        if unit is None and unit_id != NEW:
            raise NotFound
        return _form(unit_id, _values(unit) if unit else {"time_zone": "Europe/Berlin", "active": True}, {}, accounts)

    @pages.post(f"{DIRECTORY}/units/<unit_id>")
    @staff_page(ADMIN)
    def save(unit_id: str) -> Any:
        typed = _typed()
        values, errors = load(NewUnitBody() if unit_id == NEW else UnitBody(), typed)
        if errors:
            return _form(unit_id, typed, errors, accounts), 422
        command = use.DefineUnit(
            id=values.pop("id", unit_id),
            liaison=values.pop("liaison"),
            deputies=tuple(values.pop("deputies")),
            values=values | {name: tuple(values[name]) for name in LISTS},
        )
        try:
            unit = use.define_unit(command, units, accounts, cases, clock.now(), new=unit_id == NEW)
        except Invalid as error:
            return _form(unit_id, typed, {field_of(error.pointer): error.detail}, accounts), 422
        except Conflict as error:
            return _form(unit_id, typed, {"id" if unit_id == NEW else "name": str(error)}, accounts), 409
        flash(f"{unit.name} is saved.")
        return redirect(DIRECTORY, 303)


def _add_people(pages: Blueprint, units: UnitStore, accounts: AccountStore, cases: CaseStore) -> None:
    @pages.post(f"{DIRECTORY}/people")
    @staff_page(ADMIN)
    def add() -> Any:
        typed = request.form.to_dict()
        values, errors = load(PersonBody(), typed)
        password = typed.get("password") or ids.token()[:16]
        try:
            if errors:
                raise Invalid(*next((text, f"/{name}") for name, text in errors.items()))
            account = people.add(people.AddAccount(**values, password=password), accounts)
        except Invalid as error:
            return _page(units, accounts, typed, errors or {field_of(error.pointer): error.detail}), 422
        except Conflict as error:
            return _page(units, accounts, typed, {"email": str(error)}), 409
        # Shown in this answer alone: a redirect would have to keep it somewhere.
        return _page(units, accounts, made=(account.name, None if typed.get("password") else password))

    @pages.post(f"{DIRECTORY}/people/<account_id>/<any(activate, deactivate):move>")
    @staff_page(ADMIN)
    def switch(account_id: str, move: str) -> Any:
        try:
            account = use.set_active(account_id, move == "activate", accounts, units, cases)
        except Conflict as error:
            flash(str(error), "error")
            return redirect(f"{DIRECTORY}#people", 303)
        flash(f"{account.name} can {'sign in again' if move == 'activate' else 'no longer sign in'}.")
        return redirect(f"{DIRECTORY}#people", 303)


def _page(
    units: UnitStore,
    accounts: AccountStore,
    typed: dict[str, str] | None = None,
    errors: Errors | None = None,
    made: tuple[str, str | None] | None = None,
) -> str:
    everyone = accounts.all()
    registry = units.all()
    answers = {one.id: [unit.name for unit in registry if one.id in {it.id for it in unit.staff}] for one in everyone}
    return render_template(
        "triage/directory.html",
        units=registry,
        people=everyone,
        answers=answers,
        typed=typed or {},
        errors=errors or {},
        made=made,
    )


def _form(unit_id: str, values: dict[str, Any], errors: Errors, accounts: AccountStore) -> str:
    options = [(account.id, account.name) for account in accounts.active().values()]
    return render_template(
        "triage/unit.html", unit_id=unit_id, new=unit_id == NEW, values=values, errors=errors, options=options
    )


def _values(unit: Unit) -> dict[str, Any]:
    return asdict(unit) | {"liaison": unit.liaison.id, "deputies": [deputy.id for deputy in unit.deputies]}


def _typed() -> dict[str, Any]:
    """The posted unit; lists are written one entry a line."""
    form = request.form
    values: dict[str, Any] = {name: form.get(name, "") for name in form if name not in ("deputies", *LISTS)}
    lists = {name: [line.strip() for line in form.get(name, "").splitlines() if line.strip()] for name in LISTS}
    ticks = {name: name in form for name in ("active", "fallback")}
    return values | lists | ticks | {"deputies": form.getlist("deputies")}
