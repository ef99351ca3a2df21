"""The API's one document and the page that shows it, both without another host."""

from pathlib import Path

from flask import Blueprint, Response, render_template

from ...chassis.errors import NotFound


def blueprint(document: Path) -> Blueprint:
    """/docs and /v1/openapi.json, the merged document of all services."""
    pages = Blueprint("docs", __name__)

    @pages.get("/v1/openapi.json")
    def openapi() -> Response:
        if not document.is_file():
            raise NotFound
        return Response(document.read_bytes(), content_type="application/json")

    @pages.get("/docs")
    def docs() -> str:
        return render_template("ui/docs.html", spec_url="/v1/openapi.json")

    return pages
