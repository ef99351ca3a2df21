"""The ways a message leaves: one complete file per channel behind one small protocol."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message ready to leave: two addresses for the envelope, and the words as text, HTML and as sent."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    source: bytes
    at: datetime


class TransportError(Exception):
    """The message did not leave.

    `permanent`: no use in trying again. `code` and `reply` say why and hold no address. `doubt`: the message was handed
    over and the answer got lost, so it may have left after all.
    """

    def __init__(self, code: str, *, permanent: bool = False, reply: str | None = None, doubt: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.reply = reply or code
        self.doubt = doubt


class Channel(Protocol):
    """Takes a mail for one recipient."""

    @property
    def name(self) -> str: ...

    def send(self, mail: Mail) -> str:
        """Hand it over and return the answer, a code without personal data; raises TransportError."""
        ...
