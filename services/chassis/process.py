"""What one process holds: settings, clock, database, log, keyring. Made after fork; each connects at first use."""

from dataclasses import dataclass
from functools import cached_property

from pymongo import MongoClient

from . import ids
from .clock import Clock, SystemClock
from .eventlog import EventLog, open_log
from .keyring import Keyring
from .lease import Lease
from .mongo import Document, Store, connect, database
from .settings import Settings

LEASE_SECONDS = 5.0


@dataclass
class Process:
    """The parts that a service's app.py composes from."""

    settings: Settings
    clock: Clock
    client: MongoClient[Document]

    @cached_property
    def log(self) -> EventLog:
        """The event log; a web process never asks for it (decision D2)."""
        return open_log(self.settings)

    @cached_property
    def keyring(self) -> Keyring:
        """The keys of persons."""
        return Keyring(self.store("keyring"))

    def store(self, service: str) -> Store:
        """The database of one service."""
        return database(self.client, f"{self.settings.database_prefix}_{service}")

    def lease(self, service: str, name: str) -> Lease:
        """A lease for this process among all that run the same loop of a service."""
        return Lease(self.store(service)["leases"], name, ids.new(), LEASE_SECONDS, self.clock)

    def ping(self) -> None:
        """Ask the database for a sign of life; raises when it is away."""
        self.client.admin.command("ping")


def open_process(settings: Settings, clock: Clock | None = None) -> Process:
    """The parts for these settings; raises BadSetting."""
    return Process(settings, clock or SystemClock(), connect(settings))
