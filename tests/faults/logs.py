"""Reading a whole event log from the side, without being a member of any group, for both kinds of log."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition

from services import embedded
from services.chassis.eventlog import Record
from services.chassis.eventlog_embedded.database import load
from services.contracts import topics
from tests.running import until

GROUPS = {name: service.HEARS for name, service in embedded.SERVICES.items()}
DEAD_LETTERS = [topics.dead_letter_topic(name) for name in GROUPS]


class LogReader(Protocol):
    """Sees everything and changes nothing."""

    def records(self, names: Sequence[str]) -> list[Record]:
        """All records of these topics, in order per partition."""

    def count(self) -> int:
        """How many records there are in the topics of events."""

    def lag(self) -> int:
        """How many records some group has not committed."""


class EmbeddedReader:
    """Reads the file of the embedded log."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "log.sqlite3"

    def records(self, names: Sequence[str]) -> list[Record]:
        """All records of these topics, in order."""
        marks = ",".join("?" * len(names))
        query = "SELECT topic, position, key, value, headers FROM records WHERE topic IN"
        rows = self._rows(f"{query} ({marks}) ORDER BY topic, position", names)
        return [Record(topic, 0, position, key, value, load(headers)) for topic, position, key, value, headers in rows]

    def count(self) -> int:
        """How many records there are in the topics of events."""
        return sum(self._ends().values())

    def lag(self) -> int:
        """How many records some group has not committed."""
        return sum(self.lag_of(group, topic) for group, heard in GROUPS.items() for topic in heard)

    def lag_of(self, group: str, topic: str) -> int:
        """How many records of a topic this group has not committed."""
        done = self._rows("SELECT next FROM offsets WHERE member_group = ? AND topic = ?", (group, topic))
        return self._ends().get(topic, 0) - (done[0][0] if done else 0)

    def forget_offsets(self) -> None:
        """Let every group start at the first record again."""
        self._rows("DELETE FROM offsets", ())

    def _ends(self) -> dict[str, int]:
        rows = self._rows("SELECT topic, max(position) + 1 FROM records GROUP BY topic", ())
        return {topic: end for topic, end in rows if topic in topics.ALL}

    def _rows(self, query: str, values: Sequence[str]) -> list[tuple]:  # type: ignore[type-arg]
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
            return connection.execute(query, values).fetchall()


class KafkaReader:
    """Reads what was written to a broker since this was made; the groups skip what was there before."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._begin: dict[TopicPartition, int] = {}
        self._begin = self._ends([*topics.ALL, *DEAD_LETTERS])
        until(self._skip_what_was_there, "the groups skip what was there", 60)

    def records(self, names: Sequence[str]) -> list[Record]:
        """All records of these topics, in order per partition."""
        ends, records = self._ends(names), []
        with closing(self._consumer()) as consumer:
            consumer.assign(list(ends))
            for partition in ends:
                consumer.seek(partition, self._begin[partition])
            while any(consumer.position(partition) < end for partition, end in ends.items()):
                for (topic, partition), batch in consumer.poll(timeout_ms=500).items():
                    records += [
                        Record(topic, partition, r.offset, (r.key or b"").decode(), r.value or b"", tuple(r.headers))
                        for r in batch
                    ]
        return records

    def count(self) -> int:
        """How many records there are in the topics of events."""
        return sum(end - self._begin[partition] for partition, end in self._ends(topics.ALL).items())

    def lag(self) -> int:
        """How many records some group has not committed."""
        ends = self._ends(topics.ALL)
        with closing(KafkaAdminClient(bootstrap_servers=self._servers)) as admin:
            done = {group: admin.list_group_offsets(group)[group] for group in GROUPS}
        return sum(
            max(0, end - (done[group][p].offset if p in done[group] else self._begin[p]))
            for group, heard in GROUPS.items()
            for p, end in ends.items()
            if p.topic in heard
        )

    def _skip_what_was_there(self) -> bool:
        try:
            with closing(KafkaAdminClient(bootstrap_servers=self._servers)) as admin:
                for group, heard in GROUPS.items():
                    skip = {p: OffsetAndMetadata(at, "", -1) for p, at in self._begin.items() if p.topic in heard}
                    admin.alter_group_offsets(group, skip)
        except KafkaError:  # a fresh broker has no coordinator yet
            return False
        return True

    def _ends(self, names: Sequence[str]) -> dict[TopicPartition, int]:
        with closing(self._consumer()) as consumer:
            parts = [TopicPartition(name, n) for name in names for n in consumer.partitions_for_topic(name) or ()]
            ends: dict[TopicPartition, int] = consumer.end_offsets(parts)
        return ends

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
