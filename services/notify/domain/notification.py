"""A message to one person, and what this install adds to each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...contracts.notify import NotificationSent
from ...contracts.registry import Event
from .states import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to one recipient about one event; `trigger` is the event's id or the closure's number.

    `voice` is set when it is for somebody who joined; `reply_to` where an answer reaches the case; `thread` the id all
    mails of one conversation refer to; `counted` the `counted_key` of a receipt that was mailed; `report` what a
    machine answered.
    """

    id: str
    feedback: str
    number: str
    unit: str
    kind: str
    closure: int | None
    trigger: str
    channel: str
    recipient: str
    name: str | None
    language: str
    words: Words
    message_id: str
    state: str
    due_at: datetime | None
    created_at: datetime
    lease: Mapping[str, Any] | None = None
    attempts: int = 0
    doubts: int = 0
    last_reply: str | None = None
    reason: str | None = None
    sent_at: datetime | None = None
    voice: str | None = None
    reply_to: str | None = None
    thread: str | None = None
    counted: str | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """What this install adds to every message: its mail channel, its domain, and ids only it can compute.

    `refer` makes of a feedback's id the reference by which an answer is known to be about it.
    """

    channel: str
    domain: str
    identify: Callable[..., str]
    refer: Callable[[str], str]
    receipts_per_day: int = 0
    """At most so many to one person in 24 hours; 0 is no limit."""


def counted_key(person: str, at: datetime) -> str:
    """Person and moment in one text, in the order of time for each person."""
    return f"{person}~{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


Telling = tuple[Notification, list[Event]]


def said(told: Notification) -> NotificationSent:
    """The event that a message was told."""
    return NotificationSent(
        feedback=told.feedback, kind=told.kind, closure=told.closure, channel=told.channel, voice=told.voice
    )
