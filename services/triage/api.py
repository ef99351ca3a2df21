"""The cases API, for bearer tokens with the scope `cases`."""

# mypy: disable-error-code="untyped-decorator"
from collections.abc import Callable
from typing import Any

from flask import request
from flask_smorest import Blueprint
from werkzeug.exceptions import PreconditionFailed

from ..chassis.clock import Clock
from ..chassis.identity import signed_in, staff_api
from ..chassis.problems import STAFF_SECURITY
from .domain import Case, Query
from .handlers import cases as use
from .schemas.cases import (
    AskBody,
    AssignBody,
    CasePageSchema,
    CaseSchema,
    CasesQuery,
    DeclineBody,
    DoneBody,
    DuplicateBody,
    NoteBody,
    NothingBody,
)
from .schemas.directory import DirectorySchema
from .store import AccountStore, CaseStore, UnitStore

CASE = "/v1/cases/<case_id>"
FAILURES = {
    401: "No valid bearer token",
    403: "The token lacks the scope cases",
    404: "No such case, or not for you",
    409: "The case's state does not allow it",
    412: "The case is not at the version of If-Match any more",
}


def blueprint(cases: CaseStore, units: UnitStore, accounts: AccountStore, clock: Clock) -> Blueprint:
    """The API over these stores."""
    api = Blueprint("cases", __name__, description="What became of each feedback, and what to do with it")
    _add_reading(api, cases, units)

    def add(path: str, body: type[NothingBody] | Any, command: type[use.Command], run: Callable[[Any], Case]) -> None:
        _add_move(api, path, body, command, run)

    add("acknowledge", NothingBody, use.Acknowledge, lambda it: use.acknowledge(it, cases, clock.now()))
    add("ask", AskBody, use.Ask, lambda it: use.ask(it, cases, clock.now()))
    add("note", NoteBody, use.Note, lambda it: use.note(it, cases, clock.now()))
    add("assign", AssignBody, use.Assign, lambda it: use.assign(it, cases, units, accounts, clock.now()))
    add("done", DoneBody, use.Finish, lambda it: use.finish(it, cases, clock.now()))
    add("decline", DeclineBody, use.Decline, lambda it: use.decline(it, cases, clock.now()))
    add("duplicate", DuplicateBody, use.MarkDuplicate, lambda it: use.mark_duplicate(it, cases, clock.now()))
    add("seen", NothingBody, use.MarkSeen, lambda it: use.mark_seen(it, cases, clock.now()))
    add("reopen", NothingBody, use.Reopen, lambda it: use.reopen(it, cases, units, clock.now()))
    return api


def _add_reading(api: Blueprint, cases: CaseStore, units: UnitStore) -> None:
    @api.get("/v1/cases")
    @_told(api, 401, 403)
    @staff_api("cases")
    @api.arguments(CasesQuery, location="query")
    @api.response(200, CasePageSchema)
    def list_cases(filters: dict[str, Any]) -> Any:
        """The cases you may see, in the order of `sort`, a page at a time."""
        state = filters.pop("state", None)
        return use.search(Query(states=(state,) if state else (), **filters), signed_in(), cases)

    @api.get(CASE)
    @_told(api, 401, 403, 404)
    @staff_api("cases")
    @api.response(200, CaseSchema)
    def get_case(case_id: str) -> Any:
        """One case with its history."""
        return _answer(use.read(case_id, signed_in(), cases))

    @api.get("/v1/directory")
    @_told(api, 401, 403)
    @staff_api("cases")
    @api.response(200, DirectorySchema)
    def list_units() -> Any:
        """The units, who answers for them and what they promise."""
        return {"items": units.all()}


def _add_move(api: Blueprint, move: str, body: Any, command: type[use.Command], run: Callable[[Any], Case]) -> None:
    def view(values: dict[str, Any], case_id: str) -> Any:
        try:
            return _answer(run(command(case=case_id, by=signed_in(), revision=_expected(), **values)))
        except use.Stale as error:
            raise PreconditionFailed(str(error)) from None

    view.__name__ = f"{move}_case"
    view.__doc__ = (command.__doc__ or "") + "\n\nWith If-Match only if the case is still at that version."
    for decorate in (api.response(200, CaseSchema), api.arguments(body), staff_api("cases"), _told(api, *FAILURES)):
        view = decorate(view)
    api.post(f"{CASE}/{move}")(view)


def _told(api: Blueprint, *codes: int) -> Callable[[Any], Any]:
    """Say in the API's document that an operation wants a token, and how it can fail."""

    def decorate(view: Any) -> Any:
        for code in codes:
            view = api.alt_response(code, description=FAILURES[code])(view)
        return api.doc(security=STAFF_SECURITY)(view)

    return decorate


def _expected() -> int | None:
    """The version of If-Match; one that is no version fits no case."""
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    return use.revision(header.removeprefix("W/").strip('"'))


def _answer(case: Case) -> tuple[Case, int, dict[str, str]]:
    return case, 200, {"ETag": f'"{case.revision}"'}
