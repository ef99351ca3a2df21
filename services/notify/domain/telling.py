"""Who is told what: every function makes one message, by mail or on the tracking page, with the events to say."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ...contracts.feedback import ON_PAGE as BY_PAGE
from ...contracts.feedback import OUTCOMES_ONLY
from ...contracts.notify import JOINED, OUTCOME, QUESTION, RECEIPT
from .conversation import Conversation, Listener, Profile
from .notification import Notification, Outbound, Telling, counted_key, said
from .states import CAPPED, ON_PAGE, PAGE, QUEUED, WISHED, Words

COUNTED: Final = (RECEIPT, JOINED)
"""What answers an act of the recipient, who may be somebody else using their address a hundred times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for a person at this moment: their wishes, and whether they had all receipts of the day."""

    profile: Profile
    capped: bool = False


USUAL: Final = Terms(profile=Profile())


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What there is to tell."""

    kind: str
    trigger: str
    words: Words
    closure: int | None = None


def receipt(
    conversation: Conversation, trigger: str, outbound: Outbound, now: datetime, text: str = "", terms: Terms = USUAL
) -> Telling:
    """Tell that it arrived, who has it, and by when they answer; `text` is what a liaison wrote down for them."""
    names = ("liaison_name", "answer_due", "time_zone", "recorded_by")
    words = {name: getattr(conversation, name) for name in names}
    words |= {"text": text} if conversation.recorded_by else {}
    occasion = Occasion(kind=RECEIPT, trigger=trigger, words=words)
    return _tell(conversation, conversation.submitter, occasion, outbound, now, terms)


def joined(
    conversation: Conversation,
    voice: Listener,
    voices: int,
    trigger: str,
    outbound: Outbound,
    now: datetime,
    terms: Terms = USUAL,
) -> Telling:
    """Tell somebody that they joined, and how many say the same; not what, or strangers' words reach any address."""
    words = {"voices": voices, "liaison_name": conversation.liaison_name}
    return _tell(conversation, voice, Occasion(kind=JOINED, trigger=trigger, words=words), outbound, now, terms)


def question(
    conversation: Conversation, trigger: str, words: Words, outbound: Outbound, now: datetime, terms: Terms = USUAL
) -> Telling:
    """Ask what the liaison needs to know; only the submitter can say."""
    occasion = Occasion(kind=QUESTION, trigger=trigger, words=words)
    return _tell(conversation, conversation.submitter, occasion, outbound, now, terms)


def outcome(
    conversation: Conversation,
    closure: int,
    words: Words,
    outbound: Outbound,
    now: datetime,
    to: Listener | None = None,
    terms: Terms = USUAL,
) -> Telling:
    """Tell what was done, or why not, and ask the submitter how it went; without `to` it is told to them."""
    listener = to or conversation.submitter
    trigger = f"{closure}:{listener.voice}" if listener.voice else str(closure)
    known = {"said_at": conversation.said_at, "time_zone": conversation.time_zone, "about": conversation.about}
    occasion = Occasion(kind=OUTCOME, trigger=trigger, words={**words, **known}, closure=closure)
    return _tell(conversation, listener, occasion, outbound, now, terms)


def _tell(
    conversation: Conversation, to: Listener, occasion: Occasion, outbound: Outbound, now: datetime, terms: Terms
) -> Telling:
    recipient = to.email or ""
    unmailed = _unmailed(occasion.kind, terms, outbound)
    identity = outbound.identify(conversation.id, occasion.kind, occasion.trigger, recipient)
    mailed = bool(recipient) and unmailed is None
    notification = Notification(
        id=identity,
        feedback=conversation.id,
        number=conversation.number,
        unit=conversation.unit,
        kind=occasion.kind,
        closure=occasion.closure,
        trigger=occasion.trigger,
        channel=outbound.channel if mailed else PAGE,
        recipient=recipient,
        name=to.name,
        language=to.language,
        words={**occasion.words, "tracking_token": to.tracking_token},
        message_id=f"<{identity}@{outbound.domain}>",
        state=QUEUED,
        due_at=now,
        created_at=now,
        voice=to.voice,
        counted=counted_key(to.person, now) if mailed and occasion.kind in COUNTED else None,
    )
    threaded = _threaded(notification, identity, outbound)
    return (threaded, []) if mailed else _on_page(threaded, unmailed if recipient else None, now)


def _threaded(notification: Notification, identity: str, outbound: Outbound) -> Notification:
    """With the ids that keep a conversation together and lead an answer back to it.

    Only the submitter's mails lead back: an answer of somebody who joined would speak in the submitter's name.
    """
    if notification.voice:
        root = outbound.identify(notification.feedback, "thread", notification.voice)
        return replace(notification, thread=f"<{root}@{outbound.domain}>")
    reference = outbound.refer(notification.feedback)
    return replace(
        notification,
        message_id=f"<{identity}.{reference}@{outbound.domain}>",
        reply_to=f"reply+{reference}@{outbound.domain}",
        thread=f"<{reference}@{outbound.domain}>",
    )


def _unmailed(kind: str, terms: Terms, outbound: Outbound) -> str | None:
    """Why no mail goes out although there is an address. A receipt proves that it arrived: only the way stops it."""
    if terms.profile.way == BY_PAGE or (kind == QUESTION and terms.profile.wants == OUTCOMES_ONLY):
        return WISHED
    return f"{CAPPED}-{outbound.receipts_per_day}" if kind in COUNTED and terms.capped else None


def _on_page(notification: Notification, reason: str | None, now: datetime) -> Telling:
    """The tracking page tells it, and that counts as told."""
    told = replace(notification, state=ON_PAGE, due_at=None, sent_at=now, reason=reason)
    return told, [said(told)]
