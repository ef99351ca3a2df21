"""What only a cluster of brokers can show: nothing acknowledged goes when one of three dies, and no call hangs."""

import os
import signal
import socket
import time
import uuid
from contextlib import closing
from threading import Thread

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource

from services.chassis.eventlog import EventLog, LogUnavailable, Message, Producer, TopicSpec
from services.chassis.eventlog_kafka import KafkaLog
from tests.contract.conftest import APPEND_SECONDS
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

QUICK_SECONDS = 2.0
LONGEST_CALL_SECONDS = 8.0
DEADLINE_SECONDS = 60


def test_every_acknowledged_record_is_there_after_one_of_three_brokers_was_killed(kafka3: Cluster) -> None:
    log = KafkaLog(kafka3.bootstrap_servers, replication=3, append_seconds=APPEND_SECONDS, session_seconds=2)
    topic = f"topic-{uuid.uuid4()}"
    log.create_topics({topic: TopicSpec(3)})
    acknowledged: list[int] = []
    with closing(log.producer()) as producer:
        for number in range(600):
            if number == 200:
                Thread(target=kafka3.brokers[leader(kafka3, topic) - 1].kill).start()
            append_at_last(producer, [Message(topic, f"key-{number % 20}", str(number).encode())])
            acknowledged.append(number)
    assert [broker.running for broker in kafka3.brokers].count(True) == 2
    assert read_all(log, topic, len(acknowledged)) >= set(acknowledged)
    kafka3.start()
    assert read_all(log, topic, len(acknowledged)) >= set(acknowledged)


def test_a_record_that_one_broker_has_is_not_acknowledged(kafka3: Cluster) -> None:
    log = KafkaLog(kafka3.bootstrap_servers, replication=3, append_seconds=QUICK_SECONDS)
    topic = f"topic-{uuid.uuid4()}"
    log.create_topics({topic: TopicSpec(1)})
    assert copies_in_sync(kafka3, topic) == "2"
    with closing(log.producer()) as producer:
        append_at_last(producer, [Message(topic, "key", b"1")])
        others = [broker.pid for broker in kafka3.brokers if broker.node != leader(kafka3, topic)]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(LogUnavailable):
                producer.append([Message(topic, "key", b"2")])
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)
        append_at_last(producer, [Message(topic, "key", b"3")])
    assert read_all(log, topic, 2) >= {1, 3}


def test_clients_are_made_and_calls_end_without_a_broker() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        log = KafkaLog(f"127.0.0.1:{nobody.getsockname()[1]}", append_seconds=QUICK_SECONDS)
        calls_end(log, "topic")


def test_calls_end_while_a_broker_hangs(kafka: Cluster) -> None:
    log = KafkaLog(kafka.bootstrap_servers, append_seconds=QUICK_SECONDS)
    topic = f"topic-{uuid.uuid4()}"
    log.create_topics({topic: TopicSpec(1)})
    process = kafka.brokers[0].pid
    os.kill(process, signal.SIGSTOP)
    try:
        calls_end(log, topic)
    finally:
        os.kill(process, signal.SIGCONT)
    with closing(log.producer()) as producer:
        append_at_last(producer, [Message(topic, "key", b"1")])


def calls_end(log: EventLog, topic: str) -> None:
    started = time.monotonic()
    with closing(log.producer()) as producer, closing(log.consumer("group", [topic])) as consumer:
        assert time.monotonic() - started < 1, "clients are made without waiting for a broker"
        with pytest.raises(LogUnavailable):
            producer.append([Message(topic, "key", b"1")])
        assert time.monotonic() - started < LONGEST_CALL_SECONDS
        polled = time.monotonic()
        assert consumer.poll(0.5) == []
        assert time.monotonic() - polled < LONGEST_CALL_SECONDS
        checked = time.monotonic()
        with pytest.raises(LogUnavailable):
            log.check()
        assert time.monotonic() - checked < LONGEST_CALL_SECONDS
    assert time.monotonic() - checked < 2 * LONGEST_CALL_SECONDS


def append_at_last(producer: Producer, messages: list[Message]) -> None:
    """Append as the relay does: again and again until it is acknowledged."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            return producer.append(messages)
        except LogUnavailable:
            assert time.monotonic() < deadline


def read_all(log: EventLog, topic: str, count: int) -> set[int]:
    """What a new group reads, until it has `count` different ones."""
    seen: set[int] = set()
    deadline = time.monotonic() + DEADLINE_SECONDS
    with closing(log.consumer(f"group-{uuid.uuid4()}", [topic])) as consumer:
        while len(seen) < count:
            assert time.monotonic() < deadline, f"{len(seen)} of {count} acknowledged records are there"
            seen.update(int(record.value) for record in consumer.poll(1.0))
    return seen


def copies_in_sync(cluster: Cluster, topic: str) -> str:
    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        configs = admin.describe_configs([ConfigResource("TOPIC", topic)], config_filter="all")
    return str(configs["topic"][topic]["min.insync.replicas"]["value"])


def leader(cluster: Cluster, topic: str) -> int:
    """The broker that leads the topic's first partition: the worst one to lose."""
    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        return int(admin.describe_topics([topic])[0]["partitions"][0]["leader_id"])
