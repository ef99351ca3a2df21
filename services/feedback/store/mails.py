"""What became of mails that made no feedback: what machines reported, and what lies in quarantine."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from math import nan
from typing import Final

from gridfs import GridFSBucket, NoFile
from prometheus_client import Gauge
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from ...chassis.errors import Unavailable
from ...chassis.mongo import Document, Store, away_is_unavailable, ensure_indexes
from ...chassis.outbox import PENDING_INDEX, new_document
from ...contracts.registry import Event
from ..domain.quarantine import Quarantined

REFUSED_BY_DATABASE: Final = PyMongoError
"""What a write may raise besides Unavailable; the same mail may be taken later."""

REPORTS_KEPT: Final = timedelta(days=90)
"""For how long a report that comes again is known; mail servers repeat themselves for days."""
REPORT_INDEXES = [
    PENDING_INDEX,
    IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=int(REPORTS_KEPT.total_seconds())),
]

MOST: Final = 1_000
"""Mails in quarantine; what strangers may fill a disk with must have an end."""
SMALL: Final = 1_000_000
"""Bytes that lie in the document itself; MongoDB refuses documents of 16 MiB."""
QUARANTINE_INDEXES = [IndexModel([("received_at", ASCENDING)], name="received_at")]
FIELDS = tuple(field.name for field in fields(Quarantined) if field.name != "id")


QUARANTINED = Gauge("liaise_mails_quarantined", "Mails in quarantine, where they wait for somebody to look at them")


class QuarantineFull(Unavailable):
    """There is no room for one mail more in quarantine; other mails can be taken."""


class ReportStore:
    """Mails that machines wrote about ours, each once; the words in them are not kept."""

    def __init__(self, store: Store) -> None:
        self.collection = store["mails"]

    def prepare(self) -> None:
        """Create the indexes."""
        ensure_indexes(self.collection, REPORT_INDEXES)

    def add(self, report_id: str, kind: str, events: Sequence[Event], now: datetime) -> bool:
        """Write the report with its events; False when it was here before. Raises Unavailable."""
        with away_is_unavailable():
            try:
                self.collection.insert_one(new_document(report_id, {"kind": kind, "at": now}, events, now))
            except DuplicateKeyError:
                return False
        return True


class QuarantineStore:
    """Mails as they came, whole."""

    def __init__(self, store: Store) -> None:
        self.collection = store["quarantine"]
        self._large = GridFSBucket(store, "quarantine")

    def prepare(self) -> None:
        """Create the indexes."""
        ensure_indexes(self.collection, QUARANTINE_INDEXES)

    def add(self, mail: Quarantined, content: bytes) -> bool:
        """Keep it; False when it lies here already. Raises QuarantineFull, Unavailable."""
        with away_is_unavailable():
            if self.collection.find_one({"_id": mail.id}, {"_id": 1}):
                return False
            if self.count() >= MOST:
                raise QuarantineFull("the quarantine is full")
            small = len(content) <= SMALL
            if not small:
                self._write_large(mail.id, content)
            values = asdict(mail)
            document = {"_id": values.pop("id"), **values, "content": content if small else None}
            try:
                self.collection.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    def count(self) -> int:
        """How many there are."""
        return self.collection.estimated_document_count()

    def newest(self, limit: int) -> list[Quarantined]:
        """What came last, the newest first."""
        found = self.collection.find({}, {"content": 0}).sort("received_at", -1).limit(limit)
        return [_to_quarantined(document) for document in found]

    def find(self, mail_id: str) -> Quarantined | None:
        """The mail of this id."""
        document = self.collection.find_one({"_id": mail_id}, {"content": 0})
        return _to_quarantined(document) if document else None

    def content(self, mail_id: str) -> bytes | None:
        """The mail as it came; None when it is gone."""
        document = self.collection.find_one({"_id": mail_id}, {"content": 1})
        if document is None:
            return None
        if document["content"] is not None:
            return bytes(document["content"])
        try:
            return bytes(self._large.open_download_stream(mail_id).read())
        except NoFile:
            return None

    def remove(self, mail_id: str) -> None:
        """Throw it away; what is gone already stays gone."""
        self.collection.delete_one({"_id": mail_id})
        self._remove_large(mail_id)

    def _write_large(self, mail_id: str, content: bytes) -> None:
        """Write it anew: a crash may have left half of it."""
        self._remove_large(mail_id)
        self._large.upload_from_stream_with_id(mail_id, mail_id, content)

    def _remove_large(self, mail_id: str) -> None:
        try:
            self._large.delete(mail_id)
        except NoFile:
            return


def watch_quarantine(quarantine: QuarantineStore) -> None:
    """Count them at every look at this process's metrics; not a number while the database is away."""

    def value() -> float:
        try:
            return quarantine.count()
        except PyMongoError:
            return nan

    QUARANTINED.set_function(value)


def _to_quarantined(document: Document) -> Quarantined:
    values = {name: document[name] for name in FIELDS}
    return Quarantined(id=document["_id"], **values | {"recipients": tuple(values["recipients"])})
