"""Every figure with the journeys it was computed from: one function makes both, so they cannot differ.

A score is a mean of people's answers and is told only of groups of SMALL_GROUP or more. What is too thin at one point
is pooled, first over its unit, then over all units, and counts where the pool is large enough: no mean on the page
minus another one there gives a smaller group away.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median
from typing import Final, TypeVar

from .journey import Journey
from .window import Window

SMALL_GROUP: Final = 5
SCORE, SHARE, HOURS, COUNT = "score", "share", "hours", "count"
Rows = Sequence[Journey]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, the journeys it is made from, and of a share those that count; `value` is None where there is none."""

    value: float | None
    rows: tuple[Journey, ...]
    counted: tuple[Journey, ...] = ()

    @property
    def n(self) -> int:
        """How many journeys it is made from."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure's name, label, meaning, form (score 1 to 5, share 0 to 1, hours, count), and what makes it."""

    name: str
    label: str
    meaning: str
    form: str
    compute: Callable[[Rows, Window, datetime], Figure]


def received(rows: Rows, window: Window, now: datetime) -> Figure:
    return Figure(len(rows), tuple(rows), tuple(rows))


def score(rows: Rows, window: Window, now: datetime) -> Figure:
    shown = tuple(row for told in publishable(rows, window) for row in told.rows)
    return Figure(fmean([row.score for row in shown if row.score]) if shown else None, shown, shown)


def response_rate(rows: Rows, window: Window, now: datetime) -> Figure:
    return _share([row for row in rows if row.told_outcome], lambda row: row.score is not None)


def loop_closure(rows: Rows, window: Window, now: datetime) -> Figure:
    return _share(rows, lambda row: row.loop_closed)


def first_answer(rows: Rows, window: Window, now: datetime) -> Figure:
    return _median_hours(rows, lambda row: row.time_to_answer)


def outcome(rows: Rows, window: Window, now: datetime) -> Figure:
    return _median_hours(rows, lambda row: row.time_to_outcome)


def answered_on_time(rows: Rows, window: Window, now: datetime) -> Figure:
    decided = [row for row in rows if row.answer_kept(now) is not None]
    return _share(decided, lambda row: row.answer_kept(now) is True)


def ended_on_time(rows: Rows, window: Window, now: datetime) -> Figure:
    decided = [row for row in rows if row.outcome_kept(now) is not None]
    return _share(decided, lambda row: row.outcome_kept(now) is True)


def overdue(rows: Rows, window: Window, now: datetime) -> Figure:
    return _share([row for row in rows if not row.ended and not row.imported], lambda row: row.overdue(now))


MEASURES: Final = {
    measure.name: measure
    for measure in (
        Measure(
            "received",
            "Received",
            "Feedback that arrived in the period; imported feedback counts on the day it was said.",
            COUNT,
            received,
        ),
        Measure(
            "satisfaction",
            "Satisfaction",
            "The mean of the answers to “how did it go?” after an outcome, from 1 (very bad) to 5 (very good); of each"
            " feedback the latest answer. Groups of fewer than 5 answers are shown only together with others.",
            SCORE,
            score,
        ),
        Measure(
            "response_rate",
            "Response rate",
            "Of the feedback whose submitter was told an outcome, the share that answered how it went. Who withdraws is"
            " not asked.",
            SHARE,
            response_rate,
        ),
        Measure(
            "loop_closure",
            "Loop closed",
            "Of all feedback received, the share that has ended and whose submitter was told so: by mail that was"
            " accepted, or on the tracking page where there is no address.",
            SHARE,
            loop_closure,
        ),
        Measure(
            "first_answer",
            "First answer",
            "The median time from arrival to the first acknowledgement, question or outcome, nights and weekends"
            " included. What has no answer yet, or was imported, is not in it.",
            HOURS,
            first_answer,
        ),
        Measure(
            "outcome",
            "Outcome",
            "The median time from arrival to the latest outcome of what has ended, nights and weekends included. What"
            " was withdrawn or imported is not in it.",
            HOURS,
            outcome,
        ),
        Measure(
            "answered_on_time",
            "Answered in time",
            "Of the feedback that has its first answer or should have it, the share that got it by the promised day."
            " What was imported, or withdrawn before its day, is not in it.",
            SHARE,
            answered_on_time,
        ),
        Measure(
            "ended_on_time",
            "Ended in time",
            "Of the feedback that has an outcome or should have it, the share whose first outcome came by the promised"
            " day. What was imported, or withdrawn before its day, is not in it.",
            SHARE,
            ended_on_time,
        ),
        Measure(
            "overdue",
            "Overdue now",
            "Of the feedback that has not ended, the share that waits for an answer or an outcome past its day."
            " Imported feedback was promised none and is not in it.",
            SHARE,
            overdue,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Told:
    """Answers that may be told in one mean: of a unit at one point; pooled, without the point; or without both."""

    unit: str | None
    first: date | None
    rows: tuple[Journey, ...]


def publishable(rows: Rows, window: Window) -> list[Told]:
    """The answered journeys in groups large enough to be part of a mean."""
    shown: list[Told] = []
    thin = [row for row in rows if row.score is not None]
    levels: tuple[Callable[[Journey], tuple[str | None, date | None]], ...] = (
        lambda row: (row.unit, window.point_of(row.received_at)),
        lambda row: (row.unit, None),
        lambda row: (None, None),
    )
    for level in levels:
        groups = grouped(thin, level)
        shown += [Told(*key, tuple(group)) for key, group in groups.items() if len(group) >= SMALL_GROUP]
        thin = [row for group in groups.values() if len(group) < SMALL_GROUP for row in group]
    return shown


def grouped(rows: Iterable[Journey], key: Callable[[Journey], K]) -> dict[K, list[Journey]]:
    """Rows by key, in the order in which they come."""
    groups: dict[K, list[Journey]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _share(rows: Rows, counts: Callable[[Journey], bool]) -> Figure:
    counted = tuple(row for row in rows if counts(row))
    return Figure(len(counted) / len(rows) if rows else None, tuple(rows), counted)


def _median_hours(rows: Rows, measured: Callable[[Journey], timedelta | None]) -> Figure:
    times = [(row, time) for row in rows if (time := measured(row)) is not None]
    hours = [max(time.total_seconds(), 0.0) / 3600 for _, time in times]
    having = tuple(row for row, _ in times)
    return Figure(median(hours) if hours else None, having, having)
