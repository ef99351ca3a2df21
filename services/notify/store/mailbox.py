"""The collection `mailbox`."""

from pymongo import DESCENDING, IndexModel

from ...chassis import ids
from ...chassis.mongo import Document, Documents, Store, ensure_indexes
from .reading import insert_once

INDEXES = [IndexModel([("order", DESCENDING)], name="order")]


class MailboxStore:
    """The local mailbox: what was sent while no mail server is set."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["mailbox"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self.collection, INDEXES)

    def add_once(self, message_id: str, mail: Document) -> None:
        """Keep a mail; the same Message-ID again is the same mail."""
        insert_once(self.collection, {"_id": message_id, "order": ids.new(), **mail})

    def newest(self, limit: int, before: str | None = None) -> list[Document]:
        """The newest mails, without their bodies."""
        query = {"order": {"$lt": before}} if before else {}
        parts = {"subject": 1, "to": 1, "at": 1, "text": 1, "order": 1}
        return list(self.collection.find(query, parts).sort("order", DESCENDING).limit(limit))

    def find(self, message_id: str) -> Document | None:
        """One mail."""
        return self.collection.find_one({"_id": message_id})
