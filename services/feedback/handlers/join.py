"""Somebody says "me too" instead of the same again."""

from dataclasses import dataclass
from datetime import datetime

from ...chassis import ids
from ...chassis.errors import Conflict, NotFound, Unavailable
from ..domain import Feedback, IllegalMove, Voice, voices
from ..store import FeedbackStore, SharedStore
from .similar import read_reference
from .speak_again import WRITE_TRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFeedback:
    """Join what was shown by `reference`; the same `key` or address is the same person."""

    reference: str
    key: str
    language: str
    name: str | None = None
    email: str | None = None


def join_feedback(
    command: JoinFeedback, feedbacks: FeedbackStore, shared: SharedStore, secret: str, now: datetime
) -> str | None:
    """The tracking token for the page, the same for each repeat; raises NotFound, Conflict, Unavailable.

    None for who gave an address: anybody may type anybody's, so its token goes to that address and nowhere else.
    """
    feedback_id = read_reference(command.reference, shared, secret)
    person = _person(command, feedback_id, secret)
    voice_id = ids.keyed(secret, "voice", feedback_id, person)
    token = ids.keyed_token(secret, "voice", feedback_id, voice_id)
    voice = Voice(
        id=voice_id,
        person=person,
        name=command.name,
        email=command.email,
        language=command.language,
        tracking_hash=ids.digest(token),
        at=now,
    )
    _add(voice, token, feedback_id, feedbacks, now)
    return None if command.email else token


def find_joined(token: str, feedbacks: FeedbackStore) -> tuple[Feedback, Voice] | None:
    """What the holder of this token joined, and their voice on it."""
    digest = ids.digest(token)
    kept = feedbacks.find_voiced(digest)
    return (kept.feedback, next(one for one in kept.feedback.voices if one.tracking_hash == digest)) if kept else None


def _add(voice: Voice, token: str, feedback_id: str, feedbacks: FeedbackStore, now: datetime) -> None:
    for _ in range(WRITE_TRIES):
        kept = feedbacks.find(feedback_id)
        if kept is None or not voices.may_join(kept.feedback, now):
            raise NotFound
        try:
            joined, events = voices.join(kept.feedback, voice, token)
            if joined is not kept.feedback:
                feedbacks.save(kept, joined, events, now)
            return
        except IllegalMove as error:
            raise Conflict(str(error)) from None
        except Conflict:
            continue
    raise Unavailable("Many people join this at once. Please try again in a moment.")


def _person(command: JoinFeedback, feedback_id: str, secret: str) -> str:
    """The same person for the same address; without one, for the same form."""
    if command.email:
        return ids.keyed(secret, "person", command.email.lower())
    return ids.keyed(secret, "stranger", feedback_id, command.key)
