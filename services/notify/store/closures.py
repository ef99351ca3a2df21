"""No case ends in silence: which ended conversations are owed a closing message, looked up in both collections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import SETTLED, Conversation
from .conversations import ConversationStore
from .notifications import NotificationStore


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An ended conversation whose closing message is not settled; `state` None: there is no message."""

    conversation: Conversation
    state: str | None


def unsettled_closures(
    conversations: ConversationStore, notifications: NotificationStore, units: Sequence[str] | None = None
) -> Iterator[Unsettled]:
    """Ended cases that may end in silence, longest ago first; empty is the promise of this product."""
    for conversation, state in _shortlist(conversations, notifications):
        if state not in SETTLED and (units is None or conversation.unit in units):
            yield Unsettled(conversation, state)


def settle_told(conversations: ConversationStore, notifications: NotificationStore) -> int:
    """Take every conversation whose closing message is settled off the shortlist; returns how many stay."""
    owed = 0
    for conversation, state in _shortlist(conversations, notifications):
        if state in SETTLED:
            conversations.settle(conversation)
        else:
            owed += 1
    return owed


def _shortlist(
    conversations: ConversationStore, notifications: NotificationStore
) -> Iterator[tuple[Conversation, str | None]]:
    """Every conversation marked as owed a closing message, with the state of that message."""
    for chunk in conversations.unsettled():
        states = notifications.closing_states([conversation.id for conversation in chunk])
        for conversation in chunk:
            closure = conversation.ended.closure if conversation.ended else 0
            yield conversation, states.get((conversation.id, closure))
