"""The filter as it stands in a URL, and the JSON shapes of the API."""

from datetime import date
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from ..chassis.errors import NotFound
from ..chassis.identity import Identity, require_visible
from .domain.figures import MEASURES, SHARE, SMALL_GROUP, Figure
from .domain.report import Figures, Point, Report, UnitReport
from .domain.window import MONTH, STEPS
from .handlers import AskForReport

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
_day = validate.Range(FIRST_DAY, LAST_DAY, error="A day between 2000 and 2100, please.")
_not_a_day: Any = {"invalid": "Write the day like 2026-11-23."}


class FilterSchema(Schema):
    """Of which unit, received from which day to which day (both included), and how long a point of the trend is."""

    class Meta:
        unknown = EXCLUDE

    unit = fields.String(load_default=None, metadata={"description": "A unit's id; without it, every unit you may see"})
    start = fields.Date(data_key="from", load_default=None, validate=_day, error_messages=_not_a_day)
    end = fields.Date(data_key="to", load_default=None, validate=_day, error_messages=_not_a_day)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["start"] and data["end"] and data["start"] > data["end"]:
            raise ValidationError("The last day lies before the first.", "to")


class TrendFilterSchema(FilterSchema):
    """The same, with the length of a point; a step too fine for the days asked for becomes the finest that fits."""

    step = fields.String(load_default=MONTH, validate=validate.OneOf(STEPS, error="One of: {choices}."))


def question(values: dict[str, Any], identity: Identity, known: dict[str, str]) -> AskForReport:
    """What is asked, within what this person may see; raises NotFound for a unit that does not exist for them."""
    unit = values.get("unit")
    if unit is None:
        units = identity.visible_units()
    else:
        require_visible(identity, unit)
        if unit not in known:
            raise NotFound
        units = (unit,)
    return AskForReport(units=units, start=values["start"], end=values["end"], step=values.get("step", MONTH))


class FigureSchema(Schema):
    """A number and how many feedback it is made from; of a share also how many count."""

    value = fields.Float(
        allow_none=True, metadata={"description": "Null where there is nothing, or too little, to tell"}
    )
    n = fields.Integer()
    counted = fields.Integer(allow_none=True)


FiguresSchema: Final = Schema.from_dict(
    {
        measure.name: fields.Nested(FigureSchema, metadata={"description": f"{measure.meaning} ({measure.form})"})
        for measure in MEASURES.values()
    },
    name="InsightsFiguresSchema",
)


class UnitFiguresSchema(Schema):
    """One unit's figures."""

    unit = fields.String()
    name = fields.String()
    figures = fields.Nested(FiguresSchema)


class PeriodSchema(Schema):
    """The days the figures are about, as they were understood."""

    start = fields.Date(data_key="from")
    end = fields.Date(data_key="to")
    time_zone = fields.String()
    small_group = fields.Integer(metadata={"description": "Below this many answers no score is told"})


class InsightsSummarySchema(PeriodSchema):
    """All figures, in total and by unit."""

    total = fields.Nested(FiguresSchema)
    units = fields.List(fields.Nested(UnitFiguresSchema))


class TrendPointSchema(Schema):
    """Satisfaction at one point."""

    start = fields.Date(data_key="from")
    satisfaction = fields.Float(allow_none=True)
    answers = fields.Integer()
    told = fields.Integer(metadata={"description": "Feedback whose submitter was told an outcome"})
    response_rate = fields.Float(allow_none=True)


class UnitTrendSchema(Schema):
    """One unit's trend."""

    unit = fields.String()
    name = fields.String()
    points = fields.List(fields.Nested(TrendPointSchema))


class InsightsTrendSchema(PeriodSchema):
    """Satisfaction over time by unit."""

    step = fields.String()
    units = fields.List(fields.Nested(UnitTrendSchema))


def summary(report: Report) -> dict[str, Any]:
    """A report as InsightsSummarySchema."""
    units = [{"unit": one.unit, "name": one.name, "figures": _figures(one.figures)} for one in report.units]
    return {**_period(report), "total": _figures(report.total), "units": units}


def trend(report: Report) -> dict[str, Any]:
    """A report as InsightsTrendSchema."""
    return {**_period(report), "step": report.window.step, "units": [_trend(one) for one in report.units]}


def counted(name: str, figure: Figure) -> int | None:
    """How many count, where the figure is a share."""
    return len(figure.counted) if MEASURES[name].form == SHARE else None


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        name: {"value": figure.value, "n": figure.n, "counted": counted(name, figure)}
        for name, figure in figures.items()
    }


def _period(report: Report) -> dict[str, Any]:
    window = report.window
    return {"start": window.start, "end": window.end, "time_zone": window.zone, "small_group": SMALL_GROUP}


def _trend(one: UnitReport) -> dict[str, Any]:
    return {"unit": one.unit, "name": one.name, "points": [_point(point) for point in one.trend]}


def _point(point: Point) -> dict[str, Any]:
    return {
        "start": point.first,
        "satisfaction": point.satisfaction.value,
        "answers": point.answers,
        "told": point.response.n,
        "response_rate": point.response.value,
    }
