"""Stories: what is heard becomes exactly one message to the right person."""

from datetime import UTC, datetime

import pytest

from services.chassis.errors import NotYet
from services.contracts.sealed import ERASED
from services.notify.domain import FAILED, ON_PAGE, QUEUED, SENT, WITHDRAWN
from services.notify.store import unsettled_closures
from tests import builders
from tests.unit.notify.conftest import Room


def owed(room: Room) -> list[str]:
    return [item.conversation.id for item in unsettled_closures(room.conversations, room.notifications)]


def test_the_receipt_and_the_outcome_arrive_in_the_local_mailbox(room: Room) -> None:
    feedback = room.submit(number="7K3M-9QXT")
    room.hear(builders.done(), feedback)
    sender = room.delivery()
    assert sender.run_once()
    assert not sender.run_once()

    outcome, receipt = room.mailbox.newest(10)
    assert receipt["subject"] == "We have your feedback [7K3M-9QXT]"
    assert "Ines Marchetti has your feedback and will answer you by Wednesday 25 November" in receipt["text"]
    assert "We replaced the drum of the printer." in outcome["text"]
    assert outcome["to"] == "sam@example.com"
    assert [row.state for row in room.messages(feedback)] == [SENT, SENT]
    assert room.said(feedback) == ["notify.notification_sent"] * 2
    assert owed(room) == []


def test_the_receipt_names_the_day_of_the_unit(room: Room) -> None:
    due = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # still the 24th in Los Angeles
    room.submit(answer_due=due, time_zone="America/Los_Angeles")
    room.submit(answer_due=due)
    room.delivery().run_once()
    texts = sorted(mail["text"].partition("will answer you by ")[2][:21] for mail in room.mailbox.newest(2))
    assert texts == ["Tuesday 24 November.\n", "Wednesday 25 November"]


def test_a_redelivered_event_tells_nothing_twice(room: Room) -> None:
    feedback = room.submit()
    heard = [
        room.hear(builders.asked(), feedback, 1),
        room.hear(builders.declined(), feedback, 2),
        room.hear(builders.reopened(), feedback, 3),
        room.hear(builders.done(closure=2), feedback, 4),
    ]
    for envelope in heard + heard[::-1]:
        room.hear_again(envelope)
    assert [(row.kind, row.closure) for row in room.messages(feedback)] == [
        ("receipt", None),
        ("question", None),
        ("outcome", 1),
        ("outcome", 2),
    ]
    assert room.conversations.find(feedback).value.ended.closure == 2


def test_a_crash_between_message_and_mark_neither_loses_nor_doubles(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedback = room.submit()
    closing = builders.envelope(builders.done(), feedback)

    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(type(room.conversations), "save", crash)
        with pytest.raises(RuntimeError):
            room.hear_again(closing)
    room.delivery().run_once()
    room.hear_again(closing)
    room.delivery().run_once()
    assert [row.kind for row in room.messages(feedback)] == ["receipt", "outcome"]
    assert room.mailbox.collection.count_documents({}) == 2
    assert owed(room) == []


def test_an_event_about_an_unknown_conversation_waits(room: Room) -> None:
    for event in (builders.asked(), builders.done(), builders.reopened()):
        with pytest.raises(NotYet):
            room.hear(event, "unknown")


@pytest.mark.parametrize("person", [{"email": None}, {"anonymous": True}, {"email": ERASED}])
def test_without_an_address_the_tracking_page_tells(room: Room, person: dict[str, object]) -> None:
    feedback = room.submit(**person)
    room.hear(builders.declined(), feedback)
    assert not room.delivery().deliver_due()
    assert [(row.state, row.channel, row.recipient) for row in room.messages(feedback)] == [(ON_PAGE, "page", "")] * 2
    assert room.said(feedback) == ["notify.notification_sent"] * 2
    assert owed(room) == []


def test_a_closing_message_is_owed_until_it_is_told_or_visibly_failed(room: Room) -> None:
    first, second = room.submit(), room.submit()
    room.hear(builders.done(), first)
    room.hear(builders.declined(), second)
    assert owed(room) == [first, second]
    room.hear(builders.reopened(), first, 2)
    assert owed(room) == [second]

    room.notifications.collection.update_one({"feedback": second, "kind": "outcome"}, {"$set": {"state": FAILED}})
    assert owed(room) == []
    room.notifications.collection.delete_one({"feedback": second, "kind": "outcome"})
    assert owed(room) == [second]


def test_the_closing_message_of_a_case_that_is_open_again_does_not_leave(room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.declined(), feedback, 1)
    reopened = room.hear(builders.reopened(), feedback, 2)
    room.hear_again(reopened)
    room.delivery().run_once()
    assert [(row.kind, row.state, row.due_at) for row in room.messages(feedback)] == [
        ("receipt", SENT, None),
        ("outcome", WITHDRAWN, None),
    ]
    assert room.mailbox.collection.count_documents({}) == 1
    assert room.said(feedback) == ["notify.notification_sent"]
    assert owed(room) == []

    room.hear(builders.done(closure=2), feedback, 3)
    assert owed(room) == [feedback]
    room.delivery().run_once()
    assert [row.state for row in room.messages(feedback)] == [SENT, WITHDRAWN, SENT]
    assert "We replaced the drum" in room.mailbox.newest(1)[0]["text"]
    assert owed(room) == []


def test_a_crash_between_withdrawal_and_mark_is_made_good(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    feedback = room.submit()
    room.hear(builders.declined(), feedback, 1)
    reopening = builders.envelope(builders.reopened(), feedback, 2)

    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(type(room.conversations), "save", crash)
        with pytest.raises(RuntimeError):
            room.hear_again(reopening)
    assert owed(room) == [feedback]
    room.hear_again(reopening)
    assert owed(room) == []


def test_an_erased_name_is_not_greeted(room: Room) -> None:
    feedback = room.submit(name=ERASED)
    assert room.messages(feedback)[0].state == QUEUED
    room.delivery().run_once()
    assert room.mailbox.newest(1)[0]["text"].startswith("Hello,\n")
