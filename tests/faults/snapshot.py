"""Everything an install holds at one moment: each store, the event log and the mails that left."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from services.chassis import wire
from services.chassis.eventlog import Record
from services.chassis.process import Process
from services.contracts import topics
from services.contracts.envelope import Envelope
from tests.faults.logs import DEAD_LETTERS, LogReader

Documents = dict[str, dict[str, Any]]

COLLECTIONS = {
    "feedback": ("feedback", "units"),
    "triage": ("cases", "units"),
    "notify": ("conversations", "notifications"),
    "insights": ("journeys", "units"),
}
OUTBOXES = (("feedback", "feedback"), ("triage", "cases"), ("triage", "units"), ("notify", "notifications"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Documents by id of each collection, the events in their order, dead letters, and mails as they arrived."""

    feedbacks: Documents
    cases: Documents
    units: Documents
    conversations: Documents
    notifications: Documents
    journeys: Documents
    events: list[Envelope[Any]]
    dead: list[Record]
    mails: list[EmailMessage]


def take(process: Process, log: LogReader, mails: Sequence[EmailMessage]) -> Snapshot:
    """Read everything."""
    read = stores(process)
    return Snapshot(
        feedbacks=read["feedback.feedback"],
        cases=read["triage.cases"],
        units=read["triage.units"],
        conversations=read["notify.conversations"],
        notifications=read["notify.notifications"],
        journeys=read["insights.journeys"],
        events=[wire.to_envelope(record) for record in log.records(topics.ALL)],
        dead=log.records(DEAD_LETTERS),
        mails=list(mails),
    )


def stores(process: Process) -> dict[str, Documents]:
    """Every document of every collection that events fill."""
    return {
        f"{service}.{name}": {document["_id"]: document for document in process.store(service)[name].find()}
        for service, names in COLLECTIONS.items()
        for name in names
    }


def busy(process: Process, log: LogReader) -> dict[str, int]:
    """What is still on its way; empty when nothing is."""
    left = {
        f"{service}.{name} pending": process.store(service)[name].count_documents({"pending_since": {"$exists": True}})
        for service, name in OUTBOXES
    }
    left["to be sent"] = process.store("notify")["notifications"].count_documents({"due_at": {"$ne": None}})
    left["not handled"] = log.lag()
    return {what: number for what, number in left.items() if number}
