"""One member of a consumer group: it reads the topics it holds a lease on."""

import sqlite3
from collections.abc import Sequence
from threading import Condition

from .. import ids
from ..clock import monotonic
from ..eventlog import Record
from .database import load, unavailable

LOOK_SECONDS = 0.25
"""How often a waiting member looks for what another process appended; its own process wakes it at once."""

TAKE_LEASE = """
INSERT INTO leases VALUES (:group, :topic, :member, :now + :seconds)
ON CONFLICT DO UPDATE SET member = :member, expires = :now + :seconds
    WHERE member = :member OR expires < :now OR expires > :now + 2 * :seconds
"""
# A lease far beyond :now + :seconds was written before the machine restarted and its monotonic clock began again. Far,
# because :now is taken before the file is free: a lease that somebody took in between ends later than ours would.

COMMIT = """
INSERT INTO offsets SELECT :group, :topic, :next FROM leases
    WHERE member_group = :group AND topic = :topic AND member = :member
ON CONFLICT DO UPDATE SET next = max(next, excluded.next)
"""


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
        with unavailable():
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
        with unavailable():
            self._connection.execute(
                "DELETE FROM leases WHERE member_group = ? AND member = ?", (self._group, self._member)
            )
        self._connection.close()

    def _read(self, limit: int) -> list[Record]:
        records: list[Record] = []
        with unavailable():
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
        return [Record(topic, 0, position, key, value, load(headers)) for position, key, value, headers in rows]

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
