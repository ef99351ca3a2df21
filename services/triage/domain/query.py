"""What somebody wants to see of the cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .case import Case

DUE, OLDEST, NEWEST = "due", "age", "-age"
SORTS = (DUE, OLDEST, NEWEST)
SLOWEST_MAIL = timedelta(minutes=5)
"""By then a message is sent, has failed, waits for a mail server that is away, or got lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Filters that all apply; `units` limits what the asker may see, None is no limit.

    `unread` asks for cases with a reply that nobody reacted to, `untold_before` for those that ended before that moment
    without any news of their closing message; both come oldest first.
    """

    units: tuple[str, ...] | None = None
    unit: str | None = None
    states: tuple[str, ...] = ()
    owner: str | None = None
    kind: str | None = None
    is_open: bool | None = None
    unread: bool = False
    untold_before: datetime | None = None
    q: str | None = None
    sort: str = DUE
    after: str | None = None
    limit: int = 50


def untold(now: datetime) -> Query:
    """The cases that ended long enough ago that their closing message should be known."""
    return Query(untold_before=now - SLOWEST_MAIL)


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases in order; `after` continues behind the last one, None when there are no more."""

    cases: Sequence[Case]
    after: str | None
