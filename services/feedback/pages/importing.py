"""Feedback from before is taken over from a table: look first, then go, and see how far it is."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ...chassis.bodies import takes_files
from ...chassis.clock import Clock
from ...chassis.errors import NotFound
from ...chassis.identity import ADMIN, signed_in, staff_page
from ...chassis.settings import Settings
from ..handlers.importing import ImportRow, begin_import, go_on
from ..schemas.table import LARGEST, SENTENCES, RowSchema, Table, Unreadable, read_table
from ..store import Stores
from ..store.imports import Import

IMPORT: Final = "/intake/import"
SHOWN: Final = 100
"""Rows with problems that a page lists."""

COLUMNS: Final = tuple(RowSchema._declared_fields)


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """Everything below /intake/import."""
    pages = Blueprint("importing", __name__)
    _looking(pages, stores, clock, settings)
    _going(pages, stores, clock, settings)
    return pages


def _looking(pages: Blueprint, stores: Stores, clock: Clock, settings: Settings) -> None:
    @pages.get(IMPORT)
    @staff_page(ADMIN)
    def show() -> Response:
        return _start(stores)

    @pages.post(IMPORT)
    @takes_files
    @staff_page(ADMIN)
    def look() -> BaseResponse:
        file = request.files.get("table")
        content = file.read(LARGEST + 1) if file else b""
        if not content:
            return _start(stores, "Choose the file that holds the table.")
        try:
            table = read_table(content, stores.units.current(), settings.time_zone, clock.now())
        except Unreadable as error:
            return _start(stores, str(error))
        name = ((file.filename if file else None) or "table.csv")[:100]
        good = [row.line for row in table.rows if row.said]
        begun = begin_import(name, content, good, signed_in().name, stores.imports, clock.now())
        return make_response(_report(begun, table))


def _going(pages: Blueprint, stores: Stores, clock: Clock, settings: Settings) -> None:
    secret = settings.secret_key.reveal()

    def good_rows(content: bytes, lines: Collection[int]) -> Mapping[int, ImportRow]:
        table = read_table(content, stores.units.current(), settings.time_zone, clock.now(), lines)
        return {row.line: ImportRow(row.key, row.said) for row in table.rows if row.said}

    @pages.get(f"{IMPORT}/<import_id>")
    @staff_page(ADMIN)
    def progress(import_id: str) -> str:
        found = stores.imports.find(import_id)
        if found is None:
            raise NotFound
        return render_template("feedback/import_progress.html", running=found)

    @pages.post(f"{IMPORT}/<import_id>")
    @staff_page(ADMIN)
    def step(import_id: str) -> Any:
        further = go_on(import_id, good_rows, stores, secret, clock.now())
        if "HX-Request" in request.headers:
            return render_template("feedback/_import_bar.html", running=further)
        if further.ended_at:
            flash(f"{further.name} is taken over.", "success")
        return redirect(f"{IMPORT}/{import_id}", 303)


def _start(stores: Stores, error: str = "") -> Response:
    errors = {"table": error} if error else {}
    page = render_template(
        "feedback/import.html", errors=errors, columns=COLUMNS, sentences=SENTENCES, latest=stores.imports.latest()
    )
    return make_response(page, 422 if error else 200)


def _report(begun: Import, table: Table) -> str:
    wrong = [row for row in table.rows if row.said is None]
    return render_template("feedback/import_report.html", running=begun, table=table, wrong=wrong, shown=SHOWN)
