"""The event log's contract: one set of tests for the embedded log and for Apache Kafka."""

import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from threading import Event, Thread

import pytest

from services.chassis.eventlog import (
    MAX_RECORD_BYTES,
    EventLog,
    LogConsumer,
    LogUnavailable,
    Message,
    Record,
    RecordTooLarge,
    TopicSpec,
)
from tests.contract.conftest import Shape

DEADLINE_SECONDS = 30.0
AWAY_SECONDS = 15.0
"""The longest a call may take while the log is away."""


@pytest.fixture
def topic(shape: Shape, log: EventLog) -> str:
    """A new topic."""
    return new_topic(log, shape.partitions)


@pytest.fixture
def group() -> str:
    """A new consumer group."""
    return f"group-{uuid.uuid4()}"


def new_topic(log: EventLog, partitions: int) -> str:
    name = f"topic-{uuid.uuid4()}"
    assert log.create_topics({name: TopicSpec(partitions)}) == [name]
    return name


def append(log: EventLog, topic: str, values: Iterable[int], keys: int = 5) -> None:
    with closing(log.producer()) as producer:
        producer.append([Message(topic, f"key-{value % keys}", str(value).encode()) for value in values])


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "what this test waits for did not happen"
        Event().wait(0.01)


def read(consumer: LogConsumer, count: int, limit: int = 100) -> list[Record]:
    """Poll until there are `count` records."""
    records: list[Record] = []

    def enough() -> bool:
        records.extend(consumer.poll(0.5, limit))
        return len(records) >= count

    until(enough)
    return records


def values(records: Iterable[Record]) -> list[int]:
    return sorted(int(record.value) for record in records)


def last_of_each_partition(records: Iterable[Record]) -> list[Record]:
    return list({(record.topic, record.partition): record for record in records}.values())


@contextmanager
def reading(consumer: LogConsumer) -> Iterator[list[Record]]:
    """A thread that polls the consumer, as every member of a group has its own; gives the list it fills."""
    records: list[Record] = []
    enough = Event()

    def read_on() -> None:
        while not enough.is_set():
            records.extend(consumer.poll(0.2))

    thread = Thread(target=read_on)
    thread.start()
    try:
        yield records
    finally:
        enough.set()
        thread.join()


@contextmanager
def member(what: str, shape: Shape, topic: str, group: str = "-") -> Iterator[subprocess.Popen[str]]:
    """Another process at the same log, killed with SIGKILL at the end."""
    command = [sys.executable, "-m", "tests.contract.eventlog_member", what, shape.name, shape.address, topic, group]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def test_records_of_one_key_keep_their_order_and_their_partition(log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(50))
    append(log, topic, range(50, 100))
    by_key = defaultdict(list)
    with closing(log.consumer(group, [topic])) as consumer:
        for record in read(consumer, 100):
            by_key[record.key].append(record)
    assert len(by_key) == 5
    for records in by_key.values():
        assert [int(record.value) for record in records] == values(records)
        assert len({record.partition for record in records}) == 1


def test_every_new_group_starts_at_the_earliest_record(log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(10))
    for name in (group, f"{group}-later"):
        with closing(log.consumer(name, [topic])) as consumer:
            records = read(consumer, 10)
            assert values(records) == list(range(10))
            for record in last_of_each_partition(records):
                consumer.commit(record)


def test_key_value_and_headers_survive_byte_for_byte(log: EventLog, topic: str, group: str) -> None:
    every_byte = bytes(range(256))
    headers = (("ce_id", b"1"), ("empty", b""), ("bytes", every_byte), ("ce_id", "ß".encode()))
    with closing(log.producer()) as producer:
        producer.append([Message(topic, "Schlüssel", every_byte, headers), Message(topic, "plain", b"")])
    with closing(log.consumer(group, [topic])) as consumer:
        full, plain = sorted(read(consumer, 2), key=lambda record: record.key)
    assert (full.topic, full.key, full.value, full.headers) == (topic, "Schlüssel", every_byte, headers)
    assert (plain.topic, plain.key, plain.value, plain.headers) == (topic, "plain", b"", ())


def test_what_was_not_committed_is_delivered_again(log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(20))
    with closing(log.consumer(group, [topic])) as consumer:
        read(consumer, 20)
        assert consumer.poll(0) == []
    with closing(log.consumer(group, [topic])) as consumer:
        assert values(read(consumer, 20)) == list(range(20))


def test_a_commit_counts_for_its_partition_up_to_its_record(log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(20))
    with closing(log.consumer(group, [topic])) as consumer:
        records = read(consumer, 20)
        done = records[7]
        consumer.commit(done)
    left = [r for r in records if r.partition != done.partition or r.offset > done.offset]
    with closing(log.consumer(group, [topic])) as consumer:
        assert values(read(consumer, len(left))) == values(left)


def test_records_and_offsets_survive_a_restart(shape: Shape, log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(20))
    with closing(log.consumer(group, [topic])) as consumer:
        for record in last_of_each_partition(read(consumer, 20)):
            consumer.commit(record)
    append(log, topic, range(20, 30))
    log.close()
    shape.restart()
    with closing(shape.open()) as again, closing(again.consumer(group, [topic])) as consumer:
        assert values(read(consumer, 10)) == list(range(20, 30))


def test_a_killed_members_records_go_to_another_member(shape: Shape, log: EventLog, group: str) -> None:
    topic = new_topic(log, partitions=1)
    append(log, topic, range(10))
    with member("consume", shape, topic, group) as killed:
        assert said(killed) == [str(n) for n in range(10)]
        killed.kill()
        with closing(log.consumer(group, [topic])) as consumer:
            assert values(read(consumer, 9)) == list(range(1, 10)), "the first one was committed"


def test_what_a_killed_producer_was_told_is_there(shape: Shape, log: EventLog, topic: str, group: str) -> None:
    with member("append", shape, topic) as killed:
        for _ in range(50):
            assert said(killed)
        killed.kill()
        assert killed.stdout is not None
        told = 50 + len(killed.stdout.readlines())
    with closing(log.consumer(group, [topic])) as consumer:
        assert values(read(consumer, told))[:told] == list(range(told))


def test_members_of_a_group_share_the_records(log: EventLog, shape: Shape, group: str) -> None:
    topics = [new_topic(log, shape.partitions) for _ in range(2)]
    with ExitStack() as stack:
        members = [stack.enter_context(closing(log.consumer(group, topics))) for _ in range(2)]
        first, second = (stack.enter_context(reading(each)) for each in members)
        for each in topics:
            append(log, each, range(50), keys=50)
        until(lambda: first and second if shape.hands_over else first or second)
        for each in topics:
            append(log, each, range(1000, 1100), keys=50)
        until(lambda: sum(int(record.value) >= 1000 for record in (*first, *second)) >= 200)
    got = [(record.topic, int(record.value)) for record in (*first, *second) if int(record.value) >= 1000]
    assert sorted(got) == sorted((each, value) for each in topics for value in range(1000, 1100)), "each record once"
    assert not shape.hands_over or (len(first) > 20 and len(second) > 20), "both have something to do"


def test_nothing_is_lost_when_a_member_joins_in_the_middle_of_a_batch(
    shape: Shape, log: EventLog, topic: str, group: str
) -> None:
    append(log, topic, range(200), keys=50)
    impatient = shape.open()
    with closing(impatient.consumer(group, [topic])) as first, closing(impatient.consumer(group, [topic])) as second:
        held = read(first, 200)
        for record in held:
            first.pause(record)
        # A member that keeps what it has until it goes is replaced when it does not poll.
        with ExitStack() as stack:
            more = stack.enter_context(reading(first)) if shape.hands_over else []
            taken = stack.enter_context(reading(second))
            until(lambda: taken)
        assert more == []
        kept = [record for record in held if not first.lost(record)]
        assert len(kept) < len(held)
        assert not shape.hands_over or kept, "what stays with a member is not taken from it in between"
        for record in last_of_each_partition(held):
            first.commit(record)  # without effect where the partition is the second one's now
    left = set(range(200)) - set(values(kept))
    with closing(log.consumer(group, [topic])) as third:
        assert values(read(third, len(left))) == sorted(left), "and what the first one kept was committed"
        assert third.poll(0.5) == []


def test_a_commit_of_a_member_that_was_replaced_skips_nothing(shape: Shape, log: EventLog, group: str) -> None:
    topic = new_topic(log, partitions=1)
    append(log, topic, range(10))
    with member("consume", shape, topic, group) as stopped:
        assert len(said(stopped)) == 10
        stopped.send_signal(signal.SIGSTOP)
        with closing(log.consumer(group, [topic])) as consumer:
            records = read(consumer, 9)
            consumer.commit(records[3])
            stopped.send_signal(signal.SIGCONT)
            assert stopped.stdin is not None
            print(file=stopped.stdin, flush=True)
            assert said(stopped) == ["committed"]
            assert not consumer.lost(records[4])
        stopped.kill()
        with closing(log.consumer(group, [topic])) as consumer:
            assert values(read(consumer, 5)) == list(range(5, 10))


def test_a_member_that_leaves_is_replaced_at_once(shape: Shape, log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(20))
    patient = shape.open(session_seconds=2 * DEADLINE_SECONDS)
    with closing(patient.consumer(group, [topic])) as first:
        read(first, 20)
    with closing(patient.consumer(group, [topic])) as second:
        assert values(read(second, 20)) == list(range(20))


def test_while_the_log_is_away_calls_end_and_afterwards_the_same_objects_work(
    shape: Shape, log: EventLog, topic: str, group: str
) -> None:
    message = Message(topic, "key-0", b"1")
    with closing(log.producer()) as producer, closing(log.consumer(group, [topic])) as consumer:
        producer.append([Message(topic, "key-0", b"0")])
        assert values(read(consumer, 1)) == [0]
        with shape.away():
            started = time.monotonic()
            with pytest.raises(LogUnavailable):
                producer.append([message])
            assert time.monotonic() - started < AWAY_SECONDS
            assert poll_or_unavailable(consumer) == []
            assert time.monotonic() - started < AWAY_SECONDS + 5
        producer.append([message, Message(topic, "key-0", b"2")])
        until(lambda: 2 in values(poll_or_unavailable(consumer)))
        assert log.check().endswith(".")


def poll_or_unavailable(consumer: LogConsumer) -> list[Record]:
    try:
        return consumer.poll(0.5)
    except LogUnavailable:
        return []


def test_a_record_that_is_too_large_is_refused_and_the_others_go_on(log: EventLog, topic: str, group: str) -> None:
    largest = Message(topic, "key-1", b"1" * MAX_RECORD_BYTES, (("ce_id", b"x" * 100_000),))
    too_large = Message(topic, "key-2", b"2" * (MAX_RECORD_BYTES + 1))
    with closing(log.producer()) as producer, closing(log.consumer(group, [topic])) as consumer:
        with pytest.raises(RecordTooLarge) as refused:
            producer.append([largest, too_large, Message(topic, "key-3", b"3")])
        assert refused.value.index == 1
        producer.append([largest, Message(topic, "key-3", b"3")])
        assert {record.key: len(record.value) for record in read(consumer, 2)} == {
            "key-1": MAX_RECORD_BYTES,
            "key-3": 1,
        }
        assert consumer.poll(0.2) == [], "of the refused batch nothing was appended"


def test_a_paused_partition_waits_while_others_go_on(log: EventLog, shape: Shape, group: str) -> None:
    slow, quick = (new_topic(log, partitions=1) for _ in range(2))
    append(log, slow, range(10))
    with closing(log.consumer(group, [slow, quick])) as consumer:
        first = read(consumer, 1, limit=1)[0]
        consumer.pause(first)
        append(log, quick, range(100, 110))
        assert values(read(consumer, 10)) == list(range(100, 110))
        assert consumer.poll(0.5) == []
        assert not consumer.lost(first)
        consumer.resume(first)
        assert values(read(consumer, 9)) == list(range(1, 10))


def test_a_rewound_partition_comes_again_from_that_record(log: EventLog, group: str) -> None:
    topic = new_topic(log, partitions=1)
    append(log, topic, range(10))
    with closing(log.consumer(group, [topic])) as consumer:
        records = read(consumer, 10)
        consumer.commit(records[2])
        consumer.rewind(records[3])
        consumer.pause(records[3])
        assert consumer.poll(0.2) == []
        assert not consumer.lost(records[3])
        consumer.resume(records[3])
        assert values(read(consumer, 7)) == list(range(3, 10))
    with closing(log.consumer(group, [topic])) as consumer:
        assert values(read(consumer, 7)) == list(range(3, 10)), "a rewound record was not committed"


def test_an_empty_poll_takes_as_long_as_it_was_told(log: EventLog, topic: str, group: str) -> None:
    with closing(log.consumer(group, [topic])) as consumer:
        consumer.poll(1.0)
        started = time.monotonic()
        assert consumer.poll(0.5) == []
        assert 0.4 < time.monotonic() - started < 5


def test_a_member_that_never_waits_reads_too(log: EventLog, topic: str, group: str) -> None:
    append(log, topic, range(5))
    with closing(log.consumer(group, [topic])) as consumer:
        until(lambda: consumer.poll(0))


def test_topics_are_created_once(log: EventLog, shape: Shape) -> None:
    first, second = (f"topic-{uuid.uuid4()}" for _ in range(2))
    spec = TopicSpec(shape.partitions, retention_hours=24)
    assert log.create_topics({first: spec}) == [first]
    assert log.create_topics({first: spec, second: TopicSpec(1)}) == [second]
    assert log.create_topics({first: spec, second: spec}) == []
    append(log, first, range(1))
