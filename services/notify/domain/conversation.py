"""What is known of a conversation: whom to tell, and how it stands."""

from dataclasses import dataclass, replace
from datetime import datetime

from ...contracts.feedback import BY_EMAIL, EVERYTHING, WEB


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person wants to hear, one of WISHES, and how, one of WAYS."""

    wants: str = EVERYTHING
    way: str = BY_EMAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Somebody who is told: the submitter, or who joined them, then `voice` is their id."""

    person: str
    name: str | None
    email: str | None
    language: str
    tracking_token: str
    voice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a conversation ended; `closure` counts the endings of one case from 1."""

    closure: int
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What telling people about a feedback takes; `id` is the feedback's.

    `recorded_by` and `said_at` mean what they mean in FeedbackSubmitted.
    """

    id: str
    number: str
    person: str
    name: str | None
    email: str | None
    language: str
    tracking_token: str
    unit: str
    liaison_name: str
    answer_due: datetime
    time_zone: str | None = None
    """The unit's, in which the promised day is told; None: the install's."""

    channel: str = WEB
    recorded_by: str | None = None
    said_at: datetime | None = None
    about: str | None = None
    """The words that others could read before they joined, cut short; None of what is not shared."""

    voices: tuple[Listener, ...] = ()
    ended: Ending | None = None
    resumed: int = 0
    """The last ending after which the case was opened again; its closing message is news no longer."""

    unsettled_since: datetime | None = None
    """Since when a closing message is owed; a shortlist for `unsettled_closures`, which looks at the messages."""

    @property
    def submitter(self) -> Listener:
        """Who spoke up."""
        return Listener(
            person=self.person,
            name=self.name,
            email=self.email,
            language=self.language,
            tracking_token=self.tracking_token,
        )

    @property
    def owed(self) -> tuple[Listener, ...]:
        """Who must hear how it ends: the submitter in any case, of those who joined whoever left an address."""
        return (self.submitter, *(voice for voice in self.voices if voice.email))


def join(conversation: Conversation, voice: Listener, now: datetime) -> Conversation:
    """Somebody says the same; the same voice again changes nothing. Of what has ended, the outcome is owed to them.

    It is owed from now on, so that whoever looked a moment ago does not take it off the shortlist.
    """
    if any(known.voice == voice.voice for known in conversation.voices):
        return conversation
    joined = replace(conversation, voices=(*conversation.voices, voice))
    return replace(joined, unsettled_since=now) if joined.ended else joined


def end(conversation: Conversation, closure: int, outcome: str, at: datetime) -> Conversation:
    """The conversation ended; its closing messages are owed from now on."""
    return replace(conversation, ended=Ending(closure=closure, outcome=outcome, at=at), unsettled_since=at)


def resume(conversation: Conversation) -> Conversation:
    """The case is open again."""
    resumed = conversation.ended.closure if conversation.ended else conversation.resumed
    return replace(conversation, ended=None, resumed=resumed, unsettled_since=None)
