"""What is told to whom, and what becomes of it. Pure: every function returns new state and the events to say.

A notification is settled once it is sent, told on the tracking page, or visibly failed; until then `due_at` says when
somebody has to look at it again. A closing message that has not left when its case is opened again is withdrawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..contracts.notify import OUTCOME, QUESTION, RECEIPT, NotificationFailed, NotificationSent
from ..contracts.registry import Event

EMAIL, MAILBOX, PAGE = "email", "mailbox", "page"

QUEUED, SENDING, SENT, DEFERRED = "queued", "sending", "sent", "deferred"
FAILED, UNKNOWN, ON_PAGE, WITHDRAWN = "failed", "unknown", "on_page", "withdrawn"
STATES: Final = (QUEUED, SENDING, UNKNOWN, DEFERRED, SENT, ON_PAGE, FAILED, WITHDRAWN)
WAITING: Final = (QUEUED, DEFERRED)
SETTLED: Final = (SENT, ON_PAGE, FAILED)

LEASE: Final = timedelta(seconds=180)
"""Longer than the slowest conversation with a mail server that every timeout allows."""
EARLY_MINUTES: Final = (1, 5, 15)
LATER_MINUTES: Final = (30, 60, 120, 240)
JITTER: Final = 0.2
GIVE_UP: Final = timedelta(days=5)

Words = Mapping[str, Any]
"""What a message needs to be written, by name; which names, the templates in templates/messages say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a conversation ended; `closure` counts the endings of one case from 1."""

    closure: int
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What telling somebody about their feedback takes; `id` is the feedback's."""

    id: str
    number: str
    person: str
    name: str | None
    email: str | None
    language: str
    tracking_token: str
    unit: str
    liaison_name: str
    answer_due: datetime
    time_zone: str | None = None
    """The unit's, in which the promised day is told; None: the install's."""

    ended: Ending | None = None
    resumed: int = 0
    """The last ending after which the case was opened again; its closing message is news no longer."""

    unsettled_since: datetime | None = None
    """Since when the closing message is owed; a shortlist for `unsettled_closures`, which looks at the messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to one recipient about one event; `trigger` is the event's id or the closure's number."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """What this install adds to every message: its mail channel, its domain, and ids only it can compute."""

    channel: str
    domain: str
    identify: Callable[..., str]


Telling = tuple[Notification, list[Event]]


def receipt(conversation: Conversation, trigger: str, outbound: Outbound, now: datetime) -> Telling:
    """Tell that it arrived, who has it, and by when they answer."""
    words = {name: getattr(conversation, name) for name in ("liaison_name", "answer_due", "time_zone")}
    return _tell(conversation, RECEIPT, trigger, words, outbound, now)


def question(conversation: Conversation, trigger: str, words: Words, outbound: Outbound, now: datetime) -> Telling:
    """Ask what the liaison needs to know."""
    return _tell(conversation, QUESTION, trigger, words, outbound, now)


def outcome(conversation: Conversation, closure: int, words: Words, outbound: Outbound, now: datetime) -> Telling:
    """Tell what was done, or why not, and ask how it went."""
    return _tell(conversation, OUTCOME, str(closure), words, outbound, now, closure)


def end(conversation: Conversation, closure: int, outcome: str, at: datetime) -> Conversation:
    """The conversation ended; its closing message is owed from now on."""
    return replace(conversation, ended=Ending(closure=closure, outcome=outcome, at=at), unsettled_since=at)


def resume(conversation: Conversation) -> Conversation:
    """The case is open again."""
    resumed = conversation.ended.closure if conversation.ended else conversation.resumed
    return replace(conversation, ended=None, resumed=resumed, unsettled_since=None)


def claim(notification: Notification, owner: str, now: datetime, lease: timedelta = LEASE) -> Notification:
    """Take it for one attempt. It falls due again when the lease ends, should the owner die.

    Whoever claims what was being sent cannot know whether the mail left: it is sent again with the same Message-ID.
    """
    doubt = notification.state in (SENDING, UNKNOWN)
    return replace(
        notification,
        state=UNKNOWN if doubt else SENDING,
        lease={"owner": owner, "until": now + lease},
        due_at=now + lease,
        attempts=notification.attempts + 1,
        doubts=notification.doubts + doubt,
    )


def withdraw(notification: Notification) -> Notification:
    """It is true no longer and leaves no more."""
    return replace(notification, state=WITHDRAWN, due_at=None, lease=None)


def sent(notification: Notification, channel: str, reply: str, now: datetime) -> Telling:
    """The channel took it."""
    told = _settle(notification, SENT, channel, reply)
    return replace(told, sent_at=now), [_said(told)]


def failed(notification: Notification, channel: str, reason: str, reply: str) -> Telling:
    """It will not arrive; `reason` is a code, `reply` what the mail server said, both without personal data."""
    told = replace(_settle(notification, FAILED, channel, reply), reason=reason)
    event = NotificationFailed(
        feedback=told.feedback, kind=told.kind, closure=told.closure, channel=channel, reason=reason
    )
    return told, [event]


def postponed(
    notification: Notification, channel: str, reply: str, now: datetime, jitter: float, doubt: bool = False
) -> Telling:
    """Try again later, or give up after five days; `jitter` is from 0 to 1."""
    if now - notification.created_at >= GIVE_UP:
        return failed(notification, channel, "gave-up", reply)
    due = now + retry_after(notification.attempts, jitter)
    waiting = replace(_settle(notification, DEFERRED, channel, reply), due_at=due)
    return replace(waiting, doubts=notification.doubts + doubt), []


def retry_after(attempts: int, jitter: float) -> timedelta:
    """How long to wait after the n-th attempt: minutes, then half an hour and more; jitter adds up to a fifth."""
    steps = EARLY_MINUTES + LATER_MINUTES
    return timedelta(minutes=steps[min(attempts, len(steps)) - 1] * (1 + JITTER * jitter))


def _tell(
    conversation: Conversation,
    kind: str,
    trigger: str,
    words: Words,
    outbound: Outbound,
    now: datetime,
    closure: int | None = None,
) -> Telling:
    recipient = conversation.email or ""
    identity = outbound.identify(conversation.id, kind, trigger, recipient)
    notification = Notification(
        id=identity,
        feedback=conversation.id,
        number=conversation.number,
        unit=conversation.unit,
        kind=kind,
        closure=closure,
        trigger=trigger,
        channel=outbound.channel if recipient else PAGE,
        recipient=recipient,
        name=conversation.name,
        language=conversation.language,
        words={**words, "tracking_token": conversation.tracking_token},
        message_id=f"<{identity}@{outbound.domain}>",
        state=QUEUED,
        due_at=now,
        created_at=now,
    )
    return (notification, []) if recipient else _on_page(notification, now)


def _on_page(notification: Notification, now: datetime) -> Telling:
    """Without an address the tracking page tells it, and that counts as told."""
    told = replace(notification, state=ON_PAGE, due_at=None, sent_at=now)
    return told, [_said(told)]


def _settle(notification: Notification, state: str, channel: str, reply: str) -> Notification:
    return replace(notification, state=state, due_at=None, lease=None, channel=channel, last_reply=reply)


def _said(told: Notification) -> NotificationSent:
    return NotificationSent(feedback=told.feedback, kind=told.kind, closure=told.closure, channel=told.channel)
