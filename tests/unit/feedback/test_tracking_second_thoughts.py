"""Somebody takes it back, contests the answer, or puts right what a liaison wrote down for them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from bson import BSON

from services.feedback import handlers
from services.feedback.domain import Submission
from services.feedback.handlers import SubmitFeedback
from tests import builders
from tests.unit.feedback.conftest import Room


def page(room: Room, answer: dict[str, Any]) -> str:
    return str(room.browser().get(f"/t/{answer['token']}").text)


def events(room: Room, answer: dict[str, Any]) -> list[str]:
    return [event["type"].partition(".")[2] for event in room.document(answer["id"])["outbox"]]


def kinds(room: Room, answer: dict[str, Any]) -> list[str]:
    return [entry["kind"] for entry in room.document(answer["id"])["history"]]


def api(room: Room, answer: dict[str, Any], action: str, body: dict[str, Any], **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {answer['token']}", **headers}
    return room.app.test_client().post(f"/v1/feedback/{answer['id']}/{action}", json=body, headers=sent)


def recorded(room: Room, text: str = "The lift is slow.") -> dict[str, Any]:
    """What a liaison wrote down at the coffee machine."""
    said = Submission(channel="liaison", text=text, unit="it", email="sam@example.com", recorded_by="Jonas Berg")
    secret = room.process.settings.secret_key.reveal()
    command = SubmitFeedback(said=said, scope="record")
    receipt = handlers.submit_feedback(command, room.feedbacks, room.units, secret, room.clock.now())
    return {"id": receipt.feedback.id, "token": receipt.tracking_token}


def ended_by_them(room: Room, answer: dict[str, Any], seq: int, closure: int = 1) -> None:
    """Triage heard of it, and says that the case has ended."""
    ended = builders.done(outcome="withdrawn", what_was_done=None, closure=closure, by_name="Sam")
    room.hear(ended, answer["id"], seq)


def test_asking_to_withdraw_says_what_it_does_and_does_nothing_yet(room: Room) -> None:
    answer = room.submit()
    before = room.document(answer["id"])
    shown = room.browser().get(f"/t/{answer['token']}/withdraw")
    for words in ("hears that you want nothing more", "is not deleted", "change your mind"):
        assert words in shown.text
    assert room.document(answer["id"]) == before


def test_what_is_withdrawn_shows_so_at_once_and_again_when_triage_has_ended_it(room: Room) -> None:
    answer = room.submit()
    room.hear(builders.opened(), answer["id"], 1)
    shown = room.browser().submit(f"/t/{answer['token']}/withdraw", why="It works again.")
    for words in ("You withdrew it", "Nothing more will be done", "It works again.", "Withdrawn"):
        assert words in shown.text
    assert f"/t/{answer['token']}/withdraw" not in shown.text
    event = room.document(answer["id"])["outbox"][-1]
    assert (event["type"], event["data"]["why"]) == ("feedback.withdrawn", "It works again.")
    assert room.document(answer["id"])["status"] == "new"
    ended_by_them(room, answer, 2)
    shown_later = page(room, answer)
    assert "Ended, as you wished" in shown_later
    assert 'name="score"' not in shown_later
    assert room.document(answer["id"])["status"] == "withdrawn"


def test_withdrawing_twice_is_once_whichever_form_it_comes_from(room: Room) -> None:
    answer = room.submit()
    browser = room.browser()
    path = f"/t/{answer['token']}/withdraw"
    forms = [browser.form(path, "why") for _ in range(2)]
    for form in (forms[0], forms[0], forms[1]):
        assert browser.send(path, form).status_code == 200
    ended_by_them(room, answer, 1)
    assert browser.send(path, forms[0]).status_code == 200
    assert events(room, answer) == ["submitted", "withdrawn"]


def test_what_has_an_outcome_is_not_withdrawn_and_the_outcome_is_shown(room: Room) -> None:
    answer = room.submit()
    browser = room.browser()
    path = f"/t/{answer['token']}/withdraw"
    form = browser.form(path, "why")
    room.hear(builders.done(what_was_done=room.seal("We replaced the drum.")), answer["id"], 1)
    sent = browser.send(path, form)
    assert (sent.status_code, "changed in the meantime" in sent.text) == (409, True)
    assert "We replaced the drum." in sent.text
    assert "We replaced the drum." in browser.get(path).text
    assert events(room, answer) == ["submitted"]
    assert api(room, answer, "withdraw", {}).status_code == 409


def test_an_outcome_that_was_quicker_than_the_withdrawal_counts(room: Room) -> None:
    answer = room.submit()
    room.browser().submit(f"/t/{answer['token']}/withdraw", why="")
    room.hear(builders.done(what_was_done=room.seal("We replaced the drum.")), answer["id"], 1)
    shown = page(room, answer)
    assert "We replaced the drum." in shown
    assert "Nothing more will be done" not in shown
    assert 'name="score"' in shown


@pytest.mark.parametrize("triage_was_quicker", [True, False])
def test_who_changes_their_mind_opens_it_again_and_may_withdraw_anew(room: Room, triage_was_quicker: bool) -> None:
    answer = room.submit()
    browser = room.browser()
    path = f"/t/{answer['token']}"
    browser.submit(f"{path}/withdraw", why="")
    if triage_was_quicker:
        ended_by_them(room, answer, 1)
    browser.submit(path, text="It broke once more.", reopen="yes")
    assert room.document(answer["id"])["outbox"][-1]["data"]["reopen"] is True
    if not triage_was_quicker:
        ended_by_them(room, answer, 1)
    room.hear(builders.reopened(), answer["id"], 2)
    assert "It is being worked on" in page(room, answer)
    browser.submit(f"{path}/withdraw", why="")
    assert events(room, answer) == ["submitted", "withdrawn", "replied", "withdrawn"]


def test_a_withdrawal_by_the_api_counts_once_per_key(room: Room, key: str) -> None:
    answer = room.submit()
    named = {"Idempotency-Key": key}
    for _ in range(2):
        sent = api(room, answer, "withdraw", {"why": "Solved."}, **named)
        assert sent.status_code == 201, sent.text
    assert [entry["kind"] for entry in sent.json["history"]] == ["received", "withdrew"]
    assert api(room, answer, "withdraw", {"why": "Another word."}, **named).status_code == 422
    assert events(room, answer) == ["submitted", "withdrawn"]


@pytest.mark.parametrize("action", ["withdraw", "correction"])
def test_only_the_tracking_token_may(room: Room, action: str) -> None:
    answer, other = room.submit(), room.submit()
    body = {"text": "Other words."} if action == "correction" else {}
    bare = room.app.test_client().post(f"/v1/feedback/{answer['id']}/{action}", json=body)
    assert bare.status_code == 401
    for thief in ({**answer, "token": other["token"]}, {**answer, "id": other["id"]}, {**answer, "id": "absent"}):
        assert api(room, thief, action, body).status_code == 404
    assert events(room, answer) == events(room, other) == ["submitted"]


def test_what_was_declined_can_be_contested_in_a_panel_of_its_own(room: Room) -> None:
    answer = room.submit()
    room.hear(builders.declined(explanation=room.seal("No money until March.")), answer["id"], 1)
    browser = room.browser()
    path = f"/t/{answer['token']}"
    assert "You think this is wrong?" in page(room, answer)
    empty = browser.send(path, browser.form(path, "contest"), text=" ")
    assert empty.status_code == 422
    assert 'id="f-contest-error"' in empty.text
    assert 'id="f-text-error"' not in empty.text
    shown = browser.send(path, browser.form(path, "contest"), text="There is money: I have the offer.")
    assert "You asked to open it again" in shown.text
    assert "You think this is wrong?" not in shown.text
    event = room.document(answer["id"])["outbox"][-1]
    assert (event["type"], event["data"]["reopen"]) == ("feedback.replied", True)
    assert len([name for name in events(room, answer) if name == "replied"]) == 1


def test_an_addition_to_what_was_declined_opens_nothing(room: Room) -> None:
    answer = room.submit()
    room.hear(builders.declined(explanation=room.seal("No.")), answer["id"], 1)
    browser = room.browser()
    path = f"/t/{answer['token']}"
    form = browser.form(path, "contest")
    for name in ("reopen", "contest"):
        del form.values[name]
    browser.send(path, form, text="Just so you know.")
    assert room.document(answer["id"])["outbox"][-1]["data"]["reopen"] is False


def test_who_opened_it_again_sees_the_old_day_and_the_new_one(room: Room) -> None:
    answer = room.submit()
    now = room.clock.now()
    room.hear(builders.opened(outcome_due=now + timedelta(days=14)), answer["id"], 1)
    room.hear(builders.done(what_was_done=room.seal("Done.")), answer["id"], 2)
    room.later(days=20)
    room.hear(builders.reopened(outcome_due=now + timedelta(days=30)), answer["id"], 3)
    shown = page(room, answer)
    assert "It was promised for Monday 7 December before" in shown
    assert "Promised anew for Wednesday 23 December; before, it was Monday 7 December." in shown
    assert "You will hear the outcome by" in shown


def test_what_a_liaison_wrote_down_can_be_corrected_and_the_first_words_stay(room: Room) -> None:
    answer = recorded(room)
    assert "Jonas Berg wrote this down for you" in page(room, answer)
    browser = room.browser()
    path = f"/t/{answer['token']}/correct"
    form = browser.form(path, "text")
    assert form.values["text"].strip() == "The lift is slow."
    for _ in range(2):
        shown = browser.send(path, form, text="The lift is slow, and it stinks.")
    for words in ("You corrected it", "The lift is slow, and it stinks.", "The lift is slow.<"):
        assert words in shown.text
    document = room.document(answer["id"])
    assert document["text"] == "The lift is slow, and it stinks."
    assert events(room, answer) == ["submitted", "corrected"]
    assert document["outbox"][-1]["data"]["text"] == "The lift is slow, and it stinks."
    browser.submit(path, text="It is the goods lift.")
    history = room.document(answer["id"])["history"]
    assert [entry.get("text") for entry in history] == [
        "The lift is slow.",
        "The lift is slow, and it stinks.",
        "It is the goods lift.",
    ]


def test_the_same_words_are_no_correction_and_none_are_told(room: Room) -> None:
    answer = recorded(room)
    path = f"/t/{answer['token']}/correct"
    assert room.browser().submit(path, text="The lift is slow.").status_code == 200
    empty = room.browser().submit(path, text=" ")
    assert (empty.status_code, 'id="f-text-error"' in empty.text) == (422, True)
    assert events(room, answer) == ["submitted"]


def test_own_words_and_what_has_ended_cannot_be_corrected(room: Room) -> None:
    own, ended = room.submit(), recorded(room)
    browser = room.browser()
    form = browser.form(f"/t/{ended['token']}/correct", "text")
    room.hear(builders.done(what_was_done=room.seal("Done.")), ended["id"], 1)
    assert browser.send(f"/t/{ended['token']}/correct", form, text="Other.").status_code == 409
    assert "Is this what you said?" not in page(room, ended)
    assert 'name="text"' in room.browser().get(f"/t/{own['token']}/correct").text, "the page itself, with its reply box"
    for answer in (own, ended):
        assert api(room, answer, "correction", {"text": "Other."}).status_code == 409
        assert events(room, answer) == ["submitted"]


def test_a_correction_by_the_api_counts_once_per_key(room: Room, key: str) -> None:
    answer = recorded(room)
    for text, status in (("One.", 201), ("One.", 201), ("Two.", 422)):
        sent = api(room, answer, "correction", {"text": text}, **{"Idempotency-Key": key})
        assert sent.status_code == status, sent.text
    assert room.document(answer["id"])["text"] == "One."
    assert kinds(room, answer) == ["received", "corrected"]


def test_a_conversation_is_full_before_its_document_is(room: Room) -> None:
    answer, long = recorded(room), "\U0001f600" * 19_990
    codes = [api(room, answer, "correction", {"text": f"{n} {long}"}).status_code for n in range(60)]
    taken = codes.count(201)
    assert 40 < taken < 60
    assert codes == [201] * taken + [409] * (60 - taken)
    more = api(room, answer, "replies", {"text": "\U0001f600" * 5_000})
    while more.status_code == 201:
        more = api(room, answer, "replies", {"text": "\U0001f600" * 5_000})
    assert (more.status_code, "new feedback" in more.text) == (409, True), more.text
    shown = room.browser().submit(f"/t/{answer['token']}/correct", text=f"My own words. {long[:-50]}")
    assert shown.status_code == 409
    assert "My own words." in shown.text
    assert "Nothing more fits here." in shown.text
    assert len(BSON.encode(room.document(answer["id"]))) < 12_000_000
    room.hear(builders.done(what_was_done=room.seal("There is a second lift.")), answer["id"], 1)
    wordy = api(room, answer, "rating", {"score": 4, "comment": "\U0001f600" * 5_000})
    assert (wordy.status_code, "without words" in wordy.text) == (409, True), wordy.text
    assert api(room, answer, "rating", {"score": 4}).status_code == 201


def test_the_page_speaks_the_language_of_who_wrote_until_they_choose(room: Room) -> None:
    answer = room.submit(language="de")
    for path in ("", "/received", "/withdraw", "/profile"):
        english = {"Accept-Language": "en"}
        assert '<html lang="de">' in room.browser().get(f"/t/{answer['token']}{path}", headers=english).text
    browser = room.browser()
    assert '<html lang="en">' in browser.get(f"/t/{answer['token']}?lang=en").text
    assert '<html lang="en">' in browser.get(f"/t/{answer['token']}").text, "the choice is kept"


def test_times_are_told_in_the_zone_of_the_department(room: Room) -> None:
    room.hear(builders.unit(time_zone="America/New_York", fallback=False), "ny", seq=1)
    shown = page(room, room.submit(unit="ny"))
    assert "Monday 23 November, 04:00" in shown
    assert "Eastern Time" in shown


def test_a_robot_that_opens_every_link_changes_nothing(room: Room) -> None:
    answers = [room.submit(), room.submit(submitter=None), recorded(room)]
    room.hear(builders.declined(explanation=room.seal("No.")), answers[0]["id"], 1)
    before = [room.document(answer["id"]) for answer in answers]
    for answer in answers:
        robot(room, f"/t/{answer['token']}")
        robot(room, f"/t/{answer['token']}/received")
        robot(room, f"/t/{answer['token']}/rate?score=1&closure=1")
    assert [room.document(answer["id"]) for answer in answers] == before
    assert room.stores.profiles.collection.count_documents({}) == 0


def robot(room: Room, start: str) -> None:
    """Follow every link of a page, and of those pages, the way a mail scanner does: GET, HEAD, and no cookie kept."""
    seen, todo = set(), [start]
    while todo:
        path = todo.pop().replace("&amp;", "&")
        if path in seen or not path.startswith("/t/"):
            continue
        seen.add(path)
        for method in ("HEAD", "GET"):
            shown = room.app.test_client().open(path, method=method)
            assert shown.status_code < 400, path
            assert shown.headers["Referrer-Policy"] == "no-referrer"
            assert "noindex" in shown.headers["X-Robots-Tag"]
        todo += re.findall(r'(?:href|action)="(/t/[^"]+)"', shown.text)
    assert len(seen) > 1
