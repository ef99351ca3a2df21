"""Every setting is read in one place, and a wrong one is one plain sentence."""

import re
from pathlib import Path

import pytest

from services.chassis import settings as configuration
from services.chassis.settings import BadSetting, Secret

ROOT = Path(__file__).parents[3]
NAMES = (
    "HOST PORT PUBLIC_URL SECRET_KEY MONGODB_URI DATABASE_PREFIX KAFKA_BOOTSTRAP_SERVERS KAFKA_REPLICATION SMTP_URL "
    "MAIL_FROM MAIL_DOMAIN MAIL_LISTEN DELIVERY_LEASE_SECONDS DATA_DIR DIRECTORY_FILE OPS_PORT TIME_ZONE LOG_LEVEL "
    "FAILPOINTS LIAISE_TESTING"
).split()


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))


def test_nothing_has_to_be_set() -> None:
    settings = configuration.load()
    assert (settings.port, settings.public_url) == (8000, "http://127.0.0.1:8000")
    assert settings.mongodb_uri is None
    assert settings.uses_mailbox


def test_the_secret_is_made_once_kept_and_unreadable_for_others(tmp_path: Path) -> None:
    first = configuration.load().secret_key.reveal()
    assert configuration.load().secret_key.reveal() == first
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


def test_several_processes_on_one_database_must_be_given_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://db.example/")
    with pytest.raises(BadSetting, match="SECRET_KEY is not set"):
        configuration.load()


def test_a_secret_cut_short_is_refused_not_used(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("")
    with pytest.raises(BadSetting, match="cut short"):
        configuration.load()


def test_a_secret_does_not_show_itself() -> None:
    assert "hunter2" not in repr(Secret("hunter2"))
    assert "hunter2" not in f"{Secret('hunter2')}"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "PORT"),
        ("PORT", "70000", "PORT"),
        ("PUBLIC_URL", "feedback.example", "PUBLIC_URL"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("MONGODB_URI", "postgres://x", "SECRET_KEY"),
        ("SMTP_URL", "mail.example:25", "smtp://"),
        ("MAIL_LISTEN", "2525", "host:port"),
        ("TIME_ZONE", "Mars/Olympus", "time zone"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL"),
        ("FAILPOINTS", "relay.after_publish=kill", "refused unless"),
    ],
)
def test_a_wrong_setting_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=re.escape(words)):
        configuration.load()


def test_an_unknown_failpoint_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISE_TESTING", "1")
    monkeypatch.setenv("FAILPOINTS", "relay.nowhere=kill@2")
    with pytest.raises(BadSetting, match="nowhere"):
        configuration.load()


def test_an_unwritable_data_folder_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "var"))
    with pytest.raises(BadSetting, match="cannot be written"):
        configuration.load()


def test_every_setting_stands_in_the_example() -> None:
    example = (ROOT / "deploy" / "env.example").read_text()
    source = (ROOT / "services" / "chassis" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', source))
    assert read == set(NAMES)
    assert [name for name in NAMES if not re.search(rf"^#?{name}=", example, re.MULTILINE)] == []
