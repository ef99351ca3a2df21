"""An aggregate, its pending events and its dedupe marks in one document, written by one atomic operation (decision D1).

Document: `_id`, `version` (compare-and-set), `seq` (of the last event), `outbox` (pending events in order),
`pending_since` (absent when nothing is pending), `applied` (topic -> last applied seq), and the aggregate's own fields.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from ..contracts import registry
from ..contracts.envelope import Envelope
from ..contracts.registry import Event
from . import ids
from .errors import Conflict
from .failpoints import hit
from .mongo import Document, Documents

PENDING_INDEX = IndexModel([("pending_since", ASCENDING)], name="pending_since", sparse=True)


def pend(
    events: Sequence[Event], subject: str, first_seq: int, now: datetime, cause: Envelope[Any] | None = None
) -> list[Document]:
    """Events as outbox entries, numbered from `first_seq`; raises InvalidEvent before anything is written."""
    return [
        {
            "id": ids.new(),
            "type": event.TYPE,
            "version": event.VERSION,
            "seq": seq,
            "time": now,
            "correlation": cause.correlation_id if cause else subject,
            "causation": cause.id if cause else None,
            "data": registry.write(event),
        }
        for seq, event in enumerate(events, first_seq)
    ]


def new_document(
    doc_id: str, fields: Mapping[str, Any], events: Sequence[Event], now: datetime, cause: Envelope[Any] | None = None
) -> Document:
    """The document to insert for a new aggregate with its first events."""
    document = {"_id": doc_id, "version": 1, "seq": len(events), "applied": applied_after({}, cause), **fields}
    if events:
        document |= {"outbox": pend(events, doc_id, 1, now, cause), "pending_since": now}
    return document


def save(
    collection: Documents,
    document: Document,
    changes: Mapping[str, Any],
    events: Sequence[Event],
    now: datetime,
    cause: Envelope[Any] | None = None,
) -> None:
    """Write the changes and append the events, if nobody wrote since `document` was read; raises Conflict.

    `document` needs `_id`, `version`, `seq` and `applied` as they were read. With a `cause`, the mark that its event is
    applied goes into the same write.
    """
    seq = document["seq"]
    values = {**changes, "version": document["version"] + 1, "seq": seq + len(events)}
    if cause:
        values["applied"] = applied_after(document.get("applied", {}), cause)
    update: Document = {"$set": values}
    if events:
        values["pending_since"] = now
        update["$push"] = {"outbox": {"$each": pend(events, document["_id"], seq + 1, now, cause)}}
    hit("save.before_write")
    result = collection.update_one({"_id": document["_id"], "version": document["version"]}, update)
    hit("save.after_write")
    if result.matched_count == 0:
        raise Conflict("Somebody else changed this a moment ago.")


def applied_after(applied: Mapping[str, int], cause: Envelope[Any] | None) -> dict[str, int]:
    """The marks once `cause` is applied."""
    return {**applied, cause.topic: cause.seq} if cause else dict(applied)


def is_applied(document: Document, cause: Envelope[Any]) -> bool:
    """Whether this event, or a later one of its topic, already changed the document."""
    return bool(cause.seq <= document.get("applied", {}).get(cause.topic, 0))
