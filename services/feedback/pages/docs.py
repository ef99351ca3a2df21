"""The API's one document and the page that shows it, both without another host."""

from pathlib import Path

from flask import Blueprint, Response, render_template

from ...chassis.errors import NotFound

OPENAPI_FILE = Path(__file__).parents[2] / "openapi.json"
"""The merged document of all services."""


def blueprint() -> Blueprint:
    """/docs and /v1/openapi.json."""
    pages = Blueprint("docs", __name__)

    @pages.get("/v1/openapi.json")
    def openapi() -> Response:
        if not OPENAPI_FILE.is_file():
            raise NotFound
        return Response(OPENAPI_FILE.read_bytes(), content_type="application/json")

    @pages.get("/docs")
    def docs() -> str:
        return render_template("ui/docs.html", spec_url="/v1/openapi.json")

    return pages
