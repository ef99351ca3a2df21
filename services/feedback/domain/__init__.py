"""What a feedback is and may become. Pure: no clock, no database, no web."""

from .directory import Directory, Unit, UnknownService, UnknownUnit
from .feedback import (
    ACKNOWLEDGED,
    DEFAULT_KIND,
    IN_PROGRESS,
    REOPENED,
    WAITING,
    Entry,
    Feedback,
    Submission,
)
from .moves import (
    IllegalMove,
    KeyReused,
    Labels,
    Step,
    Words,
    assigned,
    closed,
    moved,
    opened,
    rate,
    receive,
    reply,
)

__all__ = [
    "ACKNOWLEDGED",
    "DEFAULT_KIND",
    "IN_PROGRESS",
    "REOPENED",
    "WAITING",
    "Directory",
    "Entry",
    "Feedback",
    "IllegalMove",
    "KeyReused",
    "Labels",
    "Step",
    "Submission",
    "Unit",
    "UnknownService",
    "UnknownUnit",
    "Words",
    "assigned",
    "closed",
    "moved",
    "opened",
    "rate",
    "receive",
    "reply",
]
