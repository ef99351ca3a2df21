"""How documents become what they stand for, and back."""

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pymongo.errors import DuplicateKeyError

from ...chassis import outbox
from ...chassis.mongo import Document, Documents
from ...contracts.envelope import Envelope

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Before everything: a range from here on skips the documents that hold no date."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Something as it was read, with what its conditional update needs."""

    value: T
    document: Document

    def has_applied(self, cause: Envelope[Any]) -> bool:
        """Whether this event already changed it."""
        return outbox.is_applied(self.document, cause)


def insert_once(collection: Documents, document: Document) -> None:
    """Insert it, unless it is there."""
    try:
        collection.insert_one(document)
    except DuplicateKeyError:
        return


def fields_of(value: Any) -> Document:
    """What is written of a dataclass; its id is the document's."""
    values: Document = asdict(value)
    del values["id"]
    return values


def own(kind: type[Any], document: Document) -> Document:
    """What a document holds of a dataclass's fields."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in document.items() if name in names} | {"id": document["_id"]}
