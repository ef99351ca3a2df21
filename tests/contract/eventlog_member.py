"""Another process at the event log, for tests that kill or stop one: `python -m ... WHAT SHAPE ADDRESS TOPIC GROUP`."""

import sys

from services.chassis.eventlog import EventLog, Message, Record
from tests.contract.conftest import open_shape


def append(log: EventLog, topic: str, _: str) -> None:
    """Append until killed; says each number once it is acknowledged."""
    producer = log.producer()
    number = 0
    while True:
        producer.append([Message(topic, f"key-{number % 3}", str(number).encode())])
        print(number, flush=True)
        number += 1


def consume(log: EventLog, topic: str, group: str) -> None:
    """Read ten records of one partition, commit the first, say all ten, and commit the last when told to."""
    consumer = log.consumer(group, [topic])
    records: list[Record] = []
    while len(records) < 10:
        records += consumer.poll(1.0)
    consumer.commit(records[0])
    print(*(record.value.decode() for record in records), flush=True)
    sys.stdin.readline()
    consumer.commit(records[-1])
    print("committed", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    what, shape, address, topic, group = sys.argv[1:]
    {"append": append, "consume": consume}[what](open_shape(shape, address), topic, group)
