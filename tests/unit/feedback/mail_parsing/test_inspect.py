"""`liaise mail inspect` says what intake would make of mails, and leaves nothing behind."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.__main__ import main

KEYS = [
    "file", "verdict", "reason", "from_email", "from_display_name", "subject", "text", "visible_text", "content_type",
    "attachments", "bounce", "unit", "thread",
]  # fmt: skip

MAIL = (
    "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.com>\nTo: HelpDesk+complaint@liaise.example\nSubject: VPN\n"
    "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\n"
    "Es geht wieder. Grüße\n\nOn Mon, 23 Nov 2026, IT wrote:\n> Is it better?\n"
    "--x\nContent-Type: text/csv; name=log.csv\n\na;b\n--x--\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with no setting made."""
    for name in ("SECRET_KEY", "MONGODB_URI", "DATA_DIR", "DIRECTORY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def inspect(*paths: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, ["mail", "inspect", *paths])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").splitlines()]


def test_a_mail_is_shown_with_everything_intake_reads_in_it(folder: Path) -> None:
    (folder / "a.eml").write_text(MAIL)
    [line] = inspect("a.eml")
    assert list(line) == KEYS
    assert line["text"].startswith("Es geht wieder. Grüße\n\nOn Mon")
    expected = {
        "file": "a.eml", "verdict": "feedback", "from_email": "joerg@example.com", "from_display_name": "Jörg",
        "subject": "VPN", "visible_text": "Es geht wieder. Grüße", "content_type": "text/plain", "bounce": None,
        "unit": "it", "thread": None,
    }  # fmt: skip
    assert {key: line[key] for key in expected} == expected
    digest = hashlib.sha256(b"a;b").hexdigest()
    assert line["attachments"] == [{"filename": "log.csv", "content_type": "text/csv", "size": 3, "sha256": digest}]


def test_a_delivery_report_shows_whom_it_is_about(folder: Path) -> None:
    (folder / "b.eml").write_text(
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry.\n--x\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; gone@example.com\nAction: failed\nStatus: 5.1.1\n\n--x--\n"
    )
    [line] = inspect("b.eml")
    assert line["verdict"] == "bounce"
    assert line["bounce"] == {"status": "5.1.1", "recipients": ["gone@example.com"], "permanent": True}


def test_files_come_in_the_order_given_and_a_folder_by_name(folder: Path) -> None:
    (folder / "box").mkdir()
    for name in ("z.eml", "box/b.eml", "box/a.eml", "box/c.eml"):
        (folder / name).write_text(MAIL)
    assert [line["file"] for line in inspect("z.eml", "box", "z.eml")] == [
        "z.eml", "box/a.eml", "box/b.eml", "box/c.eml", "z.eml",
    ]  # fmt: skip


def test_what_cannot_be_read_has_a_line_too(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "bomb.eml").write_bytes(b"From: a@example.com\n" + b"X: a\n" * 100_000)
    lines = inspect("missing.eml", "pipe", "bomb.eml")
    assert [(line["verdict"], line["reason"]) for line in lines] == [
        ("quarantine", "The file cannot be read (No such file or directory)."),
        ("quarantine", "This is not a file."),
        ("quarantine", "It has more than 64 KB of header lines."),
    ]
    assert lines[2]["from_email"] == "a@example.com"


def test_the_output_is_utf8_whatever_was_in_the_mail_or_the_name(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff.eml")).write_bytes(
        b"From: \xed\xa0\x80 <a@example.com>\nSubject: \xed\xb0\x80\xff\n\n\xff\xfe\xfd"
    )
    [line] = inspect(".")
    assert line["from_email"] == "a@example.com"


def test_nothing_is_left_behind(folder: Path) -> None:
    (folder / "a.eml").write_text(MAIL)
    inspect("a.eml")
    assert [path.name for path in folder.iterdir()] == ["a.eml"]


def test_units_are_those_of_the_directory_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.eml").write_text(MAIL)
    monkeypatch.setenv("DIRECTORY_FILE", "units.yaml")
    assert inspect("a.eml")[0]["unit"] is None
    (folder / "units.yaml").write_text("units: [{id: desk, addresses: [helpdesk]}]")
    assert inspect("a.eml")[0]["unit"] == "desk"


def test_a_bad_setting_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    result = CliRunner().invoke(main, ["mail", "inspect", "a.eml"])
    assert result.exit_code == 1
    assert "PORT" in result.output
