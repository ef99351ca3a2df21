"""The collections of `notify`. Every query of a loop or page has its index on top and names it.

It names it because the embedded database takes an index by itself only when the index covers every condition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from ..chassis import ids, outbox
from ..chassis.mongo import Document, Documents, Store, ensure_indexes
from ..contracts.envelope import Envelope
from ..contracts.notify import OUTCOME
from ..contracts.registry import Event
from .domain import FAILED, ON_PAGE, SENT, SETTLED, Conversation, Ending, Notification

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
CHUNK = 200

CONVERSATION_INDEXES = [IndexModel([("unsettled_since", ASCENDING)], name="unsettled_since")]
NOTIFICATION_INDEXES = [
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
    outbox.PENDING_INDEX,
]
MAILBOX_INDEXES = [IndexModel([("order", DESCENDING)], name="order")]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Something as it was read, with what its conditional update needs."""

    value: T
    document: Document

    def has_applied(self, cause: Envelope[Any]) -> bool:
        """Whether this event already changed it."""
        return outbox.is_applied(self.document, cause)


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
    """The ledger in four numbers."""

    sent: int
    on_page: int
    waiting: int
    failed: int


class ConversationStore:
    """What is known of each conversation."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["conversations"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self.collection, CONVERSATION_INDEXES)

    def find(self, feedback: str) -> Read[Conversation] | None:
        """The conversation about a feedback."""
        document = self.collection.find_one({"_id": feedback})
        return Read(_conversation(document), document) if document else None

    def add_once(self, conversation: Conversation, cause: Envelope[Any], now: datetime) -> None:
        """Insert it, unless it is there."""
        _insert_once(self.collection, outbox.new_document(conversation.id, _fields(conversation), [], now, cause))

    def save(self, read: Read[Conversation], conversation: Conversation, cause: Envelope[Any], now: datetime) -> None:
        """Write it with the mark that the event is applied; raises Conflict."""
        outbox.save(self.collection, read.document, _fields(conversation), [], now, cause)

    def unsettled(self) -> Iterator[list[Conversation]]:
        """Conversations that may be owed a closing message, longest first, in chunks."""
        rows = self.collection.find({"unsettled_since": {"$gt": EPOCH}}).sort("unsettled_since", ASCENDING)
        while chunk := [_conversation(row) for row in islice(rows, CHUNK)]:
            yield chunk

    def settle(self, conversation: Conversation) -> None:
        """Take it off the shortlist, unless it ended again in the meantime."""
        query = {"_id": conversation.id, "unsettled_since": conversation.unsettled_since}
        self.collection.update_one(query, {"$set": {"unsettled_since": None}})


class NotificationStore:
    """Every message there ever was, and what became of it."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["notifications"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self.collection, NOTIFICATION_INDEXES)

    def add_once(self, notification: Notification, events: list[Event], cause: Envelope[Any], now: datetime) -> None:
        """Insert it with its events, unless it is there."""
        values = _fields(notification) | {"order": ids.new()}
        _insert_once(self.collection, outbox.new_document(notification.id, values, events, now, cause))

    def due(self, now: datetime, limit: int) -> list[Read[Notification]]:
        """Some of what somebody has to look at now, in the order of the index."""
        # No sort: the index has the order already, and the embedded database would sort every candidate for it.
        rows = self.collection.find({"due_at": {"$gt": EPOCH, "$lte": now}}).hint("due_at").limit(limit)
        return [Read(_notification(row), row) for row in rows]

    def save(
        self, read: Read[Notification], notification: Notification, events: list[Event], now: datetime
    ) -> Read[Notification]:
        """Write it with its events if nobody else did since it was read; raises Conflict."""
        values = _fields(notification)
        outbox.save(self.collection, read.document, values, events, now)
        head = {"version": read.document["version"] + 1, "seq": read.document["seq"] + len(events)}
        return Read(notification, read.document | values | head)

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
        )

    def closing_states(self, feedback: Sequence[str]) -> dict[tuple[str, int], str]:
        """(feedback, closure) -> state of its closing message."""
        query = {"feedback": {"$in": list(feedback)}, "kind": OUTCOME}
        parts = {"feedback": 1, "closure": 1, "state": 1}
        rows = self.collection.find(query, parts).hint("once_per_recipient_per_event")
        return {(row["feedback"], row["closure"]): row["state"] for row in rows}


class MailboxStore:
    """The local mailbox: what was sent while no mail server is set."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["mailbox"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self.collection, MAILBOX_INDEXES)

    def add_once(self, message_id: str, mail: Document) -> None:
        """Keep a mail; the same Message-ID again is the same mail."""
        _insert_once(self.collection, {"_id": message_id, "order": ids.new(), **mail})

    def newest(self, limit: int, before: str | None = None) -> list[Document]:
        """The newest mails, without their bodies."""
        query = {"order": {"$lt": before}} if before else {}
        parts = {"subject": 1, "to": 1, "at": 1, "text": 1, "order": 1}
        return list(self.collection.find(query, parts).sort("order", DESCENDING).limit(limit))

    def find(self, message_id: str) -> Document | None:
        """One mail."""
        return self.collection.find_one({"_id": message_id})


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An ended conversation whose closing message is not settled; `state` None: there is no message."""

    conversation: Conversation
    state: str | None


def unsettled_closures(
    conversations: ConversationStore, notifications: NotificationStore, units: Sequence[str] | None = None
) -> Iterator[Unsettled]:
    """Ended cases that may end in silence, longest ago first; empty is the promise of this product."""
    for conversation, state in shortlist(conversations, notifications):
        if state not in SETTLED and (units is None or conversation.unit in units):
            yield Unsettled(conversation, state)


def shortlist(
    conversations: ConversationStore, notifications: NotificationStore
) -> Iterator[tuple[Conversation, str | None]]:
    """Every conversation marked as owed a closing message, with the state of that message."""
    for chunk in conversations.unsettled():
        states = notifications.closing_states([conversation.id for conversation in chunk])
        for conversation in chunk:
            closure = conversation.ended.closure if conversation.ended else 0
            yield conversation, states.get((conversation.id, closure))


def _insert_once(collection: Documents, document: Document) -> None:
    try:
        collection.insert_one(document)
    except DuplicateKeyError:
        return


def _fields(value: Any) -> Document:
    values: Document = asdict(value)
    del values["id"]
    return values


def _notification(document: Document) -> Notification:
    return Notification(**_own(Notification, document))


def _conversation(document: Document) -> Conversation:
    values = _own(Conversation, document)
    return Conversation(**values | {"ended": Ending(**values["ended"]) if values.get("ended") else None})


def _own(kind: type[Any], document: Document) -> Document:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in document.items() if name in names} | {"id": document["_id"]}
