"""A liaison asks, ends a case, or opens it again."""

from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

from ...chassis.errors import NotYet
from ...contracts.envelope import Envelope
from ...contracts.sealed import Unseal
from ...contracts.triage import CaseClosed, CaseReopened, QuestionAsked
from .. import domain
from ..domain import Conversation, Outbound, Words
from .desk import Desk
from .ports import Conversations, Notifications, Profiles, Read

SPOKEN = ("what_was_done", "explanation", "alternative", "would_change")
"""The sealed words of a closing."""


def tell_question(
    message: Envelope[QuestionAsked],
    conversations: Conversations,
    notifications: Notifications,
    profiles: Profiles,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """The liaison asks: pass the question on."""
    read = _known(message, conversations)
    if read.has_applied(message):
        return
    words = {"by_name": message.data.by_name, "question": unseal(message.data.question)}
    Desk(notifications, profiles, outbound, message, now).tell(
        read.value.person,
        lambda terms: domain.question(read.value, message.id, words, outbound, now, terms),
    )
    conversations.save(read, read.value, message, now)


def tell_outcome(
    message: Envelope[CaseClosed],
    conversations: Conversations,
    notifications: Notifications,
    profiles: Profiles,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """A case ended: nobody is left without an answer, neither who spoke up nor who joined."""
    read, closed = _known(message, conversations), message.data
    if read.has_applied(message):
        return
    words, desk = _closing(closed, unseal), Desk(notifications, profiles, outbound, message, now)
    for listener in read.value.owed:
        make = partial(domain.outcome, read.value, closed.closure, words, outbound, now, listener)
        desk.tell(listener.person, make)
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
    for closing in notifications.closings(message.subject, ended.closure) if ended else []:
        if closing.value.state in domain.WAITING:
            notifications.save(closing, domain.withdraw(closing.value), [], now)
    conversations.save(read, domain.resume(read.value), message, now)


def _known(message: Envelope[Any], conversations: Conversations) -> Read[Conversation]:
    read = conversations.find(message.subject)
    if read is None:
        raise NotYet("the feedback topic has not brought this conversation yet")
    return read


def _closing(closed: CaseClosed, unseal: Unseal) -> Words:
    words = {field.name: getattr(closed, field.name) for field in fields(closed) if field.name != "person"}
    return words | {name: unseal(words[name]) for name in SPOKEN if words[name]}
