"""Mailboxes at a real IMAP server: each mail once, marked only when it is on disk, whatever breaks in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services import checkup
from services.chassis import clock as clocks
from services.chassis.errors import Unavailable
from services.chassis.imap_urls import mailboxes
from services.feedback.mail import collecting
from services.feedback.mail.collecting import Collector, MailboxAway, look_into
from services.feedback.mail.receiving import Receiving
from services.feedback.mail.taking import Taker
from tests.running import until
from tests.unit.feedback.mail_receiving.conftest import Post, mail
from tests.unit.feedback.mail_receiving.dovecot import PASSWORD, Server, dovecot
from tests.unit.feedback.mail_receiving.test_quarantine import deep

ROOT = Path(__file__).parents[4]
PLAIN = "IMAP4rev1 LITERAL+ UIDPLUS"
"""What a server says that knows neither IDLE nor MOVE."""

pytestmark = pytest.mark.xdist_group("imap")


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(shared: Server) -> Server:
    """The server with empty mailboxes."""
    for user in ("it", "hr", "people"):
        with shared.box(user) as box:
            box.delete(box.uids())
            for folder in [one.name for one in box.folder.list() if one.name != "INBOX"]:
                box.folder.delete(folder)
    return shared


@pytest.fixture
def collect(post: Post) -> Iterator[Callable[..., Collector]]:
    """The loop of one mailbox, by its URL."""
    made: list[Collector] = []

    def make(url: str, taker: Taker | None = None) -> Collector:
        made.append(Collector(mailboxes(url)[0], taker or post.taker, poll_seconds=60))
        return made[-1]

    yield make
    for one in made:
        one.close()


def rounds(collector: Collector) -> None:
    """Until there is nothing left."""
    while collector.run_once():
        pass


def texts(post: Post) -> list[tuple[str, str]]:
    return sorted((one.text, one.unit) for one in post.stored())


def test_what_is_unread_becomes_feedback_of_the_mailboxes_unit_and_is_read_then(
    server: Server, post: Post, collect: Callable[..., Collector]
) -> None:
    collector = collect(server.url(more="unit=hr"))
    assert collector.run_once() is False
    server.put(bytes(mail("One.")), bytes(mail("Two.", To="it@liaise.example")))
    rounds(collector)
    assert texts(post) == [("One.", "hr"), ("Two.", "hr")]
    assert (server.unread(), server.all()) == (0, 2)


def test_several_mailboxes_have_their_own_units(server: Server, post: Post, collect: Callable[..., Collector]) -> None:
    for user, unit in (("it", "it"), ("people", "hr")):
        server.put(bytes(mail(f"For {unit}.")), user=user)
        rounds(collect(server.url(user, f"unit={unit}")))
    assert texts(post) == [("For hr.", "hr"), ("For it.", "it")]


@pytest.mark.parametrize("capability", ["", PLAIN], ids=["move", "copy"])
def test_taken_mail_is_put_away_and_nothing_else_is_touched(
    post: Post, collect: Callable[..., Collector], capability: str
) -> None:
    with dovecot(capability) as server:
        with server.box() as box:
            box.append(bytes(mail("Marked by somebody for deletion.")), flag_set=[r"\Deleted", r"\Seen"])
        server.put(bytes(mail("One.")), bytes(mail("Two.")))
        rounds(collect(server.url(more="done=Taken%20mail")))
        assert len(post.stored()) == 2
        assert (server.all(), server.all(folder="Taken mail")) == (1, 2)
        assert server.unread(folder="Taken mail") == 0


def test_one_bad_mail_stops_nobody(server: Server, post: Post, collect: Callable[..., Collector]) -> None:
    server.put(bytes(mail("Before.")), deep(), b"\0\xff\r\n\r\n\0", bytes(mail("After.")))
    rounds(collect(server.url()))
    said = [text for text, _ in texts(post)]
    assert {"Before.", "After."} <= set(said)
    assert post.room.stores.quarantine.count() + len(said) == 4
    assert server.unread() == 0


def test_a_mail_beyond_any_bound_is_in_quarantine_by_its_beginning(
    server: Server, post: Post, collect: Callable[..., Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.feedback.mail.mailbox.SIZE", 10_000)
    monkeypatch.setattr("services.feedback.mail.mailbox.HEAD", 2_000)
    server.put(bytes(mail("word " * 10_000, Subject="Very long")), bytes(mail("Short.")))
    rounds(collect(server.url()))
    [row] = post.room.stores.quarantine.newest(10)
    assert (row.subject, row.size) == ("Very long", 2_000)
    assert "mailbox" in row.reason
    assert [text for text, _ in texts(post)] == ["Short."]
    assert (server.unread(), server.all()) == (0, 2)


def test_while_nothing_can_be_stored_mail_stays_unread_and_is_taken_later(
    server: Server, post: Post, collect: Callable[..., Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(*[bytes(mail(f"{number}")) for number in range(5)])
    collector = collect(server.url())

    def away(*_: Any) -> None:
        raise Unavailable("the database did not answer")

    with monkeypatch.context() as patch:
        patch.setattr(Taker, "take", away)
        with pytest.raises(Unavailable):
            collector.run_once()
    assert (server.unread(), post.stored()) == (5, [])
    rounds(collector)
    assert (server.unread(), len(post.stored())) == (0, 5)


def test_mail_that_is_fetched_again_is_the_same_feedback_also_with_other_uids(
    server: Server, post: Post, collect: Callable[..., Collector]
) -> None:
    content = bytes(mail("Once."))
    server.put(content)
    rounds(collect(server.url()))
    with server.box() as box:
        box.client.uid("STORE", "1:*", "-FLAGS", r"(\Seen)")
        box.folder.create("Other")
        box.append(content, "Other")
    rounds(collect(server.url()))
    rounds(collect(server.url().replace("INBOX", "Other")))
    server.put(content, user="hr")
    rounds(collect(server.url("hr")))
    assert len(post.stored()) == 1


def test_a_refused_password_is_one_sentence_without_it_and_not_tried_at_once_again(
    server: Server, collect: Callable[..., Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = collect(server.url(password="hunter2"))
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(MailboxAway, match="refuses the user or password"):
                collector.run_once()
    assert len(logs) == 1
    assert "hunter2" not in str(logs)
    tries = _counted(monkeypatch)
    with pytest.raises(MailboxAway):
        collector.run_once()
    assert tries == []
    monkeypatch.setattr(collecting, "monotonic", lambda: clocks.monotonic() + collecting.BACKOFF_MAX_SECONDS)
    with pytest.raises(MailboxAway):
        collector.run_once()
    assert len(tries) == 1


def _is_away(collector: Collector) -> bool:
    try:
        collector.run_once()
    except MailboxAway as away:
        return "no IMAP conversation" in str(away)
    return False


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    tries: list[Any] = []
    real = collecting.OpenMailbox

    def counting(mailbox: Any) -> Any:
        tries.append(mailbox)
        return real(mailbox)

    monkeypatch.setattr(collecting, "OpenMailbox", counting)
    return tries


def test_a_server_that_goes_and_comes_back_loses_nothing(
    post: Post, collect: Callable[..., Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    with dovecot() as server:
        collector = collect(server.url())
        server.put(bytes(mail("Before.")))
        rounds(collector)
        server.stop()
        until(lambda: _is_away(collector), "the connection is gone", 20)
        port, folder = server.port, server.folder
    assert not folder.exists()
    monkeypatch.setattr(collecting, "BACKOFF_SECONDS", 0.0)
    with dovecot(port=port) as server:
        server.put(bytes(mail("After.")))
        collector._again_at = 0.0
        rounds(collector)
    assert [text for text, _ in texts(post)] == ["After.", "Before."]


def test_a_certificate_nobody_signed_is_not_trusted(server: Server) -> None:
    for scheme, port in (("imaps", server.tls_port), ("imap+starttls", server.port)):
        url = f"{scheme}://it:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/INBOX"
        assert "not to be trusted" in (look_into(mailboxes(url)[0]) or "")


def test_an_access_token_is_read_from_its_file_each_time(server: Server, tmp_path: Path) -> None:
    url = f"imap://it@127.0.0.1:{server.port}/INBOX?token_file={tmp_path / 'token'}"
    assert "token file" in (look_into(mailboxes(url)[0]) or "")
    (tmp_path / "token").write_text("stale\n")
    assert "refuses the access token" in (look_into(mailboxes(url)[0]) or "")


def test_the_doctor_looks_into_each_mailbox(server: Server, post: Post) -> None:
    urls = f"{server.url()},{server.url('hr').replace('INBOX', 'Nowhere')},{server.url(password='wrong')}"
    settings = replace(post.room.process.settings, mailboxes=mailboxes(urls))
    found = list(checkup.checkup(settings, lambda: post.room.process))[-3:]
    assert [one.well for one in found] == [True, False, False]
    assert [word in one.sentence for one, word in zip(found, ("can be read", "folder", "password"), strict=True)] == [
        True
    ] * 3
    assert PASSWORD not in str(found)


@pytest.mark.parametrize("capability", ["", PLAIN], ids=["idle", "poll"])
def test_new_mail_is_noticed_while_it_runs(post: Post, capability: str) -> None:
    with dovecot(capability) as server:
        settings = replace(
            post.room.process.settings, mailboxes=mailboxes(server.url(more="unit=hr")), imap_poll_seconds=1
        )
        receiving = Receiving(settings, post.room.clock, post.room.stores)
        receiving.start()
        try:
            for number in range(3):
                server.put(bytes(mail(f"{number}")))
                until(lambda expected=number + 1: len(post.stored()) == expected, "the mail is noticed", 30)
        finally:
            receiving.stop()
        assert server.unread() == 0


@pytest.mark.parametrize("point", ["mailbox.after_take", "mailbox.after_mark", "mail.before_write", "mail.after_write"])
def test_killed_between_the_write_and_the_mark_each_mail_is_one_feedback(
    server: Server, post: Post, tmp_path: Path, point: str
) -> None:
    sent = [f"{number}" for number in range(6)]
    server.put(*[bytes(mail(text)) for text in sent])
    environment = os.environ | {"IMAP_URLS": server.url(more="done=Taken"), "LOG_LEVEL": "warning"}
    for hit in (1, 2):
        role = _mail_role(environment | {"FAILPOINTS": f"{point}=kill@{hit}"}, tmp_path)
        assert role.wait(60) == -signal.SIGKILL
    role = _mail_role(environment, tmp_path)
    try:
        until(lambda: server.unread() == 0, "every mail is taken", 60)
    finally:
        role.terminate()
        role.wait(30)
    assert [text for text, _ in texts(post)] == sent
    assert server.all() + server.all(folder="Taken") == len(sent)


def _mail_role(environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "mail.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services", "mail"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
