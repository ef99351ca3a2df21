"""Moves pending events from the documents of one service to the log, in order, at least once (decision D2).

Only `outbox.save` appends to an outbox and it raises the document's version, so an unchanged version means that the
outbox holds exactly what was read. What was published is removed by event id when the version moved on.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from pymongo import ASCENDING, UpdateOne

from ..contracts.registry import InvalidEvent, UnknownEvent
from ..contracts.sealed import Seal
from . import metrics, wire
from .eventlog import EventLog, Message, Producer, RecordTooLarge
from .failpoints import hit
from .keyring import Keyring
from .lease import Lease
from .mongo import Document, Documents

BATCH = 200
PAGE = 10 * BATCH
"""Ids per search: the embedded store walks its whole index for a search without an upper bound, whatever the limit."""
CHUNK = 100
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PARKED = datetime(1970, 1, 1, tzinfo=UTC)
"""As `pending_since`: no log takes its events now; tried again when a relay starts, that is after a deploy."""

UNPUBLISHABLE = (UnknownEvent, InvalidEvent, KeyError, TypeError, ValueError)

logger = structlog.get_logger()


class Relay:
    """The relay of the given collections; one at a time works, by lease, and two at once would only repeat events."""

    def __init__(self, collections: Sequence[Documents], log: EventLog, keyring: Keyring, lease: Lease) -> None:
        self._collections = collections
        self._lease = lease
        self._log = log
        self._keyring = keyring
        self._producer: Producer | None = None
        self._oldest: dict[str, list[str]] = {}
        self._unparked = False

    def run_once(self) -> bool:
        """Publish and mark one batch of each collection; False when nothing was pending, or another relay is at it."""
        if not self._lease.hold():
            return False
        if not self._unparked:
            self._unpark()
        return sum([self._relay(collection) for collection in self._collections]) > 0

    def close(self) -> None:
        """Let the producer and the lease go."""
        if self._producer:
            self._producer.close()
        self._lease.release()

    def _unpark(self) -> None:
        for collection in self._collections:
            collection.update_many({"pending_since": PARKED}, {"$set": {"pending_since": EPOCH + timedelta(days=1)}})
        self._unparked = True

    def _relay(self, collection: Documents) -> bool:
        ids = self._oldest.get(collection.name) or _search(collection)
        self._oldest[collection.name] = ids[BATCH:]
        documents = _read(collection, ids[:BATCH])
        if documents:
            self._publish(collection, documents)
        return bool(ids)

    def _publish(self, collection: Documents, documents: list[Document]) -> None:
        persons = {entry["data"]["person"] for _, entry in _entries(documents) if "person" in entry["data"]}
        seal = self._keyring.sealer(persons)
        built = [(document, _messages(collection, document, seal)) for document in documents]
        pairs = [(document, message) for document, messages in built for message in messages or ()]
        hit("relay.before_publish")
        try:
            self._append([message for _, message in pairs])
        except RecordTooLarge as error:
            _park(collection, pairs[error.index][0], "RecordTooLarge")
            return
        hit("relay.after_publish")
        _mark(collection, [document for document, messages in built if messages is not None])
        hit("relay.after_mark")

    def _append(self, messages: list[Message]) -> None:
        self._producer = self._producer or self._log.producer()
        for start in range(0, len(messages), CHUNK):
            try:
                self._producer.append(messages[start : start + CHUNK])
            except RecordTooLarge as error:
                raise RecordTooLarge(start + error.index) from None
            hit("relay.mid_publish")
        for message in messages:
            metrics.PUBLISHED.labels(message.topic).inc()


def _search(collection: Documents) -> list[str]:
    """The ids of what has waited longest."""
    found = collection.find({"pending_since": {"$gt": EPOCH}}, {"_id": 1}).sort("pending_since", ASCENDING).limit(PAGE)
    return [document["_id"] for document in found]


def _read(collection: Documents, ids: list[str]) -> list[Document]:
    """The documents as they are now, in this order, without those that another relay published meanwhile."""
    query = {"_id": {"$in": ids}, "pending_since": {"$gt": EPOCH}}
    found = {document["_id"]: document for document in collection.find(query, {"outbox": 1, "version": 1})}
    return [found[doc_id] for doc_id in ids if doc_id in found]


def _entries(documents: list[Document]) -> list[tuple[Document, Document]]:
    return [(document, entry) for document in documents for entry in document["outbox"]]


def _messages(collection: Documents, document: Document, seal: Seal) -> list[Message] | None:
    """What the document has to say; None, and parked, when this version of the code cannot say it."""
    try:
        return [wire.to_message(document["_id"], entry, seal) for entry in document["outbox"]]
    except UNPUBLISHABLE as error:
        _park(collection, document, type(error).__name__)
        return None


def _mark(collection: Documents, documents: list[Document]) -> None:
    clear = {"$unset": {"outbox": "", "pending_since": ""}}
    cleared = collection.bulk_write(
        [UpdateOne({"_id": doc["_id"], "version": doc["version"]}, clear) for doc in documents], ordered=False
    )
    if cleared.matched_count < len(documents):
        collection.bulk_write(
            [
                UpdateOne({"_id": doc["_id"]}, {"$pull": {"outbox": {"id": {"$in": [e["id"] for e in doc["outbox"]]}}}})
                for doc in documents
            ],
            ordered=False,
        )


def _park(collection: Documents, document: Document, reason: str) -> None:
    """Set one document aside: an event no log takes must not hold up everybody else's."""
    collection.update_one({"_id": document["_id"], "version": document["version"]}, {"$set": {"pending_since": PARKED}})
    metrics.PARKED.labels(collection.name).inc()
    logger.error("document parked", collection=collection.name, id=document["_id"], reason=reason)
