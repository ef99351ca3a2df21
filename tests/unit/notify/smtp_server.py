"""A mail server on a free port that answers from a script, one line for each message; after its end it takes all."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.chassis.embedded_store import free_port

OK = "250 2.0.0 taken"
DROP, HANG = "drop", "hang"


class Script:
    """What the server answers to RCPT and, if that was taken, to the message; what it took is in `taken`."""

    def __init__(self, *answers: str, rcpt: tuple[str, ...] = ()) -> None:
        self._answers = list(answers)
        self._rcpt = list(rcpt)
        self.taken: list[Envelope] = []
        self.recipients: list[list[str]] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._rcpt.pop(0) if self._rcpt else OK
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._answers.pop(0) if self._answers else OK
        self.recipients.append(envelope.rcpt_tos)
        if answer in (OK, DROP, HANG):
            self.taken.append(envelope)
        if answer == DROP:
            server.transport.close()
        if answer == HANG:
            await asyncio.Event().wait()
        return answer


@contextmanager
def serving(script: Any, **options: Any) -> Iterator[int]:
    """Run the server; gives its port."""
    controller = Controller(script, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def only(user: bytes, password: bytes) -> Any:
    """An authenticator that knows one account."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (user, password), handled=False)

    return check


def certificate(path: Path, address: str = "127.0.0.1") -> Path:
    """A file with a key and a certificate for this address that the key itself has signed."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return path


def encrypting(scheme: str, file: Path) -> dict[str, Any]:
    """The options of a server that speaks the TLS of this scheme with this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    if scheme == "smtps":
        return {"ssl_context": context, "auth_require_tls": False}  # it does not know that it is encrypted
    return {"tls_context": context, "require_starttls": True}
