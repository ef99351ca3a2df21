"""Journeys and units in the database; the only file here that speaks MongoDB.

A journey: `_id` (the feedback's id), `applied` (topic -> last applied seq), the facts, and maps from a closure's number
to what is known of it: `closures` {at, outcome, reason}, `pulses` {score, at}, `closing_messages` {at, state}; and
`reopened` (seq of the event -> time), with `due_again` {answer_due, outcome_due} as promised at the last of them. Every
write is safe to repeat, and facts of different topics never share a field, so that the topics may arrive in any order
between them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from ..chassis.mongo import Document, Store, ensure_indexes
from ..contracts.envelope import Envelope
from .domain.journey import DELIVERED, Closure, Journey
from .domain.window import Window

JOURNEY_INDEXES: Final = [
    IndexModel([("received_at", ASCENDING)], name="received_at"),
    IndexModel([("unit", ASCENDING), ("received_at", ASCENDING)], name="unit_received_at"),
]
BATCH = 5_000


class JourneyStore:
    """One document per feedback."""

    def __init__(self, database: Store) -> None:
        self._journeys = database["journeys"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self._journeys, JOURNEY_INDEXES)

    def record(self, message: Envelope[Any], facts: Mapping[str, Any], earliest: Mapping[str, datetime] = {}) -> None:
        """Set facts of the message's subject, unless this event or a later one of its topic is applied already.

        Of the times in `earliest` the lowest ever recorded stays.
        """
        update: Document = {"$set": {**facts, f"applied.{message.topic}": message.seq}}
        if earliest:
            update["$min"] = dict(earliest)
        not_applied = {"_id": message.subject, f"applied.{message.topic}": {"$not": {"$gte": message.seq}}}
        try:
            self._journeys.update_one(not_applied, update, upsert=True)
        except DuplicateKeyError:
            # Applied already; or another topic's consumer made the document in this moment, then it matches now.
            self._journeys.update_one(not_applied, update)

    def record_latest(self, feedback: str, field: str, at: datetime, state: str) -> None:
        """Keep of all states told of this field the latest; at the same millisecond, the alphabetically last.

        For facts whose events are counted under another subject than the feedback, so that no mark can be kept.
        """
        # BSON compares embedded documents field by field in their order: the time first.
        self._journeys.update_one({"_id": feedback}, {"$max": {field: {"at": at, "state": state}}}, upsert=True)

    def received(self, window: Window, units: Sequence[str] | None) -> list[Journey]:
        """The journeys received in the window, of these units or (None) of all, oldest first."""
        rows = [_journey(document) for query in queries(window, units) for document in self._find(query)]
        return sorted(rows, key=lambda row: (row.received_at, row.id))

    def explain(self, query: Document) -> Document:
        """How the database would run one of `queries`."""
        return dict(self._journeys.find(query).explain())

    def _find(self, query: Document) -> Iterator[Document]:
        return iter(self._journeys.find(query, batch_size=BATCH))


class UnitStore:
    """The copy of the units' names."""

    def __init__(self, database: Store) -> None:
        self._units = database["units"]

    def define(self, message: Envelope[Any], name: str, active: bool) -> None:
        """Keep a unit as it is now; an event older than what is kept changes nothing."""
        changes = {"name": name, "active": active, "seq": message.seq}
        older = {"_id": message.subject, "seq": {"$not": {"$gte": message.seq}}}
        try:
            self._units.update_one(older, {"$set": changes}, upsert=True)
        except DuplicateKeyError:
            self._units.update_one(older, {"$set": changes})

    def names(self, units: Sequence[str] | None) -> dict[str, str]:
        """Names by id, of these units or (None) of all."""
        return {unit["_id"]: unit["name"] for unit in self._units.find() if units is None or unit["_id"] in units}


def queries(window: Window, units: Sequence[str] | None) -> list[Document]:
    """One query per unit: an index on (unit, time) serves a range for one unit, and for several only as many ranges."""
    between = {"received_at": {"$gte": window.since, "$lt": window.until}}
    return [between] if units is None else [{"unit": unit, **between} for unit in dict.fromkeys(units)]


def _journey(document: Document) -> Journey:
    return Journey(
        id=document["_id"],
        number=document["number"],
        unit=document["unit"],
        service=document["service"],
        kind=document["kind"],
        channel=document["channel"],
        language=document["language"],
        anonymous=document["anonymous"],
        rating=document["rating"],
        received_at=document["received_at"],
        answer_due=document["answer_due"],
        outcome_due=document.get("outcome_due"),
        first_answer_at=document.get("first_answer_at"),
        answered=document.get("answered", False),
        due_again=_both(document.get("due_again")),
        open=document.get("open", True),
        closures=tuple(Closure(number=number, **facts) for number, facts in _numbered(document, "closures")),
        reopened=len(document.get("reopened", ())),
        pulses=tuple((number, pulse["score"]) for number, pulse in _numbered(document, "pulses")),
        voices=document.get("voices", 1),
        told=tuple(number for number, last in _numbered(document, "closing_messages") if last["state"] in DELIVERED),
    )


def _both(due: Document | None) -> tuple[datetime, datetime] | None:
    return (due["answer_due"], due["outcome_due"]) if due else None


def _numbered(document: Document, field: str) -> list[tuple[int, Document]]:
    return sorted((int(number), facts) for number, facts in document.get(field, {}).items())
