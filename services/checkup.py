"""`liaise doctor`: asks every part whether it is well and answers in plain sentences."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from .chassis import ids
from .chassis.embedded_store import attached
from .chassis.eventlog import LogUnavailable
from .chassis.imap_urls import Mailbox
from .chassis.process import Process
from .chassis.settings import Settings
from .feedback.mail.collecting import look_into
from .notify.channels import email

SMTP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One part's answer."""

    well: bool
    sentence: str


def checkup(settings: Settings, open_process: Callable[[], Process]) -> Iterator[Finding]:
    """Ask the settings, the database, the log, the SMTP server, the mail receiver's address and the mailboxes."""
    yield Finding(True, f"Settings: they can be read; people reach this at {settings.public_url}.")
    if settings.mongodb_uri is None and attached(settings) is None:
        yield Finding(
            True, f"Database: embedded, in {settings.data_dir}; it is not running now, `liaise run` starts it."
        )
    else:
        process = open_process()
        yield _database(process)
        yield _log(process)
    yield _smtp(settings)
    yield _mail_listen(settings)
    for mailbox in settings.mailboxes:
        yield _mailbox(mailbox)


def _database(process: Process) -> Finding:
    probe = process.store("doctor")["probes"]
    try:
        key = ids.new()
        probe.insert_one({"_id": key})
        probe.delete_one({"_id": key})
        version = process.client.server_info()["version"]
    except PyMongoError as error:
        return Finding(
            False, f"Database: a test write failed ({type(error).__name__}). Is MONGODB_URI right and the server up?"
        )
    return Finding(True, f"Database: answers, version {version}, and keeps a majority-acknowledged, journalled write.")


def _log(process: Process) -> Finding:
    try:
        return Finding(True, f"Event log: {process.log.check()}")
    except LogUnavailable as error:
        return Finding(False, f"Event log: {error}. Is KAFKA_BOOTSTRAP_SERVERS right and a broker up?")


def _smtp(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        return Finding(True, f"Mail out: SMTP_URL is not set; mails are shown at {settings.public_url}/mailbox/.")
    url = settings.smtp_url.reveal()
    where = "{}:{}".format(*email.address(url))
    try:
        with email.connect(url, SMTP_SECONDS) as server:
            server.noop()
    except smtplib.SMTPAuthenticationError:
        return Finding(False, f"Mail out: {where} refuses the user or password in SMTP_URL.")
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message
        return Finding(False, f"Mail out: the certificate of {where} is not to be trusted ({why}); no mail is sent.")
    except (OSError, smtplib.SMTPException) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        return Finding(False, f"Mail out: no SMTP conversation with {where} ({why}). Check SMTP_URL and the firewall.")
    return Finding(True, f"Mail out: {where} answers.")


def _mail_listen(settings: Settings) -> Finding:
    address = f"{settings.mail_host}:{settings.mail_port}"
    try:
        with socket.create_connection((settings.mail_host, settings.mail_port), timeout=2):
            return Finding(True, f"Mail in: something listens on {address}, as it should while Liaise runs.")
    except OSError:
        return Finding(True, f"Mail in: nobody listens on {address} now; `liaise run` or `liaise mail` will.")


def _mailbox(mailbox: Mailbox) -> Finding:
    wrong = look_into(mailbox)
    if wrong:
        return Finding(False, f"Mail in: {wrong}")
    return Finding(True, f"Mail in: the mailbox {mailbox.place} can be read.")
