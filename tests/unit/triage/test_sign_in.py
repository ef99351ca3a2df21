"""Signing in: the same answer for everybody who may not, and an end to guessing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.errors import Conflict, Invalid, NotFound
from services.chassis.identity import issue_token
from services.triage import app
from services.triage.domain import Staff
from services.triage.handlers import accounts as people
from services.triage.store import AttemptStore
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


def test_many_guesses_at_once_are_no_more_guesses(triage: Any, process: Any) -> None:
    attempts = AttemptStore(process.store("triage"))
    guess = people.SignIn("ines@example.com", "wrong", "192.0.2.1")

    def one(_: int) -> bool:
        try:
            people.sign_in(guess, triage.accounts, triage.units, attempts, triage.clock.now())
        except people.TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(30) as pool:
        assert sum(pool.map(one, range(30))) <= 10


def test_a_stranger_does_not_lock_a_colleague_out(triage: Any, process: Any) -> None:
    attempts = AttemptStore(process.store("triage"))

    def signs_in(address: str, password: str) -> Any:
        command = people.SignIn("ines@example.com", password, address)
        return people.sign_in(command, triage.accounts, triage.units, attempts, triage.clock.now())

    for number in range(40):
        with suppress(people.TooManyAttempts):
            assert signs_in(f"2001:db8:0:1::{number}", "wrong") is None
    with pytest.raises(people.TooManyAttempts):
        signs_in("2001:db8:0:1::ffff", "liaise-demo")
    assert signs_in("192.0.2.7", "liaise-demo").account == "ines"
    checked = 0
    for number in range(200):  # a botnet: one guess from each address
        with suppress(people.TooManyAttempts):
            checked += signs_in(f"198.51.100.{number}", "wrong") is None
    assert 80 <= checked <= 100


def test_rights_are_those_of_the_registry_at_every_request(triage: Any) -> None:
    case = triage.submit(unit="people")
    browser, api = triage.browser("priya@example.com"), triage.api("priya@example.com")
    url, path = f"/triage/cases/{case.id}", f"/v1/cases/{case.id}"
    assert browser.client.get(url).status_code == 200
    people_unit = triage.units.find("people")
    triage.units.replace(replace(people_unit, liaison=Staff("jonas", "Jonas Berg")), triage.clock.now())
    assert browser.client.get(url).status_code == 404
    assert api("GET", path).status_code == 404
    assert triage.api("jonas@example.com")("GET", path).status_code == 200
    triage.accounts.documents.update_one({"_id": "priya"}, {"$set": {"role": "admin"}})
    assert browser.client.get(url).status_code == 200
    triage.accounts.set_active("priya", False)
    answer = browser.client.get(url)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in")
    assert browser.client.get("/sign-in").status_code == 200
    answer = api("GET", path)
    assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Bearer")


def test_a_token_keeps_its_scopes(triage: Any, process: Any) -> None:
    narrow = replace(app.find_account(process, "ada"), scopes=("insights",))
    token = issue_token(process.settings.secret_key.reveal(), narrow)
    answer = triage.app.test_client().get("/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_the_demo_passwords_end_with_the_trial(process: Any, triage: Any) -> None:
    app.add_account(process, name="Nora Lind", email="nora@example.com", role="admin", password="her very own")
    process.settings = replace(process.settings, public_url="https://feedback.example")
    app.migrate(process)
    assert attempt(triage.browser(), "ada@example.com", "liaise-demo").status_code == 401
    assert attempt(triage.browser(), "nora@example.com", "her very own").status_code == 303
    assert process.store("triage")["accounts"].count_documents({"password": None}) == 4
    with pytest.raises(Conflict):
        app.add_account(process, name="Ada", email="ada@example.com", role="liaison", password="a better one")
    app.add_account(process, name="Ada", email="ada@example.com", role="admin", password="a better one")
    assert attempt(triage.browser(), "ada@example.com", "a better one").status_code == 303
    with pytest.raises(Conflict):
        app.add_account(process, name="Ada", email="ada@example.com", role="admin", password="somebody's")


def test_the_demo_passwords_stay_while_it_is_tried(process: Any, triage: Any) -> None:
    app.migrate(process)
    assert attempt(triage.browser(), "ada@example.com", "liaise-demo").status_code == 303


def test_a_person_chooses_their_own_password(triage: Any) -> None:
    browser = triage.browser("ines@example.com")
    assert 'href="/triage/password"' in browser.get("/triage/").text
    page = browser.submit("/triage/password", old="wrong", new="much better 1")
    assert page.status_code == 422
    assert "This is not your present password." in page.text
    page = browser.submit("/triage/password", old="liaise-demo", new="short")
    assert page.status_code == 422
    assert "much better" not in page.text
    page = browser.submit("/triage/password", old="liaise-demo", new="much better 1")
    assert "Your new password is set." in page.text
    assert attempt(triage.browser(), "ines@example.com", "liaise-demo").status_code == 401
    assert attempt(triage.browser(), "ines@example.com", "much better 1").status_code == 303
    for _ in range(10):
        assert browser.submit("/triage/password", old="wrong", new="much better 2").status_code == 422
    assert browser.submit("/triage/password", old="much better 1", new="much better 2").status_code == 429


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
