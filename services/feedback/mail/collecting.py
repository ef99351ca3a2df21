"""Collects mail from one mailbox: takes what is unread, and marks it as read only when it is on disk."""

import random
from threading import Event
from typing import Final

import structlog

from ...chassis.clock import monotonic
from ...chassis.errors import Unavailable
from ...chassis.failpoints import hit
from ...chassis.imap_urls import Mailbox
from .mailbox import CANNOT, OpenMailbox, sentence
from .taking import Delivery, Taker

AT_ONCE: Final = 100
"""Mails of one round."""
FAILED_IN_A_ROW: Final = 3
"""Mails that could not be stored, after which the database is away rather than the mails bad."""
BACKOFF_SECONDS: Final = 2.0
BACKOFF_MAX_SECONDS: Final = 300.0
"""A server that refuses a password locks the account of who tries too often."""

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

    def run_once(self) -> bool:
        """Take what is unread; False when there was nothing. Raises MailboxAway, Unavailable."""
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
        unread = box.unread()[:AT_ONCE]
        refused: list[Unavailable] = []
        in_a_row = 0
        for uid in unread:
            if self._stopping.is_set() or in_a_row == FAILED_IN_A_ROW:
                break
            try:
                self._take(box, uid)
                in_a_row = 0
            except Unavailable as error:
                refused.append(error)
                in_a_row += 1
        if refused:
            raise refused[-1]
        return bool(unread)

    def _take(self, box: OpenMailbox, uid: str) -> None:
        found = box.fetch(uid)
        if found is None:
            return
        content, whole = found
        delivery = Delivery(content=content, unit=self._mailbox.unit)
        if whole:
            self._taker.take(delivery)
        else:
            self._taker.take_beginning(delivery)
        hit("mailbox.after_take")
        box.mark(uid)
        hit("mailbox.after_mark")
        box.put_away(uid)

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
