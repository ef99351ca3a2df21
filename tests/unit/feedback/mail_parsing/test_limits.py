"""No mail, however it was made, costs more than its seconds and its memory, and none gets lost on the way."""

import base64
import os
import random
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.feedback.mail.parsing import Mail, Ours, Parser, child_parser
from services.feedback.mail.parsing.mail import FEEDBACK, QUARANTINE, VERDICTS
from tests.corpora import CORPORA

OURS = Ours(address="liaise@liaise.example")
HEAD = b"From: Amara <amara@example.com>\r\nSubject: VPN\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
MUTATIONS = 300


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    parser = Parser(OURS)
    yield parser
    parser.close()


def nested(depth: int) -> bytes:
    levels = (b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(depth))
    return HEAD + b"".join(levels) + b"\r\nHello"


def enclosed(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n" * depth + b"\r\nHello"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (nested(10_000), "Its parts are nested more than 20 deep."),
        (enclosed(1_000), "Its parts are nested more than 20 deep."),
        (MIXED + b"--x\r\n\r\nhi\r\n" * 100_000, "It has more than 200 parts."),
        (b"X-Long: " + b"a" * 10_000_000 + b"\r\n" + HEAD, "It has more than 64 KB of header lines."),
        (HEAD + b"X-Long: a\r\n" + b" folded\r\n" * 1_000_000, "It has more than 64 KB of header lines."),
        (MIXED + (b"--x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n") * 100, "It has more than 512 KB of header lines"),
        (HEAD + b"\r\n" + b"a" * 36_000_000, "It is larger than 35 MB."),
    ],
    ids=["multiparts", "enclosed", "parts", "header-line", "folds", "headers-of-parts", "size"],
)
def test_what_breaks_a_bound_is_in_quarantine_with_the_reason(parser: Parser, content: bytes, reason: str) -> None:
    found = parser.read(content)
    assert found.verdict == QUARANTINE
    assert found.reason.startswith(reason)
    if content.startswith(b"From"):
        assert (found.from_email, found.from_display_name, found.subject) == ("amara@example.com", "Amara", "VPN")


def html(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


@pytest.mark.parametrize(
    "content",
    [
        nested(19),
        enclosed(18),
        HEAD + b"\r\n" + (b"a " * 1_000_000 + b"\r\n") * 5,
        MIXED + b"--x\r\n" + b"--xx\r\n" * 1_000_000,
        MIXED + (b"--x" + b" " * 1_000_000) * 10,
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"Hello \xc3\xbc\n" * 1_000_000),
        MIXED + b"--x\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 6_000_000,
        html(b"<p>Hello <b>world</b></p>" * 400_000),
        html(b"<table>" + b"<tr><td>a</td><td>b</td></tr>" * 30_000),
        html(b"<div>" * 200_000 + b"Hello"),
        html(b"<script " * 500_000),
        html(b"<!DOCTYPE " * 500_000),
        html(b"<" * 3_000_000),
        HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\na" + "\u0301\u0323".encode() * 500_000,
        HEAD + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22" + bytes(3_000_000),
        HEAD + b"\r\n" + b"\r" * 10_000_000,
        b"From: " + b"(" * 60_000 + b"\n\nHello",
        b"From: " + b'"\\' * 30_000 + b"\n\nHello",
        b"From: a@b.example\nSubject: " + b"=?utf-8?q?a" * 5_000 + b"\n\nHello",
        b"From: a@b.example\nContent-Type: text/plain" + b" " * 60_000 + b"\n\nHello",
        b"From: a@b.example\nContent-Type: text/plain;" + b'a="' * 20_000 + b"\n\nHello",
        HEAD + b"\r\nbegin 644 a\n" + (b"M" + b"a" * 60 + b"\n") * 50_000,
        b"",
        b"\x00" * 1_000_000,
    ],
    ids=lambda content: f"{len(content)}-{zlib.crc32(content)}",
)
def test_what_was_made_to_be_slow_is_read_in_time(parser: Parser, content: bytes) -> None:
    assert parser.read(content).verdict != QUARANTINE


def test_a_child_that_hangs_is_killed_and_the_next_mail_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_parser, "SECONDS", 0.3)
    parser = Parser(OURS, children=1)
    assert parser.read(HEAD + b"\r\nHello").verdict == FEEDBACK
    os.kill(child_of(parser), signal.SIGSTOP)
    late = parser.read(HEAD + b"\r\nHello")
    assert (late.verdict, late.from_email, late.reason) == (
        QUARANTINE, "amara@example.com", "It took longer than 5 seconds to read.",
    )  # fmt: skip
    monkeypatch.setattr(child_parser, "SECONDS", 5.0)
    assert parser.read(HEAD + b"\r\nHello").text == "Hello"
    parser.close()


def test_a_child_that_dies_between_two_mails_costs_none(parser: Parser) -> None:
    assert parser.read(HEAD + b"\r\nHello").verdict == FEEDBACK
    for _ in range(3):
        os.kill(child_of(parser), signal.SIGKILL)
        assert parser.read(HEAD + b"\r\nHello").text == "Hello"


def test_a_child_ends_with_its_parent() -> None:
    parser = Parser(OURS, children=1)
    parser.read(HEAD + b"\r\nHello")
    child = parser._free.queue[0]
    assert child is not None
    child._into.close()  # what the kernel does when the parent is killed
    assert child._process.wait(10) == 0
    parser.close()


def test_a_child_starts_quickly_and_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary" * 8)
    parser = Parser(OURS, children=1)
    parser.read(HEAD + b"\r\nHello")
    environment = Path(f"/proc/{child_of(parser)}/environ")
    assert not environment.exists() or b"canary" not in environment.read_bytes()
    parser.close()
    loaded = "import sys, services.feedback.mail.parsing.child; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True, text=True).stdout.split()
    assert {"flask", "pymongo", "structlog", "kafka", "aiosmtpd"} & set(modules) == set()


def test_many_threads_are_served_at_once(parser: Parser) -> None:
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda number: parser.read(HEAD + b"\r\nHello %d" % number), range(40)))
    assert [one.text for one in read] == [f"Hello {number}" for number in range(40)]


def test_everything_a_mail_says_comes_back_from_the_child(parser: Parser) -> None:
    content = HEAD + b"Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nTo: it@liaise.example\r\n"
    content += (
        b'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x\r\nContent-Type: a/b; name="c"\r\n'
    )
    content += b"\r\n" + bytes(range(256)) + b"\r\n--x--"
    found = parser.read(content, "amara@example.com")
    assert (found.references, found.recipients, found.answer_to) == (
        ("<1@x>",),
        ("it@liaise.example",),
        "amara@example.com",
    )
    [file] = found.attachments
    assert (file.filename, file.content) == ("c", bytes(range(256)))


def test_mangled_mails_are_read_or_kept_never_lost(parser: Parser) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    for number in range(MUTATIONS):
        found = parser.read(mangled(chance, number))
        assert found.verdict in VERDICTS
        assert "could not be read" not in found.reason, (seed, number, found.reason)
        assert "broke down" not in found.reason, (seed, number)
        assert utf8(found), (seed, number)


def child_of(parser: Parser) -> int:
    idle = [child for child in parser._free.queue if child is not None]
    return idle[-1]._process.pid


def mangled(chance: random.Random, number: int) -> bytes:
    """A real mail where there is one, or one of everything, with some bytes changed, doubled or cut."""
    mails = sorted(CORPORA.glob("*/*.eml"))
    content = bytearray(chance.choice(mails).read_bytes()[:100_000] if mails else EVERYTHING)
    for _ in range(chance.randint(1, 40)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 1, 1, 3, 50, 2_000)))
        piece = bytes(content[at:end])
        content[at:end] = chance.choice(
            (
                b"",
                piece * 2,
                chance.randbytes(len(piece)),
                b"=",
                b"\r\n",
                b"\n\n",
                b"--",
                b"=?",
                b'"',
                b"\x00",
                b"(",
                b"<",
            )
        )
    return bytes(content)


def utf8(found: Mail) -> bool:
    """Whether every text can be kept by a store."""
    texts = [found.text, found.visible_text, found.subject, found.from_email, found.from_display_name, found.message_id]
    texts += [*found.references, *found.recipients, *(one.filename for one in found.attachments)]
    texts += [found.reason, found.answer_to or "", found.answer_name or "", found.key]
    return all(text.encode() is not None and "\x00" not in text for text in texts)


EVERYTHING = b"\r\n".join(
    (
        b"From: =?utf-8?Q?M=C3=BCller?= <m@example.com>",
        b"To: it@liaise.example",
        b"Subject: =?iso-8859-1?B?R3L83w==?=",
        b'Content-Type: multipart/mixed; boundary="x"\r\n',
        b"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n",
        b"--y\r\nContent-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe",
        b"--y\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table><tr><td>Hello</td></tr></table>\r\n--y--",
        b"--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nHello",
        b"--x\r\nContent-Type: a/b; name*=utf-8''%C3%BC\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJDRA==",
        b"--x\r\n\r\nbegin 644 log.txt\r\n#0V%T\r\n`\r\nend\r\n--x--\r\n",
    )
)
