"""Mail that means harm: nothing is raised, and a megabyte takes well under a second."""

import random
import time
from email import message_from_bytes, policy

import pytest

from services.feedback.mail.parsing.classify import classify
from services.feedback.mail.parsing.mail import VERDICTS
from tests.unit.feedback.mail_classify.letters import OURS, letter, report

MEGABYTE = 1_000_000
DAEMON = "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n"


def fill(piece: str) -> str:
    return piece * (MEGABYTE // len(piece))


PIECES = [
    "a",
    "a@",
    "@",
    "<a@b",
    "<",
    "<br",
    "<style",
    ">>> ",
    "550 ",
    "5.1.",
    "i am ",
    "\n",
    " \n ",
    "Status:\n ",
    "[",
]
PIECES += ["to: \n", "Final-Recipient: rfc822; a@b.example\n", "a@b.example, ", "confirm ", "message-id: <", "Re: "]
PIECES += ['{"Message":', "[", "out of office ", "=?utf-8?q?a?= "]


@pytest.mark.parametrize("piece", PIECES)
def test_a_megabyte_of_anything_is_read_quickly(piece: str) -> None:
    sources = [
        letter(DAEMON, fill(piece)),
        letter(DAEMON + "Content-Type: text/html", fill(piece)),
        letter("From: Ada <ada@uni.example>\nSubject: Automatic reply: x", fill(piece)),
        letter(f"{DAEMON}X-Failed-Recipients: {fill(piece.strip() or 'x').replace(chr(10), ' ')}", "x"),
        letter(f"From: {fill(piece.strip() or 'x').replace(chr(10), ' ')}\nReturn-Path: <>", "x"),
        letter(f"Subject: {fill(piece.strip() or 'x').replace(chr(10), ' ')}\nFrom: a@b.example", "x"),
    ]
    for source in sources:
        message = message_from_bytes(source, policy=policy.compat32)
        began = time.process_time()
        verdict = classify(message, None, OURS, "").verdict
        assert time.process_time() - began < 0.8
        assert verdict in VERDICTS


def test_broken_bytes_never_raise() -> None:
    chance = random.Random(7)
    whole = report("failed", "5.1.1", "550 5.1.1 User unknown")
    for _ in range(300):
        source = bytearray(whole)
        for _ in range(chance.randrange(1, 30)):
            source[chance.randrange(len(source))] = chance.randrange(256)
        cut = bytes(source[: chance.randrange(len(source))])
        for parsing in (policy.default, policy.compat32):
            judged = classify(message_from_bytes(cut, policy=parsing), None, OURS, "")
            assert judged.verdict in VERDICTS
            assert judged.reason


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: text/plain; charset=no-such-charset",
        "Content-Type: text/plain; charset=undefined",
        "Content-Type: text/plain; charset*=x''%ff%00",
        "Content-Type: multipart/report; report-type=delivery-status",
        "Content-Type: message/rfc822",
        "Content-Type: message/delivery-status",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: x-uuencode",
        "Subject: =?utf-8?b?!!!?= =?x?q?=FF?=",
        "From: =?utf-8?q?=00=FF?= <@@@>",
        "From: \x00\r\r",
        "From: (((((((",
        "Auto-Submitted:",
        "Message-ID: <",
    ],
)
def test_fields_that_no_program_should_write_never_raise(headers: str) -> None:
    for parsing in (policy.default, policy.compat32):
        for envelope in (None, "", "<<", "ada@uni.example"):
            message = message_from_bytes(letter(headers, "x\xff\n\n--\n"), policy=parsing)
            assert classify(message, envelope, OURS, "x")[0] in VERDICTS


def test_a_mail_in_a_mail_two_hundred_times_over_is_read() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(200)
    )
    message = message_from_bytes(b"From: ada@uni.example\n" + nested + b"\n\nx\n", policy=policy.default)
    assert classify(message, None, OURS, "")[0] == "feedback"
