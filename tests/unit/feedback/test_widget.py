"""The form on another site: framed by whom the operator names, without any cookie, taken once."""

from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client

from services.feedback import app as feedback_app
from tests.forms import Browser, Form
from tests.unit.feedback.conftest import Room

INTRANET = "https://intranet.example"
OURS = "http://127.0.0.1:8000"
FILLED = {"kind": "idea", "unit": "it", "text": "A second screen for each desk.", "shared": "yes"}


@pytest.fixture
def framed(room: Room) -> Room:
    """A room whose form the intranet may show."""
    settings = replace(room.process.settings, widget_origins=(INTRANET, "http://localhost:8080"))
    process = replace(room.process, settings=settings)
    return replace(room, process=process, app=feedback_app.create_app(process))


def send(room: Room, form: Form, origin: str | None = OURS, **fields: str) -> Any:
    """Send the framed form as a browser does that keeps no cookie of ours."""
    headers = {"Origin": origin} if origin else {}
    client = Client(room.app.wsgi_app, use_cookies=False)
    return client.post(form.action, data={**form.values, **fields}, headers=headers, follow_redirects=True)


def ancestors(policy: str) -> str:
    return next(part for part in policy.split("; ") if part.startswith("frame-ancestors"))


def test_nobody_may_show_it_unless_named(room: Room) -> None:
    client = room.app.test_client()
    for path in ("/widget.js", "/widget", "/widget?unit=it", "/widget/received/x"):
        assert client.get(path).status_code == 404
    assert client.post("/widget", data=FILLED).status_code == 404


def test_the_named_sites_may_frame_the_widget_and_nothing_else(framed: Room) -> None:
    client = framed.app.test_client()
    widget, form = client.get("/widget").headers, client.get("/").headers
    assert ancestors(widget["Content-Security-Policy"]) == f"frame-ancestors {INTRANET} http://localhost:8080"
    assert ancestors(form["Content-Security-Policy"]) == "frame-ancestors 'none'"
    loosened = widget["Content-Security-Policy"].replace(f"{INTRANET} http://localhost:8080", "'none'")
    assert loosened == form["Content-Security-Policy"]
    script = client.get("/widget.js")
    assert script.content_type.startswith("text/javascript")
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_without_any_cookie_it_is_taken_once_and_answered_in_the_frame(framed: Room) -> None:
    page = framed.browser().get("/widget?unit=it&kind=idea")
    assert "Set-Cookie" not in page.headers
    form = framed.browser().form("/widget?unit=it&kind=idea", "text")
    assert (form.values["unit"], form.values["kind"]) == ("it", "idea")
    pages = [send(framed, form, **FILLED, email="kim@example.com") for _ in range(3)]
    (document,) = framed.feedbacks.collection.find({})
    assert (document["channel"], document["unit"], document["shared"]) == ("widget", "it", True)
    for page in pages:
        assert document["number"] in page.text
        assert 'target="_blank"' in page.text
        assert "Set-Cookie" not in page.headers
        assert INTRANET in page.headers["Content-Security-Policy"]


def test_the_anonymous_get_their_code_in_the_frame(framed: Room) -> None:
    page = send(framed, framed.browser().form("/widget", "text"), **FILLED, anonymous="yes", email="kim@example.com")
    assert "Your code" in page.text
    (document,) = framed.feedbacks.collection.find({})
    assert (document["anonymous"], document["email"]) == (True, None)


@pytest.mark.parametrize("origin", [INTRANET, "null", "https://evil.example", None])
def test_a_form_that_no_page_of_ours_sent_is_refused(framed: Room, origin: str | None) -> None:
    form = framed.browser().form("/widget", "text")
    assert send(framed, form, origin, **FILLED).status_code == 403
    assert framed.feedbacks.collection.count_documents({}) == 0


@pytest.mark.parametrize("token", ["", "x" * 43, "WyJhIiwxXQ.x"])
def test_a_form_that_we_did_not_show_is_shown_again_with_its_words(framed: Room, token: str) -> None:
    page = send(framed, framed.browser().form("/widget", "text"), **FILLED, form_token=token)
    assert page.status_code == 422
    assert FILLED["text"] in page.text
    assert framed.feedbacks.collection.count_documents({}) == 0


def test_a_form_that_lay_open_for_long_is_sent_twice_and_loses_nothing(framed: Room) -> None:
    browser = framed.browser()
    form = browser.form("/widget", "text")
    framed.later(hours=25)
    page = send(framed, form, **FILLED)
    assert page.status_code == 422
    assert "open for long" in page.text
    assert FILLED["text"] in page.text
    fresh = page.text.split('name="form_token" value="')[1].split('"')[0]
    assert "Thank you" in send(framed, form, **FILLED, form_token=fresh).text
    assert framed.feedbacks.collection.count_documents({}) == 1


def test_mistakes_stay_in_the_frame(framed: Room) -> None:
    page = send(framed, framed.browser().form("/widget", "text"), **FILLED | {"text": " ", "email": "kim@"})
    assert page.status_code == 422
    for field in ("text", "email"):
        assert f'id="f-{field}-error"' in page.text
    assert 'action="/widget?lang=en"' in page.text


def test_what_others_said_is_shown_and_joined_in_the_frame(framed: Room) -> None:
    form = framed.browser().form("/widget", "text")
    send(framed, form, **FILLED)
    again = framed.browser().form("/widget", "text")
    again.action = "/widget/similar"
    shown = send(framed, again, text="I want a second screen at my desk").text
    assert FILLED["text"] in shown
    again.action = "/widget/join"
    joined = send(framed, again, reference=shown.split('name="reference" value="')[1].split('"')[0])
    assert "Your voice is added" in joined.text
    link = joined.text.split(f'href="{OURS}')[1].split('"')[0]
    assert "2 people say so" in Browser(Client(framed.app.wsgi_app)).get(link).text


def test_who_gives_an_address_finds_the_link_in_the_mail_alone(framed: Room) -> None:
    send(framed, framed.browser().form("/widget", "text"), **FILLED)
    again = framed.browser().form("/widget", "text")
    again.action = "/widget/similar"
    shown = send(framed, again, text="I want a second screen at my desk").text
    again.action = "/widget/join"
    reference = shown.split('name="reference" value="')[1].split('"')[0]
    joined = send(framed, again, reference=reference, email="kim@example.com")
    assert "Thank you. You are counted." in joined.text
    assert "/v/" not in joined.text


def test_a_flood_from_the_frame_is_refused_with_every_word_kept(framed: Room) -> None:
    form = framed.browser().form("/widget", "text")
    settings = replace(framed.process.settings, public_per_minute=3)
    app = feedback_app.create_app(replace(framed.process, settings=settings))
    client = Client(app.wsgi_app, use_cookies=False)
    where = {"REMOTE_ADDR": "198.51.100.7"}
    for _ in range(3):
        client.post("/widget", data={}, headers={"Origin": OURS}, environ_overrides=where)
    page = client.post("/widget", data=form.values | FILLED, headers={"Origin": OURS}, environ_overrides=where)
    assert page.status_code == 429
    assert FILLED["text"] in page.text
    assert framed.feedbacks.collection.count_documents({}) == 0


def test_german_stays_german(framed: Room) -> None:
    form = framed.browser().form("/widget?lang=de", "text")
    assert form.action == "/widget?lang=de"
    send(framed, form, **FILLED)
    (document,) = framed.feedbacks.collection.find({})
    assert document["language"] == "de"
