"""The SMTP listener: 250 only after the write is durable (RFC 5321, section 4.2.5)."""

import asyncio
from email.utils import parseaddr
from typing import Any, Final

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from prometheus_client import Counter

from ...chassis.clock import Clock
from ...chassis.settings import Settings
from .. import handlers
from ..domain import Directory, Submission
from ..handlers import AlreadySaid, SubmitFeedback
from ..store import Stores
from . import parse
from .parse import NoSender

SIZE: Final = 25_000_000
LINE: Final = 1_000_000
"""Bytes of a line; more than RFC 5321 allows, since real programs send them."""

TAKEN: Final = "250 Taken"
KNOWN: Final = "250 Taken before"
AUTOMATIC: Final = "250 Automatic mail, no feedback made of it"
NO_SENDER: Final = "550 5.1.7 There is no sender address that could be answered"
UNREADABLE: Final = "554 5.6.0 This mail cannot be read; please send it as plain text"
AWAY_FOR_NOW: Final = "451 4.3.0 The mail could not be stored; please try again later"

MAILS = Counter("liaise_mails_received_total", "Mails by what became of them", ["outcome"])

logger = structlog.get_logger()


class Listener(SMTP):
    """aiosmtpd, tolerant of long lines."""

    line_length_limit = LINE


class Receiver:
    """Turns each mail into one feedback and says how it went in SMTP's words."""

    def __init__(self, settings: Settings, clock: Clock, stores: Stores) -> None:
        self._own_address = parseaddr(settings.mail_from)[1]
        self._secret = settings.secret_key.reveal()
        self._clock = clock
        self._stores = stores

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Store the mail in a thread, since the write blocks, and answer when it is done."""
        content = bytes(envelope.original_content or b"")
        sender = (envelope.mail_from or "").strip("<>")  # aiosmtpd gives the null sender as "<>"
        return await asyncio.to_thread(self.take, content, sender, envelope.rcpt_tos)

    async def handle_exception(self, error: Exception) -> str:
        """Whatever else fails, the sender's server tries again."""
        logger.error("mail session failed", error=type(error).__name__)
        return AWAY_FOR_NOW

    def take(self, content: bytes, envelope_sender: str, recipients: list[str]) -> str:
        """One mail; the answer is a line of SMTP."""
        answer = self._take(content, envelope_sender, recipients)
        MAILS.labels(OUTCOMES[answer]).inc()
        if answer not in (TAKEN, KNOWN):
            logger.info("mail made no feedback", outcome=OUTCOMES[answer])
        return answer

    def _take(self, content: bytes, envelope_sender: str, recipients: list[str]) -> str:
        try:
            message = parse.read(content)
            if parse.is_automatic(message, envelope_sender, self._own_address):
                return AUTOMATIC
            mail = parse.to_mail(message, content, envelope_sender)
        except NoSender:
            return NO_SENDER
        except Exception as error:  # what the mail parser stumbles on is the sender's to know, never lost in silence
            logger.warning("mail cannot be read", error=type(error).__name__)
            return UNREADABLE
        try:
            return self._submit(mail, recipients)
        except Exception as error:  # whatever keeps us from writing, the sender's server still has the mail and retries
            logger.error("mail not stored", error=type(error).__name__)
            return AWAY_FOR_NOW

    def _submit(self, mail: parse.Mail, recipients: list[str]) -> str:
        unit, kind = _addressed(recipients, self._stores.units.current())
        said = Submission(
            channel="email",
            text=mail.text,
            title=mail.title,
            name=mail.name,
            email=mail.sender,
            language=mail.language,
            unit=unit,
            kind=kind,
        )
        command = SubmitFeedback(said=said, scope="mail", key=mail.key)
        try:
            receipt = handlers.submit_feedback(
                command, self._stores.feedbacks, self._stores.units, self._secret, self._clock.now()
            )
        except AlreadySaid:  # the same mail, this time to another of our addresses
            return KNOWN
        return KNOWN if receipt.repeated else TAKEN


OUTCOMES: Final = {
    TAKEN: "taken",
    KNOWN: "known",
    AUTOMATIC: "automatic",
    NO_SENDER: "no-sender",
    UNREADABLE: "unreadable",
    AWAY_FOR_NOW: "away",
}


def _addressed(recipients: list[str], directory: Directory) -> tuple[str | None, str]:
    """The unit of the first recipient we know, with the kind it names; None is for the fallback unit.

    A mail to two units is one feedback, for the one that stands first among its recipients.
    """
    read = [parse.recipient(address) for address in recipients]
    for one in read:
        unit = directory.by_address(one.local_part)
        if unit:
            return unit.id, one.kind
    return None, read[0].kind


def create_controller(settings: Settings, clock: Clock, stores: Stores) -> Controller:
    """The listener on MAIL_LISTEN, not started."""
    return MailController(
        Receiver(settings, clock, stores),
        hostname=settings.mail_host,
        port=settings.mail_port,
    )


class MailController(Controller):
    """Runs the listener in a thread of its own."""

    def factory(self) -> Listener:
        """A listener for one connection."""
        return Listener(
            self.handler,
            hostname="liaise",
            ident="Liaise",
            data_size_limit=SIZE,
            enable_SMTPUTF8=True,
            loop=self.loop,
        )
