"""What every message is made at: the collections, the install's part, and the terms of whoever is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...contracts.envelope import Envelope
from ...contracts.sealed import ERASED, Unseal
from .. import domain
from ..domain import DAY, Outbound, Telling, Terms
from .ports import Notifications, Profiles


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the messages of one event are written."""

    notifications: Notifications
    profiles: Profiles
    outbound: Outbound
    cause: Envelope[Any]
    now: datetime

    def tell(self, person: str, make: Callable[[Terms], Telling]) -> None:
        """Record a message to this person, unless it is recorded; it follows what they wish at this moment."""
        notification, events = make(self._terms(person))
        self.notifications.add_once(notification, events, self.cause, self.now)

    def _terms(self, person: str) -> domain.Terms:
        most = self.outbound.receipts_per_day
        mailed = self.notifications.mailed_receipts(person, self.now - DAY, most) if most else 0
        return Terms(profile=self.profiles.find(person), capped=bool(most) and mailed >= most)


def opened(sealed: str | None, unseal: Unseal) -> str | None:
    """The open value, or None: somebody who was erased has neither name nor address."""
    text = unseal(sealed) if sealed else None
    return None if text == ERASED else text
