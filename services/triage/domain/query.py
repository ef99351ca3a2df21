"""What somebody wants to see of the cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from .case import Case

DUE, OLDEST, NEWEST = "due", "age", "-age"
SORTS = (DUE, OLDEST, NEWEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Filters that all apply; `units` limits what the asker may see, None is no limit."""

    units: tuple[str, ...] | None = None
    unit: str | None = None
    states: tuple[str, ...] = ()
    owner: str | None = None
    kind: str | None = None
    is_open: bool | None = None
    q: str | None = None
    sort: str = DUE
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases in order; `after` continues behind the last one, None when there are no more."""

    cases: Sequence[Case]
    after: str | None
