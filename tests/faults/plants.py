"""Bugs as somebody could write them, each one patch; the checker must notice every one of them."""

import threading
from dataclasses import replace
from typing import Any

from services.chassis import ids, relay
from services.chassis.consumer import Consumer
from services.chassis.failpoints import hit
from services.chassis.group_commit import GroupCommit
from services.chassis.relay import Relay
from services.feedback.mail import server as mail
from services.feedback.mail.taking import Taken, Taker
from services.notify import composing
from services.notify import domain as telling
from services.notify.delivery import Delivery
from services.notify.domain import telling as composed
from services.triage.handlers import events as deciding


def commit_before_handle() -> None:
    """The offset moves when records are read, as a consumer with automatic commits does."""
    work = Consumer._work

    def early(self: Consumer, member: Any, records: Any) -> None:
        for record in records:
            member.commit(record)
        hit("consumer.after_commit")
        work(self, member, records)

    Consumer._work = early  # type: ignore[method-assign]


def mark_before_publish() -> None:
    """Events count as published before they are."""
    publish = Relay._publish

    def early(self: Relay, collection: Any, documents: Any) -> None:
        relay._mark(collection, documents)
        publish(self, collection, documents)

    Relay._publish = early  # type: ignore[method-assign]


def publish_backwards() -> None:
    """A batch is appended in the wrong order."""
    append = Relay._append
    Relay._append = lambda self, messages: append(self, messages[::-1])  # type: ignore[method-assign]


def no_applied_check() -> None:
    """Triage does not look whether an event is applied already."""
    deciding.is_applied = lambda document, cause: False


def random_notification_ids() -> None:
    """A message gets an id by chance instead of one computed from its event; the test drops the unique index too."""
    tell = composed._tell

    def by_chance(*args: Any, **kwargs: Any) -> Any:
        told, events = tell(*args, **kwargs)
        identity = ids.new()
        return replace(told, id=identity, message_id=f"<{identity}@liaise.example>"), events

    composed._tell = by_chance


def mail_answered_before_the_write() -> None:
    """250 first, the write later."""
    take = mail.Receiver._take

    def later(self: Any, *args: Any) -> Taken:
        threading.Thread(target=take, args=(self, *args), daemon=True).start()
        return Taken("feedback")

    mail.Receiver._take = later  # type: ignore[method-assign]


def answered_before_the_write() -> None:
    """201 first, the write later."""
    submit = GroupCommit.submit

    def later(self: Any, item: Any) -> Any:
        threading.Timer(0.2, _dying(submit), (self, item)).start()
        return True

    GroupCommit.submit = later  # type: ignore[method-assign]


def mail_without_a_key() -> None:
    """The same mail sent again is another one."""
    read = Taker._mail
    Taker._mail = lambda self, delivery: replace(read(self, delivery), key=ids.new())  # type: ignore[method-assign]


def sent_before_sending() -> None:
    """A message counts as sent when it is claimed."""
    claim = telling.claim

    def early(*args: Any, **kwargs: Any) -> Any:
        return replace(claim(*args, **kwargs), state=telling.SENT, due_at=None)

    telling.claim = early


def new_message_id_each_time() -> None:
    """A resent mail has another Message-ID, so that mail programs show two."""
    compose = composing.Composer.compose

    def fresh(self: Any, notification: Any) -> Any:
        return compose(self, replace(notification, message_id=f"<{ids.new()}@liaise.example>"))

    composing.Composer.compose = fresh  # type: ignore[method-assign]


def no_claim() -> None:
    """Senders do not claim: what one is sending, another sends as well, and nobody counts a doubt."""
    Delivery._deliver = _unclaimed  # type: ignore[method-assign]


def _unclaimed(self: Any, read: Any) -> None:
    told, events = self._attempt(read.value)
    self.notifications.save(read, told, events, self.clock.now())


def _dying(submit: Any) -> Any:
    def write(self: Any, item: Any) -> None:
        hit("intake.before_write")
        submit(self, item)

    return write


PLANTS = {
    plant.__name__.replace("_", "-"): plant
    for plant in (
        commit_before_handle,
        mark_before_publish,
        publish_backwards,
        no_applied_check,
        random_notification_ids,
        mail_answered_before_the_write,
        answered_before_the_write,
        mail_without_a_key,
        sent_before_sending,
        new_message_id_each_time,
        no_claim,
    )
}
