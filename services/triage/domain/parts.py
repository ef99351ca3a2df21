"""The states of a case, the moves between them, and what a case is made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...contracts.files import File
from .outcomes import ENDINGS

OPEN_STATES: Final = ("new", "acknowledged", "in_progress", "waiting", "reopened")
ENDED_STATES: Final = tuple(ENDINGS)
STATES: Final = OPEN_STATES + ENDED_STATES

MOVES: Final[dict[str, tuple[str, ...]]] = {
    "acknowledge": ("new", "reopened"),
    "ask": OPEN_STATES,
    "assign": OPEN_STATES,
    "done": OPEN_STATES,
    "decline": OPEN_STATES,
    "duplicate": OPEN_STATES,
    "reopen": ENDED_STATES,
}
"""Which move is allowed in which states; a note is allowed in all, `seen` while a reply is unread."""


class IllegalMove(Exception):
    """The case's state does not allow this; the message is for people."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff as cases remember them."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history; `what` is the move, `who` the person, `text` the words.

    What the submitter wrote by mail may have a `full_text`, be from another `sender`, and be of one nobody `verified`.
    """

    at: datetime
    what: str
    who: str | None = None
    text: str | None = None
    full_text: str | None = None
    files: tuple[File, ...] = ()
    sender: str | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """What became of one notification; `reason` is a code and says that it failed.

    It went to the submitter, or to somebody who joined, whose `voice` it names.
    """

    id: str
    at: datetime
    kind: str
    channel: str
    closure: int | None = None
    reason: str | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """The submitter's pulse after a closure, 1 to 5."""

    at: datetime
    closure: int
    score: int
    comment: str | None = None
