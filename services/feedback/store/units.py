"""The copy of the units."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pymongo.errors import DuplicateKeyError

from ...chassis.clock import monotonic
from ...chassis.errors import Unavailable
from ...chassis.mongo import AWAY, Store
from ...contracts.envelope import Envelope
from ..domain import Directory, Unit

UNITS_SECONDS = 2.0
"""For how long a process may answer from the units it read last."""

UNIT_FIELDS = tuple(field.name for field in fields(Unit) if field.name != "id")


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


def _to_unit(document: Mapping[str, Any]) -> Unit:
    values = {name: document[name] for name in UNIT_FIELDS if name in document}
    lists = {name: tuple(values.get(name, ())) for name in ("addresses", "domains", "services")}
    return Unit(id=document["_id"], **values | lists)
