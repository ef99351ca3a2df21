"""Signing in: the same answer for everybody who may not, and an end to guessing."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.errors import Conflict, Invalid, NotFound
from services.triage import app
from tests.forms import Browser


def attempt(browser: Any, email: str, password: str, **more: str) -> Any:
    form = browser.form("/sign-in", "email", "password")
    return browser.client.post("/sign-in", data=form.values | {"email": email, "password": password} | more)


def test_the_demo_sign_in_is_shown_and_works(triage: Any) -> None:
    browser = triage.browser()
    page = browser.get("/sign-in").text
    assert "ines@example.com" in page
    assert "liaise-demo" in page
    answer = attempt(browser, "Ines@Example.com", "liaise-demo", next="/triage/?view=new")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/triage/?view=new")
    assert "Ines Marchetti" in browser.get("/triage/").text


def test_elsewhere_there_is_no_demo_password(process: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    process.settings = replace(process.settings, public_url="http://feedback.example")
    app.migrate(process)
    client = app.create_app(process).test_client()
    assert "liaise-demo" not in client.get("/sign-in").text
    assert process.store("triage")["accounts"].find_one({"_id": "ada"})["password"] is None


def test_unknown_wrong_and_inactive_read_the_same(triage: Any) -> None:
    triage.accounts.set_active("priya", False)
    answers = []
    for email, password in (
        ("nobody@example.com", "liaise-demo"),
        ("ines@example.com", "wrong"),
        ("priya@example.com", "liaise-demo"),
        ("ines@example.com", "liaise-demo\x00"),
    ):
        answer = attempt(triage.browser(), email, password)
        assert answer.status_code == 401
        answers.append(answer.text.split("<main")[1].split("<form")[0])
    assert len(set(answers)) == 1


def test_guessing_ends_and_the_door_opens_again(triage: Any) -> None:
    browser = triage.browser()
    for _ in range(10):
        assert attempt(browser, "ines@example.com", "wrong").status_code == 401
    answer = attempt(browser, "INES@example.com ", "liaise-demo")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert attempt(triage.browser(), "jonas@example.com", "liaise-demo").status_code == 303
    triage.clock.advance(timedelta(minutes=15, seconds=1))
    assert attempt(browser, "ines@example.com", "liaise-demo").status_code == 303


def test_one_network_address_cannot_try_everybody(triage: Any) -> None:
    browser = triage.browser()
    for number in range(50):
        attempt(browser, f"somebody{number}@example.com", "wrong")
    assert attempt(browser, "one.more@example.com", "wrong").status_code == 429


def test_a_success_does_not_count_as_an_attempt(triage: Any, process: Any) -> None:
    assert attempt(triage.browser(), "ines@example.com", "liaise-demo").status_code == 303
    assert process.store("triage")["attempts"].count_documents({}) == 0


def test_a_session_starts_anew_at_sign_in_and_ends_at_sign_out(triage: Any) -> None:
    browser = Browser(triage.app.test_client())
    with browser.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    attempt(browser, "ines@example.com", "liaise-demo")
    with browser.client.session_transaction() as session:
        assert "planted" not in session
    page = browser.send("/triage/", browser.form("/triage/", action="/sign-out"))
    assert "You are signed out." in page.text
    assert browser.client.get("/triage/").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_leads_nowhere_else(triage: Any, target: str) -> None:
    answer = attempt(triage.browser(), "ines@example.com", "liaise-demo", next=target)
    assert answer.headers["Location"] == "/triage/"


def test_accounts_are_made_and_found_for_the_command_line(process: Any, triage: Any) -> None:
    made = app.add_account(process, name="Nora Lind", email="Nora@Example.com", role="admin", password="long enough 1")
    assert app.find_account(process, "nora@example.com") == made
    assert app.find_account(process, made.account) == made
    assert set(app.find_account(process, "ines").units) == {"it", "people"}
    assert attempt(triage.browser(), "nora@example.com", "long enough 1").status_code == 303
    with pytest.raises(Conflict):
        app.add_account(process, name="Other", email="nora@example.com", role="liaison")
    with pytest.raises(Invalid):
        app.add_account(process, name="Other", email="other@example.com", role="king")
    with pytest.raises(Invalid):
        app.add_account(process, name="Other", email="other@example.com", role="admin", password="short")
    with pytest.raises(NotFound):
        app.find_account(process, "nobody")
