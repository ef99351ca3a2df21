"""Conversations by SMTP and LMTP with real clients: sizes, recipients, endless input, crowds."""

import os
import resource
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.embedded_store import free_port
from services.feedback.mail import conversation
from services.feedback.mail.receiving import Receiving
from services.feedback.mail.server import KNOWN, TAKEN
from tests.running import until
from tests.unit.feedback.conftest import Room
from tests.unit.feedback.mail_receiving.conftest import SENDER, mail
from tests.unit.feedback.mail_receiving.test_quarantine import deep

MEGABYTE = 1_000_000
GROWTH = 64 * MEGABYTE


@pytest.fixture
def doors(room: Room) -> Iterator[Any]:
    """SMTP and LMTP, as settings."""
    settings = replace(room.process.settings, lmtp_listen=("127.0.0.1", free_port()))
    receiving = Receiving(settings, room.clock, room.stores)
    receiving.start()
    yield settings
    receiving.stop()


def smtp(doors: Any) -> smtplib.SMTP:
    return smtplib.SMTP(doors.mail_host, doors.mail_port, timeout=60)


def lmtp(doors: Any) -> smtplib.LMTP:
    return smtplib.LMTP(*doors.lmtp_listen, timeout=60)


def stored(room: Room) -> list[dict[str, Any]]:
    return list(room.feedbacks.collection.find({}))


def after_data(client: smtplib.SMTP, content: bytes, *to: str, answers: int = 1) -> list[tuple[int, bytes]]:
    """Send one mail by hand; every answer after its end."""
    client.ehlo_or_helo_if_needed()
    client.mail(SENDER)
    for address in to:
        assert client.rcpt(address)[0] == 250
    client.putcmd("data")
    assert client.getreply()[0] == 354
    client.send(content)
    return [client.getreply() for _ in range(answers)]


def test_lmtp_answers_for_each_recipient_and_stores_the_mail_once(room: Room, doors: Any) -> None:
    content = bytes(mail("By LMTP.")) + b"\r\n.\r\n"
    with lmtp(doors) as client:
        first = after_data(client, content, "hr@liaise.example", "it@liaise.example", "x@liaise.example", answers=3)
        again = after_data(client, content, "it@liaise.example")
        assert client.noop()[0] == 250
    assert [f"{code} {text.decode()}" for code, text in [*first, *again]] == [TAKEN] * 3 + [KNOWN]
    [document] = stored(room)
    assert (document["text"], document["unit"]) == ("By LMTP.", "hr")


def test_lmtp_knows_no_helo_and_the_null_sender_is_a_machine(room: Room, doors: Any) -> None:
    with lmtp(doors) as client:
        assert client.docmd("helo", "x")[0] == 500
        assert client.sendmail("", "it@liaise.example", bytes(mail("Nobody is here."))) == {}
    assert stored(room) == []


def test_a_mail_that_cannot_be_read_is_taken_from_its_server(room: Room, doors: Any) -> None:
    with smtp(doors) as client:
        assert client.sendmail(SENDER, "it@liaise.example", deep()) == {}
    assert room.stores.quarantine.count() == 1


def test_the_size_is_announced_refused_before_and_after_and_the_conversation_goes_on(room: Room, doors: Any) -> None:
    end = b"\r\n.\r\n"
    large = (b"x" * 998 + b"\r\n") * (conversation.SIZE // 1_000 + 1) + end
    with smtp(doors) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(conversation.SIZE)
        assert client.mail(SENDER, [f"SIZE={conversation.SIZE + 1}"])[0] == 552
        [(code, text)] = after_data(client, large, "it@liaise.example")
        assert (code, b"25 MB" in text) == (552, True)
        assert after_data(client, bytes(mail("Smaller.")) + end, "it@liaise.example")[0][0] == 250
    with lmtp(doors) as client:
        answers = after_data(client, large, "hr@liaise.example", "it@liaise.example", answers=2)
        assert [code for code, _ in answers] == [552, 552]
    assert [document["text"] for document in stored(room)] == ["Smaller."]


def test_dots_long_lines_and_bare_line_feeds_arrive_as_they_were_written(room: Room, doors: Any) -> None:
    long = "x" * (conversation.BLOCK + 10_000)
    text = f".one\n..two\n{long}\n.\n.three"
    with smtp(doors) as client:
        client.sendmail(SENDER, "it@liaise.example", bytes(mail(text)))
        bare = b"From: amara@example.com\nSubject: bare\n\none\n.\ntwo\n" + long.encode() + b"\r\n.\r\n"
        assert after_data(client, bare, "it@liaise.example")[0][0] == 250
    found = {document["title"]: document["text"] for document in stored(room)}
    assert found == {"VPN": text, "bare": f"one\n.\ntwo\n{long}"}


def test_a_mail_hidden_behind_a_strange_end_stays_one_mail(room: Room, doors: Any) -> None:
    inner = b"MAIL FROM:<boss@example.com>\r\nRCPT TO:<it@liaise.example>\r\nDATA\r\nSubject: forged\r\n\r\nhi\r\n.\r\n"
    for end in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n"):
        with smtp(doors) as client:
            content = bytes(mail(f"Smuggled {end!r}.")) + end + inner
            assert [code for code, _ in after_data(client, content, "it@liaise.example")] == [250]
            assert client.noop()[0] == 250
    assert len(stored(room)) == 4
    assert "forged" not in {document["title"] for document in stored(room)}


def test_too_many_recipients_are_told_to_come_again(room: Room, doors: Any) -> None:
    with smtp(doors) as client:
        client.ehlo()
        client.mail(SENDER)
        most = conversation.RECIPIENTS_MOST
        codes = [client.rcpt(f"x{number}@liaise.example")[0] for number in range(most + 1)]
        assert codes == [250] * most + [452]
        assert client.data(bytes(mail("To many.")))[0] == 250
    assert len(stored(room)) == 1


def test_a_crowd_from_one_place_is_turned_away_and_others_are_not(
    room: Room, doors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "AT_ONCE_PER_HOST", 3)
    crowd = [smtp(doors) for _ in range(3)]
    with pytest.raises(smtplib.SMTPConnectError) as refused:
        smtp(doors)
    assert refused.value.smtp_code == 421
    other = socket.create_connection((doors.mail_host, doors.mail_port), 10, source_address=("127.0.0.2", 0))
    assert other.recv(3) == b"220"
    other.close()
    for client in crowd:
        client.close()
    until(lambda: _lets_in(doors), "there is room again", 20)


def _lets_in(doors: Any) -> bool:
    try:
        smtp(doors).quit()
    except (smtplib.SMTPException, OSError):
        return False
    return True


def test_what_is_under_way_has_an_end_and_senders_come_again(
    room: Room, doors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "HELD_MOST", 1_000_000)
    large = bytes(mail("word " * 400_000)) + b"\r\n.\r\n"
    with smtp(doors) as client:
        assert after_data(client, large, "it@liaise.example")[0][0] == 452
        assert client.sendmail(SENDER, "it@liaise.example", bytes(mail("Small."))) == {}


def test_many_at_once_are_each_one_feedback(room: Room, doors: Any) -> None:
    mails = [bytes(mail(f"{number}")) for number in range(40)]

    def send(content: bytes) -> None:
        with smtp(doors) as client:
            client.sendmail(SENDER, "it@liaise.example", content)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, mails + mails))
    assert sorted(document["text"] for document in stored(room)) == sorted(f"{number}" for number in range(40))


def test_the_same_mail_at_the_same_moment_is_one(room: Room, doors: Any) -> None:
    message = mail("Once.")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")

    def send(_: int) -> None:
        with smtp(doors) as client:
            client.sendmail(SENDER, "it@liaise.example", bytes(message))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(16)))
    [document] = stored(room)
    assert len(room.stores.files.of_feedback(document["_id"])) == 1


ENDLESS = """
import socket, sys
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60)
answers = sock.makefile("rb")
def answer():
    while (line := answers.readline())[3:4] == b"-":
        pass
    return line
def say(line):
    sock.sendall(line)
    return answer()
answer()
for line in (b"EHLO x", b"MAIL FROM:<a@example.com>", b"RCPT TO:<it@liaise.example>", b"DATA"):
    say(line + b"\\r\\n")
block = (b"x" * 65534 + (b"\\r\\n" if sys.argv[3] == "lines" else b"xx")) * 16
for _ in range(int(sys.argv[2]) // len(block)):
    sock.sendall(block)
print(say(b"\\r\\n.\\r\\n").decode())
"""


@pytest.mark.parametrize("form", ["lines", "one line"])
def test_an_endless_mail_costs_no_memory_and_is_refused(room: Room, doors: Any, form: str) -> None:
    sized = int(os.environ.get("ENDLESS_BYTES", 300 * MEGABYTE))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    client = [sys.executable, "-c", ENDLESS, str(doors.mail_port), str(sized), form]
    answer = subprocess.run(client, check=True, capture_output=True, text=True, timeout=600)
    assert answer.stdout.startswith("552")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    print(f"{sized // MEGABYTE} MB of {form}: {grown / MEGABYTE:.0f} MB more in memory")
    assert grown < GROWTH
    assert stored(room) == []


def test_a_client_that_says_nothing_is_let_go(room: Room, doors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "IDLE_SECONDS", 0.5)
    with smtp(doors) as client:
        client.ehlo()
        assert client.sock is not None
        assert client.sock.recv(1) == b""


def test_stopped_it_listens_no_more(room: Room) -> None:
    receiving = Receiving(room.process.settings, room.clock, room.stores)
    receiving.start()
    receiving.stop()
    with pytest.raises(OSError, match="refused"):
        smtp(room.process.settings)
