"""Collects mail from one mailbox: takes what is unread, and marks it as read only when it is on disk."""

import imaplib
import random
from threading import Event
from typing import Final

import structlog
from imap_tools import UnexpectedCommandStatusError
from prometheus_client import Counter

from ...chassis.clock import monotonic
from ...chassis.errors import Unavailable
from ...chassis.failpoints import hit
from ...chassis.imap_urls import Mailbox
from ..store.mails import QuarantineFull
from .mailbox import CANNOT, OpenMailbox, sentence
from .taking import Delivery, Taker

AT_ONCE: Final = 100
"""Mails of one round."""
FAILED_IN_A_ROW: Final = 3
"""Mails that could not be stored, after which the database is away rather than the mails bad."""
BACKOFF_SECONDS: Final = 2.0
BACKOFF_MAX_SECONDS: Final = 300.0
"""A server that refuses a password locks the account of who tries too often."""

LEFT = Counter("liaise_mails_left_total", "Mails left in their mailbox for a later round, at each try", ["why"])
CANNOT_FETCH: Final = "not fetched"
CONVERSATION_BROKE: Final = "conversation broke"
NO_ROOM: Final = "quarantine full"
NOT_STORED: Final = "not stored"

logger = structlog.get_logger()


class MailboxAway(Unavailable):
    """The mailbox cannot be read now; the message is a sentence for the operator."""


class Collector:
    """The loop of one mailbox; a crash between taking and marking brings the mail again, which is the same feedback."""

    def __init__(self, mailbox: Mailbox, taker: Taker, poll_seconds: float) -> None:
        self._mailbox = mailbox
        self._taker = taker
        self._poll_seconds = poll_seconds
        self._stopping = Event()
        self._open: OpenMailbox | None = None
        self._failures = 0
        self._again_at = 0.0
        self._said = ""
        self._later: dict[str, str] = {}

    def run_once(self) -> bool:
        """Take what is unread; False when nothing is left that another round at once would take.

        Raises MailboxAway, Unavailable.
        """
        if monotonic() < self._again_at:
            raise MailboxAway(self._said)
        try:
            self._open = self._open or OpenMailbox(self._mailbox)
            took = self._collect(self._open)
        except CANNOT as error:
            raise self._failed(error) from error
        self._well()
        return took

    def run(self) -> bool:
        """One round of the loop: take what is unread, or wait for something new."""
        took = self.run_once()
        if not took and self._open:
            try:
                self._open.listen(self._poll_seconds, self._stopping.wait)
            except CANNOT as error:
                raise self._failed(error) from error
        return True

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._stopping.set()

    def close(self) -> None:
        """Leave the mailbox."""
        if self._open:
            self._open.close()
            self._open = None

    def _collect(self, box: OpenMailbox) -> bool:
        unread = self._in_turn(box.unread())
        refused: list[Unavailable] = []
        in_a_row = 0
        took = False
        for uid in unread[:AT_ONCE]:
            if self._stopping.is_set() or in_a_row == FAILED_IN_A_ROW:
                break
            try:
                took |= self._take(box, uid)
                in_a_row = 0
            except QuarantineFull:  # says nothing of the mails behind
                self._leave(uid, NO_ROOM)
            except Unavailable as error:
                self._last(uid, NOT_STORED)
                refused.append(error)
                in_a_row += 1
            except CANNOT:  # perhaps this mail breaks the conversation: the others come first when there is a new one
                self._leave(uid, CONVERSATION_BROKE)
                raise
        if refused:
            raise refused[-1]
        return took or any(uid not in self._later for uid in unread)

    def _in_turn(self, unread: list[str]) -> list[str]:
        """What could not be taken comes last, and of that what was tried the longest ago first."""
        there = set(unread)
        self._later = {uid: why for uid, why in self._later.items() if uid in there}
        return [uid for uid in unread if uid not in self._later] + list(self._later)

    def _take(self, box: OpenMailbox, uid: str) -> bool:
        """Take one mail; False when it cannot be fetched. Raises Unavailable, and what takes the mailbox away."""
        found = self._fetch(box, uid)
        if found is None:
            return False
        content, whole = found
        delivery = Delivery(content=content, unit=self._mailbox.unit)
        if whole:
            self._taker.take(delivery)
        else:
            self._taker.take_beginning(delivery)
        self._later.pop(uid, None)
        hit("mailbox.after_take")
        box.mark(uid)
        hit("mailbox.after_mark")
        box.put_away(uid)
        return True

    def _fetch(self, box: OpenMailbox, uid: str) -> tuple[bytes, bool] | None:
        """The mail; a server that cannot give one of them gives the others."""
        try:
            found = box.fetch(uid)
        except imaplib.IMAP4.abort:
            raise
        except (UnexpectedCommandStatusError, imaplib.IMAP4.error):  # NO and BAD
            found = None
        if found is None:
            self._leave(uid, CANNOT_FETCH)
        return found

    def _leave(self, uid: str, why: str) -> None:
        LEFT.labels(why).inc()
        if self._later.get(uid) != why:
            logger.warning("mail left in its mailbox, it is tried again later", uid=uid, why=why)
        self._last(uid, why)

    def _last(self, uid: str, why: str) -> None:
        self._later.pop(uid, None)
        self._later[uid] = why

    def _failed(self, error: Exception) -> MailboxAway:
        self.close()
        self._failures += 1
        longest = min(BACKOFF_MAX_SECONDS, BACKOFF_SECONDS * 2.0 ** min(self._failures, 10))
        self._again_at = monotonic() + random.uniform(longest / 2, longest)
        said = sentence(self._mailbox, error)
        if said != self._said:
            logger.warning("mailbox cannot be read, it goes on trying", why=said)
        self._said = said
        return MailboxAway(said)

    def _well(self) -> None:
        if self._said:
            logger.info("mailbox can be read again", mailbox=self._mailbox.place)
        self._failures, self._again_at, self._said = 0, 0.0, ""


def look_into(mailbox: Mailbox) -> str | None:
    """Open the mailbox and leave it as it was; a sentence when that fails."""
    try:
        OpenMailbox(mailbox).close()
    except CANNOT as error:
        return sentence(mailbox, error)
    return None
