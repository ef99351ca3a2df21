"""The rules of trying again, in numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notify import domain
from services.notify.domain import DEFERRED, FAILED, LEASE, SENDING, UNKNOWN, Conversation, Notification, Outbound

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def queued() -> Notification:
    conversation = Conversation(
        id="f",
        number="7K3M-9QXT",
        person="p",
        name="Sam",
        email="sam@example.com",
        language="en",
        tracking_token="t",
        unit="it",
        liaison_name="Ines",
        answer_due=NOW,
    )
    outbound = Outbound(
        channel="email",
        domain="liaise.example",
        identify=lambda *parts: "-".join(parts),
        refer=lambda known: f"r{known}",
    )
    return domain.outcome(conversation, 2, {"outcome": "done"}, outbound, NOW)[0]


def test_who_claims_a_message_under_way_doubts_and_keeps_its_message_id() -> None:
    first = domain.claim(queued(), "a", NOW)
    assert (first.state, first.doubts, first.attempts, first.due_at) == (SENDING, 0, 1, NOW + LEASE)
    second = domain.claim(first, "b", NOW + LEASE)
    third = domain.claim(second, "c", NOW + 2 * LEASE)
    assert (second.state, second.doubts) == (UNKNOWN, 1)
    assert (third.doubts, third.attempts) == (2, 3)
    assert third.message_id == "<f-outcome-2-sam@example.com.rf@liaise.example>"


def test_the_steps_are_minutes_first_and_then_half_an_hour_and_more() -> None:
    assert [domain.retry_after(n, 0) / MINUTE for n in range(1, 10)] == [1, 5, 15, 30, 60, 120, 240, 240, 240]
    for attempts in range(1, 40):
        least, most = domain.retry_after(attempts, 0), domain.retry_after(attempts, 1)
        assert least < most <= least * 1.2


@pytest.mark.parametrize(("age", "state"), [(timedelta(days=5) - MINUTE, DEFERRED), (timedelta(days=5), FAILED)])
def test_after_five_days_it_gives_up(age: timedelta, state: str) -> None:
    told, events = domain.postponed(domain.claim(queued(), "a", NOW), "email", "450", NOW + age, 0)
    assert told.state == state
    assert [event.reason for event in events] == (["gave-up"] if state == FAILED else [])
    assert told.last_reply == "450"


def test_a_settled_message_is_never_due_and_says_so_once() -> None:
    claimed = domain.claim(queued(), "a", NOW)
    for told, events in (
        domain.sent(claimed, "email", "250", NOW),
        domain.failed(claimed, "email", "smtp-550", "550 5.1.1"),
    ):
        assert (told.due_at, told.lease) == (None, None)
        assert [(event.feedback, event.kind, event.closure) for event in events] == [("f", "outcome", 2)]


def test_an_answer_that_got_lost_counts_as_a_doubt() -> None:
    claimed = domain.claim(queued(), "a", NOW)
    assert domain.postponed(claimed, "email", "disconnected", NOW, 0, doubt=True)[0].doubts == 1
    assert domain.postponed(claimed, "email", "450", NOW, 0)[0].doubts == 0
