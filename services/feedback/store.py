"""The two collections of this service; the only file here that speaks MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from bson.errors import BSONError
from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from ..chassis.clock import monotonic
from ..chassis.errors import Unavailable
from ..chassis.group_commit import GroupCommit
from ..chassis.mongo import AWAY, Document, Store, away_is_unavailable, ensure_indexes
from ..chassis.outbox import PENDING_INDEX, is_applied, new_document, save
from ..contracts.envelope import Envelope
from ..contracts.registry import Event
from .domain import Directory, Entry, Feedback, Unit

FEEDBACK_INDEXES = [
    IndexModel([("number", ASCENDING)], name="number", unique=True),
    IndexModel([("tracking_hash", ASCENDING)], name="tracking_hash", unique=True),
    PENDING_INDEX,
]
DUPLICATE_KEY = 11000
UNITS_SECONDS = 2.0
"""For how long a process may answer from the units it read last."""

FIELDS = tuple(field.name for field in fields(Feedback) if field.name != "id")
ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
UNIT_FIELDS = tuple(field.name for field in fields(Unit) if field.name != "id")


@dataclass(frozen=True, slots=True)
class Kept:
    """A feedback as it was read, with the document it came in."""

    feedback: Feedback
    document: Document

    def has(self, message: Envelope[Any]) -> bool:
        """Whether this event is applied already."""
        return is_applied(self.document, message)


class FeedbackStore:
    """The feedback collection."""

    def __init__(self, store: Store) -> None:
        self.collection = store["feedback"]
        self._inserts: GroupCommit[Document, bool] = GroupCommit(self._insert)

    def prepare(self) -> None:
        """Create the indexes."""
        ensure_indexes(self.collection, FEEDBACK_INDEXES)

    def add(self, feedback: Feedback, events: Sequence[Event], now: datetime) -> bool:
        """Write a new feedback with its events; False if the id or the number is taken. Raises Unavailable."""
        return self._inserts.submit(new_document(feedback.id, _to_fields(feedback), events, now))

    def find(self, feedback_id: str) -> Kept | None:
        """The feedback of this id."""
        return self._one({"_id": feedback_id})

    def find_tracked(self, tracking_hash: str) -> Kept | None:
        """The feedback whose tracking token has this digest."""
        return self._one({"tracking_hash": tracking_hash})

    def save(
        self, kept: Kept, feedback: Feedback, events: Sequence[Event], now: datetime, cause: Envelope[Any] | None = None
    ) -> None:
        """Write what changed since `kept` was read, with its events; raises Conflict."""
        new = _to_fields(feedback)
        changes = {name: value for name, value in new.items() if kept.document.get(name) != value}
        save(self.collection, kept.document, changes, events, now, cause)

    def _one(self, query: Document) -> Kept | None:
        document = self.collection.find_one(query, {"outbox": 0})
        return Kept(_to_feedback(document), document) if document else None

    def _insert(self, documents: Sequence[Document]) -> list[bool | Exception]:
        """One write for many; each gets its own result, and one that cannot be encoded harms nobody else."""
        try:
            return self._write(documents)
        except (BSONError, OverflowError) as error:
            return [error] if len(documents) == 1 else [self._insert([document])[0] for document in documents]

    def _write(self, documents: Sequence[Document]) -> list[bool | Exception]:
        failed: dict[int, int] = {}
        unconfirmed = False
        with away_is_unavailable():
            try:
                self.collection.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                failed = {failure["index"]: failure["code"] for failure in error.details["writeErrors"]}
                unconfirmed = bool(error.details.get("writeConcernErrors"))
        return [_result(failed.get(index), unconfirmed) for index in range(len(documents))]


class UnitStore:
    """The copy of the units, kept in memory for a moment so that a submission costs one write and no read."""

    def __init__(self, store: Store) -> None:
        self.collection = store["units"]
        self._directory: Directory | None = None
        self._read_at = 0.0

    def current(self) -> Directory:
        """The active units, at most UNITS_SECONDS old; raises Unavailable before the first has arrived."""
        if self._directory is None or monotonic() - self._read_at > UNITS_SECONDS:
            self._read()
        if self._directory is None:
            raise Unavailable("No department has been set up here yet. Please come back in a few minutes.")
        return self._directory

    def _read(self) -> None:
        try:
            units = [_to_unit(document) for document in self.collection.find({"active": True})]
        except AWAY as error:
            if self._directory is None:
                raise Unavailable("The database did not answer. Please try again.") from error
            return  # what was read last still shows the form and keeps what somebody typed
        self._directory = Directory(tuple(sorted(units, key=lambda unit: unit.name))) if units else None
        self._read_at = monotonic()

    def put(self, unit: Unit, message: Envelope[Any]) -> None:
        """Keep the unit as the event says, unless a later one was kept before."""
        values = {name: getattr(unit, name) for name in UNIT_FIELDS} | {"applied_seq": message.seq}
        try:
            self.collection.insert_one({"_id": unit.id, **values})
        except DuplicateKeyError:
            self.collection.update_one({"_id": unit.id, "applied_seq": {"$lt": message.seq}}, {"$set": values})


def _result(code: int | None, unconfirmed: bool) -> bool | Exception:
    if code == DUPLICATE_KEY:
        return False
    if code is not None or unconfirmed:
        return Unavailable("the database did not confirm the write")
    return True


def _to_fields(feedback: Feedback) -> Document:
    document = {name: getattr(feedback, name) for name in FIELDS}
    document["ratings"] = {str(closure): score for closure, score in feedback.ratings.items()}
    document["history"] = [_plain(entry) for entry in feedback.history]
    return document


def _to_feedback(document: Mapping[str, Any]) -> Feedback:
    # What an older version wrote lacks the fields that came later; those have defaults.
    values = {name: document[name] for name in FIELDS if name in document}
    values["ratings"] = {int(closure): score for closure, score in document["ratings"].items()}
    values["history"] = tuple(Entry(**entry) for entry in document["history"])
    return Feedback(id=document["_id"], **values)


def _plain(entry: Entry) -> Document:
    return {name: value for name in ENTRY_FIELDS if (value := getattr(entry, name)) not in (None, False)}


def _to_unit(document: Mapping[str, Any]) -> Unit:
    values = {name: document[name] for name in UNIT_FIELDS}
    return Unit(
        id=document["_id"], **values | {"addresses": tuple(values["addresses"]), "services": tuple(values["services"])}
    )
