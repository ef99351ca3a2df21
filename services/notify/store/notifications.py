"""The collection `notifications`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from ...chassis import ids, outbox
from ...chassis.mongo import Document, Documents, Store, ensure_indexes
from ...contracts.envelope import Envelope
from ...contracts.notify import OUTCOME
from ...contracts.registry import Event
from ..domain import BOUNCED, FAILED, ON_PAGE, SENT, Notification, counted_key
from .reading import EPOCH, Read, fields_of, insert_once, own

OWN_ID = re.compile("[.@]")
"""Ends the notification's id in its Message-ID."""

INDEXES = [
    IndexModel(
        [("feedback", ASCENDING), ("kind", ASCENDING), ("recipient", ASCENDING), ("trigger", ASCENDING)],
        name="once_per_recipient_per_event",
        unique=True,
    ),
    IndexModel([("due_at", ASCENDING)], name="due_at"),
    IndexModel([("sent_at", ASCENDING)], name="sent_at"),
    IndexModel([("order", DESCENDING)], name="order"),
    IndexModel([("state", ASCENDING), ("order", DESCENDING)], name="state_order"),
    IndexModel([("unit", ASCENDING), ("order", DESCENDING)], name="unit_order"),
    IndexModel([("feedback", ASCENDING), ("order", DESCENDING)], name="feedback_order"),
    IndexModel([("counted", ASCENDING)], name="counted"),
    outbox.PENDING_INDEX,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What of the ledger to show; `units` None means all, `before` is the place of the last row seen."""

    state: str | None = None
    feedback: str | None = None
    units: Sequence[str] | None = None
    before: str | None = None

    def query(self) -> Document:
        """The query of this filter."""
        query: Document = {name: value for name in ("feedback", "state") if (value := getattr(self, name))}
        if self.units is not None:
            query["unit"] = {"$in": list(self.units)}
        return query | ({"order": {"$lt": self.before}} if self.before else {})

    @property
    def index(self) -> str:
        """The index that leaves the fewest rows to look at."""
        if self.feedback:
            return "feedback_order"
        if self.state:
            return "state_order"
        return "order" if self.units is None else "unit_order"


@dataclass(frozen=True, slots=True)
class Counts:
    """The ledger in five numbers."""

    sent: int
    on_page: int
    waiting: int
    failed: int
    bounced: int


class NotificationStore:
    """Every message there ever was, and what became of it."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["notifications"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self.collection, INDEXES)

    def add_once(self, notification: Notification, events: list[Event], cause: Envelope[Any], now: datetime) -> None:
        """Insert it with its events, unless it is there."""
        values = fields_of(notification) | {"order": ids.new()}
        insert_once(self.collection, outbox.new_document(notification.id, values, events, now, cause))

    def due(self, now: datetime, limit: int) -> list[Read[Notification]]:
        """Some of what somebody has to look at now, in the order of the index."""
        # No sort: the index has the order already, and the embedded database would sort every candidate for it.
        rows = self.collection.find({"due_at": {"$gt": EPOCH, "$lte": now}}).hint("due_at").limit(limit)
        return [Read(_notification(row), row) for row in rows]

    def save(
        self, read: Read[Notification], notification: Notification, events: list[Event], now: datetime
    ) -> Read[Notification]:
        """Write it with its events if nobody else did since it was read; raises Conflict."""
        values = fields_of(notification)
        outbox.save(self.collection, read.document, values, events, now)
        head = {"version": read.document["version"] + 1, "seq": read.document["seq"] + len(events)}
        return Read(notification, read.document | values | head)

    def closings(self, feedback: str, closure: int) -> list[Read[Notification]]:
        """The messages about one ending of a case."""
        # Without a hint the embedded database reads the one stretch of the index, with it the whole.
        rows = self.collection.find({"feedback": feedback, "kind": OUTCOME})
        return [Read(_notification(row), row) for row in rows if row["closure"] == closure]

    def find_sent(self, message_id: str) -> Read[Notification] | None:
        """The message that left under this Message-ID; our ids begin with the message's own."""
        wanted = message_id.strip()
        row = self.collection.find_one({"_id": OWN_ID.split(wanted.strip("<>"), maxsplit=1)[0]})
        return Read(_notification(row), row) if row and row["message_id"] == wanted else None

    def mailed_receipts(self, person: str, since: datetime, most: int) -> int:
        """How many receipts went to this person by mail since then; not counted beyond `most`."""
        # One range of one key and no hint: the embedded database looks at every message otherwise.
        between = {"$gt": counted_key(person, since), "$lt": f"{person}~~"}
        return sum(1 for _ in self.collection.find({"counted": between}, {"_id": 1}).limit(most))

    def ledger(self, shown: Filter, limit: int) -> list[tuple[str, Notification]]:
        """The newest messages with their places in the ledger."""
        rows = self.collection.find(shown.query()).hint(shown.index).sort("order", DESCENDING).limit(limit)
        return [(row["order"], _notification(row)) for row in rows]

    def counts(self, units: Sequence[str] | None, today: datetime) -> Counts:
        """The ledger of these units in numbers; `today` is the day's first moment."""
        mine: Document = {} if units is None else {"unit": {"$in": list(units)}}
        count = self.collection.count_documents
        return Counts(
            sent=count({"sent_at": {"$gte": today}, "state": SENT, **mine}, hint="sent_at"),
            on_page=count({"sent_at": {"$gte": today}, "state": ON_PAGE, **mine}, hint="sent_at"),
            waiting=count({"due_at": {"$gt": EPOCH}, **mine}, hint="due_at"),
            failed=count({"state": FAILED, **mine}, hint="state_order"),
            bounced=count({"state": BOUNCED, **mine}, hint="state_order"),
        )

    def closing_states(self, feedback: Sequence[str]) -> dict[tuple[str, int, str | None], str]:
        """(feedback, closure, who joined or None for the submitter) -> state of the closing message."""
        query = {"feedback": {"$in": list(feedback)}, "kind": OUTCOME}
        parts = {"feedback": 1, "closure": 1, "state": 1, "voice": 1}
        rows = self.collection.find(query, parts).hint("once_per_recipient_per_event")
        return {(row["feedback"], row["closure"], row.get("voice")): row["state"] for row in rows}


def _notification(document: Document) -> Notification:
    return Notification(**own(Notification, document))
