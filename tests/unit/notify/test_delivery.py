"""Delivery over real SMTP, and what happens when servers, lines and senders fail."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from prometheus_client import REGISTRY

from services.chassis.errors import Unavailable
from services.contracts.triage import REASONS
from services.notify.channels import Mail, TransportError
from services.notify.channels.email import EmailChannel
from services.notify.delivery import Delivery
from services.notify.domain import DEFERRED, FAILED, LEASE, SENDING, SENT, UNKNOWN, WITHDRAWN, Notification
from services.notify.store import settle_told, unsettled_closures
from tests import builders
from tests.unit.notify.conftest import Recorder, Room
from tests.unit.notify.smtp_server import DROP, HANG, OK, Script, only, serving

SHORT = 0.3
"""Seconds a test waits for a server that does not answer."""


def smtp(port: int, scheme: str = "smtp", account: str = "") -> EmailChannel:
    return EmailChannel(f"{scheme}://{account}127.0.0.1:{port}", timeout=SHORT)


def try_once(room: Room, script: Script, **options: object) -> Notification:
    feedback = room.submit()
    with serving(script, **options) as port:
        assert room.delivery(smtp(port)).run_once()
    return room.messages(feedback)[0]


def busy(mail: Mail) -> None:
    raise TransportError("smtp-451", reply="451 4.3.2")


def doubts_counted() -> float:
    return REGISTRY.get_sample_value("liaise_mail_doubts_total", {"channel": "email"}) or 0


def test_a_mail_is_taken_by_a_real_server(room: Room) -> None:
    script = Script()
    sent = try_once(room, script)
    assert (sent.state, sent.attempts, sent.channel, sent.last_reply) == (SENT, 1, "email", "250 2.0.0")
    (taken,) = script.taken
    assert taken.mail_from == "answers@liaise.example"
    assert taken.rcpt_tos == ["sam@example.com"]
    assert f"Message-ID: {sent.message_id}".encode() in taken.content
    assert room.said(sent.feedback) == ["notify.notification_sent"]


def test_a_temporary_failure_is_tried_again_when_it_is_due(room: Room) -> None:
    feedback, script = room.submit(), Script("450 4.7.1 come back later, sam@example.com", OK)
    with serving(script) as port:
        sender = room.delivery(smtp(port))
        sender.run_once()
        deferred = room.messages(feedback)[0]
        assert (deferred.state, deferred.last_reply, room.said(feedback)) == (DEFERRED, "450 4.7.1", [])
        assert timedelta(minutes=1) <= deferred.due_at - room.process.clock.now() <= timedelta(minutes=1.2)
        assert not sender.run_once()
        room.process.clock.advance(timedelta(minutes=2))
        assert sender.run_once()
    told = room.messages(feedback)[0]
    assert (told.state, told.attempts, told.doubts) == (SENT, 2, 0)
    assert len(script.taken) == 1


def test_a_permanent_failure_is_tried_once_and_shows(room: Room) -> None:
    script = Script("550 5.1.1 no such user sam@example.com")
    failed = try_once(room, script)
    assert (failed.state, failed.attempts, failed.reason, failed.last_reply) == (FAILED, 1, "smtp-550", "550 5.1.1")
    assert room.said(failed.feedback) == ["notify.notification_failed"]
    room.process.clock.advance(timedelta(days=1))
    assert not room.delivery(Recorder()).run_once()


def test_a_refused_recipient_holds_nobody_else_up(room: Room) -> None:
    script = Script(rcpt=("550 5.1.1 unknown", OK))
    first, second = room.submit(email="nobody@example.com"), room.submit(email="sam@example.com")
    with serving(script) as port:
        room.delivery(smtp(port)).run_once()
    assert sorted(room.messages(f)[0].state for f in (first, second)) == [FAILED, SENT]
    assert [len(recipients) for recipients in script.recipients] == [1]


def test_a_deferred_closing_message_leaves_no_more_once_the_case_is_open_again(room: Room) -> None:
    feedback, sender = room.submit(), room.delivery(Recorder(busy))
    room.hear(builders.declined(), feedback, 1)
    sender.run_once()
    assert [row.state for row in room.messages(feedback)] == [DEFERRED, DEFERRED]
    room.hear(builders.reopened(), feedback, 2)
    assert [row.state for row in room.messages(feedback)] == [DEFERRED, WITHDRAWN]


def test_a_closing_message_under_way_while_the_case_is_reopened_is_tried_once_and_no_more(room: Room) -> None:
    feedback, channel = room.submit(), Recorder()
    room.hear(builders.declined(), feedback, 1)

    def reopen(mail: Mail) -> None:
        if "Our answer" in mail.subject:
            room.hear(builders.reopened(), feedback, 2)
            raise TransportError("disconnected", doubt=True)

    room.delivery(Recorder(reopen)).run_once()
    assert [row.state for row in room.messages(feedback)] == [SENT, DEFERRED]
    room.process.clock.advance(timedelta(minutes=2))
    assert room.delivery(channel).run_once()
    told = room.messages(feedback)[1]
    assert (told.state, told.doubts, told.due_at, channel.taken) == (WITHDRAWN, 1, None, [])

    room.hear(builders.done(closure=2), feedback, 3)
    room.delivery(Recorder(busy)).run_once()
    room.process.clock.advance(timedelta(minutes=2))
    room.delivery(channel).run_once()
    assert [mail.subject.split(":")[0] for mail in channel.taken] == ["Done"]


def test_a_line_that_breaks_after_the_message_is_a_doubt(room: Room) -> None:
    before = doubts_counted()
    feedback, script = room.submit(), Script(DROP)
    with serving(script) as port:
        sender = room.delivery(smtp(port))
        sender.run_once()
        deferred = room.messages(feedback)[0]
        assert (deferred.state, deferred.last_reply, deferred.doubts) == (DEFERRED, "disconnected", 1)
        room.process.clock.advance(timedelta(minutes=2))
        sender.run_once()
    first, second = (envelope.content for envelope in script.taken)
    assert first == second
    assert room.messages(feedback)[0].state == SENT
    assert doubts_counted() == before + 1


def test_a_server_that_never_answers_is_left(room: Room) -> None:
    deferred = try_once(room, Script(HANG))
    assert (deferred.state, deferred.last_reply, deferred.doubts) == (DEFERRED, "disconnected", 1)


def test_a_server_that_is_away_is_tried_later(room: Room) -> None:
    feedback = room.submit()
    with serving(Script()) as port:
        pass
    room.delivery(smtp(port)).run_once()
    deferred = room.messages(feedback)[0]
    assert (deferred.state, deferred.last_reply, deferred.doubts) == (DEFERRED, "connection", 0)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_the_account_is_used_and_a_wrong_password_fails_nobody(room: Room) -> None:
    feedback, script = room.submit(), Script()
    options = {"authenticator": only(b"liaise", b"p@ss/word"), "auth_require_tls": False, "auth_required": True}
    with serving(script, **options) as port:
        room.delivery(smtp(port, account="liaise:wrong@")).run_once()
        refused = room.messages(feedback)[0]
        assert (refused.state, refused.last_reply) == (DEFERRED, "535 5.7.8")
        room.process.clock.advance(timedelta(minutes=2))
        room.delivery(smtp(port)).run_once()
        assert room.messages(feedback)[0].state == DEFERRED
        room.process.clock.advance(timedelta(minutes=10))
        room.delivery(smtp(port, account="liaise:p%40ss%2Fword@")).run_once()
    assert room.messages(feedback)[0].state == SENT


def test_no_mail_goes_in_the_open_when_encryption_is_asked_for(room: Room) -> None:
    feedback, script = room.submit(), Script()
    with serving(script) as port:
        room.delivery(smtp(port, "smtp+starttls")).run_once()
    assert room.messages(feedback)[0].last_reply == "not-supported"
    assert script.taken == []


def test_an_international_address_needs_a_server_that_takes_it(room: Room) -> None:
    feedback = room.submit(email="jürgen@example.com")
    with serving(Script(), enable_SMTPUTF8=False) as port:
        room.delivery(smtp(port)).run_once()
    assert room.messages(feedback)[0].reason == "no-smtputf8"
    other, script = room.submit(email="jürgen@example.com"), Script()
    with serving(script, enable_SMTPUTF8=True) as port:
        room.delivery(smtp(port)).run_once()
    assert room.messages(other)[0].state == SENT
    assert script.taken[0].rcpt_tos == ["jürgen@example.com"]


def test_after_five_days_of_trying_it_fails_where_everybody_sees_it(room: Room) -> None:
    feedback = room.submit()
    sender, clock, waits = room.delivery(Recorder(busy)), room.process.clock, []
    while (message := room.messages(feedback)[0]).due_at:
        waits.append(message.due_at - clock.now())
        clock.advance(waits[-1])
        assert sender.run_once()
    assert (message.state, message.reason, message.last_reply) == (FAILED, "gave-up", "451 4.3.2")
    assert room.said(feedback) == ["notify.notification_failed"]
    assert all(wait >= timedelta(minutes=30) for wait in waits[4:])
    assert timedelta(days=5) <= clock.now() - message.created_at < timedelta(days=5, hours=5)


def test_two_senders_at_once_send_each_message_once(room: Room) -> None:
    made = [room.submit(email=f"p{n}@example.com", person=f"p{n}") for n in range(30)]
    channels, start = [Recorder(), Recorder()], Barrier(2)

    def work(sender: Delivery) -> None:
        start.wait()
        while sender.deliver_due():
            pass

    threads = [Thread(target=work, args=(room.delivery(channel),)) for channel in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recipients = [mail.recipient for channel in channels for mail in channel.taken]
    assert sorted(recipients) == sorted(f"p{n}@example.com" for n in range(30))
    assert [room.said(feedback) for feedback in made] == [["notify.notification_sent"]] * 30


def test_what_was_found_long_ago_is_not_sent_once_it_is_withdrawn(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.delivery.WINDOW", 2)
    made, channel = [room.submit() for _ in range(4)], Recorder()
    room.hear(builders.declined(), made[0], 1)
    sender = room.delivery(channel)
    assert sender.run_once()
    room.hear(builders.reopened(), made[0], 2)
    while sender.run_once():
        pass
    assert [mail.subject.split(" [")[0] for mail in channel.taken] == ["We have your feedback"] * 4


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it runs."""


def test_a_sender_that_dies_after_handing_over_leaves_a_doubt_and_the_same_message_id(room: Room) -> None:
    before, feedback, first = doubts_counted(), room.submit(), Recorder()

    class Dying(Recorder):
        def send(self, mail: Mail) -> str:
            first.send(mail)
            raise Killed

    with pytest.raises(Killed):
        room.delivery(Dying()).run_once()
    assert room.messages(feedback)[0].state == SENDING

    second = Recorder()
    survivor = room.delivery(second)
    assert not survivor.run_once()  # the lease still holds
    room.process.clock.advance(LEASE)
    assert survivor.run_once()
    told = room.messages(feedback)[0]
    assert (told.state, told.attempts, told.doubts) == (SENT, 2, 1)
    assert [mail.source for mail in first.taken] == [mail.source for mail in second.taken]
    assert doubts_counted() == before + 1


def test_a_sender_that_comes_back_late_changes_nothing(room: Room) -> None:
    feedback, other = room.submit(), Recorder()

    def dawdle(mail: Mail) -> None:
        room.process.clock.advance(LEASE)
        assert room.delivery(other).run_once()

    room.delivery(Recorder(dawdle)).run_once()
    told = room.messages(feedback)[0]
    assert (told.state, told.doubts, len(other.taken)) == (SENT, 1, 1)
    assert room.said(feedback) == ["notify.notification_sent"]


def test_a_message_under_doubt_says_so_while_it_is_sent_again(room: Room) -> None:
    feedback, seen = room.submit(), []
    room.notifications.collection.update_one({"feedback": feedback}, {"$set": {"state": SENDING}})
    room.delivery(Recorder(lambda mail: seen.append(room.messages(feedback)[0].state))).run_once()
    assert seen == [UNKNOWN]


def test_the_local_mailbox_shows_a_resent_mail_once(room: Room) -> None:
    feedback = room.submit()
    sender = room.delivery()
    sender.run_once()
    room.notifications.collection.update_one(
        {"feedback": feedback}, {"$set": {"state": SENDING, "due_at": room.process.clock.now()}}
    )
    assert sender.run_once()
    assert room.mailbox.collection.count_documents({}) == 1


def test_a_message_nobody_can_write_holds_up_no_other(room: Room) -> None:
    broken, fine = room.submit(), room.submit()
    room.notifications.collection.update_one({"feedback": broken}, {"$unset": {"words.answer_due": ""}})
    sender = room.delivery(Recorder())
    assert sender.run_once()
    assert room.messages(broken)[0].last_reply == "bug-UndefinedError"
    assert room.messages(fine)[0].state == SENT


def test_a_database_that_is_away_is_no_fault_of_the_message(room: Room) -> None:
    feedback = room.submit()

    def away(mail: Mail) -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable):
        room.delivery(Recorder(away)).run_once()
    assert room.messages(feedback)[0].state == SENDING


def test_an_address_that_is_not_one_fails_at_once(room: Room) -> None:
    feedback, channel = room.submit(email="sam@example.com\r\nBcc: victim@example.com"), Recorder()
    room.delivery(channel).run_once()
    assert (room.messages(feedback)[0].reason, channel.taken) == ("bad-address", [])


def test_the_sweep_shortens_the_list_and_counts_what_is_owed(room: Room) -> None:
    told, owed = room.submit(), room.submit()
    for reason, feedback in zip(REASONS, (told, owed), strict=False):
        room.hear(builders.declined(reason=reason), feedback)
    room.notifications.collection.delete_one({"feedback": owed, "kind": "outcome"})
    sender = room.delivery(Recorder())
    while sender.run_once():
        pass
    room.process.clock.advance(timedelta(minutes=1))
    sender.run_once()
    assert REGISTRY.get_sample_value("liaise_closures_without_message") == 1
    assert room.conversations.find(told).value.unsettled_since is None
    assert room.conversations.find(owed).value.unsettled_since is not None
    assert settle_told(room.conversations, room.notifications) == 1


def test_many_owed_closings_are_all_listed_longest_first(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.store.conversations.CHUNK", 3)
    made = []
    for _ in range(10):
        made.append(room.submit())
        room.hear(builders.done(), made[-1])
        room.process.clock.advance(timedelta(seconds=1))
    listed = unsettled_closures(room.conversations, room.notifications)
    assert [item.conversation.id for item in listed] == made
