"""The API's documentation: one file, one page, no other host."""

from pathlib import Path

from flask import Flask

from services.chassis.http import create_flask
from services.feedback.pages import docs
from tests.unit.feedback.conftest import Room


def app_with(room: Room, document: Path) -> Flask:
    app = create_flask("services.feedback.app", room.process.settings, room.clock, checks={})
    app.register_blueprint(docs.blueprint(document))
    return app


def test_the_document_is_served_as_it_is(room: Room, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_text('{"openapi": "3.1.0"}')
    answer = app_with(room, document).test_client().get("/v1/openapi.json")
    assert answer.json == {"openapi": "3.1.0"}


def test_without_the_document_it_is_a_problem_and_not_a_failure(room: Room, tmp_path: Path) -> None:
    answer = app_with(room, tmp_path / "none").test_client().get("/v1/openapi.json")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_the_page_loads_from_here_alone(room: Room, tmp_path: Path) -> None:
    page = app_with(room, tmp_path / "none").test_client().get("/docs").text
    assert "/v1/openapi.json" in page
    assert "://" not in page.replace("http://www.w3.org", "")
