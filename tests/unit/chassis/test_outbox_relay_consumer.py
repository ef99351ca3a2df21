"""Events travel from a document over the log to a handler: nothing lost, order kept, poison set aside."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import outbox, relay
from services.chassis.consumer import DEAD_LETTER_LIMIT, Consumer, TooManyDeadLetters
from services.chassis.errors import Conflict, NotYet, Unavailable
from services.chassis.eventlog import LogUnavailable, Message, Record
from services.chassis.process import Process
from services.chassis.relay import Relay
from services.contracts.envelope import Envelope
from services.contracts.feedback import FeedbackReplied, FeedbackSubmitted
from services.contracts.sealed import ERASED
from tests import builders

Seen = list[Envelope[Any]]


class Room:
    """A collection with its relay, and a consumer that remembers what it handled."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.documents = process.store("feedback")["feedback"]
        self.documents.create_indexes([outbox.PENDING_INDEX])
        self.relay = Relay([self.documents], process.log, process.keyring, process.lease("feedback", "relay"))
        self.seen: Seen = []
        self.fail: list[Exception] = []
        handlers = {FeedbackSubmitted: self.handle, FeedbackReplied: self.handle}
        self.consumer = Consumer("triage", ["feedback"], handlers, process.log, poll_seconds=0)

    def handle(self, envelope: Envelope[Any]) -> None:
        if self.fail:
            raise self.fail.pop(0)
        self.seen.append(envelope)

    def add(self, doc_id: str, *events: Any) -> None:
        self.documents.insert_one(outbox.new_document(doc_id, {}, events, self.process.clock.now()))

    def drain(self) -> None:
        while self.relay.run_once() or self.consumer.run_once():
            pass

    def append_poison(self, count: int) -> None:
        self.process.log.producer().append([Message("feedback", str(n), b"not json") for n in range(count)])

    def dead_letters(self) -> list[Any]:
        return self.process.log.consumer("reader", ["triage.dead-letter"]).poll(0, limit=1000)


@pytest.fixture
def room(process: Process) -> Room:
    return Room(process)


def test_events_arrive_in_order_and_leave_the_document(room: Room) -> None:
    room.add("a", builders.submitted(), builders.replied())
    room.drain()
    assert [(e.subject, e.seq, e.type) for e in room.seen] == [
        ("a", 1, "feedback.submitted"),
        ("a", 2, "feedback.replied"),
    ]
    document = room.documents.find_one({"_id": "a"})
    assert document
    assert "outbox" not in document
    assert "pending_since" not in document


def test_a_backlog_goes_out_oldest_first_and_each_document_as_it_is_when_its_turn_comes(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    for doc_id in ("d", "c", "b", "a", "e"):
        room.add(doc_id, builders.submitted())
        room.process.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    room.relay.run_once()
    document = room.documents.find_one({"_id": "a"})
    assert document
    outbox.save(room.documents, document, {}, [builders.replied()], room.process.clock.now())
    room.drain()
    assert [(e.subject, e.seq) for e in room.seen] == [("d", 1), ("c", 1), ("b", 1), ("a", 1), ("a", 2), ("e", 1)]
    assert not room.relay.run_once()


def test_personal_fields_travel_sealed_and_forgetting_the_key_erases_them(room: Room) -> None:
    room.add("a", builders.submitted(text="my manager", name="Sam Field"))
    room.drain()
    sealed = room.seen[0].data.text
    assert "my manager" not in sealed
    assert room.process.keyring.unseal(sealed) == "my manager"
    room.process.keyring.forget(builders.PERSON)
    assert room.process.keyring.unseal(sealed) == ERASED
    room.process.keyring.seal(builders.PERSON, "a new key for the same person")
    assert room.process.keyring.unseal(sealed) == ERASED


def test_an_event_saved_while_the_relay_publishes_is_published_next(room: Room) -> None:
    room.add("a", builders.submitted())
    before = room.documents.find_one({"_id": "a"})
    assert before
    append = room.relay._append

    def append_and_interfere(messages: list[Message]) -> None:
        append(messages)
        outbox.save(room.documents, before, {}, [builders.replied()], room.process.clock.now())
        room.relay._append = append  # type: ignore[method-assign]

    room.relay._append = append_and_interfere  # type: ignore[method-assign]
    room.drain()
    assert [e.seq for e in room.seen] == [1, 2]
    assert room.documents.count_documents({"pending_since": {"$exists": True}}) == 0


def test_a_stale_save_is_a_conflict_and_changes_nothing(room: Room) -> None:
    room.add("a", builders.submitted())
    stale = room.documents.find_one({"_id": "a"})
    assert stale
    outbox.save(room.documents, stale, {"state": "one"}, [], room.process.clock.now())
    with pytest.raises(Conflict):
        outbox.save(room.documents, stale, {"state": "two"}, [builders.replied()], room.process.clock.now())
    document = room.documents.find_one({"_id": "a"})
    assert document
    assert (document["state"], len(document["outbox"])) == ("one", 1)


def test_of_two_relays_one_works_and_the_other_takes_over(room: Room) -> None:
    room.add("a", builders.submitted())
    lease = room.process.lease("feedback", "relay")
    second = Relay([room.documents], room.process.log, room.process.keyring, lease)
    assert room.relay.run_once()
    room.add("b", builders.submitted())
    assert not second.run_once()
    room.relay.close()
    assert second.run_once()


def test_an_event_too_large_for_the_log_is_parked_and_the_rest_flows(room: Room) -> None:
    room.add("huge", builders.submitted(text="x" * 1_200_000))
    room.add("small", builders.submitted())
    room.drain()
    assert [e.subject for e in room.seen] == ["small"]
    parked = room.documents.find_one({"_id": "huge"})
    assert parked
    assert parked["pending_since"].year == 1970
    assert len(parked["outbox"]) == 1


def test_an_event_this_code_does_not_know_is_parked_and_said_after_the_next_deploy(room: Room) -> None:
    room.add("newer", builders.submitted())
    room.add("known", builders.submitted())
    room.documents.update_one({"_id": "newer"}, {"$set": {"outbox.0.type": "feedback.invented_later"}})
    room.drain()
    assert [e.subject for e in room.seen] == ["known"]
    room.documents.update_one({"_id": "newer"}, {"$set": {"outbox.0.type": "feedback.submitted"}})
    room.drain()
    room.relay.close()
    lease = room.process.lease("feedback", "relay")
    room.relay = Relay([room.documents], room.process.log, room.process.keyring, lease)
    room.drain()
    assert [e.subject for e in room.seen] == ["known", "newer"]


def test_an_outage_does_not_use_up_the_tries_of_a_bug(room: Room) -> None:
    room.fail = [Unavailable("away")] * 30 + [ValueError("once")] + [Unavailable("away")] * 5
    room.add("a", builders.submitted())
    room.drain()
    assert [e.subject for e in room.seen] == ["a"]
    assert room.dead_letters() == []


def test_whatever_breaks_a_round_skips_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        room.add(str(n), builders.submitted())
    room.append_poison(1)
    room.relay.run_once()
    broken = [RuntimeError("the log client broke")]
    set_aside = Consumer._set_aside

    def break_once(consumer: Consumer, record: Record, reason: str) -> None:
        if broken:
            raise broken.pop()
        set_aside(consumer, record, reason)

    monkeypatch.setattr(Consumer, "_set_aside", break_once)
    with pytest.raises(RuntimeError):
        room.drain()
    room.drain()
    assert {e.subject for e in room.seen} == {"0", "1", "2", "3"}
    assert len(room.dead_letters()) == 1


def test_a_batch_that_takes_long_is_given_back_and_loses_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.consumer.WORK_SECONDS", 0.0)
    for n in range(5):
        room.add(str(n), builders.submitted())
    room.relay.run_once()
    room.consumer.run_once()
    assert [e.subject for e in room.seen] == ["0"]
    room.drain()
    assert [e.subject for e in room.seen] == ["0", "1", "2", "3", "4"]


def test_a_retry_keeps_the_order(room: Room) -> None:
    room.fail = [NotYet(), Conflict()]
    room.add("a", builders.submitted(), builders.replied())
    room.drain()
    assert [e.seq for e in room.seen] == [1, 2]
    assert room.dead_letters() == []


def test_poison_is_set_aside_with_its_place_and_no_words(room: Room) -> None:
    room.append_poison(1)
    room.add("a", builders.submitted())
    room.drain()
    assert [e.subject for e in room.seen] == ["a"]
    (letter,) = room.dead_letters()
    headers = dict(letter.headers)
    assert letter.value == b"not json"
    assert (headers["dl_topic"], headers["dl_offset"]) == (b"feedback", b"0")
    assert b"CloudEvent" in headers["dl_reason"]


def test_a_handler_bug_is_tried_again_then_set_aside_without_quoting_anybody(room: Room) -> None:
    room.fail = [ValueError("sam@example.com")] * 6
    room.add("a", builders.submitted())
    room.add("b", builders.submitted())
    room.drain()
    assert [e.subject for e in room.seen] == ["b"]
    (letter,) = room.dead_letters()
    assert dict(letter.headers)["dl_reason"] == b"ValueError"


def test_nothing_but_poison_stops_the_consumer_and_bounds_the_dead_letters(room: Room) -> None:
    room.append_poison(10 * DEAD_LETTER_LIMIT)
    with pytest.raises(TooManyDeadLetters):
        room.drain()
    assert len(room.dead_letters()) == DEAD_LETTER_LIMIT


def test_one_percent_of_poison_stops_nothing(room: Room) -> None:
    for n in range(200):
        room.add(str(n), builders.submitted())
        if n % 100 == 0:
            room.relay.run_once()
            room.append_poison(1)
    room.drain()
    assert {e.subject for e in room.seen} == {str(n) for n in range(200)}
    assert len(room.dead_letters()) == 2


def test_a_dead_letter_that_cannot_be_written_now_loses_nothing_behind_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.append_poison(1)
    for n in range(5):
        room.add(str(n), builders.submitted())
    room.relay.run_once()
    away = [LogUnavailable("the broker is away")] * 3
    set_aside = Consumer._set_aside

    def set_aside_later(consumer: Consumer, record: Record, reason: str) -> None:
        if away:
            raise away.pop()
        set_aside(consumer, record, reason)

    monkeypatch.setattr(Consumer, "_set_aside", set_aside_later)
    room.drain()
    assert [e.subject for e in room.seen] == [str(n) for n in range(5)]
    assert len(room.dead_letters()) == 1


def test_a_partition_that_was_lost_and_came_back_is_read_from_its_offset(process: Process) -> None:
    """What a rebalance does: the blocked record is delivered again, and nobody rewinds it a second time."""
    handled: list[str] = []
    fail = [NotYet()]

    def handle(envelope: Envelope[Any]) -> None:
        if fail:
            raise fail.pop()
        handled.append(envelope.subject)

    consumer = Consumer("triage", ["feedback"], {FeedbackSubmitted: handle}, process.log, poll_seconds=0)
    room = Room(process)
    for name in ("a", "b"):
        room.add(name, builders.submitted())
    room.relay.run_once()
    monkey = consumer._unblock
    consumer._unblock = lambda member: None  # type: ignore[method-assign] # its deadline has not come
    consumer.run_once()
    assert handled == []
    member = consumer._member
    assert member
    member.resume(next(iter(consumer._blocked.values()))[0])
    consumer.run_once()
    consumer._unblock = monkey  # type: ignore[method-assign]
    while consumer.run_once():
        pass
    assert handled == ["a", "b"]


def test_a_consumer_that_dies_before_the_commit_is_given_the_events_again(room: Room) -> None:
    room.add("a", builders.submitted())
    room.relay.run_once()
    member = room.process.log.consumer("triage", ["feedback"])
    assert len(member.poll(0)) == 1
    member.close()
    room.drain()
    assert [e.subject for e in room.seen] == ["a"]
