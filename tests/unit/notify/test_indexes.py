"""Every query that a loop or page makes uses an index: the real queries are overheard and explained."""

from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from services.chassis.process import Process
from services.notify import app
from tests import builders
from tests.unit.notify.conftest import Recorder, Room


class Overheard(CommandListener):
    """The finds and counts of one client, as finds."""

    def __init__(self) -> None:
        self.finds: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = event.command
        if event.command_name == "find":
            names = ("find", "filter", "sort", "hint", "limit")
            self.finds.append({name: command[name] for name in names if name in command})
        if event.command_name == "aggregate":
            matched = command["pipeline"][0]["$match"]
            self.finds.append({"find": command["aggregate"], "filter": matched, "hint": command.get("hint")})

    def succeeded(self, event: object) -> None: ...

    def failed(self, event: object) -> None: ...


@pytest.fixture
def overheard(process: Process) -> Any:
    listener, quiet = Overheard(), process.client
    process.client = MongoClient(process.settings.mongodb_uri.reveal(), tz_aware=True, event_listeners=[listener])
    yield listener
    process.client.close()
    process.client = quiet


def stages(plan: Any) -> set[str]:
    if isinstance(plan, list):
        return set().union(*map(stages, plan))
    if not isinstance(plan, dict):
        return set()
    return {plan["stage"] for _ in [0] if "stage" in plan}.union(*(stages(value) for value in plan.values()))


def test_every_query_of_a_loop_or_page_has_its_index(overheard: Overheard, room: Room) -> None:
    for _ in range(3):
        room.hear(builders.declined(), room.submit())
    reopened = room.submit()
    room.hear(builders.done(), reopened, 1)
    room.hear(builders.reopened(), reopened, 2)
    ended = room.submit()
    room.hear(builders.done(), ended, 1)
    room.hear(builders.joined(), ended, 2)
    room.hear(builders.profile(), builders.PERSON)
    room.hear(builders.mail_reported(original_id=room.messages(ended)[0].message_id), "mail")
    sender = room.delivery(Recorder())
    sender.run_once()
    room.process.clock.advance(timedelta(minutes=1))
    sender.run_once()

    web = app.create_app(room.process).test_client()
    for role, units in (("liaison", ("it", "finance")), ("admin", ())):
        with web.session_transaction() as session:
            session["identity"] = {"account": "i", "name": "Ines", "role": role, "units": units, "scopes": []}
        for query in (
            "",
            "?state=failed",
            "?feedback=f",
            "?feedback=f&state=sent",
            "?before=z",
            "?state=sent&before=z",
        ):
            assert web.get(f"/notify/{query}").status_code == 200
    for path in ("/mailbox/", "/mailbox/?before=z"):
        assert web.get(path).status_code == 200

    plans = {str(find): explain(room, find) for find in overheard.finds}
    assert len(plans) > 15
    assert {find: plan for find, plan in plans.items() if "COLLSCAN" in plan or "IXSCAN" not in plan} == {}


def explain(room: Room, find: dict[str, Any]) -> set[str]:
    if set(find["filter"]) == {"_id"}:
        return {"IXSCAN"}
    answer = room.process.store(app.NAME).command("explain", {k: v for k, v in find.items() if v is not None})
    return stages(answer["queryPlanner"]["winningPlan"])
