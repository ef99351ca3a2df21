"""The event log on Apache Kafka, by kafka-python: acknowledged by all in-sync replicas, committed by hand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, errors
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.structs import MemberState, OffsetAndMetadata, TopicPartition

from .clock import monotonic
from .eventlog import MAX_RECORD_BYTES, LogUnavailable, Message, Record, RecordTooLarge, TopicSpec

MAX_REQUEST_BYTES = MAX_RECORD_BYTES + 200_000
"""What a record may take with its key and headers; every topic made here allows as much."""

CALL_MS = 5_000
JOIN_SECONDS = 3.0
CLIENT: dict[str, Any] = {"request_timeout_ms": 10_000, "reconnect_backoff_max_ms": 1000}
LAZY: dict[str, Any] = CLIENT | {"api_version": (4, 0)}
"""A stated version lets a client be made while the broker is away; an older broker is recognised when it answers."""


@dataclass(frozen=True)
class KafkaLog:
    """The log; an append gives up after `append_seconds`, a member silent for `session_seconds` is replaced."""

    bootstrap_servers: str
    replication: int = 1
    append_seconds: float = 10.0
    session_seconds: float = 15.0

    def producer(self) -> "KafkaLogProducer":
        """A producer that connects with its first append, so that it may be made before a fork."""
        return KafkaLogProducer(self.bootstrap_servers, int(self.append_seconds * 1000))

    def consumer(self, group: str, topics: Sequence[str]) -> "KafkaLogConsumer":
        """A member of the group; it joins with its first poll."""
        return KafkaLogConsumer(self.bootstrap_servers, group, topics, int(self.session_seconds * 1000))

    def create_topics(self, topics: Mapping[str, TopicSpec]) -> list[str]:
        """Create what is missing; returns the names it made. A topic that exists keeps its partitions and settings."""
        with _unavailable("create topics"), closing(self._admin()) as admin:
            wanted = {name: self._new_topic(spec) for name, spec in topics.items()}
            answer = admin.create_topics(wanted, raise_errors=False)
            outcome = {topic["name"]: errors.for_code(topic["error_code"]) for topic in answer["topics"]}
            for name, error in outcome.items():
                if error not in (errors.NoError, errors.TopicAlreadyExistsError):
                    raise LogUnavailable(f"Kafka did not create the topic {name}: {error.__name__}")
            admin.wait_for_topics(list(topics))
        return [name for name, error in outcome.items() if error is errors.NoError]

    def check(self) -> str:
        """Say how many brokers answer."""
        with _unavailable("answer"), closing(self._admin()) as admin:
            count = len(admin.describe_cluster()["brokers"])
        return f"Kafka at {self.bootstrap_servers} answers with {count} broker{'s' if count != 1 else ''}."

    def close(self) -> None:
        """Nothing is held here; producers and consumers close their own connections."""

    def _admin(self) -> Any:
        return KafkaAdminClient(bootstrap_servers=self.bootstrap_servers, bootstrap_timeout_ms=CALL_MS, **CLIENT)

    def _new_topic(self, spec: TopicSpec) -> dict[str, Any]:
        configs = {
            "retention.ms": str(-1 if spec.retention_hours is None else spec.retention_hours * 3_600_000),
            "max.message.bytes": str(MAX_REQUEST_BYTES),
            # With three copies an acknowledged record is on two brokers, and one of the three may be away.
            "min.insync.replicas": str(max(1, self.replication - 1)),
        }
        return {"num_partitions": spec.partitions, "replication_factor": self.replication, "configs": configs}


@dataclass
class KafkaLogProducer:
    """Appends; a producer that met an error is thrown away, because after some errors it never sends again."""

    servers: str
    append_ms: int
    _kafka: Any = None

    def append(self, messages: Sequence[Message]) -> None:
        """Append all in order; returns once every one is acknowledged by all in-sync replicas."""
        for index, message in enumerate(messages):
            if len(message.value) > MAX_RECORD_BYTES:
                raise RecordTooLarge(index)
        failed = self._send(messages)
        if failed:
            self.close()
            index, error = failed
            if isinstance(error, errors.MessageSizeTooLargeError):
                raise RecordTooLarge(index) from error
            raise LogUnavailable(f"Kafka did not take the records: {error!r}") from error

    def close(self) -> None:
        """Drop the connection; the next append makes a new one."""
        kafka, self._kafka = self._kafka, None
        if kafka is not None:
            with suppress(errors.KafkaError):  # something is still on its way: it runs into its own time limit
                kafka.close(timeout=0)

    def _send(self, messages: Sequence[Message]) -> tuple[int, errors.KafkaError] | None:
        """Send and wait for all; returns the first error with the index of its message."""
        futures: list[Any] = []
        failed: dict[int, errors.KafkaError] = {}
        try:
            for each in messages:
                futures.append(self._client().send(each.topic, each.value, each.key.encode(), list(each.headers)))
        except errors.KafkaError as error:
            failed[len(futures)] = error
        # All are waited for, also after an error: what is on its way would land behind what the caller sends again.
        deadline = monotonic() + 2 * self.append_ms / 1000
        for index, future in enumerate(futures):
            try:
                future.get(max(0.0, deadline - monotonic()))
            except errors.KafkaError as error:
                failed[index] = error
        return min(failed.items(), default=None, key=lambda item: item[0])

    def _client(self) -> Any:
        if self._kafka is None:
            self._kafka = KafkaProducer(
                bootstrap_servers=self.servers,
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,
                max_request_size=MAX_REQUEST_BYTES,
                max_block_ms=self.append_ms // 2,
                delivery_timeout_ms=self.append_ms,
                **(LAZY | {"request_timeout_ms": self.append_ms // 2}),
            )
        return self._kafka


class KafkaLogConsumer:
    """Reads as one member of a group; what it was delivered of each partition decides which commits count."""

    def __init__(self, servers: str, group: str, topics: Sequence[str], session_ms: int) -> None:
        self._delivered: dict[TopicPartition, range] = {}
        self._kafka: Any = KafkaConsumer(
            bootstrap_servers=servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            # Cooperative: a partition that stays keeps its position and its pause while others move.
            partition_assignment_strategy=[CooperativeStickyAssignor()],
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=min(1000, session_ms // 5),
            max_partition_fetch_bytes=MAX_REQUEST_BYTES,
            **LAZY,
        )
        self._kafka.subscribe(list(topics), listener=_Forget(self._delivered))

    def poll(self, timeout: float, limit: int = 100) -> list[Record]:
        """The next records; while the group changes hands it takes up to JOIN_SECONDS longer."""
        with _unavailable("be read"):
            batches = self._poll(timeout, limit)
            patience = monotonic() + JOIN_SECONDS
            # kafka-python throws a join away that ends between two polls, and the group starts again: see it through.
            while not batches and self._kafka.group_metadata().state != MemberState.STABLE and monotonic() < patience:
                batches = self._poll(0.2, limit)
        for partition, batch in batches.items():
            known = self._delivered.get(partition, range(batch[0].offset, 0))
            self._delivered[partition] = range(min(known.start, batch[0].offset), batch[-1].offset + 1)
        return [_record(topic, partition, each) for (topic, partition), batch in batches.items() for each in batch]

    def _poll(self, timeout: float, limit: int) -> Any:
        fetcher = self._kafka._fetcher
        if not fetcher._next_partition_records:
            # kafka-python waits for None, not for a used-up batch, to give out what it kept of a paused partition.
            fetcher._next_partition_records = None
        return self._kafka.poll(timeout_ms=int(timeout * 1000), max_records=limit)

    def commit(self, record: Record) -> None:
        """Store the next offset; without effect for what this member was not delivered since it got the partition."""
        partition = _partition(record)
        if record.offset not in self._delivered.get(partition, range(0)):
            return
        offset = {partition: OffsetAndMetadata(record.offset + 1, "", -1)}
        with _unavailable("take a commit"), suppress(errors.CommitFailedError, errors.RebalanceInProgressError):
            # The group went on without this member: whoever has the partition now is given the record again.
            self._kafka.commit(offset, timeout_ms=CALL_MS)

    def rewind(self, record: Record) -> None:
        with suppress(ValueError, KeyError):  # not assigned: the partition was lost
            self._kafka.seek(_partition(record), record.offset)

    def pause(self, record: Record) -> None:
        with suppress(KeyError):  # not assigned: the partition was lost
            self._kafka.pause(_partition(record))

    def resume(self, record: Record) -> None:
        with suppress(KeyError):
            self._kafka.resume(_partition(record))

    def lost(self, record: Record) -> bool:
        """Whether the partition was taken away since the record was delivered, even if it came back."""
        delivered = self._delivered.get(_partition(record))
        return delivered is None or record.offset < delivered.start

    def close(self) -> None:
        """Leave the group at once; nothing is committed."""
        with suppress(errors.KafkaError):
            self._kafka.close(autocommit=False, timeout_ms=CALL_MS)


@dataclass
class _Forget(ConsumerRebalanceListener):  # type: ignore[misc]
    """Forgets what was delivered of a partition that is taken away; what comes with the partition is delivered anew."""

    delivered: dict[TopicPartition, range]

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        for partition in revoked:
            self.delivered.pop(partition, None)

    on_partitions_lost = on_partitions_revoked

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None: ...


@contextmanager
def _unavailable(doing: str) -> Iterator[None]:
    try:
        yield
    except errors.KafkaError as error:
        raise LogUnavailable(f"Kafka could not {doing}: {error!r}") from error


def _partition(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def _record(topic: str, partition: int, read: Any) -> Record:
    key = (read.key or b"").decode(errors="replace")  # a foreign key must not stop the partition
    return Record(topic, partition, read.offset, key, read.value or b"", tuple(read.headers))
