"""No case ends in silence: which ended conversations are owed a closing message, looked up in both collections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..domain import SETTLED, Conversation
from .conversations import ConversationStore
from .notifications import NotificationStore


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An ended conversation of which a closing message is not settled; `state` None: there is no message.

    It is the submitter's, or that of who joined as `voice`.
    """

    conversation: Conversation
    state: str | None
    voice: str | None = None


def unsettled_closures(
    conversations: ConversationStore, notifications: NotificationStore, units: Sequence[str] | None = None
) -> Iterator[Unsettled]:
    """Ended cases that may end in silence, longest ago first; empty is the promise of this product."""
    for conversation, states in _shortlist(conversations, notifications):
        if units is None or conversation.unit in units:
            yield from (Unsettled(conversation, state, voice) for voice, state in states if state not in SETTLED)


def settle_told(conversations: ConversationStore, notifications: NotificationStore) -> int:
    """Take every conversation of which all is told off the shortlist; returns how many stay."""
    owed = 0
    for conversation, states in _shortlist(conversations, notifications):
        if all(state in SETTLED for _, state in states):
            conversations.settle(conversation)
        else:
            owed += 1
    return owed


def _shortlist(
    conversations: ConversationStore, notifications: NotificationStore
) -> Iterator[tuple[Conversation, list[tuple[str | None, str | None]]]]:
    """Every conversation marked as owed a closing message, with (who joined, state) of each that is due."""
    for chunk in conversations.unsettled():
        states = notifications.closing_states([conversation.id for conversation in chunk])
        for conversation in chunk:
            closure = conversation.ended.closure if conversation.ended else 0
            due = [listener.voice for listener in conversation.owed]
            yield conversation, [(voice, states.get((conversation.id, closure, voice))) for voice in due]
