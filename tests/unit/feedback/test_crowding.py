"""One network cannot flood the public pages, and whoever is refused keeps every word."""

from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from services.feedback import app as feedback_app
from services.feedback.pages.crowding import JOINS_EACH_MINUTE, LOOKS_EACH_MINUTE
from tests.forms import Browser
from tests.unit.feedback.conftest import Room

WORDS = "A second screen for each desk, please."
SAID = {"kind": "idea", "unit": "it", "text": WORDS, "name": "Kim Wood", "email": "kim@example.com"}
SORRY = "That was a lot at once. Please wait "
MOST = 5


@pytest.fixture
def narrow(room: Room) -> Room:
    """A room that takes few forms a minute from one network."""
    process = replace(room.process, settings=replace(room.process.settings, public_per_minute=MOST))
    return replace(room, process=process, app=feedback_app.create_app(process))


def guest(room: Room, address: str = "198.51.100.7") -> Browser:
    """Somebody's browser on another machine."""

    def from_there(environ: dict[str, Any], start: Any) -> Any:
        return room.app.wsgi_app(environ | {"REMOTE_ADDR": address}, start)

    return Browser(Client(from_there))


def flood(room: Room, times: int = MOST) -> None:
    """Forms of somebody else in the same network; wrong ones, for they cost least."""
    browser = guest(room)
    token = browser.form("/", "text").values["csrf_token"]
    for _ in range(times):
        browser.client.post("/", data={"csrf_token": token})


def refused(page: TestResponse) -> None:
    assert page.status_code == 429
    assert 1 <= int(page.headers["Retry-After"]) <= 60
    assert SORRY in page.text
    assert "nothing you wrote is lost" in page.text


def test_a_flood_is_refused_with_every_word_kept_and_others_are_heard(narrow: Room) -> None:
    room, browser = narrow, guest(narrow)
    form = browser.form("/", "text")
    flood(room, MOST - 1)
    assert browser.send("/", form, **SAID).request.path.endswith("/received")
    page = browser.send("/", browser.form("/", "text"), **SAID)
    refused(page)
    for words in (WORDS, "Kim Wood", "kim@example.com"):
        assert words in page.text
    assert room.feedbacks.collection.count_documents({}) == 1
    assert guest(room, "198.51.100.8").submit("/", **SAID).status_code == 200
    assert {room.browser().submit("/", **SAID).status_code for _ in range(MOST + 1)} == {200}, "our own machine is free"


@pytest.mark.parametrize("door", ["/join", "/similar"])
def test_me_too_and_looking_have_limits_of_their_own(room: Room, door: str) -> None:
    browser = guest(room)
    form = browser.form("/", "text")
    form.action = door
    most = JOINS_EACH_MINUTE if door == "/join" else LOOKS_EACH_MINUTE
    sent = {**form.values, **SAID, "reference": "0" * 64}
    codes = {browser.client.post(door, data=sent).status_code for _ in range(most)}
    assert 429 not in codes
    page = browser.send("/", form, **SAID)
    refused(page)
    assert WORDS in page.text
    assert browser.submit("/", **SAID).request.path.endswith("/received"), "sending is still free"


def test_a_script_that_looks_too_often_gets_nothing_to_show(room: Room) -> None:
    browser = guest(room)
    token = browser.form("/", "text").values["csrf_token"]
    sent = {"csrf_token": token, "fragment": "yes", "text": WORDS}
    answers = [browser.client.post("/similar", data=sent) for _ in range(LOOKS_EACH_MINUTE + 1)]
    assert [one.status_code for one in answers] == [200] * LOOKS_EACH_MINUTE + [429]
    assert answers[-1].text == ""
    assert int(answers[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        ("", {"text": "One more word from me."}),
        ("/withdraw", {"why": "It is quiet now."}),
    ],
)
def test_behind_the_secret_link_it_is_the_same(narrow: Room, page: str, typed: dict[str, str]) -> None:
    room = narrow
    path = f"/t/{room.submit(text=WORDS)['token']}"
    browser = guest(room)
    form = browser.form(path + page, *typed)
    flood(room)
    answer = browser.send(path + page, form, **typed)
    refused(answer)
    for words in typed.values():
        assert words in answer.text
    (document,) = room.feedbacks.collection.find({})
    assert [entry["kind"] for entry in document["history"]] == ["received"]
