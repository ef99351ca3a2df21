"""The event log of the embedded default: one SQLite file, ordered per topic, durable, one offset per consumer group.

Each topic is one partition. A member of a group holds a topic by a lease that polling renews, so a member that dies or
stalls is replaced, and what it then commits has no effect.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition

from . import ids
from .clock import monotonic
from .eventlog import MAX_RECORD_BYTES, Headers, LogUnavailable, Message, Record, RecordTooLarge, TopicSpec

BUSY_SECONDS = 5.0
LOOK_SECONDS = 0.25
"""How often a waiting member looks for what another process appended; its own process wakes it at once."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (topic TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS records (topic TEXT, position INTEGER, key TEXT, value BLOB, headers TEXT,
    PRIMARY KEY (topic, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (member_group TEXT, topic TEXT, next INTEGER, PRIMARY KEY (member_group, topic));
CREATE TABLE IF NOT EXISTS leases (member_group TEXT, topic TEXT, member TEXT, expires REAL,
    PRIMARY KEY (member_group, topic));
"""

TAKE_LEASE = """
INSERT INTO leases VALUES (:group, :topic, :member, :now + :seconds)
ON CONFLICT DO UPDATE SET member = :member, expires = :now + :seconds
    WHERE member = :member OR expires < :now OR expires > :now + :seconds
"""
# A lease beyond :now + :seconds was written before the machine restarted and its monotonic clock began again.

COMMIT = """
INSERT INTO offsets SELECT :group, :topic, :next FROM leases
    WHERE member_group = :group AND topic = :topic AND member = :member AND expires >= :now
ON CONFLICT DO UPDATE SET next = max(next, excluded.next)
"""


class EmbeddedLog:
    """The log in the file at `path`; any number of processes of one machine may open it."""

    def __init__(self, path: Path, lease_seconds: float = 10.0) -> None:
        self._path = path
        self._lease_seconds = lease_seconds
        self._appended = Condition()
        path.parent.mkdir(parents=True, exist_ok=True)
        with _unavailable(), self._connect("FULL") as connection:
            connection.executescript(SCHEMA)

    def producer(self) -> "EmbeddedProducer":
        """A producer; each append is one transaction, on disk when it returns."""
        return EmbeddedProducer(self._connect("FULL"), self._appended)

    def consumer(self, group: str, topics: Sequence[str]) -> "EmbeddedConsumer":
        """A member of the group."""
        # NORMAL: a lost offset after a power cut is a redelivery, which every handler takes; no fsync per commit.
        return EmbeddedConsumer(self._connect("NORMAL"), self._appended, group, topics, self._lease_seconds)

    def create_topics(self, topics: Mapping[str, TopicSpec]) -> list[str]:
        """Note the topics; returns the new ones. Everything is kept, whatever the retention."""
        with _unavailable(), self._connect("FULL") as connection:
            return [t for t in topics if connection.execute("INSERT OR IGNORE INTO topics VALUES (?)", (t,)).rowcount]

    def check(self) -> str:
        """Count what is kept."""
        with _unavailable(), self._connect("NORMAL") as connection:
            count = connection.execute("SELECT count(*) FROM records").fetchone()[0]
        return f"The embedded event log at {self._path} keeps {count} records."

    def close(self) -> None:
        """Nothing is held here; producers and consumers close their own connections."""

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        with _unavailable():
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={synchronous}")
        return connection


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
        with _unavailable(), _transaction(self._connection):
            for message in messages:
                self._connection.execute(
                    "INSERT INTO records SELECT :topic, coalesce(max(position) + 1, 0), :key, :value, :headers "
                    "FROM records WHERE topic = :topic",
                    {
                        "topic": message.topic,
                        "key": message.key,
                        "value": message.value,
                        "headers": _dump(message.headers),
                    },
                )
        with self._appended:
            self._appended.notify_all()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class EmbeddedConsumer:
    """Reads the topics it holds a lease on."""

    def __init__(
        self, connection: sqlite3.Connection, appended: Condition, group: str, topics: Sequence[str], seconds: float
    ) -> None:
        self._connection = connection
        self._appended = appended
        self._group = group
        self._topics = list(topics)
        self._member = ids.new()
        self._seconds = seconds
        self._held: dict[str, float] = {}
        self._positions: dict[str, int] = {}
        self._paused: set[str] = set()

    def poll(self, timeout: float, limit: int = 100) -> list[Record]:
        """The next records of all held topics."""
        deadline = monotonic() + timeout
        while True:
            records = self._read(limit)
            left = deadline - monotonic()
            if records or left <= 0:
                return records
            with self._appended:
                self._appended.wait(min(left, LOOK_SECONDS))

    def commit(self, record: Record) -> None:
        """Store the next offset, if the topic is still held."""
        with _unavailable():
            self._connection.execute(COMMIT, self._names(record.topic) | {"next": record.offset + 1})

    def rewind(self, record: Record) -> None:
        """Read from the record again."""
        if record.topic in self._positions:
            self._positions[record.topic] = record.offset

    def pause(self, record: Record) -> None:
        """Stop reading the topic."""
        self._paused.add(record.topic)

    def resume(self, record: Record) -> None:
        """Read the topic again."""
        self._paused.discard(record.topic)

    def lost(self, record: Record) -> bool:
        """Whether another member holds the topic, or this one let its lease run out."""
        return not self._hold(record.topic)

    def close(self) -> None:
        """Give the leases back."""
        with _unavailable():
            self._connection.execute(
                "DELETE FROM leases WHERE member_group = ? AND member = ?", (self._group, self._member)
            )
        self._connection.close()

    def _read(self, limit: int) -> list[Record]:
        records: list[Record] = []
        with _unavailable():
            for topic in self._topics:
                if self._hold(topic) and topic not in self._paused and len(records) < limit:
                    records += self._read_topic(topic, limit - len(records))
        self._topics.append(self._topics.pop(0))  # a busy topic must not starve the others
        return records

    def _read_topic(self, topic: str, limit: int) -> list[Record]:
        rows = self._connection.execute(
            "SELECT position, key, value, headers FROM records WHERE topic = ? AND position >= ? "
            "ORDER BY position LIMIT ?",
            (topic, self._positions[topic], limit),
        ).fetchall()
        if rows:
            self._positions[topic] = rows[-1][0] + 1
        return [Record(topic, 0, position, key, value, _load(headers)) for position, key, value, headers in rows]

    def _hold(self, topic: str) -> bool:
        """Take or renew the lease; a topic newly held is read from the group's offset."""
        now = monotonic()
        if self._held.get(topic, 0.0) - now > self._seconds / 2:
            return True
        was_held = self._held.pop(topic, 0.0) >= now
        if not self._connection.execute(TAKE_LEASE, self._names(topic) | {"seconds": self._seconds}).rowcount:
            self._positions.pop(topic, None)
            self._paused.discard(topic)
            return False
        self._held[topic] = now + self._seconds
        if not was_held or topic not in self._positions:
            self._positions[topic] = self._committed(topic)
        return True

    def _committed(self, topic: str) -> int:
        row = self._connection.execute(
            "SELECT next FROM offsets WHERE member_group = ? AND topic = ?", (self._group, topic)
        ).fetchone()
        return int(row[0]) if row else 0

    def _names(self, topic: str) -> dict[str, str | float]:
        return {"group": self._group, "topic": topic, "member": self._member, "now": monotonic()}


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LogUnavailable(f"the embedded event log did not answer ({error})") from error


def _dump(headers: Headers) -> str:
    return json.dumps([[name, value.hex()] for name, value in headers])


def _load(text: str) -> Headers:
    return tuple((name, bytes.fromhex(value)) for name, value in json.loads(text))
