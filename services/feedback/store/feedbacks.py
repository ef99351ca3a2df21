"""The feedback collection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.errors import BSONError
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from ...chassis.errors import Unavailable
from ...chassis.group_commit import GroupCommit
from ...chassis.mongo import Document, Store, away_is_unavailable, ensure_indexes
from ...chassis.outbox import PENDING_INDEX, is_applied, new_document, save
from ...contracts.envelope import Envelope
from ...contracts.registry import Event
from ..domain import Feedback
from .mapping import to_feedback, to_fields
from .similar import SHARED_INDEX

FEEDBACK_INDEXES = [
    IndexModel([("number", ASCENDING)], name="number", unique=True),
    IndexModel([("tracking_hash", ASCENDING)], name="tracking_hash", unique=True),
    IndexModel(
        [("code_hash", ASCENDING)],
        name="code_hash",
        unique=True,
        partialFilterExpression={"code_hash": {"$type": "string"}},
    ),
    IndexModel(
        [("client", ASCENDING), ("received_at", ASCENDING)],
        name="client",
        partialFilterExpression={"client": {"$type": "string"}},
    ),
    IndexModel([("voices.tracking_hash", ASCENDING)], name="voices_tracking_hash", sparse=True),
    SHARED_INDEX,
    PENDING_INDEX,
]
DUPLICATE_KEY = 11000


@dataclass(frozen=True, slots=True)
class Kept:
    """A feedback as it was read, with the document it came in."""

    feedback: Feedback
    document: Document

    @property
    def version(self) -> int:
        """Counts the writes."""
        return int(self.document["version"])

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
        return self._inserts.submit(new_document(feedback.id, to_fields(feedback), events, now))

    def find(self, feedback_id: str) -> Kept | None:
        """The feedback of this id."""
        return self._one({"_id": feedback_id})

    def find_tracked(self, tracking_hash: str) -> Kept | None:
        """The feedback whose tracking token has this digest."""
        return self._one({"tracking_hash": tracking_hash})

    def find_voiced(self, tracking_hash: str) -> Kept | None:
        """The feedback that somebody joined whose tracking token has this digest."""
        return self._one({"voices.tracking_hash": tracking_hash})

    def find_coded(self, code_hash: str) -> Kept | None:
        """The anonymous feedback whose code has this digest."""
        return self._one({"code_hash": code_hash}, hint="code_hash")

    def find_numbered(self, number: str) -> Kept | None:
        """The feedback of this number."""
        return self._one({"number": number})

    def of_client(self, client: str, until: datetime, limit: int) -> list[Feedback]:
        """What a client sent, received at `until` or before, the newest first."""
        query = {"client": client, "received_at": {"$lte": until}}
        newest = [("client", DESCENDING), ("received_at", DESCENDING)]
        found = self.collection.find(query, {"outbox": 0}, hint="client").sort(newest).limit(limit)
        return [to_feedback(document) for document in found]

    def save(
        self, kept: Kept, feedback: Feedback, events: Sequence[Event], now: datetime, cause: Envelope[Any] | None = None
    ) -> None:
        """Write what changed since `kept` was read, with its events; raises Conflict."""
        new = to_fields(feedback)
        changes = {name: value for name, value in new.items() if kept.document.get(name) != value}
        save(self.collection, kept.document, changes, events, now, cause)

    def _one(self, query: Document, hint: str | None = None) -> Kept | None:
        document = self.collection.find_one(query, {"outbox": 0}, hint=hint)
        return Kept(to_feedback(document), document) if document else None

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


def _result(code: int | None, unconfirmed: bool) -> bool | Exception:
    if code == DUPLICATE_KEY:
        return False
    if code is not None or unconfirmed:
        return Unavailable("the database did not confirm the write")
    return True
