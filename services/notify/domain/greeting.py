"""Whose name a mail may speak. Names are typed by strangers, next to addresses that nobody has proved to be theirs."""

import re
from typing import Final

from ...contracts.notify import JOINED
from .notification import Notification

NAME_LONGEST: Final = 60
NO_NAME: Final = re.compile(r"://|www\.|[@/]|\d{5}|\.[^\W\d_]{2}", re.IGNORECASE)
"""What leads somewhere: an address, a link, a host (which mail programs make a link of), a telephone number."""


def greeted(notification: Notification) -> str | None:
    """The name in the greeting and before the address, or None: words of an advertiser must not leave as ours.

    Whoever joins is greeted without one, since that mail follows at once and nobody has read what they typed.
    """
    name = notification.name
    return name if name and notification.kind != JOINED and looks_like_a_name(name) else None


def looks_like_a_name(text: str) -> bool:
    """Whether the text may be a person's name: one short line that leads nowhere."""
    return len(text) <= NAME_LONGEST and text.isprintable() and not NO_NAME.search(text)
