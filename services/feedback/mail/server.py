"""The SMTP and LMTP listeners: 250 only after the write is durable (RFC 5321, section 4.2.5)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from ...chassis.errors import Unavailable
from .conversation import RECIPIENTS_MOST, TOO_MANY_RECIPIENTS, Conversation, Load, LocalConversation
from .parsing.mail import AUTO_REPLY, BOUNCE, COMPLAINT, LIST, OWN, QUARANTINE, REPLY
from .taking import Delivery, Taken, Taker

WRITERS: Final = 16

TAKEN: Final = "250 Taken"
KNOWN: Final = "250 Taken before"
ADDED: Final = "250 Taken, as a reply"
AUTOMATIC: Final = "250 Automatic mail, no feedback made of it"
SET_ASIDE: Final = "250 Kept; this mail is hard to read, somebody will look at it"
AWAY_FOR_NOW: Final = "451 4.3.0 The mail could not be stored; please try again later"

ANSWERS: Final = {REPLY: ADDED, QUARANTINE: SET_ASIDE} | dict.fromkeys(
    (BOUNCE, COMPLAINT, AUTO_REPLY, LIST, OWN), AUTOMATIC
)

logger = structlog.get_logger()


class Receiver:
    """Hands each mail over and says how it went in SMTP's words."""

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self._writers = ThreadPoolExecutor(WRITERS, "mail")

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Everybody is known, since what no unit has goes to the fallback; only their number has an end."""
        if len(envelope.rcpt_tos) >= RECIPIENTS_MOST:
            return TOO_MANY_RECIPIENTS
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Store the mail in a thread, since the write blocks, and answer when it is done."""
        content = bytes(envelope.original_content or b"")
        sender = (envelope.mail_from or "").strip("<>")  # aiosmtpd gives the null sender as "<>"
        work = partial(self.take, content, sender, tuple(envelope.rcpt_tos))
        return await asyncio.get_running_loop().run_in_executor(self._writers, work)

    async def handle_exception(self, error: Exception) -> str:
        """Whatever else fails, the sender's server tries again."""
        logger.error("mail session failed", error=type(error).__name__)
        return AWAY_FOR_NOW

    def take(self, content: bytes, envelope_sender: str, recipients: tuple[str, ...]) -> str:
        """One mail; the answer is a line of SMTP."""
        try:
            taken = self._take(Delivery(content=content, sender=envelope_sender, recipients=recipients))
        except Unavailable as error:
            logger.warning("mail not stored, it comes again", error=type(error.__cause__ or error).__name__)
            return AWAY_FOR_NOW
        except Exception as error:  # whatever keeps us from writing, the sender's server still has the mail and retries
            logger.error("mail not stored, it comes again", error=type(error).__name__)
            return AWAY_FOR_NOW
        return KNOWN if taken.repeated and taken.feedback else ANSWERS.get(taken.outcome, TAKEN)

    def _take(self, delivery: Delivery) -> Taken:
        return self._taker.take(delivery)


class MailController(Controller):
    """Runs a listener in a thread of its own."""

    def __init__(self, receiver: Receiver, address: tuple[str, int], speaks: type[Conversation]) -> None:
        super().__init__(receiver, hostname=address[0], port=address[1])
        self._speaks = speaks
        self._load = Load()

    def factory(self) -> Conversation:
        """One conversation."""
        return self._speaks(self.handler, self._load, self.loop)


def by_smtp(receiver: Receiver, address: tuple[str, int]) -> MailController:
    """The listener for mail servers, not started."""
    return MailController(receiver, address, Conversation)


def by_lmtp(receiver: Receiver, address: tuple[str, int]) -> MailController:
    """The listener for the organisation's own mail server, not started."""
    return MailController(receiver, address, LocalConversation)
