"""Feedback from before is taken over row by row; a second run of the same table adds nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ...chassis import ids
from ...chassis.errors import Conflict, NotFound
from ..domain import Submission
from ..store import Stores
from ..store.imports import Import, ImportStore
from .submit import AlreadySaid, SubmitFeedback, submit_feedback

ABANDONED: Final = timedelta(days=1)
"""After that a table that was looked at, or left half way, is forgotten: it is full of names."""

STEP: Final = 100
"""Rows of one request: a second or so."""

THREADS: Final = 10


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One good row."""

    key: str
    said: Submission


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of some rows: new ones, ones that were here already, ones that were here with other contents."""

    added: int = 0
    known: int = 0
    changed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.added + other.added, self.known + other.known, self.changed + other.changed)


def import_row(row: ImportRow, stores: Stores, secret: str, now: datetime) -> Tally:
    """Take one row over; what came with the same key stays as it came first. Raises Unavailable."""
    command = SubmitFeedback(said=row.said, scope="import", key=row.key)
    try:
        receipt = submit_feedback(command, stores.feedbacks, stores.units, secret, now)
    except AlreadySaid:
        return Tally(changed=1)
    return Tally(known=1) if receipt.repeated else Tally(added=1)


def begin_import(name: str, content: bytes, rows: int, by: str, imports: ImportStore, now: datetime) -> Import:
    """Remember a table that somebody looks at; `rows` counts the good ones, and none is taken over yet."""
    imports.forget_abandoned(now - ABANDONED)
    begun = Import(id=ids.random_id(), name=name, by=by, begun_at=now, content=content, total=rows)
    imports.add(begun)
    return begun


def go_on(
    import_id: str,
    read: Callable[[bytes], Sequence[ImportRow]],
    stores: Stores,
    secret: str,
    now: datetime,
) -> Import:
    """Take the next rows over; raises NotFound, Unavailable. Two at once do the same rows, which count once."""
    found = stores.imports.find(import_id)
    if found is None:
        raise NotFound
    if found.content is None:
        return found
    rows = read(found.content)[found.done : found.done + STEP]
    with ThreadPoolExecutor(THREADS) as pool:  # their writes meet in the group commit
        tally = sum(pool.map(lambda row: import_row(row, stores, secret, now), rows), Tally())
    done = min(found.done + STEP, found.total)
    further = replace(
        found,
        done=done,
        added=found.added + tally.added,
        known=found.known + tally.known,
        changed=found.changed + tally.changed,
        content=None if done >= found.total else found.content,
        ended_at=now if done >= found.total else None,
    )
    try:
        stores.imports.save(found, further)
    except Conflict:
        return stores.imports.find(import_id) or further
    return further
