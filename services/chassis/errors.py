"""The few ways in which something can fail that a caller can act on."""


class NotFound(Exception):
    """Absent, or not for you: the same answer for both."""


class Conflict(Exception):
    """The state does not allow it, or somebody else was quicker."""


class Invalid(Exception):
    """The input cannot be taken; `pointer` names the field (RFC 6901)."""

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer


class Unavailable(Exception):
    """A part this needs is away or overloaded; the same call may work in a moment."""


class NotYet(Exception):
    """The cause of this event has not arrived here; another topic brings it shortly."""
