"""The collection `conversations`."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo import ASCENDING, IndexModel

from ...chassis import outbox
from ...chassis.mongo import Document, Documents, Store, ensure_indexes
from ...contracts.envelope import Envelope
from ..domain import Conversation, Ending, Listener
from .reading import EPOCH, Read, fields_of, insert_once, own

CHUNK = 200

INDEXES = [IndexModel([("unsettled_since", ASCENDING)], name="unsettled_since")]


class ConversationStore:
    """What is known of each conversation."""

    def __init__(self, store: Store) -> None:
        self.collection: Documents = store["conversations"]

    def ensure_indexes(self) -> None:
        """Create what is missing."""
        ensure_indexes(self.collection, INDEXES)

    def find(self, feedback: str) -> Read[Conversation] | None:
        """The conversation about a feedback."""
        document = self.collection.find_one({"_id": feedback})
        return Read(_conversation(document), document) if document else None

    def add_once(self, conversation: Conversation, cause: Envelope[Any], now: datetime) -> None:
        """Insert it, unless it is there."""
        insert_once(self.collection, outbox.new_document(conversation.id, fields_of(conversation), [], now, cause))

    def save(self, read: Read[Conversation], conversation: Conversation, cause: Envelope[Any], now: datetime) -> None:
        """Write it with the mark that the event is applied; raises Conflict."""
        outbox.save(self.collection, read.document, fields_of(conversation), [], now, cause)

    def unsettled(self) -> Iterator[list[Conversation]]:
        """Conversations that may be owed a closing message, longest first, in chunks."""
        rows = self.collection.find({"unsettled_since": {"$gt": EPOCH}}).sort("unsettled_since", ASCENDING)
        while chunk := [_conversation(row) for row in islice(rows, CHUNK)]:
            yield chunk

    def settle(self, conversation: Conversation) -> None:
        """Take it off the shortlist, unless it ended again in the meantime."""
        query = {"_id": conversation.id, "unsettled_since": conversation.unsettled_since}
        self.collection.update_one(query, {"$set": {"unsettled_since": None}})


def _conversation(document: Document) -> Conversation:
    values = own(Conversation, document)
    voices = tuple(Listener(**voice) for voice in values.get("voices", ()))
    ended = Ending(**values["ended"]) if values.get("ended") else None
    return Conversation(**values | {"ended": ended, "voices": voices})
