"""Feedback from before is taken over row by row; a second run of the same table adds nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ...chassis import ids
from ...chassis.errors import Conflict, Invalid, NotFound
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
    """What became of some rows: new; here already; here with other contents; refused since they were looked at."""

    added: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def import_row(row: ImportRow, stores: Stores, secret: str, now: datetime) -> Tally:
    """Take one row over; what came with the same key stays as it came first. Raises Unavailable."""
    command = SubmitFeedback(said=row.said, scope="import", key=row.key)
    try:
        receipt = submit_feedback(command, stores.feedbacks, stores.units, secret, now)
    except AlreadySaid:
        return Tally(changed=1)
    return Tally(known=1) if receipt.repeated else Tally(added=1)


def _take(row: ImportRow, stores: Stores, secret: str, now: datetime) -> Tally:
    try:
        return import_row(row, stores, secret, now)
    except Invalid:
        return Tally(refused=1)


def begin_import(
    name: str, content: bytes, lines: Sequence[int], by: str, imports: ImportStore, now: datetime
) -> Import:
    """Remember a table that somebody looks at, and the `lines` of its good rows; none is taken over yet."""
    imports.forget_abandoned(now - ABANDONED)
    begun = Import(id=ids.random_id(), name=name, by=by, begun_at=now, content=content, lines=tuple(lines))
    imports.add(begun)
    return begun


def go_on(
    import_id: str,
    read: Callable[[bytes, Collection[int]], Mapping[int, ImportRow]],
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
    lines = found.lines[found.done : found.done + STEP]
    rows = read(found.content, lines)
    with ThreadPoolExecutor(THREADS) as pool:  # their writes meet in the group commit
        good = [rows[line] for line in lines if line in rows]
        # A row may be refused that was good before: its unit may have gone since.
        tally = sum(pool.map(lambda row: _take(row, stores, secret, now), good), Tally(refused=len(lines) - len(good)))
    done = min(found.done + STEP, found.total)
    further = replace(
        found,
        done=done,
        added=found.added + tally.added,
        known=found.known + tally.known,
        changed=found.changed + tally.changed,
        refused=found.refused + tally.refused,
        content=None if done >= found.total else found.content,
        ended_at=now if done >= found.total else None,
    )
    try:
        stores.imports.save(found, further)
    except Conflict:
        return stores.imports.find(import_id) or further
    return further
