"""The two shapes of the event log that one contract test is run against."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from services.chassis.eventlog import EventLog
from services.chassis.eventlog_embedded import EmbeddedLog
from services.chassis.eventlog_kafka import KafkaLog
from tests.kafka.broker import Cluster

SESSION_SECONDS = 2.0
"""For members that are to be replaced."""

PATIENT_SECONDS = 20.0
"""For all others: on a busy machine a thread may stand still for longer than two seconds, and would lose its place."""

APPEND_SECONDS = 4.0


class Shape(Protocol):
    """One adapter with the store behind it."""

    name: str
    partitions: int
    hands_over: bool
    """Whether a member that polls gives partitions to one that joins; otherwise it keeps them until it goes."""

    @property
    def address(self) -> str:
        """What `open_shape` takes in another process."""

    def open(self, session_seconds: float = SESSION_SECONDS) -> EventLog:
        """The log, as a process that has just started opens it; a member silent for that long is replaced."""

    def restart(self) -> None:
        """Lose everything that is not durable."""

    @contextmanager
    def away(self) -> Iterator[None]:
        """Inside, nothing can be appended."""


class Embedded:
    """The embedded log in a file."""

    name = "embedded"
    partitions = 1
    hands_over = False

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def address(self) -> str:
        return str(self._path)

    def open(self, session_seconds: float = SESSION_SECONDS) -> EventLog:
        return open_shape(self.name, self.address, session_seconds)

    def restart(self) -> None:
        pass  # what opens the file next has only the file

    @contextmanager
    def away(self) -> Iterator[None]:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")


class Kafka:
    """Apache Kafka."""

    name = "kafka"
    partitions = 4
    hands_over = True

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def address(self) -> str:
        return self._cluster.bootstrap_servers

    def open(self, session_seconds: float = SESSION_SECONDS) -> EventLog:
        return open_shape(self.name, self.address, session_seconds)

    def restart(self) -> None:
        self._cluster.kill()
        self._cluster.start()

    @contextmanager
    def away(self) -> Iterator[None]:
        self._cluster.kill()
        try:
            yield
        finally:
            self._cluster.start()


def open_shape(name: str, address: str, session_seconds: float = SESSION_SECONDS) -> EventLog:
    """Open the log of that name; also in a child process."""
    if name == "kafka":
        return KafkaLog(address, append_seconds=APPEND_SECONDS, session_seconds=session_seconds)
    return EmbeddedLog(Path(address), lease_seconds=session_seconds)


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.xdist_group("kafka")])])
def shape(request: pytest.FixtureRequest, tmp_path: Path) -> Shape:
    """Each adapter in turn."""
    if request.param == "kafka":
        return Kafka(request.getfixturevalue("kafka"))
    return Embedded(tmp_path / "log.sqlite3")


@pytest.fixture
def log(shape: Shape) -> Iterator[EventLog]:
    """The open log; its members are not replaced while a test runs."""
    with closing(shape.open(PATIENT_SECONDS)) as opened:
        yield opened
