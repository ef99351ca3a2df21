"""Stories of those who said "me too": they hear that they joined, and they hear how it ends."""

import pytest

from services.chassis.errors import NotFound
from services.contracts.sealed import ERASED
from services.notify.domain import QUEUED, SENT, WITHDRAWN
from services.notify.store import unsettled_closures
from tests import builders
from tests.unit.notify.conftest import Room


def owed(room: Room) -> list[tuple[str, str | None]]:
    found = unsettled_closures(room.conversations, room.notifications)
    return [(item.conversation.id, item.voice) for item in found]


def told(room: Room, feedback: str) -> list[tuple[str, str | None, str]]:
    return [(row.kind, row.voice, row.state) for row in room.messages(feedback)]


def test_who_joins_hears_so_and_hears_how_it_ends(room: Room) -> None:
    feedback = room.submit(number="7K3M-9QXT", shared=True, text="The printer\n squeaks " + "and squeaks " * 20)
    joining = room.hear(builders.joined(voice="kim", voices=2, tracking_token="k" * 43), feedback, 2)
    room.hear_again(joining)
    closing = room.hear(builders.done(), feedback, 1)
    room.hear_again(closing)
    room.delivery().run_once()
    assert told(room, feedback) == [
        ("receipt", None, SENT),
        ("joined", "kim", SENT),
        ("outcome", None, SENT),
        ("outcome", "kim", SENT),
    ]
    outcome, joined = (mail for mail in room.mailbox.newest(9) if mail["to"] == "kim@example.com")
    assert joined["subject"] == "You joined: 2 people now say this"
    assert outcome["subject"] == "Done: what you joined"
    assert "We replaced the drum of the printer." in outcome["text"]
    for mail in (joined, outcome):
        assert f"/v/{'k' * 43}" in mail["text"]
        assert "/profile" not in mail["text"]
    assert outcome["text"].startswith("Hello Kim Wood,\n\n“The printer squeaks and squeaks")
    assert "squeaks …”" in outcome["text"]
    assert owed(room) == []


def test_joining_carries_no_strangers_words_to_any_address(room: Room) -> None:
    feedback = room.submit(number="7K3M-9QXT", shared=True, title="Cheap pills", text="Cheap pills for you")
    room.hear(builders.joined(name="Pills Seller"), feedback, 2)
    room.delivery().run_once()
    (key,) = (mail["_id"] for mail in room.mailbox.newest(2) if mail["to"] == "kim@example.com")
    mail = room.mailbox.find(key) or {}
    for words in (mail["text"], mail["html"], mail["source"]):
        assert "pills" not in words.lower()
    for words in (mail["text"], mail["html"]):
        assert "7K3M-9QXT" in words
        assert "Hello," in words


def test_words_that_are_not_shared_are_told_to_nobody_else(room: Room) -> None:
    feedback = room.submit(shared=False, text="The printer squeaks.")
    room.hear(builders.joined(), feedback, 2)
    room.hear(builders.done(), feedback, 1)
    room.delivery().run_once()
    theirs = [mail["text"] for mail in room.mailbox.newest(4) if mail["to"] == "kim@example.com"]
    assert ["squeaks" in text for text in theirs] == [False, False]


@pytest.mark.parametrize("person", [{"email": None}, {"email": ERASED}])
def test_who_joins_without_an_address_is_told_by_their_page_alone(room: Room, person: dict[str, object]) -> None:
    feedback = room.submit()
    room.hear(builders.joined(**person), feedback, 2)
    room.hear(builders.joined(voice="other", **person), feedback, 3)
    room.hear(builders.done(), feedback, 1)
    room.delivery().run_once()
    assert [row.kind for row in room.messages(feedback)] == ["receipt", "outcome"]
    assert owed(room) == []


def test_questions_are_for_the_submitter(room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.joined(voice="kim"), feedback, 2)
    room.hear(builders.asked(), feedback, 1)
    assert [(row.kind, row.voice) for row in room.messages(feedback)][2:] == [("question", None)]


def test_each_voice_is_owed_its_own_closing_message(room: Room) -> None:
    feedback = room.submit()
    for seq, voice in enumerate(("kim", "lee"), 2):
        room.hear(builders.joined(voice=voice, email=f"{voice}@example.com"), feedback, seq)
    room.hear(builders.declined(), feedback, 1)
    assert owed(room) == [(feedback, None), (feedback, "kim"), (feedback, "lee")]
    room.notifications.collection.delete_one({"feedback": feedback, "kind": "outcome", "voice": "lee"})
    room.delivery().run_once()
    assert owed(room) == [(feedback, "lee")], "nobody counts as told because another one was"


def test_who_joins_after_the_end_hears_the_outcome_at_once(room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.done(), feedback, 1)
    room.delivery().run_once()
    assert owed(room) == []
    room.hear(builders.joined(voice="kim"), feedback, 2)
    assert owed(room) == [(feedback, "kim")]
    room.delivery().run_once()
    assert told(room, feedback)[2:] == [("joined", "kim", SENT), ("outcome", "kim", SENT)]
    assert "We replaced the drum" in room.mailbox.newest(1)[0]["text"]
    assert owed(room) == []


def test_a_case_that_is_open_again_calls_all_its_closing_messages_back(room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.joined(voice="kim"), feedback, 2)
    room.hear(builders.declined(), feedback, 1)
    room.hear(builders.reopened(), feedback, 2)
    assert told(room, feedback)[2:] == [("outcome", None, WITHDRAWN), ("outcome", "kim", WITHDRAWN)]
    assert owed(room) == []
    room.hear(builders.done(closure=2), feedback, 3)
    assert [(row.closure, row.voice, row.state) for row in room.messages(feedback)[4:]] == [
        (2, None, QUEUED),
        (2, "kim", QUEUED),
    ]


def test_the_events_say_for_whom_a_message_was(room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.joined(voice="kim"), feedback, 2)
    room.delivery().run_once()
    rows = room.notifications.collection.find({"feedback": feedback})
    said = {(row["kind"], entry["data"]["voice"]) for row in rows for entry in row["outbox"]}
    assert said == {("receipt", None), ("joined", "kim")}


def test_a_voice_of_nothing_is_not_waited_for(room: Room) -> None:
    with pytest.raises(NotFound):
        room.hear(builders.joined(), "unknown")


def test_a_withdrawal_is_told_to_all(room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.joined(voice="kim"), feedback, 2)
    room.hear(builders.done(outcome="withdrawn", by_name="", what_was_done=None), feedback, 1)
    room.delivery().run_once()
    assert [row.state for row in room.messages(feedback)] == [SENT] * 4
    assert "What you joined was withdrawn" in {mail["subject"] for mail in room.mailbox.newest(2)}
    assert owed(room) == []
