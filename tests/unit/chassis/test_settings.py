"""Every setting is read in one place, and a wrong one is one plain sentence."""

import re
from pathlib import Path

import pytest

from services.chassis import settings as configuration
from services.chassis.settings import BadSetting, Secret

ROOT = Path(__file__).parents[3]
NAMES = (
    "HOST PORT PUBLIC_URL SECRET_KEY MONGODB_URI DATABASE_PREFIX KAFKA_BOOTSTRAP_SERVERS KAFKA_REPLICATION SMTP_URL "
    "MAIL_FROM MAIL_DOMAIN MAIL_LISTEN LMTP_LISTEN IMAP_URLS IMAP_POLL_SECONDS MAIL_AUTHSERV_ID DELIVERY_LEASE_SECONDS "
    "DATA_DIR DIRECTORY_FILE OPS_PORT TIME_ZONE LOG_LEVEL FAILPOINTS LIAISE_TESTING PUBLIC_PER_MINUTE "
    "WIDGET_ORIGINS RECEIPTS_PER_DAY ATTACHMENTS_AT_ONCE ATTACHMENT_MEGABYTES ATTACHMENTS_MEGABYTES"
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
        ("LMTP_LISTEN", "somewhere", "LMTP_LISTEN"),
        ("IMAP_URLS", "pop3://sam:hunter2@example.com", "number 1 in IMAP_URLS must start with imaps://"),
        ("IMAP_URLS", "imaps://a:b@c.example/,imaps://sam@example.com/INBOX", "number 2 in IMAP_URLS lacks"),
        ("IMAP_URLS", "imaps://a:b@c.example/?units=it", "units="),
        ("IMAP_URLS", "imaps://a:b@c.example/?auth=plain", "auth=xoauth2"),
        ("WIDGET_ORIGINS", "https://intranet.example/page", "WIDGET_ORIGINS"),
        ("WIDGET_ORIGINS", "https://a.example; script-src *", "WIDGET_ORIGINS"),
        ("WIDGET_ORIGINS", "https://*.example", "no paths"),
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


def test_mailboxes_are_read_and_their_passwords_stay_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = "imaps://it%40example.com:p%2Ca@imap.example/Archive%2Fnew?unit=it&done=Done, imap://b@c:1143?token_file=/t"
    monkeypatch.setenv("IMAP_URLS", urls)
    first, second = configuration.load().mailboxes
    assert (first.user, first.password.reveal(), first.host, first.port) == (
        "it@example.com",
        "p,a",
        "imap.example",
        993,
    )
    assert (first.folder, first.unit, first.done, first.auth) == ("Archive/new", "it", "Done", "login")
    assert (second.port, second.folder, second.auth, second.token_file) == (1143, "INBOX", "xoauth2", Path("/t"))
    assert "p,a" not in repr(first)


def test_a_wrong_mailbox_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in (
        "imapx://a:hunter2@host/",
        "imaps://a:hunter2@/",
        "imaps://a:hunter2@host:port/",
        "imaps://a:hunter2@[/",
    ):
        monkeypatch.setenv("IMAP_URLS", url)
        with pytest.raises(BadSetting) as refused:
            configuration.load()
        assert "hunter2" not in str(refused.value)


def test_the_sites_that_may_show_the_widget_are_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration.load().widget_origins == ()
    monkeypatch.setenv("WIDGET_ORIGINS", "https://Intranet.example, http://localhost:8080")
    assert configuration.load().widget_origins == ("https://intranet.example", "http://localhost:8080")


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
