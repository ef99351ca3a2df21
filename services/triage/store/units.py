"""The registry of units, each with its pending events in one document."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from ...chassis import outbox
from ...chassis.errors import Conflict
from ...chassis.mongo import Document, Documents, Store
from ..domain import Staff, Unit

INDEXES = [
    outbox.PENDING_INDEX,
    IndexModel([("staff", ASCENDING)], name="staff"),
    IndexModel([("fallback", ASCENDING)], name="fallback"),
]
SEEDED = "directory"
FIELDS = tuple(Unit.__dataclass_fields__)


class UnitStore:
    """The collections `units` and `seeds`, which remembers that the first units were written."""

    def __init__(self, store: Store) -> None:
        self.documents: Documents = store["units"]
        self._seeds: Documents = store["seeds"]

    def all(self) -> list[Unit]:
        """Every unit, by name."""
        return [_unit(row) for row in self.documents.find({}).sort("name", ASCENDING)]

    def find(self, unit_id: str) -> Unit | None:
        """The unit of this id."""
        row = self.documents.find_one({"_id": unit_id})
        return _unit(row) if row else None

    def fallback(self) -> Unit | None:
        """The unit that takes what is addressed to nobody; None before the registry has one."""
        row = self.documents.find_one({"fallback": True})
        return _unit(row) if row else None

    def of_staff(self, account: str) -> tuple[str, ...]:
        """The ids of the units where this person is liaison or deputy."""
        return tuple(row["_id"] for row in self.documents.find({"staff": account}, {"_id": 1}))

    def add(self, unit: Unit, now: datetime) -> None:
        """Keep a new unit; raises Conflict when its id is taken."""
        try:
            self.documents.insert_one(outbox.new_document(unit.id, _fields(unit), [unit.defined()], now))
        except DuplicateKeyError:
            raise Conflict(f"There is a unit {unit.id} already.") from None

    def replace(self, unit: Unit, now: datetime) -> None:
        """Keep a changed unit; an unchanged one says nothing. Raises Conflict."""
        row = self.documents.find_one({"_id": unit.id})
        if row is None:
            raise Conflict(f"There is no unit {unit.id}.")
        if _unit(row) != unit:
            outbox.save(self.documents, row, _fields(unit), [unit.defined()], now)

    def is_seeded(self) -> bool:
        """Whether the first units were written, all of them."""
        return self._seeds.find_one({"_id": SEEDED}) is not None

    def mark_seeded(self, now: datetime) -> None:
        """Remember that all first units are there."""
        self._seeds.update_one({"_id": SEEDED}, {"$set": {"at": now}}, upsert=True)


def _fields(unit: Unit) -> Document:
    fields = asdict(unit)
    del fields["id"]
    lists = {name: list(fields[name]) for name in ("addresses", "deputies", "domains", "services")}
    return fields | lists | {"staff": [person.id for person in unit.staff]}


def _unit(row: Mapping[str, Any]) -> Unit:
    values = {name: row[name] for name in FIELDS if name in row}
    return Unit(
        id=row["_id"],
        **values
        | {
            "liaison": Staff(**values["liaison"]),
            "deputies": tuple(Staff(**deputy) for deputy in values["deputies"]),
            "addresses": tuple(values["addresses"]),
            "domains": tuple(values.get("domains", ())),
            "services": tuple(values["services"]),
        },
    )
