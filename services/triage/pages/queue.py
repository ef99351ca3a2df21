"""The queue: what is due, filtered by what stands in the URL, with one case beside it."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from ...chassis.clock import Clock
from ...chassis.errors import NotFound
from ...chassis.identity import Identity, signed_in, staff_page
from ...contracts.feedback import KINDS
from ..domain import NEWEST, Query, answering, untold
from ..domain.parts import STATES
from ..handlers import cases as use
from ..store import AccountStore, CaseStore, UnitStore
from ..store.cases import Tally
from . import say
from .case import show_case

ROWS: Final = 50
"""A row is a kilobyte, and a page stays below 100."""
OURS: Final = ("new", "acknowledged", "in_progress", "reopened")
VIEWS: Final[dict[str, tuple[str, Query]]] = {
    "due": ("Due", Query(states=OURS, is_open=True)),
    "replies": ("Replies", Query(unread=True)),
    "new": ("New", Query(states=("new", "reopened"), is_open=True)),
    "mine": ("Mine", Query(is_open=True)),
    "waiting": ("Waiting", Query(states=("waiting",), is_open=True)),
    "open": ("All open", Query(is_open=True)),
    "ended": ("Ended", Query(is_open=False, sort=NEWEST)),
}
UNTOLD: Final = "untold"
"""A view that is reached from its warning alone."""

FILTERS: Final = ("unit", "kind", "state", "q")


def blueprint(cases: CaseStore, units: UnitStore, accounts: AccountStore, clock: Clock) -> Blueprint:
    """The queue over these stores."""
    pages = Blueprint("queue", __name__, template_folder="../templates")

    @pages.get("/triage/")
    @staff_page()
    def queue() -> Any:
        identity, now = signed_in(), clock.now()
        shown = {unit.id: unit for unit in units.all() if identity.may_see(unit.id)}
        view = request.args.get("view", "due")
        view = view if view in (*VIEWS, UNTOLD) else "due"
        page = use.search(_query(view, identity, now), identity, cases)
        tally = cases.tally(identity.visible_units())
        unread = cases.count(use.limited(VIEWS["replies"][1], identity))
        able = answering(units.all(), accounts.active().values())
        opened = request.args.get("case", "")
        return render_template(
            "triage/queue.html",
            view=view,
            views=[(key, label, _count(key, identity, tally, unread)) for key, (label, _) in VIEWS.items()],
            page=page,
            units=shown,
            kinds=say.KINDS,
            states=STATES,
            say=say,
            url=_url,
            filters={name: request.args[name] for name in FILTERS if request.args.get(name)},
            zone=lambda unit: shown[unit].time_zone if unit in shown else "UTC",
            opened=opened,
            beside=_beside(opened, identity, cases, units, accounts, now),
            ownerless=sum(n for (_, owner, unit), n in tally.items() if owner not in able.get(unit, ())),
            untold=cases.count(use.limited(untold(now), identity)),
        )

    return pages


def _query(view: str, identity: Identity, now: datetime) -> Query:
    query = untold(now) if view == UNTOLD else _view(view, identity)
    args = request.args
    state = args.get("state")
    return replace(
        query,
        unit=args.get("unit") or None,
        kind=args.get("kind") if args.get("kind") in KINDS else None,
        states=(state,) if state in STATES else query.states,
        # A state asked for by name is wanted wherever it is.
        is_open=None if state in STATES else query.is_open,
        q=args.get("q", "")[:200] or None,
        after=args.get("after", "")[:100] or None,
        limit=ROWS,
    )


def _view(view: str, identity: Identity) -> Query:
    query = VIEWS[view][1]
    return replace(query, owner=identity.account) if view == "mine" else query


def _count(view: str, identity: Identity, tally: Tally, unread: int) -> int | None:
    """How many, for all but what has ended: that only grows."""
    query = _view(view, identity)
    if query.unread:
        return unread
    if not query.is_open:
        return None
    fitting = (query.states or STATES, (query.owner,) if query.owner else None)
    return sum(n for (state, owner, _), n in tally.items() if state in fitting[0] and owner in (fitting[1] or (owner,)))


def _beside(
    case_id: str, identity: Identity, cases: CaseStore, units: UnitStore, accounts: AccountStore, now: datetime
) -> str | None:
    """The case to show at the side, if there is one and it may be seen."""
    if not case_id:
        return None
    try:
        case = use.read(case_id, identity, cases)
    except NotFound:
        return None
    return show_case(case, units, accounts, now, back=_url(case=case.id), whole=False)


def _url(**changes: str | None) -> str:
    """The address of this list with some of its parts changed; None takes one away."""
    parts = {name: request.args[name] for name in ("view", *FILTERS, "after", "case") if request.args.get(name)}
    kept = {name: value for name, value in (parts | changes).items() if value}
    return f"/triage/?{urlencode(kept)}" if kept else "/triage/"
