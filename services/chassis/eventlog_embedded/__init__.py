"""The event log of the embedded default: one SQLite file, ordered per topic, durable, one offset per consumer group.

Each topic is one partition. A member of a group holds a topic by a lease that polling renews, so a member that dies or
stalls is replaced, and what it then commits has no effect.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Condition

from ..eventlog import MAX_RECORD_BYTES, Message, RecordTooLarge, TopicSpec
from .database import SCHEMA, connect, dump, transaction, unavailable
from .member import EmbeddedConsumer


class EmbeddedLog:
    """The log in the file at `path`; any number of processes of one machine may open it."""

    def __init__(self, path: Path, lease_seconds: float = 10.0) -> None:
        self._path = path
        self._lease_seconds = lease_seconds
        self._appended = Condition()
        path.parent.mkdir(parents=True, exist_ok=True)
        with unavailable(), connect(self._path, "FULL") as connection:
            connection.executescript(SCHEMA)

    def producer(self) -> "EmbeddedProducer":
        """A producer; each append is one transaction, on disk when it returns."""
        return EmbeddedProducer(connect(self._path, "FULL"), self._appended)

    def consumer(self, group: str, topics: Sequence[str]) -> "EmbeddedConsumer":
        """A member of the group."""
        # NORMAL: a lost offset after a power cut is a redelivery, which every handler takes; no fsync per commit.
        return EmbeddedConsumer(connect(self._path, "NORMAL"), self._appended, group, topics, self._lease_seconds)

    def create_topics(self, topics: Mapping[str, TopicSpec]) -> list[str]:
        """Note the topics; returns the new ones. Everything is kept, whatever the retention."""
        with unavailable(), connect(self._path, "FULL") as connection:
            return [t for t in topics if connection.execute("INSERT OR IGNORE INTO topics VALUES (?)", (t,)).rowcount]

    def check(self) -> str:
        """Count what is kept."""
        with unavailable(), connect(self._path, "NORMAL") as connection:
            count = connection.execute("SELECT count(*) FROM records").fetchone()[0]
        return f"The embedded event log at {self._path} keeps {count} records."

    def close(self) -> None:
        """Nothing is held here; producers and consumers close their own connections."""


class EmbeddedProducer:
    """Appends in one transaction."""

    def __init__(self, connection: sqlite3.Connection, appended: Condition) -> None:
        self._connection = connection
        self._appended = appended

    def append(self, messages: Sequence[Message]) -> None:
        """Append all or nothing."""
        for index, message in enumerate(messages):
            if len(message.value) > MAX_RECORD_BYTES:
                raise RecordTooLarge(index)
        with unavailable(), transaction(self._connection):
            for message in messages:
                self._connection.execute(
                    "INSERT INTO records SELECT :topic, coalesce(max(position) + 1, 0), :key, :value, :headers "
                    "FROM records WHERE topic = :topic",
                    {
                        "topic": message.topic,
                        "key": message.key,
                        "value": message.value,
                        "headers": dump(message.headers),
                    },
                )
        with self._appended:
            self._appended.notify_all()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
