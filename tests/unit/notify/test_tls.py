"""Encrypted mail servers: where the certificate proves nothing, neither sender nor doctor hands over anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from services import checkup
from services.chassis.process import Process
from services.chassis.settings import Secret
from services.notify.channels.email import EmailChannel, address
from services.notify.domain import DEFERRED, SENT
from tests.unit.notify.conftest import Room
from tests.unit.notify.smtp_server import Script, certificate, encrypting, only, serving

SCHEMES = ("smtps", "smtp+starttls")
SECONDS = 5.0


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one certificate this machine trusts."""
    file = certificate(tmp_path / "trusted.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


def mail_out(process: Process, url: str) -> checkup.Finding:
    """What the doctor says of the mail server at this URL."""
    settings = replace(process.settings, smtp_url=Secret(url))
    return next(one for one in checkup.checkup(settings, lambda: process) if one.sentence.startswith("Mail out:"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_server_with_a_trusted_certificate_takes_the_mail(room: Room, trusted: Path, scheme: str) -> None:
    feedback, script, account = room.submit(), Script(), only(b"liaise", b"p@ss")
    options = {"authenticator": account, **encrypting(scheme, trusted)}
    with serving(script, **options) as port:
        url = f"{scheme}://liaise:p%40ss@127.0.0.1:{port}"
        assert mail_out(room.process, url).sentence == f"Mail out: 127.0.0.1:{port} answers."
        refused = mail_out(room.process, url.replace("p%40ss", "wrong"))
        assert not refused.well
        assert "refuses the user or password" in refused.sentence
        room.delivery(EmailChannel(url, SECONDS)).run_once()
    assert room.messages(feedback)[0].state == SENT
    assert len(script.taken) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("named", ["127.0.0.1", "192.0.2.7"], ids=["signed by itself", "for another host"])
def test_a_certificate_that_proves_nothing_takes_nothing(
    room: Room, tmp_path: Path, trusted: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, named: str
) -> None:
    feedback, script, asked = room.submit(), Script(), []
    wrong = certificate(tmp_path / "wrong.pem", named)
    if named != "127.0.0.1":
        monkeypatch.setenv("SSL_CERT_FILE", str(wrong))
    account = lambda *parts: asked.append(parts)  # noqa: E731
    with serving(script, authenticator=account, **encrypting(scheme, wrong)) as port:
        url = f"{scheme}://liaise:p%40ss@127.0.0.1:{port}"
        doctor = mail_out(room.process, url)
        room.delivery(EmailChannel(url, SECONDS)).run_once()
    deferred = room.messages(feedback)[0]
    assert (deferred.state, deferred.last_reply, deferred.doubts) == (DEFERRED, "tls", 0)
    assert (script.taken, asked) == ([], [])
    assert not doctor.well
    assert f"the certificate of 127.0.0.1:{port} is not to be trusted" in doctor.sentence


def test_each_scheme_has_its_port() -> None:
    urls = ("smtp://mail.example", "smtps://mail.example", "smtp+starttls://mail.example", "smtps://mail.example:2465")
    assert [address(url)[1] for url in urls] == [25, 465, 587, 2465]
