"""What every web process does alike: headers, CSRF, problem details, languages, health, identity."""

from io import BytesIO
from typing import Any

import pytest
import structlog
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask.views import MethodView
from flask_smorest import Blueprint
from pymongo.errors import ServerSelectionTimeoutError

from services.chassis import logs
from services.chassis.errors import Conflict, Invalid, NotFound, Unavailable
from services.chassis.fields import Address, Body, Line, Text
from services.chassis.http import create_flask, make_api
from services.chassis.identity import Identity, current, issue_token, safe_next, sign_in, staff_api, staff_page
from services.chassis.process import Process

ADA = Identity("ada", "Ada Okafor", "admin")
INES = Identity("ines", "Ines Marchetti", "liaison", ("it",))
PROBLEM = "application/problem+json"


class ThingSchema(Body):
    text = Text(20, required=True)
    name = Line(20)
    email = Address()


ERRORS: dict[str, Exception] = {
    "absent": NotFound(),
    "stale": Conflict("Somebody was quicker."),
    "wrong": Invalid("No such unit.", "/unit"),
    "away": Unavailable("Later."),
    "database": ServerSelectionTimeoutError("host:27017"),
}


def api_of(app: Flask) -> None:
    things = Blueprint("things", __name__)

    @things.route("/v1/things")
    class Things(MethodView):
        @things.arguments(ThingSchema)
        @things.response(200, ThingSchema)
        def post(self, thing: dict[str, Any]) -> dict[str, Any]:
            return thing

    @things.route("/v1/fail/<name>")
    def fail(name: str) -> None:
        raise ERRORS[name]

    @things.route("/v1/staff")
    @staff_api("cases")
    def staff() -> dict[str, str]:
        identity = current()
        assert identity
        return {"name": identity.name}

    make_api(app, "Things").register_blueprint(things)


@pytest.fixture
def app(process: Process) -> Flask:
    app = create_flask(__name__, process.settings, process.clock, {"database": process.ping})
    api_of(app)

    @app.route("/page", methods=["GET", "POST"])
    def page() -> str:
        return render_template_string("{% extends 'ui/base.html' %}{% block content %}{{ now|day }}{% endblock %}")

    @app.get("/fail/<name>")
    def fail(name: str) -> str:
        raise ERRORS[name]

    @app.get("/enter")
    def enter() -> str:
        sign_in(INES)
        return ""

    @app.get("/admins")
    @staff_page("admin")
    def admins() -> str:
        return "admins only"

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_every_answer_is_locked_down(client: FlaskClient) -> None:
    headers = client.get("/page").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_behind_tls_a_form_needs_its_token_and_no_referer(process: Process) -> None:
    app = create_flask(__name__, process.settings, process.clock, {})

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return render_template_string("{{ csrf_token() }}")

    browser, site = app.test_client(), "https://feedback.example"
    token = browser.get("/form", base_url=site).text
    assert browser.post("/form", base_url=site).status_code == 400
    assert browser.post("/form", base_url=site, data={"csrf_token": token}).status_code == 200


def test_a_failing_page_is_logged_by_its_rule_without_a_word_of_anybody(
    process: Process, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    logs.configure("info")
    request.addfinalizer(structlog.reset_defaults)
    app = create_flask(__name__, process.settings, process.clock, {})

    @app.get("/t/<token>")
    def page(token: str) -> str:
        confided = "sam@example.com"
        raise ValueError(confided)

    assert app.test_client().get("/t/secret-link").status_code == 500
    line = capsys.readouterr().err
    assert "/t/<token>" in line
    assert "ValueError" in line
    assert "secret-link" not in line
    assert "sam@example.com" not in line


def test_a_form_without_its_token_is_refused_and_the_api_needs_none(client: FlaskClient) -> None:
    assert client.post("/page").status_code == 400
    assert client.post("/v1/things", json={"text": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "status"), [("absent", 404), ("stale", 409), ("wrong", 422), ("away", 503), ("database", 503)]
)
def test_an_error_is_a_problem_for_programs_and_a_page_for_people(client: FlaskClient, name: str, status: int) -> None:
    problem = client.get(f"/v1/fail/{name}")
    assert (problem.status_code, problem.content_type) == (status, PROBLEM)
    assert problem.json
    assert problem.json["status"] == status
    page = client.get(f"/fail/{name}")
    assert page.status_code == status
    assert "<html" in page.text
    assert "27017" not in problem.text + page.text
    if status == 503:
        assert problem.headers["Retry-After"] == "5"


def test_a_problem_points_at_the_field(client: FlaskClient) -> None:
    problem = client.post("/v1/things", json={"text": "", "email": "nobody", "surprise": 1})
    assert problem.status_code == 422
    assert problem.json
    assert {error["pointer"] for error in problem.json["errors"]} == {"/text", "/email", "/surprise"}


@pytest.mark.parametrize(
    "body",
    [
        {"text": {"$gt": ""}},
        {"text": ["a"]},
        {"text": "a\x00b"},
        {"text": "a\ud800b"},
        {"text": "x", "name": "Sam\r\nBcc: all@example.com"},
        {"text": "   "},
        {"text": "x" * 21},
    ],
)
def test_what_no_store_or_header_may_hold_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.post("/v1/things", json=body).status_code == 422


def test_not_json_is_415_broken_json_is_400_and_a_wrong_method_names_the_right_one(client: FlaskClient) -> None:
    assert client.post("/v1/things", data="text=x").status_code == 415
    for broken in ("{", "[" * 200_000, '{"text": ' + "9" * 5_000 + "}", b"\xff"):
        assert client.post("/v1/things", data=broken, content_type="application/json").status_code == 400
    stream = BytesIO(b"[" * 200_000)
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post("/v1/things", input_stream=stream, content_type="application/json", environ_overrides=chunked)
    assert answer.status_code == 400
    wrong = client.delete("/v1/things")
    assert (wrong.status_code, wrong.content_type) == (405, PROBLEM)
    assert "POST" in wrong.headers["Allow"]
    assert client.post("/v1/things", json={"text": "x" * 1_100_000}).status_code == 413


def test_the_document_names_problem_details(app: Flask) -> None:
    spec = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    assert spec["openapi"] == "3.1.0"
    assert PROBLEM in spec["components"]["responses"]["DEFAULT_ERROR"]["content"]


def test_language_comes_from_the_link_then_the_cookie_then_the_browser(client: FlaskClient) -> None:
    german = {"Accept-Language": "de-DE,de;q=0.9"}
    assert "Monday 23 November" in client.get("/page").text
    assert "Montag, 23. November" in client.get("/page", headers=german).text
    assert "Montag" in client.get("/page?lang=de").text
    assert "Montag" in client.get("/page").text
    assert "Monday" in client.get("/page?lang=en", headers=german).text


def test_a_cookie_counts_on_pages_alone_and_a_bearer_token_on_the_api_alone(app: Flask) -> None:
    bearer = {"Authorization": f"Bearer {issue_token(app.config['SECRET_KEY'], INES)}"}
    browser = app.test_client()
    browser.get("/enter")
    unknown = browser.get("/v1/staff")
    assert (unknown.status_code, unknown.headers["WWW-Authenticate"].lower()) == (401, "bearer")
    assert browser.get("/admins").status_code == 403
    program = app.test_client()
    assert program.get("/v1/staff", headers=bearer).json == {"name": "Ines Marchetti"}
    lower = {"Authorization": bearer["Authorization"].replace("Bearer", "bearer")}
    assert program.get("/v1/staff", headers=lower).status_code == 200
    assert program.get("/admins", headers=bearer).headers["Location"] == "/sign-in?next=%2Fadmins"


def test_a_token_is_bound_to_its_scopes_and_its_signature(app: Flask) -> None:
    client = app.test_client()
    narrow = issue_token(app.config["SECRET_KEY"], Identity("a", "A", "admin", scopes=("insights",)))
    assert client.get("/v1/staff", headers={"Authorization": f"Bearer {narrow}"}).status_code == 403
    forged = issue_token("another secret of the same length", ADA)
    assert client.get("/v1/staff", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", None, "evil"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(target: str | None) -> None:
    assert safe_next(target, "/triage/") == "/triage/"


def test_health_and_metrics(client: FlaskClient, app: Flask) -> None:
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").json == {"status": "ok", "failing": {}}
    assert b"liaise_events_handled_total" in client.get("/metrics").data


def test_not_ready_while_a_part_is_away(process: Process) -> None:
    def away() -> None:
        raise ServerSelectionTimeoutError("host:27017")

    client = create_flask(__name__, process.settings, process.clock, {"database": away}).test_client()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "failing", "failing": {"database": "ServerSelectionTimeoutError"}},
    )
    assert client.get("/health/live").status_code == 200


def test_an_admin_sees_every_unit_a_liaison_their_own() -> None:
    assert ADA.may_see("finance")
    assert INES.may_see("it")
    assert not INES.may_see("finance")
    assert (ADA.visible_units(), INES.visible_units()) == (None, ("it",))
