"""The registry of units and people: first from a file, afterwards by an admin."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...chassis.errors import Conflict, Invalid, NotFound
from ..domain import Account, First, Query, RuleBroken, Staff, Unit, answering, check_registry
from ..store import AccountStore, CaseStore, UnitStore
from . import accounts as people


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineUnit:
    """A unit as it shall be; `liaison` and `deputies` are account ids, the rest as in Unit."""

    id: str
    liaison: str
    deputies: tuple[str, ...]
    values: dict[str, Any]


def seed(first: First, demo_password: str | None, units: UnitStore, accounts: AccountStore, now: datetime) -> None:
    """Write the first directory once; a seeding that died half-way is finished, nothing is overwritten."""
    if units.is_seeded():
        return
    password = people.HASHER.hash(demo_password) if demo_password else None
    for account in first.accounts:
        if accounts.find(account.id) is None:
            accounts.add(replace(account, password=password))
    for unit in first.units:
        if units.find(unit.id) is None:
            units.add(unit, now)
    units.mark_seeded(now)


def define_unit(
    command: DefineUnit, units: UnitStore, accounts: AccountStore, cases: CaseStore, now: datetime, new: bool
) -> Unit:
    """Add or change a unit; a unit that becomes the fallback takes that over. Nobody leaves a unit whose open cases are
    still theirs: they could not open them any more. Raises Invalid, Conflict, NotFound."""
    others = [unit for unit in units.all() if unit.id != command.id]
    if not new and len(others) == len(units.all()):
        raise NotFound
    try:
        unit = _unit(command, accounts.active())
        relieved = [replace(other, fallback=False) if unit.fallback else other for other in others]
        check_registry([unit, *relieved])
        _check_nobody_strands(unit, units, accounts, cases)
    except RuleBroken as error:
        raise Invalid(error.sentence, f"/{error.field}") from None
    if new:
        units.add(unit, now)
    else:
        units.replace(unit, now)
    for other in relieved:
        units.replace(other, now)
    return unit


def set_active(account_id: str, active: bool, accounts: AccountStore, units: UnitStore, cases: CaseStore) -> Account:
    """Let somebody in, or no longer; refused while a unit or an open case needs them, or no admin would be left."""
    account = accounts.find(account_id)
    if account is None:
        raise NotFound
    if not active:
        _check_dispensable(account, accounts, units, cases)
    accounts.set_active(account_id, active)
    return account


def _check_dispensable(account: Account, accounts: AccountStore, units: UnitStore, cases: CaseStore) -> None:
    left = {other.id: other for other in accounts.active().values() if other.id != account.id}
    if not any(other.role == "admin" for other in left.values()):
        raise Conflict(f"{account.name} is the only admin.")
    needed = [unit.name for unit in units.all() if unit.active and account.id in {one.id for one in unit.staff}]
    if needed:
        raise Conflict(f"{account.name} answers for {' and '.join(needed)}. Name somebody else there first.")
    if cases.count(Query(owner=account.id, is_open=True)):
        raise Conflict(f"{account.name} has open cases. Give them to somebody else first.")


def _check_nobody_strands(unit: Unit, units: UnitStore, accounts: AccountStore, cases: CaseStore) -> None:
    before = units.find(unit.id)
    able = answering([unit], accounts.active().values())[unit.id]
    for person in before.staff if before else ():
        if person.id not in able and cases.count(Query(unit=unit.id, owner=person.id, is_open=True)):
            field = "liaison" if before and person == before.liaison else "deputies"
            raise RuleBroken(field, f"{person.name} has open cases of {unit.name}. Give them to somebody else first.")


def _unit(command: DefineUnit, active: dict[str, Account]) -> Unit:
    return Unit(
        id=command.id,
        liaison=_person(command.liaison, active, "liaison"),
        deputies=tuple(_person(deputy, active, "deputies") for deputy in dict.fromkeys(command.deputies)),
        **command.values,
    )


def _person(account_id: str, active: dict[str, Account], field: str) -> Staff:
    if account_id not in active:
        raise RuleBroken(field, "Choose somebody who has an active account.")
    return active[account_id].staff
