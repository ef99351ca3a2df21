"""Where a message can stand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

EMAIL, MAILBOX, PAGE = "email", "mailbox", "page"

QUEUED, SENDING, SENT, DEFERRED = "queued", "sending", "sent", "deferred"
FAILED, BOUNCED, UNKNOWN, ON_PAGE, WITHDRAWN = "failed", "bounced", "unknown", "on_page", "withdrawn"
STATES: Final = (QUEUED, SENDING, UNKNOWN, DEFERRED, SENT, ON_PAGE, FAILED, BOUNCED, WITHDRAWN)
WAITING: Final = (QUEUED, DEFERRED)
SETTLED: Final = (SENT, ON_PAGE, FAILED, BOUNCED)
LEFT: Final = (SENT, SENDING, UNKNOWN, DEFERRED)
"""What may have left us, so that a mail server can have something to say about it."""

WISHED, CAPPED = "wished", "capped"
"""Why a message stands on the page although there is an address: they want it so; or too many receipts in a day."""

LEASE: Final = timedelta(seconds=180)
"""Longer than the slowest conversation with a mail server that every timeout allows."""
EARLY_MINUTES: Final = (1, 5, 15)
LATER_MINUTES: Final = (30, 60, 120, 240)
JITTER: Final = 0.2
GIVE_UP: Final = timedelta(days=5)
DAY: Final = timedelta(days=1)

Words = Mapping[str, Any]
"""What a message needs to be written, by name; which names, the templates in templates/messages say."""
