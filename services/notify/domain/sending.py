"""What becomes of a message on its way, and after a mail server took it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ...contracts.notify import NotificationFailed
from .notification import Notification, Telling, said
from .states import (
    BOUNCED,
    DEFERRED,
    EARLY_MINUTES,
    FAILED,
    GIVE_UP,
    JITTER,
    LATER_MINUTES,
    LEASE,
    LEFT,
    SENDING,
    SENT,
    UNKNOWN,
    WITHDRAWN,
)

STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
"""An enhanced status code (RFC 3463)."""


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
    told = replace(_settle(notification, SENT, channel, reply), sent_at=now)
    return told, [said(told)]


def failed(notification: Notification, channel: str, reason: str, reply: str) -> Telling:
    """It will not arrive; `reason` is a code, `reply` what the mail server said, both without personal data."""
    told = replace(_settle(notification, FAILED, channel, reply), reason=reason)
    return told, [_failure(told, reason)]


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


def bounced(notification: Notification, status: str, permanent: bool) -> Telling:
    """A mail server reports that it did not arrive; once is enough, and of what never left it says nothing.

    A code 5.x.x, or a lasting one without a code, is the end of this mail (RFC 3463); all else may be a delay and is
    noted.
    """
    code = status if STATUS.fullmatch(status) else ""
    if notification.state not in LEFT:
        return notification, []
    if not permanent and not code.startswith("5."):
        return reported(notification, f"delayed-{code}".rstrip("-")), []
    reason = f"{BOUNCED}-{code}".rstrip("-")
    told = replace(notification, state=BOUNCED, due_at=None, lease=None, reason=reason)
    return told, [_failure(told, reason)]


def reported(notification: Notification, what: str) -> Notification:
    """A machine answered; that is worth a line and changes nothing."""
    return replace(notification, report=what)


def _settle(notification: Notification, state: str, channel: str, reply: str) -> Notification:
    return replace(notification, state=state, due_at=None, lease=None, channel=channel, last_reply=reply)


def _failure(told: Notification, reason: str) -> NotificationFailed:
    return NotificationFailed(
        feedback=told.feedback,
        kind=told.kind,
        closure=told.closure,
        channel=told.channel,
        reason=reason,
        voice=told.voice,
    )
