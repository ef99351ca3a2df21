"""What is recorded when something is heard. A message is inserted before the mark that its event is applied: a crash
between the two writes loses nothing, and the message's id, computed from its event, lets nothing be told twice."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any, Protocol, TypeVar

from ..chassis.errors import NotYet
from ..contracts.envelope import Envelope
from ..contracts.feedback import FeedbackSubmitted
from ..contracts.registry import Event
from ..contracts.sealed import ERASED, Unseal
from ..contracts.triage import CaseClosed, CaseReopened, QuestionAsked
from . import domain
from .domain import Conversation, Notification, Outbound, Words

SPOKEN = ("what_was_done", "explanation", "alternative", "would_change")
"""The sealed words of a closing."""


T_co = TypeVar("T_co", covariant=True)


class Read(Protocol[T_co]):
    """Something as it was read."""

    @property
    def value(self) -> T_co: ...

    def has_applied(self, cause: Envelope[Any]) -> bool: ...


class Conversations(Protocol):
    """The conversations, as these handlers use them."""

    def find(self, feedback: str) -> Read[Conversation] | None: ...

    def add_once(self, conversation: Conversation, cause: Envelope[Any], now: datetime) -> None: ...

    def save(self, read: Any, conversation: Conversation, cause: Envelope[Any], now: datetime) -> None: ...


class Notifications(Protocol):
    """The notifications, as these handlers use them."""

    def add_once(
        self, notification: Notification, events: list[Event], cause: Envelope[Any], now: datetime
    ) -> None: ...

    def closing(self, feedback: str, closure: int) -> Read[Notification] | None: ...

    def save(self, read: Any, notification: Notification, events: list[Event], now: datetime) -> object: ...


def tell_receipt(
    message: Envelope[FeedbackSubmitted],
    conversations: Conversations,
    notifications: Notifications,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """Somebody spoke up: remember whom to tell, and tell that it arrived."""
    conversation = _begin(message, unseal)
    notification, events = domain.receipt(conversation, message.id, outbound, now)
    notifications.add_once(notification, events, message, now)
    conversations.add_once(conversation, message, now)


def tell_question(
    message: Envelope[QuestionAsked],
    conversations: Conversations,
    notifications: Notifications,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """The liaison asks: pass the question on."""
    read = _known(message, conversations)
    if read.has_applied(message):
        return
    words = {"by_name": message.data.by_name, "question": unseal(message.data.question)}
    notification, events = domain.question(read.value, message.id, words, outbound, now)
    notifications.add_once(notification, events, message, now)
    conversations.save(read, read.value, message, now)


def tell_outcome(
    message: Envelope[CaseClosed],
    conversations: Conversations,
    notifications: Notifications,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """A case ended: nobody is left without an answer."""
    read, closed = _known(message, conversations), message.data
    if read.has_applied(message):
        return
    notification, events = domain.outcome(read.value, closed.closure, _closing(closed, unseal), outbound, now)
    notifications.add_once(notification, events, message, now)
    ended = domain.end(read.value, closed.closure, closed.outcome, message.time)
    conversations.save(read, ended, message, now)


def resume_conversation(
    message: Envelope[CaseReopened], conversations: Conversations, notifications: Notifications, now: datetime
) -> None:
    """The case is open again: no closing message is owed, and one that still waits does not leave.

    One that is being sent stays: its sender asks for the conversation, should it have to send it once more.
    """
    read = _known(message, conversations)
    if read.has_applied(message):
        return
    ended = read.value.ended
    closing = notifications.closing(message.subject, ended.closure) if ended else None
    if closing and closing.value.state in domain.WAITING:
        notifications.save(closing, domain.withdraw(closing.value), [], now)
    conversations.save(read, domain.resume(read.value), message, now)


def _known(message: Envelope[Any], conversations: Conversations) -> Read[Conversation]:
    read = conversations.find(message.subject)
    if read is None:
        raise NotYet("the feedback topic has not brought this conversation yet")
    return read


def _begin(message: Envelope[FeedbackSubmitted], unseal: Unseal) -> Conversation:
    heard = message.data
    return Conversation(
        id=message.subject,
        number=heard.number,
        person=heard.person,
        name=_open(heard.name, unseal),
        email=None if heard.anonymous else _open(heard.email, unseal),
        language=heard.language,
        tracking_token=unseal(heard.tracking_token),
        unit=heard.unit,
        liaison_name=heard.liaison_name,
        answer_due=heard.answer_due,
        time_zone=heard.time_zone,
    )


def _open(sealed: str | None, unseal: Unseal) -> str | None:
    """The open value, or None: somebody who was erased has neither name nor address."""
    text = unseal(sealed) if sealed else None
    return None if text == ERASED else text


def _closing(closed: CaseClosed, unseal: Unseal) -> Words:
    words = {field.name: getattr(closed, field.name) for field in fields(closed) if field.name != "person"}
    return words | {name: unseal(words[name]) for name in SPOKEN if words[name]}


HANDLERS: dict[type[Event], Callable[..., None]] = {
    FeedbackSubmitted: tell_receipt,
    QuestionAsked: tell_question,
    CaseClosed: tell_outcome,
    CaseReopened: resume_conversation,
}
