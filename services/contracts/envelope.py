"""The CloudEvents 1.0 envelope every event travels in.

`subject` is the aggregate's id and the key on the log; `seq` counts the events of one aggregate from 1, so that a
consumer can tell a redelivery (decision D3: the mark "applied up to seq n" is stored with the effect).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope(Generic[E]):
    """One event with what is known about it; `time` is UTC."""

    id: str
    type: str
    version: int
    subject: str
    seq: int
    time: datetime
    correlation_id: str
    causation_id: str | None
    data: E

    @property
    def topic(self) -> str:
        """The topic the event belongs on: the first word of its type."""
        return self.type.split(".")[0]
