"""How much one network may send to the public pages in a minute; what was typed is shown again and not lost."""

from dataclasses import dataclass
from typing import Final

from flask import request
from flask_babel import gettext as _

from ..throttle import Throttle, network

JOINS_EACH_MINUTE: Final = 20
"""Each one may send a mail to an address that anybody can type."""

LOOKS_EACH_MINUTE: Final = 120
"""Questions for what is similar: one costs more than a page, and who types asks less than one a second."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of all public pages of this process; `per_minute` of 0 is none. This machine's own are free."""

    throttle: Throttle
    per_minute: int

    def wait(self) -> int:
        """Count one form; for how many seconds to wait when it was one too many, else 0."""
        return self._wait("page", self.per_minute)

    def wait_to_join(self) -> int:
        """The same, for a "me too"."""
        return self.wait() or self._wait("join", JOINS_EACH_MINUTE)

    def wait_to_look(self) -> int:
        """The same, for a look at what is similar."""
        return self.wait() or self._wait("look", LOOKS_EACH_MINUTE)

    def _wait(self, what: str, most: int) -> int:
        address = network(request.remote_addr)
        return self.throttle.wait(f"{what} {address}", most) if address and self.per_minute else 0


def sentence(seconds: int) -> str:
    """What the page says above the words."""
    said = _(
        "That was a lot at once. Please wait %(seconds)s seconds and send it again; nothing you wrote is lost.",
        seconds=seconds,
    )
    return str(said)
