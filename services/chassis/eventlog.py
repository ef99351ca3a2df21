"""The event log as a port; two adapters, Apache Kafka and an embedded one, pinned by one contract test (decision D3).

Order holds per key, delivery is at least once, a new group starts at the earliest record, and an offset moves only when
`commit` is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from .settings import Settings

MAX_RECORD_BYTES = 1_000_000
"""Value bytes; both adapters refuse more."""

Headers = tuple[tuple[str, bytes], ...]


class LogUnavailable(Exception):
    """The log is away or slow; the same call may work later."""


class RecordTooLarge(Exception):
    """A message is over MAX_RECORD_BYTES; `index` says which of those given. Nothing was appended."""

    def __init__(self, index: int) -> None:
        super().__init__(f"message {index} is over {MAX_RECORD_BYTES} bytes")
        self.index = index


@dataclass(frozen=True, slots=True)
class Message:
    """What is appended."""

    topic: str
    key: str
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What is read back."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is made; `retention_hours` None keeps everything."""

    partitions: int
    retention_hours: int | None = None


class Producer(Protocol):
    """Appends; used by one thread."""

    def append(self, messages: Sequence[Message]) -> None:
        """Append all, in order; returns once each is durable. On LogUnavailable any part may have been written."""

    def close(self) -> None: ...


class LogConsumer(Protocol):
    """Reads as one member of a group; used by one thread."""

    def poll(self, timeout: float, limit: int = 100) -> list[Record]:
        """Up to `limit` next records, waiting at most `timeout` seconds for the first; raises LogUnavailable."""

    def commit(self, record: Record) -> None:
        """Mark everything up to this record of its partition as done; without effect if the partition was lost."""

    def rewind(self, record: Record) -> None:
        """The next poll of its partition starts at this record again."""

    def pause(self, record: Record) -> None:
        """Stop reading the record's partition; polling keeps the membership alive."""

    def resume(self, record: Record) -> None:
        """Read the record's partition again."""

    def lost(self, record: Record) -> bool:
        """Whether the record's partition now belongs to another member."""

    def close(self) -> None:
        """Leave the group at once."""


class EventLog(Protocol):
    """A log with its topics."""

    def producer(self) -> Producer: ...

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer: ...

    def create_topics(self, topics: Mapping[str, TopicSpec]) -> list[str]:
        """Create what is missing; returns the names it made."""

    def check(self) -> str:
        """One plain sentence of how the log is; raises LogUnavailable."""

    def close(self) -> None: ...


def open_log(settings: Settings) -> EventLog:
    """The log these settings name; connects at first use."""
    if settings.kafka_bootstrap_servers:
        from .eventlog_kafka import KafkaLog

        return KafkaLog(settings.kafka_bootstrap_servers, settings.kafka_replication)
    from .eventlog_embedded import EmbeddedLog

    return EmbeddedLog(settings.data_dir / "log.sqlite3")


def topic_specs(path: Path) -> dict[str, TopicSpec]:
    """The topics of a file like deploy/topics.yaml: name -> partitions, retention_hours."""
    return {name: TopicSpec(**spec) for name, spec in yaml.safe_load(path.read_text()).items()}
