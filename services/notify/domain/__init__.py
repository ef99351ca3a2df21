"""What is told to whom, and what becomes of it. Pure: every function returns new state and the events to say.

A notification is settled once it is sent, told on the tracking page, or visibly failed; until then `due_at` says when
somebody has to look at it again. A closing message that has not left when its case is opened again is withdrawn.
"""

from .conversation import Conversation, Ending, Listener, Profile, end, join, resume
from .greeting import greeted
from .notification import Notification, Outbound, Telling, counted_key
from .sending import bounced, claim, failed, postponed, reported, retry_after, sent, withdraw
from .states import (
    BOUNCED,
    DAY,
    DEFERRED,
    EMAIL,
    FAILED,
    LEASE,
    MAILBOX,
    ON_PAGE,
    PAGE,
    QUEUED,
    SENDING,
    SENT,
    SETTLED,
    STATES,
    UNKNOWN,
    WAITING,
    WITHDRAWN,
    Words,
)
from .telling import USUAL, Terms, joined, outcome, question, receipt

__all__ = [
    "BOUNCED",
    "DAY",
    "DEFERRED",
    "EMAIL",
    "FAILED",
    "LEASE",
    "MAILBOX",
    "ON_PAGE",
    "PAGE",
    "QUEUED",
    "SENDING",
    "SENT",
    "SETTLED",
    "STATES",
    "UNKNOWN",
    "USUAL",
    "WAITING",
    "WITHDRAWN",
    "Conversation",
    "Ending",
    "Listener",
    "Notification",
    "Outbound",
    "Profile",
    "Telling",
    "Terms",
    "Words",
    "bounced",
    "claim",
    "counted_key",
    "end",
    "failed",
    "greeted",
    "join",
    "joined",
    "outcome",
    "postponed",
    "question",
    "receipt",
    "reported",
    "resume",
    "retry_after",
    "sent",
    "withdraw",
]
