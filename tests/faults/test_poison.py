"""Poison in a stream: all else is handled; nothing but poison stops the consumer, and its health says so.

LIAISE_STREAM says how long the stream is (1,000; 10,000 for the full figure).
"""

import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.chassis import outbox, wire
from services.chassis.consumer import DEAD_LETTER_LIMIT
from services.chassis.embedded_store import EmbeddedStore, free_port
from services.chassis.eventlog import Message
from services.contracts import topics
from tests import builders
from tests.faults.logs import DEAD_LETTERS
from tests.faults.sole import Sole, alone
from tests.faults.zygote import Nursery
from tests.running import OverHttp, until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(600)]

STREAM = int(os.environ.get("LIAISE_STREAM", "1000"))
CANARY = "canary@example.com"


@pytest.fixture
def consumer(tmp_path: Path, store: EmbeddedStore, nursery: Nursery) -> Any:
    with alone(tmp_path, store, nursery, "consume", "triage", OPS_PORT=str(free_port())) as sole:
        yield sole


def sound(sole: Sole, number: int) -> Message:
    """A sealed submission as the relay writes it."""
    event = builders.submitted(text=f"Number {number}.", email=CANARY)
    document = outbox.new_document(f"good-{number}", {}, [event], sole.process.clock.now())
    return wire.to_message(document["_id"], document["outbox"][0], sole.process.keyring.seal)


def _not_json(message: Message) -> Message:
    return Message(message.topic, message.key, b"{" + CANARY.encode(), message.headers)


def _no_headers(message: Message) -> Message:
    return Message(message.topic, message.key, CANARY.encode())


def _unknown_type(message: Message) -> Message:
    return _with(message, "type", "feedback.sung")


def _unknown_version(message: Message) -> Message:
    return _with(message, "dataversion", "99")


def _missing_field(message: Message) -> Message:
    return Message(message.topic, message.key, f'{{"text": "{CANARY}"}}'.encode(), message.headers)


def _with(message: Message, attribute: str, value: str) -> Message:
    headers = tuple((n, value.encode() if n == f"ce_{attribute}" else old) for n, old in message.headers)
    return Message(message.topic, message.key, message.value, headers)


POISONS: tuple[Callable[[Message], Message], ...] = (
    _not_json,
    _no_headers,
    _unknown_type,
    _unknown_version,
    _missing_field,
)


def test_one_percent_of_poison_stops_nothing(consumer: Sole, seed: int) -> None:
    bad = sorted(Random(seed).sample(range(STREAM), STREAM // 100))
    kinds = {place: POISONS[index % len(POISONS)] for index, place in enumerate(bad)}
    messages = [kinds.get(n, lambda message: message)(sound(consumer, n)) for n in range(STREAM)]
    consumer.process.log.producer().append(messages)
    cases = consumer.process.store("triage")["cases"]
    consumer.role.start()
    patience = 200 + STREAM / 10
    until(lambda: consumer.log.lag_of("triage", topics.FEEDBACK) == 0, "the whole stream handled", patience)
    assert cases.count_documents({}) == STREAM - len(bad)
    letters = _all(consumer, len(bad))
    # A batch that outlasts its lease is handled again, and so are its dead letters.
    places = {int(_note(letter, "offset")): letter.value for letter in letters}
    assert places == {place: messages[place].value for place in bad}
    for letter in letters:
        assert _note(letter, "topic") == topics.FEEDBACK
        assert _note(letter, "reason")
        assert CANARY not in str(letter.headers)
    assert CANARY not in consumer.role.log.read_text()
    print(f"{STREAM} records, {len(bad)} of them poison: {STREAM - len(bad)} cases, {len(places)} dead letters")


def test_nothing_but_poison_stops_the_consumer_and_shows(consumer: Sole, seed: int) -> None:
    random = Random(seed)
    consumer.process.log.producer().append(
        [random.choice(POISONS)(sound(consumer, n)) for n in range(10 * DEAD_LETTER_LIMIT)]
    )
    consumer.role.start()
    health = OverHttp(int(consumer.role.environment["OPS_PORT"]))
    until(lambda: _failing(health), "health shows it")
    for lives in (1, 2):
        letters = until(lambda lives=lives: _all(consumer, lives * DEAD_LETTER_LIMIT), "the limit")  # type: ignore[misc]
        assert len(letters) == lives * DEAD_LETTER_LIMIT
        until(lambda: _failing(health), "health shows it")
        consumer.role.kill()
        consumer.role.start()  # somebody looked, and started it again: so many may follow, and no more
    assert '"loops"' in until(lambda: _failing(health), "health shows it")


def _failing(health: OverHttp) -> str:
    try:
        answer = health.get("/health/ready")
    except OSError:
        return ""
    return answer.text if answer.status_code == 503 else ""


def _all(sole: Sole, count: int) -> list[Any]:
    letters = sole.log.records(DEAD_LETTERS)
    return letters if len(letters) >= count else []


def _note(letter: Any, name: str) -> str:
    return str(dict(letter.headers)[f"dl_{name}"].decode())
