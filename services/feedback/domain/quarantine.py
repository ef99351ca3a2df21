"""A mail that could not be read, or not be taken: kept as it came until somebody looks at it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """What a person sees of it, and what is needed to take it again; `reason` is a sentence.

    `sender` and `subject` are what its first lines say. `envelope_sender` is "" for the null sender and None where
    nobody knows it, `recipients` are the envelope's, `unit` is whose mailbox it lay in.
    """

    id: str
    reason: str
    received_at: datetime
    sender: str
    subject: str
    size: int
    envelope_sender: str | None = None
    recipients: tuple[str, ...] = ()
    unit: str | None = None
