"""Mail by SMTP, one recipient in each transaction.

The envelope's sender is the address of MAIL_FROM, not the empty one: bounces have to reach a person as long as nothing
here reads them, and many servers refuse an empty sender from an authenticated client. `Auto-Submitted` keeps robots
from answering.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from . import Mail, TransportError

TIMEOUT_SECONDS = 15.0
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
ENHANCED = re.compile(rb"\A([245]\.\d{1,3}\.\d{1,3})\b")
MISCONFIGURED = frozenset({530, 534, 535, 538})
"""Refusals of us, not of the recipient: a wrong password must not fail everybody's mail for good."""

Reply = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """Mail through the server at `url`, see `connect`; `timeout` in seconds for each answer."""

    url: str
    timeout: float = TIMEOUT_SECONDS
    name: ClassVar[str] = "email"

    def send(self, mail: Mail) -> str:
        """Hand the mail to the server; returns its reply code."""
        with _faults(), connect(self.url, self.timeout) as smtp:
            return _transact(smtp, mail)


def address(url: str) -> tuple[str, int]:
    """Host and port of the mail server at this URL."""
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or PORTS[parts.scheme]


@contextmanager
def connect(url: str, timeout: float = TIMEOUT_SECONDS) -> Iterator[smtplib.SMTP]:
    """A conversation with a mail server: smtp://, smtps:// or smtp+starttls://, with user:password@ where needed.

    The certificate is checked. Raises what smtplib, ssl and sockets raise. QUIT is said at the end, whatever happened:
    a mail that was taken stays taken.
    """
    smtp = _call(url, timeout)
    try:
        _introduce(smtp, url)
        yield smtp
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _call(url: str, timeout: float) -> smtplib.SMTP:
    host, port = address(url)
    if urlsplit(url).scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=timeout)


def _introduce(smtp: smtplib.SMTP, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "smtp+starttls":
        smtp.starttls(context=ssl.create_default_context())
    smtp.ehlo_or_helo_if_needed()
    if parts.username:
        smtp.login(unquote(parts.username), unquote(parts.password or ""))


def _transact(smtp: smtplib.SMTP, mail: Mail) -> str:
    options = [] if mail.recipient.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
    if options and not smtp.has_extn("smtputf8"):
        raise TransportError("no-smtputf8", permanent=True)
    _accepted(smtp.mail(mail.sender, options))
    _accepted(smtp.rcpt(mail.recipient))
    with _faults(doubt=True):
        return _accepted(smtp.data(mail.source))


def _accepted(reply: Reply) -> str:
    if 200 <= reply[0] < 300:
        return _code(reply)
    raise _refusal(reply, permanent=reply[0] >= 500)


def _refusal(reply: Reply, permanent: bool) -> TransportError:
    lasting = permanent and reply[0] not in MISCONFIGURED
    return TransportError(f"smtp-{reply[0]}", permanent=lasting, reply=_code(reply))


def _code(reply: Reply) -> str:
    """The code and the enhanced status of a reply; its text may quote an address and is left out."""
    enhanced = ENHANCED.match(reply[1])
    return f"{reply[0]} {enhanced[1].decode()}" if enhanced else str(reply[0])


@contextmanager
def _faults(doubt: bool = False) -> Iterator[None]:
    """Turn what goes wrong on the line into TransportError; `doubt` says that the message is under way by now."""
    try:
        yield
    except smtplib.SMTPDataError as error:  # DATA itself was refused: nothing was handed over
        raise _refusal(_reply(error), permanent=error.smtp_code >= 500) from None
    except smtplib.SMTPResponseException as error:  # greeting, HELO, STARTTLS, AUTH: the server, not this mail
        raise _refusal(_reply(error), permanent=False) from None
    except smtplib.SMTPServerDisconnected:
        raise TransportError("disconnected", doubt=doubt) from None
    except smtplib.SMTPNotSupportedError:
        raise TransportError("not-supported") from None
    except ssl.SSLError:
        raise TransportError("tls", doubt=doubt) from None
    except TimeoutError:
        raise TransportError("timeout", doubt=doubt) from None
    except (OSError, smtplib.SMTPException):
        raise TransportError("connection", doubt=doubt) from None


def _reply(error: smtplib.SMTPResponseException) -> Reply:
    text = error.smtp_error
    return error.smtp_code, text if isinstance(text, bytes) else text.encode()
