"""One role alone with a database and a log of its own, for streams that no person writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services import embedded
from services.chassis import wire
from services.chassis.embedded_store import EmbeddedStore
from services.chassis.process import Process
from services.contracts.envelope import Envelope
from tests.faults.install import process_of
from tests.faults.logs import EmbeddedReader
from tests.faults.zygote import ForkedRole, Nursery
from tests.running import settings_for


@dataclass
class Sole:
    """A role that is not started yet, and the parts of its install."""

    role: ForkedRole
    process: Process
    log: EmbeddedReader

    def events(self, topic: str) -> list[Envelope[Any]]:
        """What a topic holds."""
        return [wire.to_envelope(record) for record in self.log.records([topic])]


@contextmanager
def alone(folder: Path, store: EmbeddedStore, nursery: Nursery, *command: str, **more: str) -> Iterator[Sole]:
    """A migrated install in which only this role will run."""
    prefix = f"s{folder.parent.name[-8:]}{folder.name}".replace("-", "").replace(".", "")
    uri = store.uri.reveal()
    environment = settings_for(folder, "smtp://127.0.0.1:1", MONGODB_URI=uri, DATABASE_PREFIX=prefix, **more)
    process = process_of(environment)
    embedded.migrate(process)
    role = ForkedRole(nursery, command, environment, folder / "role.log")
    try:
        yield Sole(role, process, EmbeddedReader(Path(environment["DATA_DIR"])))
    finally:
        if role.process:
            role.kill()
        process.client.close()
