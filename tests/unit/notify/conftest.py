"""`notify` alone: its handlers called with envelopes, its delivery by hand, on a real embedded database."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.chassis import ids, wiring
from services.chassis.process import Process
from services.contracts.envelope import Envelope
from services.contracts.registry import Event
from services.notify import app
from services.notify.channels import Channel, Mail
from services.notify.delivery import Delivery
from services.notify.domain import Notification
from services.notify.handlers import HANDLERS
from services.notify.store import ConversationStore, Filter, MailboxStore, NotificationStore, ProfileStore
from tests import builders


@dataclass
class Room:
    """The collections of `notify` and the doors into it."""

    process: Process
    conversations: ConversationStore
    notifications: NotificationStore
    mailbox: MailboxStore
    handlers: Any

    def hear(self, event: Event, subject: str, seq: int = 1) -> Envelope[Any]:
        """An event arrives; returns it, to be heard again."""
        return self.hear_again(builders.envelope(event, subject, seq, self.process.clock.now()))

    def hear_again(self, envelope: Envelope[Any]) -> Envelope[Any]:
        """The same event arrives, perhaps once more."""
        self.handlers[type(envelope.data)](envelope)
        return envelope

    def submit(self, **changes: Any) -> str:
        """Somebody spoke up; returns the feedback's id."""
        feedback = ids.random_id()
        self.hear(builders.submitted(**changes), feedback)
        return feedback

    def delivery(self, channel: Channel | None = None) -> Delivery:
        """A sender of its own."""
        sender = app.create_delivery(self.process)
        sender.channel = channel or sender.channel
        return sender

    def messages(self, feedback: str) -> list[Notification]:
        """The messages about a feedback, oldest first."""
        return [row for _, row in reversed(self.notifications.ledger(Filter(feedback=feedback), 100))]

    def said(self, feedback: str) -> list[str]:
        """The types of the events said about a feedback's messages, in no order."""
        rows = self.notifications.collection.find({"feedback": feedback})
        return sorted(entry["type"] for row in rows for entry in row.get("outbox", []))


@pytest.fixture
def room(process: Process) -> Room:
    """The room, migrated."""
    app.migrate(process)
    store = process.store(app.NAME)
    conversations, notifications = ConversationStore(store), NotificationStore(store)
    handlers = wiring.bind(
        HANDLERS,
        process.clock,
        conversations=conversations,
        notifications=notifications,
        profiles=ProfileStore(store),
        unseal=str,
        outbound=replace(app.outbound(process.settings), channel="email"),
    )
    return Room(process, conversations, notifications, MailboxStore(store), handlers)


class Recorder:
    """A channel that keeps what it takes, and can be told what to do first."""

    name = "email"

    def __init__(self, before: Callable[[Mail], None] = lambda mail: None) -> None:
        self.taken: list[Mail] = []
        self._before = before

    def send(self, mail: Mail) -> str:
        """Take it."""
        self._before(mail)
        self.taken.append(mail)
        return "250 2.0.0"
