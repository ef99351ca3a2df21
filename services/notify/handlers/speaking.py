"""Somebody speaks up, or joins somebody who did."""

from datetime import datetime
from textwrap import shorten
from typing import Final

from ...chassis.errors import NotFound
from ...contracts.envelope import Envelope
from ...contracts.feedback import IMPORT, FeedbackJoined, FeedbackSubmitted
from ...contracts.sealed import Unseal
from .. import domain
from ..domain import Conversation, Listener, Outbound
from .desk import Desk, opened
from .ports import Conversations, Notifications, Profiles

LINE_LONGEST: Final = 120


def tell_receipt(
    message: Envelope[FeedbackSubmitted],
    conversations: Conversations,
    notifications: Notifications,
    profiles: Profiles,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """Remember whom to tell, and tell that it arrived; not of what was said long ago and is only imported now."""
    conversation = _begin(message, unseal)
    text = opened(message.data.text, unseal) or ""
    if conversation.channel != IMPORT:
        Desk(notifications, profiles, outbound, message, now).tell(
            conversation.person,
            lambda terms: domain.receipt(conversation, message.id, outbound, now, text, terms),
        )
    conversations.add_once(conversation, message, now)


def tell_joined(
    message: Envelope[FeedbackJoined],
    conversations: Conversations,
    notifications: Notifications,
    profiles: Profiles,
    unseal: Unseal,
    outbound: Outbound,
    now: datetime,
) -> None:
    """Remember one more person to tell, and say so to them; if it ended meanwhile, they hear how."""
    read = conversations.find(message.subject)
    if read is None:
        # Same topic, same key: it was read before this one, so waiting would not bring it.
        raise NotFound
    if read.has_applied(message):
        return
    voice, conversation = _voice(message, unseal), read.value
    if voice.email:
        desk, voices = Desk(notifications, profiles, outbound, message, now), message.data.voices
        desk.tell(
            voice.person,
            lambda terms: domain.joined(conversation, voice, voices, message.id, outbound, now, terms),
        )
        _tell_ending(conversation, voice, desk)
    conversations.save(read, domain.join(conversation, voice, now), message, now)


def _tell_ending(conversation: Conversation, voice: Listener, desk: Desk) -> None:
    """Tell a latecomer the outcome in the words the submitter was told."""
    ended = conversation.ended
    told = desk.notifications.closings(conversation.id, ended.closure) if ended else []
    own = next((read.value for read in told if read.value.voice is None), None)
    if ended and own:
        desk.tell(
            voice.person,
            lambda terms: domain.outcome(
                conversation, ended.closure, own.words, desk.outbound, desk.now, to=voice, terms=terms
            ),
        )


def _begin(message: Envelope[FeedbackSubmitted], unseal: Unseal) -> Conversation:
    heard = message.data
    return Conversation(
        id=message.subject,
        number=heard.number,
        person=heard.person,
        name=opened(heard.name, unseal),
        email=None if heard.anonymous else opened(heard.email, unseal),
        language=heard.language,
        tracking_token=unseal(heard.tracking_token),
        unit=heard.unit,
        liaison_name=heard.liaison_name,
        answer_due=heard.answer_due,
        time_zone=heard.time_zone,
        channel=heard.channel,
        recorded_by=heard.recorded_by,
        said_at=heard.said_at,
        about=_line(opened(heard.title, unseal) or opened(heard.text, unseal)) if heard.shared else None,
    )


def _line(text: str | None) -> str | None:
    """The words in one line, cut where a mail would grow long."""
    return shorten(text, LINE_LONGEST, placeholder=" …") if text else None


def _voice(message: Envelope[FeedbackJoined], unseal: Unseal) -> Listener:
    heard = message.data
    return Listener(
        person=heard.person,
        name=opened(heard.name, unseal),
        email=opened(heard.email, unseal),
        language=heard.language,
        tracking_token=unseal(heard.tracking_token),
        voice=heard.voice,
    )
