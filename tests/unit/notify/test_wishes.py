"""What people want to hear and how, how much is too much, and what machines answer."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import ids
from services.notify import app
from services.notify.channels import TransportError
from services.notify.domain import BOUNCED, FAILED, ON_PAGE, QUEUED, SENT
from services.notify.store import unsettled_closures
from tests import builders
from tests.unit.notify.conftest import Recorder, Room


def wish(room: Room, wants: str, way: str, seq: int = 1) -> None:
    room.hear(builders.profile(wants=wants, way=way), builders.PERSON, seq)


def whole(room: Room) -> dict[str, tuple[str, str | None]]:
    """Receipt, question and outcome of one feedback: their states and why."""
    feedback = room.submit()
    room.hear(builders.asked(), feedback, 1)
    room.hear(builders.done(), feedback, 2)
    return {row.kind: (row.state, row.reason) for row in room.messages(feedback)}


@pytest.mark.parametrize(
    ("wants", "question"),
    [("everything", (QUEUED, None)), ("questions", (QUEUED, None)), ("outcome", (ON_PAGE, "wished"))],
)
def test_the_outcome_alone_means_no_questions_by_mail(room: Room, wants: str, question: Any) -> None:
    wish(room, wants, "email")
    assert whole(room) == {"receipt": (QUEUED, None), "question": question, "outcome": (QUEUED, None)}


def test_who_wants_no_mail_gets_none(room: Room) -> None:
    wish(room, "everything", "page")
    assert whole(room) == dict.fromkeys(("receipt", "question", "outcome"), (ON_PAGE, "wished"))
    assert not room.delivery().deliver_due()
    assert list(unsettled_closures(room.conversations, room.notifications)) == []


def test_the_last_wish_counts_and_only_for_what_comes_after(room: Room) -> None:
    wish(room, "everything", "page", seq=2)
    wish(room, "everything", "email", seq=1)
    feedback = room.submit()
    assert room.messages(feedback)[0].state == ON_PAGE
    wish(room, "everything", "email", seq=3)
    assert room.messages(feedback)[0].state == ON_PAGE
    assert room.messages(room.submit())[0].state == QUEUED


def test_the_wishes_of_who_joined_are_their_own(room: Room) -> None:
    wish(room, "everything", "page")
    feedback = room.submit()
    room.hear(builders.joined(), feedback, 2)
    assert [(row.kind, row.state) for row in room.messages(feedback)] == [("receipt", ON_PAGE), ("joined", QUEUED)]


def test_nobody_gets_more_than_ten_receipts_in_a_day(room: Room) -> None:
    made = [room.submit() for _ in range(12)]
    assert [room.messages(feedback)[0].state for feedback in made] == [QUEUED] * 10 + [ON_PAGE] * 2
    assert room.messages(made[-1])[0].reason == "capped-10"
    assert room.messages(room.submit(person=ids.random_id()))[0].state == QUEUED
    room.hear(builders.done(), made[-1], 1)
    assert room.messages(made[-1])[1].state == QUEUED, "how it ended is always told"
    room.process.clock.advance(timedelta(hours=24))
    for _ in range(10):
        assert room.messages(room.submit())[0].state == QUEUED
    room.hear(builders.joined(person=builders.PERSON), made[0], 2)
    assert room.messages(made[0])[-1].reason == "capped-10", "joining counts too"


def test_the_ledger_says_why_nothing_was_mailed(room: Room) -> None:
    for _ in range(11):
        room.submit()
    wish(room, "outcome", "email")
    room.hear(builders.asked(), room.submit(), 1)
    page = ledger(room)
    assert "Not mailed: more than 10 in a day" in page
    assert "Not mailed: they want it so" in page


def test_what_was_said_long_ago_gets_an_outcome_and_no_receipt(room: Room) -> None:
    feedback = room.submit(channel="import", said_at=builders.MONDAY - timedelta(days=600))
    assert room.messages(feedback) == []
    room.hear(builders.done(), feedback, 1)
    room.delivery().run_once()
    assert "This is about what you told us on 2 April 2025." in room.mailbox.newest(1)[0]["text"]


def test_what_a_liaison_wrote_down_is_read_back(room: Room) -> None:
    room.submit(channel="liaison", recorded_by="Jonas Weber", text="The scanner squeaks.", tracking_token="t" * 43)
    room.delivery().run_once()
    text = room.mailbox.newest(1)[0]["text"]
    assert "Jonas Weber wrote down what you told them" in text
    assert "The scanner squeaks." in text
    assert f"/t/{'t' * 43}/correct" in text


def ledger(room: Room, query: str = "") -> str:
    web = app.create_app(room.process).test_client()
    with web.session_transaction() as session:
        session["identity"] = {"account": "i", "name": "Ines", "role": "admin", "units": (), "scopes": []}
    return str(web.get(f"/notify/{query}").text)


def sent(room: Room) -> tuple[str, str]:
    """A feedback whose outcome was sent, and the Message-ID of that mail."""
    feedback = room.submit()
    room.hear(builders.done(), feedback, 1)
    room.delivery(Recorder()).run_once()
    return feedback, room.messages(feedback)[-1].message_id


def test_a_closing_message_that_comes_back_has_failed_once(room: Room) -> None:
    feedback, message_id = sent(room)
    for status in ("5.1.1", "5.1.1", "5.2.1"):
        room.hear(builders.mail_reported(original_id=message_id, status=status), ids.random_id())
    outcome = room.messages(feedback)[-1]
    assert (outcome.state, outcome.reason, outcome.due_at) == (BOUNCED, "bounced-5.1.1", None)
    assert room.said(feedback).count("notify.notification_failed") == 1
    assert list(unsettled_closures(room.conversations, room.notifications)) == []
    page = ledger(room)
    assert "1</b> message came back" in page
    assert "Came back" in ledger(room, "?state=bounced")
    assert '<span class="number">5.1.1</span>' in page
    assert not room.delivery().deliver_due(), "nothing is sent in answer"


@pytest.mark.parametrize(
    ("report", "state", "words"),
    [
        ({"status": "4.4.1", "permanent": False}, SENT, "a mail server reports trouble 4.4.1"),
        ({"status": "", "permanent": False}, SENT, "a mail server reports trouble"),
        ({"status": "5.2.2", "permanent": False}, BOUNCED, "Came back"),
        ({"status": "", "permanent": True}, BOUNCED, "Came back"),
        ({"status": "5.1.1 <sam@example.com>", "permanent": True}, BOUNCED, "Came back"),
        ({"kind": "auto-reply"}, SENT, "answered by a program"),
        ({"kind": "complaint"}, SENT, "called spam by its reader"),
    ],
)
def test_what_machines_answer_is_noted(room: Room, report: dict[str, Any], state: str, words: str) -> None:
    feedback, message_id = sent(room)
    room.hear(builders.mail_reported(original_id=f" {message_id} ", **report), ids.random_id())
    assert room.messages(feedback)[-1].state == state
    page = ledger(room, f"?feedback={feedback}")
    assert words in page
    assert "sam@example.com" not in page
    assert not room.delivery().deliver_due()


def test_reports_about_what_never_left_or_is_not_ours_are_nothing(room: Room) -> None:
    feedback = room.submit()
    message = room.messages(feedback)[0]
    for original in ("", "<>", "<unknown@example.com>", message.message_id.replace("liaise.example", "evil.example")):
        room.hear(builders.mail_reported(original_id=original), ids.random_id())
    room.hear(builders.mail_reported(original_id=message.message_id), ids.random_id())
    assert room.messages(feedback) == [message], "it is still to be sent"

    def refuse(mail: object) -> None:
        raise TransportError("smtp-550", permanent=True)

    room.delivery(Recorder(refuse)).run_once()
    room.hear(builders.mail_reported(original_id=message.message_id), ids.random_id())
    assert (room.messages(feedback)[0].state, room.messages(feedback)[0].reason) == (FAILED, "smtp-550")
