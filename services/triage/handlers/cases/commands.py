"""What people want done with a case, one class for each move."""

from dataclasses import dataclass

from ....chassis.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something `by` wants done with a case; with a `revision` only if it is still at that one."""

    case: str
    by: Identity
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Command):
    """I have read it and work on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Command):
    """Ask the submitter."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Command):
    """Remember something among staff."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Command):
    """Give it to the account `owner`."""

    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish(Command):
    """It is done."""

    what_was_done: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Command):
    """It will not be done."""

    reason: str
    explanation: str
    alternative: str | None = None
    would_change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkDuplicate(Command):
    """Another case, named by id or number, carries it on."""

    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSeen(Command):
    """The reply is read and needs no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Command):
    """It was not settled after all."""
