"""The three sentences on top of the page: what a reader must know first, each said of figures that can be opened."""

from dataclasses import dataclass

from .figures import SMALL_GROUP
from .report import Point, Report, UnitReport
from .window import label

NOTABLE = 0.2
"""A smaller change of a mean is not called one."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the figure behind it, of one unit or of all."""

    text: str
    measure: str
    unit: str | None = None


def sentences(report: Report) -> list[Sentence]:
    """Waiting, satisfaction, closing of the loop; each says when there is too little to tell."""
    return [_waiting(report), _satisfaction(report), _closing(report)]


def _waiting(report: Report) -> Sentence:
    everywhere = report.total["overdue"]
    if not everywhere.n and any(not row.ended for row in report.rows):
        return Sentence("Nobody waits for a promised day: what is open was imported.", "overdue")
    if not everywhere.n:
        return Sentence("Nothing is open: everything received in this period has ended.", "overdue")
    if not everywhere.counted:
        return Sentence(f"Nobody waits longer than promised; {_cases(everywhere.n)} open.", "overdue")
    worst = max(report.units, key=lambda unit: len(unit.figures["overdue"].counted))
    figure = worst.figures["overdue"]
    late, still = len(figure.counted), figure.n
    wait = "waits" if late == 1 else "wait"
    text = f"{worst.name}: {late} of {_open(still)} {wait} longer than promised."
    return Sentence(text, "overdue", worst.unit)


def _satisfaction(report: Report) -> Sentence:
    moves = [(unit, *two) for unit in report.units if (two := _last_two(unit))]
    if moves:
        unit, before, after = max(moves, key=lambda move: _change(*move[1:]))
        return Sentence(_moved(report, unit, before, after), "satisfaction", unit.unit)
    figure = report.total["satisfaction"]
    if figure.value is not None:
        return Sentence(f"Satisfaction is {figure.value:.1f} of 5, from {figure.n} answers.", "satisfaction")
    answers = sum(row.score is not None for row in report.rows)
    said = {0: "Nobody has said yet how it went", 1: "1 answer so far on how it went"}
    start = said.get(answers, f"{answers} answers so far on how it went")
    return Sentence(f"{start}; a score is shown from {SMALL_GROUP} answers on.", "response_rate")


def _moved(report: Report, unit: UnitReport, before: Point, after: Point) -> str:
    old, new = before.satisfaction.value or 0.0, after.satisfaction.value or 0.0
    step = report.window.step
    now = f"{new:.1f} in {label(after.first, step)} ({after.satisfaction.n} answers)"
    then = f"{old:.1f} in {label(before.first, step)} ({before.satisfaction.n})"
    if abs(new - old) < NOTABLE:
        return f"{unit.name}: satisfaction is about the same, {now} after {then}."
    return f"{unit.name}: satisfaction {'rose' if new > old else 'fell'} to {now} from {then}."


def _closing(report: Report) -> Sentence:
    figure = report.total["loop_closure"]
    told, n = len(figure.counted), figure.n
    if not n:
        return Sentence("Nothing was received in this period.", "received")
    text = f"For {told} of {n} received, the person knows how it ended ({_percent(told, n)})"
    enough = [unit for unit in report.units if unit.figures["loop_closure"].n >= SMALL_GROUP]
    if len(enough) < 2:
        return Sentence(f"{text}.", "loop_closure")
    lowest = min(enough, key=lambda unit: unit.figures["loop_closure"].value or 0.0)
    low = lowest.figures["loop_closure"]
    return Sentence(f"{text}; fewest at {lowest.name} ({_percent(len(low.counted), low.n)}).", "loop_closure")


def _last_two(unit: UnitReport) -> tuple[Point, Point] | None:
    shown = [point for point in unit.trend if point.satisfaction.value is not None]
    return (shown[-2], shown[-1]) if len(shown) > 1 else None


def _change(before: Point, after: Point) -> float:
    return abs((after.satisfaction.value or 0.0) - (before.satisfaction.value or 0.0))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}\N{NO-BREAK SPACE}%"


def _cases(n: int) -> str:
    return "1 case is" if n == 1 else f"{n} cases are"


def _open(n: int) -> str:
    return "1 open case" if n == 1 else f"{n} open cases"
