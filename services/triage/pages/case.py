"""The case page: the conversation, and one form per move. It is shown whole, or beside the queue."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request

from ...chassis.clock import Clock
from ...chassis.errors import Conflict, Invalid
from ...chassis.identity import safe_next, signed_in, staff_page
from ..domain import CATALOGUE, Case
from ..handlers import cases as use
from ..schemas import cases as shapes
from ..store import AccountStore, CaseStore, UnitStore
from . import say
from .conversation import conversation
from .forms import Errors, field_of, load

CASE: Final = "/triage/cases/<case_id>"
STALE: Final = (
    "Somebody changed this case since you opened it. What you typed is still here: "
    "read what is new, then send it again."
)


@dataclass(frozen=True, slots=True)
class Move:
    """One form: its key, what its button says, its shape, its command, and the sentence when it is done."""

    name: str
    label: str
    key: str
    body: type[shapes.Words]
    command: type[use.Command]
    said: str


MOVES: Final = (
    Move(
        "acknowledge",
        "Acknowledge",
        "a",
        shapes.NothingBody,
        use.Acknowledge,
        "{name} will see that you are on it.",
    ),
    Move("ask", "Ask", "q", shapes.AskBody, use.Ask, "Your question is on its way to {them}."),
    Move("done", "Done", "d", shapes.DoneBody, use.Finish, "Closed as done. {name} will read what you wrote."),
    Move("decline", "Decline", "x", shapes.DeclineBody, use.Decline, "Declined. {name} will read your explanation."),
    Move("duplicate", "Duplicate", "m", shapes.DuplicateBody, use.MarkDuplicate, "Closed as a duplicate."),
    Move("assign", "Assign", "s", shapes.AssignBody, use.Assign, "Given to {owner}."),
    Move("note", "Note", "n", shapes.NoteBody, use.Note, "Your note is kept. Only staff see it."),
    Move("seen", "Reply read", "v", shapes.NothingBody, use.MarkSeen, "The reply is marked as read."),
    Move("reopen", "Reopen", "o", shapes.NothingBody, use.Reopen, "Open again."),
)
AT_ONCE: Final = ("acknowledge", "seen", "reopen")
"""Moves without a field: their button is the form."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form held when it could not be taken, and why."""

    values: dict[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    problem: str | None = None


UNTOUCHED: Final = Typed()


def blueprint(cases: CaseStore, units: UnitStore, accounts: AccountStore, clock: Clock) -> Blueprint:
    """The case page over these stores."""
    pages = Blueprint("case", __name__, template_folder="../templates")

    @pages.get(CASE)
    @staff_page()
    def show(case_id: str) -> str:
        case = use.read(case_id, signed_in(), cases)
        beside = request.headers.get("HX-Target") == "case"
        return show_case(case, units, accounts, clock.now(), _back(), request.args.get("do"), whole=not beside)

    runs: dict[str, Callable[[Any], Case]] = {
        "acknowledge": lambda it: use.acknowledge(it, cases, clock.now()),
        "ask": lambda it: use.ask(it, cases, clock.now()),
        "done": lambda it: use.finish(it, cases, clock.now()),
        "decline": lambda it: use.decline(it, cases, clock.now()),
        "duplicate": lambda it: use.mark_duplicate(it, cases, clock.now()),
        "assign": lambda it: use.assign(it, cases, units, accounts, clock.now()),
        "note": lambda it: use.note(it, cases, clock.now()),
        "seen": lambda it: use.mark_seen(it, cases, clock.now()),
        "reopen": lambda it: use.reopen(it, cases, units, clock.now()),
    }

    def again(case_id: str, move: Move, typed: Typed, status: int) -> tuple[str, int]:
        case = use.read(case_id, signed_in(), cases)
        return show_case(case, units, accounts, clock.now(), _back(), move.name, typed), status

    for move in MOVES:
        _add_move(pages, move, runs[move.name], again, cases)
    return pages


def show_case(
    case: Case,
    units: UnitStore,
    accounts: AccountStore,
    now: datetime,
    back: str,
    do: str | None = None,
    typed: Typed = UNTOUCHED,
    whole: bool = True,
) -> str:
    """The case as a page, or as the part that stands beside the queue."""
    unit = units.find(case.unit)
    possible = [move for move in MOVES if case.allows(move.name)]
    return render_template(
        "triage/case.html" if whole else "triage/_case.html",
        case=case,
        unit=unit,
        say=say,
        lines=conversation(case, unit.time_zone if unit else "UTC"),
        moves=possible,
        at_once=AT_ONCE,
        do=next((move for move in possible if move.name == do and move.name not in AT_ONCE), None),
        typed=typed,
        people_options=[(one.id, one.name) for one in use.assignable(case, units, accounts)] if do == "assign" else [],
        reasons=CATALOGUE.values(),
        reason_options=[(reason.code, reason.label) for reason in CATALOGUE.values()],
        back=back,
        address=f"/triage/cases/{case.id}",
        form_at=lambda name: f"/triage/cases/{case.id}?{urlencode({'do': name, 'back': back})}",
        urgency=say.urgency(case.due, now),
        whole=whole,
    )


Again = Callable[[str, Move, Typed, int], tuple[str, int]]


def _add_move(pages: Blueprint, move: Move, run: Callable[[Any], Case], again: Again, cases: CaseStore) -> None:
    @pages.post(f"{CASE}/{move.name}", endpoint=move.name)
    @staff_page()
    def act(case_id: str) -> Any:
        typed = request.form.to_dict()
        if "preview" in typed:
            use.read(case_id, signed_in(), cases)
            return again(case_id, move, Typed(_with_draft(typed)), 200)
        values, errors = load(move.body())
        if errors:
            return again(case_id, move, Typed(typed, errors), 422)
        try:
            case = run(move.command(case=case_id, by=signed_in(), revision=_revision(), **values))
        except Invalid as error:
            return again(case_id, move, Typed(typed, {field_of(error.pointer): error.detail}), 422)
        except use.Stale:
            return again(case_id, move, Typed(typed, problem=STALE), 409)
        except Conflict as error:
            return again(case_id, move, Typed(typed, problem=str(error)), 409)
        names = {"name": case.submitter_name or "They", "them": case.submitter_name or "them", "owner": case.owner.name}
        flash(move.said.format(**names))
        return redirect(_back() if _back() != "/triage/" else f"/triage/cases/{case_id}", 303)


def _with_draft(typed: dict[str, str]) -> dict[str, str]:
    """Without JavaScript the preview brings the reason's draft into an empty explanation."""
    reason = CATALOGUE.get(typed.get("reason", ""))
    if reason and not typed.get("explanation", "").strip():
        return typed | {"explanation": reason.draft}
    return typed


def _revision() -> int | None:
    """The version the form was made for; one that is no version fits no case, so that what was typed is kept."""
    text = request.form.get("version", "")
    return use.revision(text) if text else None


def _back() -> str:
    back = safe_next(request.values.get("back"), "/triage/")
    return back if back.startswith("/triage/") else "/triage/"
