"""A mail that cannot be taken stays in its mailbox, named, and neither stops the others nor keeps the loop busy."""

from collections.abc import Callable, Iterator

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.chassis.errors import Unavailable
from services.chassis.imap_urls import mailboxes
from services.feedback.mail import collecting
from services.feedback.mail.collecting import Collector, MailboxAway
from services.feedback.mail.taking import Delivery, Taken, Taker
from services.feedback.store import mails
from tests.unit.feedback.mail_receiving.conftest import Post, mail
from tests.unit.feedback.mail_receiving.scripted_imap import Script, literal, scripted
from tests.unit.feedback.mail_receiving.test_quarantine import deep


@pytest.fixture
def collect(post: Post) -> Iterator[Callable[[Script], Collector]]:
    """The loop of this server's mailbox."""
    made: list[Collector] = []

    def make(script: Script) -> Collector:
        made.append(Collector(mailboxes(script.url)[0], post.taker, poll_seconds=60))
        return made[-1]

    yield make
    for one in made:
        one.close()


def good(text: str) -> bytes:
    return literal(bytes(mail(text)))


def texts(post: Post) -> list[str]:
    return sorted(one.text for one in post.stored())


def left(why: str) -> float:
    return REGISTRY.get_sample_value("liaise_mails_left_total", {"why": why}) or 0.0


@pytest.mark.parametrize("damaged", [b"NO [SERVERBUG] Internal error", b"BAD Damaged", b"OK Gone"])
def test_a_mail_the_server_cannot_give_stops_nobody_and_is_tried_again(
    post: Post, collect: Callable[[Script], Collector], damaged: bytes
) -> None:
    before = left("not fetched")
    with scripted(Script({1: None, 2: good("Two."), 3: good("Three.")}, damaged)) as script:
        collector = collect(script)
        with capture_logs() as logs:
            assert [collector.run_once() for _ in range(3)] == [True, False, False]
        assert texts(post) == ["Three.", "Two."]
        assert script.seen == [2, 3]
        assert [(log["uid"], log["why"]) for log in logs] == [("1", "not fetched")]
        assert left("not fetched") == before + 3
        script.bodies |= {1: good("One."), 4: good("Four.")}
        script.fetched.clear()
        collector.run_once()
        assert script.fetched == [4, 1]
        assert script.seen == [2, 3, 4, 1]


def test_a_mail_on_which_the_server_hangs_up_comes_after_the_others(
    post: Post, collect: Callable[[Script], Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "BACKOFF_SECONDS", 0.0)
    with scripted(Script({1: b"", 2: good("Two.")})) as script:
        collector = collect(script)
        for _ in range(2):
            with pytest.raises(MailboxAway):
                collector.run_once()
        assert texts(post) == ["Two."]


@pytest.mark.parametrize(
    ("said", "content"),
    [(b'""', b""), (b'"Subject: Say \\"hello\\""', b'Subject: Say "hello"'), (literal(b""), b"")],
    ids=["empty", "escaped", "literal"],
)
def test_a_mail_of_a_line_or_none_is_taken_however_it_is_given(
    post: Post,
    collect: Callable[[Script], Collector],
    monkeypatch: pytest.MonkeyPatch,
    said: bytes,
    content: bytes,
) -> None:
    taken: list[bytes] = []
    real = Taker.take

    def noting(taker: Taker, delivery: Delivery) -> Taken:
        taken.append(delivery.content)
        return real(taker, delivery)

    monkeypatch.setattr(Taker, "take", noting)
    with scripted(Script({1: said})) as script:
        collector = collect(script)
        assert [collector.run_once() for _ in range(2)] == [True, False]
        assert (script.seen, taken) == ([1], [content])
    assert len(post.stored()) + post.room.stores.quarantine.count() == 1


def test_nothing_but_what_cannot_be_fetched_is_no_work(collect: Callable[[Script], Collector]) -> None:
    with scripted(Script(dict.fromkeys(range(1, collecting.AT_ONCE + 21)))) as script:
        collector = collect(script)
        assert [collector.run_once() for _ in range(3)] == [True, False, False]
        assert set(script.fetched) == set(script.bodies)


def test_a_full_quarantine_keeps_no_good_mail_waiting(
    post: Post, collect: Callable[[Script], Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "MOST", 1)
    bad = {uid: literal(deep(f"{uid}")) for uid in range(1, 6)}
    with scripted(Script(bad | {9: good("Good words.")})) as script:
        collector = collect(script)
        assert [collector.run_once() for _ in range(2)] == [True, False]
        assert texts(post) == ["Good words."]
        assert script.seen == [1, 9]
        monkeypatch.setattr(mails, "MOST", 10)
        collector.run_once()
        assert sorted(script.seen) == [1, 2, 3, 4, 5, 9]
    assert post.room.stores.quarantine.count() == 5


def test_mails_the_database_refuses_come_after_the_others(
    post: Post, collect: Callable[[Script], Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Taker.take

    def refusing(taker: Taker, delivery: Delivery) -> Taken:
        if b"refused" in delivery.content:
            raise Unavailable("it is too large for the database")
        return real(taker, delivery)

    monkeypatch.setattr(Taker, "take", refusing)
    with scripted(Script({uid: good("refused") for uid in range(1, 5)} | {9: good("Good words.")})) as script:
        collector = collect(script)
        for _ in range(2):
            with pytest.raises(Unavailable):
                collector.run_once()
        assert (script.seen, texts(post)) == ([9], ["Good words."])
