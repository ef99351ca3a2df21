"""The collections of `notify`. Every query of a loop or page has its index on top and names it.

It names it because the embedded database takes an index by itself only when the index covers every condition.
"""

from .closures import Unsettled, settle_told, unsettled_closures
from .conversations import ConversationStore
from .mailbox import MailboxStore
from .notifications import Counts, Filter, NotificationStore
from .profiles import ProfileStore
from .reading import Read

__all__ = [
    "ConversationStore",
    "Counts",
    "Filter",
    "MailboxStore",
    "NotificationStore",
    "ProfileStore",
    "Read",
    "Unsettled",
    "settle_told",
    "unsettled_closures",
]
