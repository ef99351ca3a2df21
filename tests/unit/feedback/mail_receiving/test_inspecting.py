"""`liaise mail inspect` says what a mail answers, as far as a signature proves it, without a database."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.chassis import ids
from tests.conftest import SECRET_KEY
from tests.unit.feedback.mail_receiving.conftest import mail

KNOWN = "3f0a2a60-7a52-4f0e-9a53-0c3d1f2e4b5a"
DIRECTORY = "units: [{id: it, addresses: [it]}, {id: hr, addresses: [hr, people]}]"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MONGODB_URI", "IMAP_URLS", "LMTP_LISTEN", "FAILPOINTS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "units.yaml").write_text(DIRECTORY)
    for name, value in {
        "SECRET_KEY": SECRET_KEY,
        "DATA_DIR": str(tmp_path / "var"),
        "DIRECTORY_FILE": str(tmp_path / "units.yaml"),
        "MAIL_DOMAIN": "liaise.example",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def inspect(folder: Path, **headers: str) -> dict[str, Any]:
    (folder / "one.eml").write_bytes(bytes(mail("Since Monday.", **headers)))
    result = CliRunner().invoke(main, ["mail", "inspect", str(folder / "one.eml")])
    assert result.exit_code == 0, result.output
    line: dict[str, Any] = json.loads(result.output)
    return line


def test_a_reference_of_ours_names_the_thread(folder: Path) -> None:
    reference = ids.signed_reference(SECRET_KEY, "reply", KNOWN)
    for headers in (
        {"In_Reply_To": f"<x.{reference}@liaise.example>"},
        {"References": f"<{reference}@liaise.example>"},
        {"To": f"reply+{reference}@liaise.example"},
    ):
        line = inspect(folder, **headers)
        assert (line["verdict"], line["thread"]) == ("reply", KNOWN)
    away = inspect(folder, In_Reply_To=f"<x.{reference}@liaise.example>", Auto_Submitted="auto-replied")
    assert (away["verdict"], away["thread"]) == ("auto-reply", None)


def test_what_is_not_signed_here_is_a_new_feedback_of_its_unit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = ids.signed_reference("another secret", "reply", KNOWN)
    line = inspect(folder, In_Reply_To=f"<x.{forged}@liaise.example>", To="it@other.example, people@liaise.example")
    assert (line["verdict"], line["thread"], line["unit"]) == ("feedback", None, "hr")
    monkeypatch.delenv("SECRET_KEY")
    unsigned = ids.signed_reference("", "reply", KNOWN)
    assert inspect(folder, In_Reply_To=f"<x.{unsigned}@liaise.example>")["verdict"] == "feedback"
    assert not (folder / "var").exists()


def test_a_trials_own_secret_is_known_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    (folder / "var").mkdir()
    (folder / "var" / "secret_key").write_text(SECRET_KEY)
    reference = ids.signed_reference(SECRET_KEY, "reply", KNOWN)
    assert inspect(folder, References=f"<{reference}@liaise.example>")["thread"] == KNOWN
