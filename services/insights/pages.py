"""The page of figures, the list of journeys behind each, and the downloads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from marshmallow import ValidationError

from ..chassis.clock import Clock
from ..chassis.errors import NotFound
from ..chassis.identity import signed_in, staff_page
from . import exports, handlers, schemas
from .charts import chart
from .domain.figures import MEASURES, SHARE, SMALL_GROUP, Figure
from .domain.report import Report
from .domain.sentences import sentences
from .domain.window import STEPS, label, short_label
from .store import JourneyStore, UnitStore

MOST_ROWS = 200
FILTER = schemas.TrendFilterSchema()
FIELDS = ("unit", "from", "to", "step")


@dataclass(frozen=True, slots=True)
class Asked:
    """The report, the filter as it stands in the URL, what is wrong with it, and the units to choose from."""

    report: Report
    typed: dict[str, str]
    errors: dict[str, str]
    names: dict[str, str]

    def link(self, path: str, **changes: str | None) -> str:
        """A path with this filter, changed."""
        values = {name: value for name, value in {**self.typed, **changes}.items() if value}
        return f"{path}?{urlencode(values)}" if values else path


def blueprint(journeys: JourneyStore, units: UnitStore, clock: Clock, zone: str) -> Blueprint:
    """The pages below /insights/."""
    pages = Blueprint("insights", __name__, template_folder="templates")

    def ask() -> Asked:
        typed = {name: request.args[name] for name in FIELDS if request.args.get(name)}
        values, errors = _load(typed)
        identity = signed_in()
        question = schemas.question(values, identity, units.names(None))
        report = handlers.answer(question, journeys, units, clock.now(), zone)
        return Asked(report, typed, errors, units.names(identity.visible_units()))

    @pages.get("/insights/")
    @staff_page()
    def overview() -> tuple[str, int]:
        asked = ask()
        return _overview(asked), 422 if asked.errors else 200

    @pages.get("/insights/journeys")
    @staff_page()
    def list_journeys() -> tuple[str, int]:
        asked = ask()
        return _list(asked), 422 if asked.errors else 200

    _downloads(pages, ask)
    return pages


def _downloads(pages: Blueprint, ask: Callable[[], Asked]) -> None:
    def download(name: str, write: Callable[[Report], str]) -> None:
        @staff_page()
        def send() -> Response:
            report = ask().report
            file = f"liaise-{name}-{report.window.start}-{report.window.end}.csv"
            response = Response(write(report), content_type="text/csv; charset=utf-8; header=present")
            response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
            return response

        pages.add_url_rule(f"/insights/{name}.csv", f"download_{name}", send)

    download("journeys", lambda report: exports.journeys(report.rows))
    download("summary", exports.summary)
    download("scores", exports.scores)


def _load(typed: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The filter's values, and what is wrong by field; a field that cannot be read counts as not given."""
    try:
        return FILTER.load(typed), {}
    except ValidationError as error:
        errors = {str(name): str(texts[0]) for name, texts in error.messages_dict.items()}
        return FILTER.load({name: value for name, value in typed.items() if name not in errors}), errors


def _overview(asked: Asked) -> str:
    report, window = asked.report, asked.report.window
    charts = [chart(one, window) for one in report.units]
    return render_template(
        "insights/overview.html",
        asked=asked,
        report=report,
        measures=MEASURES,
        sentences=sentences(report),
        charts=[drawn for drawn in charts if drawn.last],
        silent=[drawn.name for drawn in charts if not drawn.last],
        steps=[(step, f"{step}s".capitalize()) for step in STEPS],
        points=[(label(first, window.step), short_label(first, window.step)) for first in window.points()],
        small_group=SMALL_GROUP,
    )


def _list(asked: Asked) -> str:
    measure = MEASURES.get(request.args.get("measure", "received"))
    if measure is None:
        raise NotFound
    figure: Figure = asked.report.total[measure.name]
    counted = {row.id for row in figure.counted} if measure.form == SHARE else set()
    return render_template(
        "insights/journeys.html",
        asked=asked,
        report=asked.report,
        measure=measure,
        figure=figure,
        counted=counted if measure.form == SHARE else None,
        rows=sorted(figure.rows, key=lambda row: row.id not in counted)[:MOST_ROWS],
        names=asked.names,
        small_group=SMALL_GROUP,
    )
