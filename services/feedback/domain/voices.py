"""Saying "me too": what others may read of a feedback, and who may join it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ...contracts.feedback import FeedbackJoined
from ...contracts.triage import DUPLICATE, ENDINGS, WITHDRAWN
from .feedback import SHAREABLE, Feedback, Voice
from .moves import IllegalMove, Step
from .room import has_room

VOICES_MOST: Final = 500
"""On one feedback; a document must have an end, and by then nobody needs one more to know."""

SHOWN_AFTER_END: Final = timedelta(days=60)
TITLE_LONGEST: Final = 120
"""Characters; as much of the words as strangers are shown."""

HIDDEN: Final = (DUPLICATE, WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What strangers may know of a feedback; `voices` counts the submitter, too."""

    id: str
    unit: str
    kind: str
    title: str | None
    text: str
    status: str
    ended_at: datetime | None
    voices: int

    @property
    def line(self) -> str:
        """Its first words, as a title."""
        return headline(self.title, self.text)


def headline(title: str | None, text: str) -> str:
    """The title, or the first words in one line, cut at a word."""
    line = " ".join((title or text).split())
    if len(line) <= TITLE_LONGEST:
        return line
    return line[:TITLE_LONGEST].rsplit(" ", 1)[0].rstrip(" ,.;:") + " …"


def shown(shared: bool, kind: str, status: str, ended_at: datetime | None, now: datetime) -> bool:
    """Whether strangers may find it: shared, of a kind that ever is, and open or ended lately."""
    if not shared or kind not in SHAREABLE or status in HIDDEN:
        return False
    return status not in ENDINGS or (ended_at is not None and now - ended_at <= SHOWN_AFTER_END)


def ended_at(status: str, moments: Iterable[tuple[str, datetime]]) -> datetime | None:
    """The moment of the present outcome, from what happened and when."""
    return max((at for kind, at in moments if kind in ENDINGS), default=None) if status in ENDINGS else None


def may_join(feedback: Feedback, now: datetime) -> bool:
    """Whether a stranger may join it now."""
    since = ended_at(feedback.status, [(entry.kind, entry.at) for entry in feedback.history])
    return shown(feedback.shared, feedback.kind, feedback.status, since, now)


def join(feedback: Feedback, voice: Voice, tracking_token: str) -> Step:
    """One voice per person; the same again changes nothing.

    The submitter's own is one more like any other. Were it refused, or left out of any count, whoever types a
    colleague's address could learn whose feedback this is. When no more can join, an address that has joined is refused
    like a new one: the answer must not tell the two apart.
    """
    repeated = any(known.id == voice.id for known in feedback.voices)
    counts = voice.email is not None or not repeated
    if counts and len(feedback.voices) >= VOICES_MOST:
        raise IllegalMove(
            "So many people have joined this that one more changes nothing. Everybody knows it is wanted."
        )
    if counts and not has_room(feedback, voice.name, voice.email):
        raise IllegalMove("So much has been said about this that nobody more can join. Please send your own words.")
    if repeated:
        return feedback, []
    joined = replace(feedback, voices=(*feedback.voices, voice))
    event = FeedbackJoined(
        voice=voice.id,
        voices=count(joined),
        language=voice.language,
        person=voice.person,
        name=voice.name,
        email=voice.email,
        tracking_token=tracking_token,
    )
    return joined, [event]


def count(feedback: Feedback) -> int:
    """How many people say it, the submitter included: the same number on each page and in each mail."""
    return 1 + len(feedback.voices)
