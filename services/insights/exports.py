"""The figures and the rows behind them as CSV (RFC 4180, UTF-8), safe to open in a spreadsheet.

A journey's row says whether it was answered but not how: the scores stand apart, grouped and sorted, without anything
that leads back to one feedback.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Final

from .domain.figures import MEASURES, publishable
from .domain.journey import Journey
from .domain.report import Report
from .schemas import counted

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | bool | datetime | None

JOURNEY_COLUMNS: Final = (
    *("feedback", "number", "unit", "service", "kind", "channel", "language", "anonymous", "rating", "state"),
    *("received_at", "answer_due", "first_answer_at", "outcome_due", "first_outcome_at", "last_outcome_at"),
    *("outcome", "reason", "closures", "reopened", "told", "told_last_outcome", "answered"),
    *("voices", "withdrawn_at"),
)


def journeys(rows: Sequence[Journey]) -> str:
    """One line per journey."""
    return _csv([JOURNEY_COLUMNS, *map(_journey, rows)])


def summary(report: Report) -> str:
    """One line per unit and measure; the first lines, without a unit, are of all of them together."""
    whole = [("", "All units", report.total), *((one.unit, one.name, one.figures) for one in report.units)]
    lines = [
        (unit, name, measure, MEASURES[measure].form, figure.value, figure.n, counted(measure, figure))
        for unit, name, figures in whole
        for measure, figure in figures.items()
    ]
    return _csv([("unit", "name", "measure", "form", "value", "n", "counted"), *lines])


def scores(report: Report) -> str:
    """One line per answer that is part of a mean; pooled ones without their point, or without their unit as well."""
    lines = [
        (told.unit or "", told.first.isoformat() if told.first else "", row.score)
        for told in publishable(report.rows, report.window)
        for row in told.rows
    ]
    return _csv([("unit", "from", "score"), *sorted(lines, key=str)])


def _journey(row: Journey) -> tuple[Cell, ...]:
    first, latest = (row.outcomes[0], row.outcomes[-1]) if row.outcomes else (None, None)
    last = row.closures[-1] if row.closures else None
    return (
        *(row.id, row.number, row.unit, row.service, row.kind, row.channel, row.language, row.anonymous, row.rating),
        row.state,
        *(row.received_at, row.answer_due, row.first_answer_at, row.outcome_due),
        *(first.at if first else None, latest.at if latest else None),
        *(last.outcome if last else None, last.reason if last else None),
        *(len(row.closures), row.reopened, row.told_outcome, row.loop_closed, row.score is not None),
        *(row.voices, row.withdrawn_at),
    )


def _csv(lines: Iterable[Iterable[Cell]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_cell(cell) for cell in line] for line in lines)
    return text.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat()
    text = str(cell)
    # A spreadsheet would run it as a formula.
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA_STARTS) else text
