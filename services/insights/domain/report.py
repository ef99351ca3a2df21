"""A report: all figures of a window, in total, by unit and by point, from one reading of the journeys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .figures import MEASURES, Figure, Rows, grouped, response_rate, score
from .journey import Journey
from .window import Window

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Point:
    """Satisfaction of one unit at one point; `answers` are all of them, shown in a mean or not."""

    first: date
    satisfaction: Figure
    response: Figure
    answers: int


@dataclass(frozen=True, slots=True)
class UnitReport:
    """One unit's figures and its trend."""

    unit: str
    name: str
    figures: Figures
    trend: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What the page, the API and the exports show."""

    window: Window
    rows: tuple[Journey, ...]
    total: Figures
    units: tuple[UnitReport, ...]


def report(rows: Rows, names: Mapping[str, str], window: Window, now: datetime) -> Report:
    """Compute everything; `names` are the units to report on even when nothing arrived there."""
    by_unit = grouped(rows, lambda row: row.unit)
    everyone = {**{unit: unit for unit in by_unit}, **names}
    units = [
        UnitReport(unit, name, _figures(mine := by_unit.get(unit, []), window, now), _trend(mine, window, now))
        for unit, name in sorted(everyone.items(), key=lambda item: item[1].casefold())
    ]
    return Report(window, tuple(rows), _figures(rows, window, now), tuple(units))


def _figures(rows: Rows, window: Window, now: datetime) -> Figures:
    return {name: measure.compute(rows, window, now) for name, measure in MEASURES.items()}


def _trend(rows: Sequence[Journey], window: Window, now: datetime) -> tuple[Point, ...]:
    by_point = grouped(rows, lambda row: window.point_of(row.received_at))
    return tuple(_point(first, by_point.get(first, []), window, now) for first in window.points())


def _point(first: date, rows: Rows, window: Window, now: datetime) -> Point:
    answers = sum(row.score is not None for row in rows)
    return Point(first, score(rows, window, now), response_rate(rows, window, now), answers)
