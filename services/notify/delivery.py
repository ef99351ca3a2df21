"""Sends what is due, and watches that no case ends in silence.

At least once: if a sender dies between handing a mail over and storing that it did, nobody can know whether it left. It
is sent again with the same Message-ID, so that mail programs show one, and the doubt is counted in the notification and
in `liaise_mail_doubts_total`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge

from ..chassis import ids
from ..chassis.clock import Clock
from ..chassis.errors import Conflict, Unavailable
from ..chassis.failpoints import hit
from ..chassis.mongo import AWAY
from . import domain
from .channels import Channel, Mail, TransportError
from .domain import LEASE, Notification, Telling
from .store import ConversationStore, NotificationStore, Read, settle_told

WINDOW = 50
SEARCH = 10 * WINDOW
"""Messages per search: the embedded store looks at everything that is due, whatever the limit."""

SWEEP_EVERY = timedelta(seconds=30)

ATTEMPTS = Counter("liaise_mail_attempts_total", "Attempts to send a message", ["channel", "kind", "state"])
DOUBTS = Counter("liaise_mail_doubts_total", "Messages sent again because nobody knows whether they left", ["channel"])
OWED = Gauge(
    "liaise_closures_without_message",
    "Ended cases without a delivered or visibly failed closing message",
    multiprocess_mode="livemax",
)

logger = structlog.get_logger()


@dataclass
class Delivery:
    """One sender; any number may work at once."""

    notifications: NotificationStore
    conversations: ConversationStore
    channel: Channel
    compose: Callable[[Notification], Mail]
    clock: Clock
    lease: timedelta = LEASE
    owner: str = field(default_factory=ids.new)
    _found: list[Read[Notification]] = field(default_factory=list)
    _swept: datetime | None = None

    def run_once(self) -> bool:
        """Send a window of what is due; False when nothing was."""
        worked = self.deliver_due()
        self._sweep()
        return worked

    def close(self) -> None:
        """Nothing is held between rounds."""

    def deliver_due(self) -> bool:
        """Send a window of what is due; False when nothing was."""
        found = self._found or self.notifications.due(self.clock.now(), SEARCH)
        due, self._found = found[:WINDOW], found[WINDOW:]
        for read in due:
            self._deliver(read)
        return bool(due)

    def _deliver(self, read: Read[Notification]) -> None:
        now = self.clock.now()
        try:
            claimed = self.notifications.save(read, domain.claim(read.value, self.owner, now, self.lease), [], now)
        except Conflict:  # another sender has it, or it was withdrawn since it was found
            return
        hit("deliver.after_claim")
        told, events = self._attempt(claimed.value)
        self._count(told, read.value.doubts)
        try:
            self.notifications.save(claimed, told, events, self.clock.now())
        except Conflict:  # the lease ended in the meantime and another sender decides; it counts the doubt
            logger.warning("lease ended before the attempt did", notification=told.id)
        hit("deliver.after_sent")

    def _attempt(self, claimed: Notification) -> Telling:
        """The one place where an exception becomes an outcome."""
        channel = self.channel.name
        if claimed.attempts > 1 and self._is_outdated(claimed):
            return domain.withdraw(claimed), []
        try:
            reply = self.channel.send(self.compose(claimed))
            hit("deliver.after_data")
            return domain.sent(claimed, channel, reply, self.clock.now())
        except TransportError as error:
            if error.permanent:
                return domain.failed(claimed, channel, error.code, error.reply)
            return self._postpone(claimed, error.reply, error.doubt)
        except (Unavailable, *AWAY):
            raise
        except Exception as error:  # a bug that one message meets must not hold up the others
            logger.exception("message could not be made", notification=claimed.id)
            return self._postpone(claimed, f"bug-{type(error).__name__}")

    def _is_outdated(self, claimed: Notification) -> bool:
        """Whether it tells of an ending after which the case was opened again."""
        conversation = self.conversations.find(claimed.feedback) if claimed.closure else None
        return bool(conversation and claimed.closure and claimed.closure <= conversation.value.resumed)

    def _postpone(self, claimed: Notification, reply: str, doubt: bool = False) -> Telling:
        return domain.postponed(claimed, self.channel.name, reply, self.clock.now(), random.random(), doubt)

    def _count(self, told: Notification, doubts_before: int) -> None:
        ATTEMPTS.labels(told.channel, told.kind, told.state).inc()
        DOUBTS.labels(told.channel).inc(told.doubts - doubts_before)

    def _sweep(self) -> None:
        """Take what is told off the shortlist, and show in the metric how many closing messages are owed."""
        now = self.clock.now()
        if self._swept and now - self._swept < SWEEP_EVERY:
            return
        self._swept = now
        OWED.set(settle_told(self.conversations, self.notifications))
