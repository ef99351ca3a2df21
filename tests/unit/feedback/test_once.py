"""One key, one feedback, one event: under threads, retries in any order, and numbers that collide."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st

from services.chassis import ids
from services.chassis.errors import Invalid
from services.chassis.outbox import new_document
from services.feedback import handlers
from services.feedback.domain import Submission
from services.feedback.handlers import AlreadySaid, SubmitFeedback
from services.feedback.store import FeedbackStore
from tests.unit.feedback.conftest import Room

SECRET = "s" * 40


def submit(room: Room, command: SubmitFeedback) -> handlers.Receipt:
    return handlers.submit_feedback(command, room.feedbacks, room.units, SECRET, room.clock.now())


def test_fifty_threads_with_one_key_get_one_answer(room: Room, key: str) -> None:
    body = {"unit": "it", "text": "The VPN drops."}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: room.post(body, key), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    [document] = room.feedbacks.collection.find({})
    assert len(document["outbox"]) == 1


def test_fifty_threads_with_fifty_keys_are_fifty(room: Room) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: room.post({"unit": "it", "text": f"{n}"}, f"key {n}"), range(50)))
    assert len({answer.json["id"] for answer in answers}) == 50
    assert {document["text"] for document in room.feedbacks.collection.find({})} == {str(n) for n in range(50)}


attempts = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["one", "two"])), min_size=1, max_size=12)


@run(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts=attempts, threads=st.integers(1, 4))
def test_for_any_interleaving_of_retries_there_is_one_feedback_and_one_event_per_key(
    room: Room, attempts: list[tuple[str, str]], threads: int
) -> None:
    scope = ids.new()  # a world of keys of its own for each example

    def attempt(what: tuple[str, str]) -> tuple[str, str, str | None]:
        name, text = what
        command = SubmitFeedback(said=Submission(channel="api", text=text, unit="it"), scope=scope, key=name)
        try:
            return name, text, submit(room, command).feedback.id
        except AlreadySaid:
            return name, text, None

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(attempt, attempts))
    for name in {name for name, _ in attempts}:
        document = room.document(ids.keyed(SECRET, scope, name))
        assert len(document["outbox"]) == 1
        for _, text, answered in filter(lambda result: result[0] == name, results):
            assert (answered == document["_id"]) == (text == document["text"])


class Killed(Exception):
    """The process died here."""


deaths = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["intake.before_write", "intake.after_write", None])),
    min_size=1,
    max_size=10,
)


@run(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts=deaths, threads=st.integers(1, 4))
def test_for_any_interleaving_of_retries_and_crashes_one_intent_is_one_feedback(
    room: Room, attempts: list[tuple[str, str | None]], threads: int
) -> None:
    scope, dying = ids.new(), local()

    def hit(point: str) -> None:
        if point == dying.at:
            raise Killed

    def attempt(what: tuple[str, str | None]) -> str | None:
        name, dying.at = what
        command = SubmitFeedback(said=Submission(channel="api", text=name, unit="it"), scope=scope, key=name)
        try:
            return submit(room, command).feedback.id
        except Killed:
            return None

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(threads) as pool:
        patch.setattr("services.feedback.handlers.submit.hit", hit)
        # Whoever was not answered tries again until somebody answers, as every client and mail server does.
        answers = list(pool.map(attempt, [*attempts, *((name, None) for name, _ in attempts)]))
    for name in {name for name, _ in attempts}:
        document = room.document(ids.keyed(SECRET, scope, name))
        assert len(document["outbox"]) == 1
        assert document["_id"] in answers
    assert len({answer for answer in answers if answer}) == len({name for name, _ in attempts})


def test_a_number_that_is_taken_is_drawn_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"])
    monkeypatch.setattr(ids, "number", lambda: next(drawn))
    numbers = [room.submit()["number"], room.submit()["number"]]
    assert numbers == ["AAAA-AAAA", "BBBB-BBBB"]
    assert {event["outbox"][0]["data"]["number"] for event in room.feedbacks.collection.find({})} == set(numbers)


def test_in_one_batch_each_item_has_its_own_result(room: Room) -> None:
    numbers = itertools.count()

    def document(doc_id: str, number: str | None = None) -> dict[str, Any]:
        fields = {"number": number or str(next(numbers)), "tracking_hash": ids.new()}
        return new_document(doc_id, fields, [], room.clock.now())

    batch = [document("a", "N"), document("a"), document("b", "N"), document("c"), document("d") | {"seq": 2**70}]
    results = room.feedbacks._insert(batch[:4])
    assert results == [True, False, False, True]
    *others, poisoned = room.feedbacks._insert([document("e"), *batch[3:]])
    assert others == [True, False]
    assert isinstance(poisoned, OverflowError)


@pytest.mark.parametrize("field", ["number", "tracking_hash"])
def test_every_way_to_a_feedback_uses_an_index(room: Room, field: str) -> None:
    room.submit()
    plan = room.feedbacks.collection.find({field: "x"}).explain()
    assert "IXSCAN" in str(plan)
    assert "COLLSCAN" not in str(plan)


def test_a_web_write_between_read_and_write_is_read_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = room.submit()
    feedbacks = FeedbackStore(room.process.store("feedback"))
    find, once = feedbacks.find, iter([True])

    def find_and_be_overtaken(feedback_id: str) -> Any:
        kept = find(feedback_id)
        if next(once, False):
            handlers.reply_to_feedback(reply("first"), room.feedbacks, SECRET, room.clock.now())
        return kept

    def reply(text: str) -> handlers.ReplyToFeedback:
        return handlers.ReplyToFeedback(feedback_id=answer["id"], text=text, reopen=False, channel="web")

    monkeypatch.setattr(feedbacks, "find", find_and_be_overtaken)
    handlers.reply_to_feedback(reply("second"), feedbacks, SECRET, room.clock.now())
    document = room.document(answer["id"])
    assert [entry.get("text") for entry in document["history"]] == [None, "first", "second"]
    assert [event["seq"] for event in document["outbox"]] == [1, 2, 3]


def test_an_unknown_unit_is_no_write(room: Room) -> None:
    with pytest.raises(Invalid):
        submit(room, SubmitFeedback(said=Submission(channel="api", text="x", unit="nowhere"), scope="t"))
    assert room.feedbacks.collection.count_documents({}) == 0


def test_fifty_replies_at_the_same_moment_are_all_taken(room: Room) -> None:
    feedback_id = room.submit()["id"]

    def reply(at: int) -> None:
        command = handlers.ReplyToFeedback(feedback_id=feedback_id, text=f"{at}", reopen=False, channel="web")
        handlers.reply_to_feedback(command, room.feedbacks, SECRET, room.clock.now())

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(reply, range(50)))
    said = [entry["text"] for entry in room.document(feedback_id)["history"] if entry["kind"] == "reply"]
    assert sorted(said, key=int) == [f"{at}" for at in range(50)]
