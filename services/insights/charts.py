"""Where the parts of a chart stand: one unit's satisfaction over time, 1 to 5, with a gap where too few answered."""

from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final

from .domain.figures import SMALL_GROUP
from .domain.report import Point, UnitReport
from .domain.window import Window, label, short_label

NARROW, WIDE = 360, 720
MOST_IN_NARROW: Final = 13
LEFT, RIGHT, TOP, BOTTOM = 28.0, 40.0, 12.0, 132.0
LABEL_WIDTH: Final = {"week": 46.0, "year": 40.0}
USUAL_LABEL_WIDTH: Final = 34.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One point: where it stands, what is written under it, and the sentence that says it; `y` is None in a gap."""

    x: float
    y: float | None
    value: float | None
    answers: int
    label: str | None
    says: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of `width` units; `lines` are paths through neighbours, `levels` the (y, score) of the grid."""

    unit: str
    name: str
    width: int
    marks: tuple[Mark, ...]
    lines: tuple[str, ...]
    levels: tuple[tuple[float, int], ...]

    @property
    def wide(self) -> bool:
        """Whether it needs the page's whole width."""
        return self.width == WIDE

    @property
    def last(self) -> Mark | None:
        """The latest point that has a score."""
        return next((mark for mark in reversed(self.marks) if mark.y is not None), None)

    @property
    def says(self) -> str:
        """The whole chart in words."""
        return " ".join(f"{mark.says}." for mark in self.marks)


def chart(one: UnitReport, window: Window) -> Chart:
    """The chart of one unit."""
    count = len(one.trend)
    width = NARROW if count <= MOST_IN_NARROW else WIDE
    gap = (width - LEFT - RIGHT) / max(count - 1, 1)
    every = ceil(LABEL_WIDTH.get(window.step, USUAL_LABEL_WIDTH) / gap)
    marks = tuple(
        _mark(point, LEFT + gap * index, window, (count - 1 - index) % every == 0)
        for index, point in enumerate(one.trend)
    )
    levels = tuple((_height(level), level) for level in (5, 4, 3, 2, 1))
    return Chart(one.unit, one.name, width, marks, _lines(marks), levels)


def says(point: Point, window: Window) -> str:
    """One point in words."""
    when = label(point.first, window.step)
    if point.satisfaction.value is not None:
        return f"{when}: {point.satisfaction.value:.1f} from {point.answers} answers"
    return f"{when}: {'no' if not point.answers else f'fewer than {SMALL_GROUP}'} answers"


def _mark(point: Point, x: float, window: Window, labelled: bool) -> Mark:
    value = point.satisfaction.value
    under = short_label(point.first, window.step) if labelled else None
    y = None if value is None else _height(value)
    return Mark(round(x, 1), y, value, point.answers, under, says(point, window))


def _height(score: float) -> float:
    return round(BOTTOM - (score - 1) / 4 * (BOTTOM - TOP), 1)


def _lines(marks: tuple[Mark, ...]) -> tuple[str, ...]:
    runs = [list(run) for shown, run in groupby(marks, lambda mark: mark.y is not None) if shown]
    return tuple("M" + " ".join(f"{mark.x} {mark.y}" for mark in run) for run in runs if len(run) > 1)
