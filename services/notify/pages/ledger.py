"""/notify/: what was told, what waits, what failed, and whether any case ended in silence."""

from datetime import datetime, time
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from ...chassis.clock import Clock
from ...chassis.identity import signed_in, staff_page
from ..domain import STATES
from ..schemas import PAGE_SIZE
from ..store import ConversationStore, Counts, Filter, NotificationStore, unsettled_closures

OWED_SHOWN = 50


def blueprint(
    conversations: ConversationStore, notifications: NotificationStore, clock: Clock, time_zone: str
) -> Blueprint:
    """The page over these collections."""
    pages = Blueprint("ledger", __name__, template_folder="../templates")

    @pages.get("/notify/")
    @staff_page()
    def ledger() -> str:
        shown = _filter()
        rows = notifications.ledger(shown, PAGE_SIZE + 1)
        owed = list(islice(unsettled_closures(conversations, notifications, shown.units), OWED_SHOWN + 1))
        return render_template(
            "notify/ledger.html",
            counts=_counts(notifications, shown, clock, time_zone),
            owed=owed[:OWED_SHOWN],
            owed_more=len(owed) > OWED_SHOWN,
            rows=[row for _, row in rows[:PAGE_SIZE]],
            shown=shown,
            states=STATES,
            filtered=_link,
            older=_link(before=rows[PAGE_SIZE - 1][0]) if len(rows) > PAGE_SIZE else None,
        )

    return pages


def _filter() -> Filter:
    state = request.args.get("state")
    return Filter(
        state=state if state in STATES else None,
        feedback=request.args.get("feedback") or None,
        before=request.args.get("before") or None,
        units=signed_in().visible_units(),
    )


def _counts(notifications: NotificationStore, shown: Filter, clock: Clock, time_zone: str) -> Counts:
    zone = ZoneInfo(time_zone)
    today = datetime.combine(clock.now().astimezone(zone).date(), time(), zone)
    return notifications.counts(shown.units, today)


def _link(**changes: Any) -> str:
    """This page with other filters; any change of filter begins at the newest again."""
    kept = {name: request.args[name] for name in ("state", "feedback") if request.args.get(name)}
    values = {name: value for name, value in (kept | changes).items() if value}
    return f"/notify/?{urlencode(values)}" if values else "/notify/"
