"""What people do with cases. Every use case takes a command, checks who asks, and leaves all rules to the domain."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ....chassis import ids
from ....chassis.errors import Conflict, Invalid, NotFound
from ....chassis.identity import Identity, require_visible
from ...domain import Account, Case, Change, IllegalMove, Page, Query, Staff, WordsMissing, answering
from ...store import AccountStore, CaseStore, Found, UnitStore
from ..events import promises
from .commands import (
    Acknowledge,
    Ask,
    Assign,
    Command,
    Decline,
    Finish,
    MarkDuplicate,
    MarkSeen,
    Note,
    Reopen,
)

TRIES: Final = 5
NONE: Final = -1


class Stale(Exception):
    """Somebody changed the case since the asker read it; nothing was written."""


def read(case_id: str, by: Identity, cases: CaseStore) -> Case:
    """One case; raises NotFound, also for the case of a unit the asker does not see."""
    return _visible(case_id, by, cases).case


def search(query: Query, by: Identity, cases: CaseStore) -> Page:
    """A page of the cases the asker may see."""
    return cases.page(limited(query, by))


def limited(query: Query, by: Identity) -> Query:
    """The query, kept to what the asker may see."""
    return Query(**{name: getattr(query, name) for name in Query.__slots__} | {"units": by.visible_units()})


def acknowledge(command: Acknowledge, cases: CaseStore, now: datetime) -> Case:
    """Tell the submitter that a named person works on it."""
    return _change(command, cases, now, lambda case: case.acknowledge(_staff(command), now))


def ask(command: Ask, cases: CaseStore, now: datetime) -> Case:
    """Ask the submitter and wait."""
    question_id = ids.new()
    return _change(command, cases, now, lambda case: case.ask(command.question, question_id, _staff(command), now))


def note(command: Note, cases: CaseStore, now: datetime) -> Case:
    """Write an internal note."""
    return _change(command, cases, now, lambda case: case.note(command.text, _staff(command), now))


def assign(command: Assign, cases: CaseStore, units: UnitStore, accounts: AccountStore, now: datetime) -> Case:
    """Give the case to somebody who may see it."""
    case = read(command.case, command.by, cases)
    owner = next((person for person in assignable(case, units, accounts) if person.id == command.owner), None)
    if owner is None:
        raise Invalid("Choose somebody who answers for this unit.", "/owner")
    return _change(command, cases, now, lambda case: case.assign(owner.staff, _staff(command), now))


def assignable(case: Case, units: UnitStore, accounts: AccountStore) -> list[Account]:
    """The active people who may see this case, by name."""
    active = accounts.active()
    able = answering(units.all(), active.values()).get(case.unit, frozenset())
    return [account for account in active.values() if account.id in able]


def finish(command: Finish, cases: CaseStore, now: datetime) -> Case:
    """Close it with what was done."""
    return _change(
        command, cases, now, lambda case: case.done(command.what_was_done, command.link, _staff(command), now)
    )


def decline(command: Decline, cases: CaseStore, now: datetime) -> Case:
    """Close it with a reason and an explanation."""
    words = command.reason, command.explanation, command.alternative, command.would_change
    return _change(command, cases, now, lambda case: case.decline(*words, _staff(command), now))


def mark_duplicate(command: MarkDuplicate, cases: CaseStore, now: datetime) -> Case:
    """Close it in favour of the original; a duplicate named instead leads to its original.

    An original that becomes a duplicate in the same moment opens this one again, so that two never wait for each other.
    """
    marked = _change(command, cases, now, lambda case: case.duplicate(_original(command, cases), _staff(command), now))
    if _lost_its_original(marked, cases):
        undo = Reopen(case=command.case, by=command.by)
        _change(undo, cases, now, lambda case: case.reopen(case.answer_due, case.outcome_due, now, _staff(command)))
        raise Conflict("Somebody closed that case as a duplicate in the same moment. This one is open again.")
    return marked


def mark_seen(command: MarkSeen, cases: CaseStore, now: datetime) -> Case:
    """Take the reply out of the list of those that nobody has read."""
    return _change(command, cases, now, lambda case: case.seen())


def reopen(command: Reopen, cases: CaseStore, units: UnitStore, now: datetime) -> Case:
    """Open an ended case again, with new promised days."""

    def move(case: Case) -> Change:
        return case.reopen(*promises(units, case.unit, now), now, _staff(command))

    return _change(command, cases, now, move)


def revision(text: str) -> int:
    """The revision as forms and headers say it; one that fits no case when it is none."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else NONE


def _change(command: Command, cases: CaseStore, now: datetime, move: Callable[[Case], Change]) -> Case:
    """Read, move, save; again when only a consumer was quicker, who never decides anything."""
    for last in range(TRIES, 0, -1):
        found = _visible(command.case, command.by, cases)
        if command.revision not in (None, found.case.revision):
            raise Stale("Somebody changed this case since you opened it. Read it again before you answer.")
        change = _moved(found.case, move)
        try:
            return cases.save(found, change, now)
        except Conflict:
            if last == 1:
                raise
    raise AssertionError("unreachable")


def _moved(case: Case, move: Callable[[Case], Change]) -> Change:
    try:
        return move(case)
    except IllegalMove as error:
        raise Conflict(str(error)) from None
    except WordsMissing as error:
        raise Invalid(error.sentence, f"/{error.field}") from None


def _visible(case_id: str, by: Identity, cases: CaseStore) -> Found:
    found = cases.find(case_id)
    if found is None:
        raise NotFound
    require_visible(by, found.case.unit)
    return found


def _original(command: MarkDuplicate, cases: CaseStore) -> Case:
    found = cases.find(command.of) or cases.find_numbered(command.of)
    seen = set()
    while found and found.case.outcome and found.case.state == "duplicate" and found.case.id not in seen:
        seen.add(found.case.id)
        found = cases.find(getattr(found.case.outcome, "duplicate_of", ""))
    if found is None or not command.by.may_see(found.case.unit):
        raise Invalid("No case has this number.", "/of")
    if found.case.id == command.case:
        raise Invalid("That is this case itself, or a duplicate of it.", "/of")
    return found.case


def _lost_its_original(case: Case, cases: CaseStore) -> bool:
    found = cases.find(getattr(case.outcome, "duplicate_of", ""))
    return found is not None and found.case.state == "duplicate"


def _staff(command: Command) -> Staff:
    return Staff(command.by.account, command.by.name)
