"""Tables that are taken over, and how far each has come."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel

from ...chassis.errors import Conflict
from ...chassis.mongo import Store, ensure_indexes

INDEXES = [IndexModel([("begun_at", DESCENDING)], name="begun_at")]
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One table; `done` of its good rows, which stand in `lines`, are over. Its `content` is forgotten at the end."""

    id: str
    name: str
    by: str
    begun_at: datetime
    content: bytes | None
    lines: tuple[int, ...]
    done: int = 0
    added: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0
    ended_at: datetime | None = None

    @property
    def total(self) -> int:
        """How many rows were good when they were looked at."""
        return len(self.lines)


class ImportStore:
    """The imports collection."""

    def __init__(self, store: Store) -> None:
        self.collection = store["imports"]

    def prepare(self) -> None:
        """Create the index."""
        ensure_indexes(self.collection, INDEXES)

    def add(self, begun: Import) -> None:
        """Keep a new one."""
        fields = asdict(begun)
        self.collection.insert_one({"_id": fields.pop("id"), **fields})

    def find(self, import_id: str) -> Import | None:
        """The one of this id, contents included."""
        document = self.collection.find_one({"_id": import_id})
        return _to_import(document) if document else None

    def forget_abandoned(self, before: datetime) -> None:
        """Forget the contents of what was begun before then; how far it came stays."""
        old = self.collection.find({"begun_at": {"$lt": before}}, {"_id": 1}, hint="begun_at")
        for document in old:
            self.collection.update_one({"_id": document["_id"]}, {"$set": {"content": None}})

    def latest(self) -> list[Import]:
        """The latest ones, without contents."""
        found = self.collection.find({}, {"content": 0}).sort([("begun_at", DESCENDING)]).limit(SHOWN)
        return [_to_import(document | {"content": None}) for document in found]

    def save(self, read: Import, further: Import) -> None:
        """Keep how far it has come since it was read; raises Conflict when somebody else got further."""
        values = {name: value for name, value in asdict(further).items() if name != "id"}
        if not self.collection.update_one({"_id": read.id, "done": read.done}, {"$set": values}).matched_count:
            raise Conflict("Somebody else goes on with this import.")


def _to_import(document: dict[str, Any]) -> Import:
    values = {name: value for name, value in document.items() if name != "_id"}
    return Import(id=document["_id"], **values | {"lines": tuple(values["lines"])})
