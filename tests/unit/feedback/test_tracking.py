"""The secret link: where is it, when do I hear; reply and rate, and reading changes nothing."""

from datetime import timedelta
from typing import Any

import pytest

from tests import builders
from tests.unit.feedback.conftest import Room


def closed(room: Room, declined: bool = False) -> dict[str, Any]:
    answer = room.submit()
    room.hear(builders.opened(), answer["id"], 1)
    words = {"explanation": room.seal("No money until March."), "alternative": room.seal("Use the second floor.")}
    done = builders.done(what_was_done=room.seal("We replaced the drum."))
    room.hear(builders.declined(**words) if declined else done, answer["id"], 2)
    return answer


def page(room: Room, answer: dict[str, Any]) -> str:
    return str(room.browser().get(f"/t/{answer['token']}").text)


def test_every_step_stands_on_the_page_in_plain_words(room: Room) -> None:
    answer = room.submit()
    assert "You will have an answer by" in page(room, answer)
    steps = [
        (builders.opened(owner="jonas", owner_name="Jonas Berg"), "Jonas Berg has it now"),
        (builders.acknowledged(), "You will hear the outcome by"),
        (builders.asked(question=room.seal("Which one?")), "Ines Marchetti asks"),
        (builders.resumed(), "Your answer arrived"),
        (builders.declined(explanation=room.seal("No money until March.")), "There is no budget for it"),
        (builders.reopened(), "Open again"),
        (builders.duplicate(closure=2, duplicate_of_number="7K3M-9QXT"), "7K3M-9QXT"),
    ]
    for seq, (event, words) in enumerate(steps, 1):
        room.hear(event, answer["id"], seq)
        assert words in page(room, answer), event


def test_question_explanation_and_alternative_are_open_words_here(room: Room) -> None:
    answer = closed(room, declined=True)
    text = page(room, answer)
    for words in ("No money until March.", "Use the second floor.", "What you can do instead"):
        assert words in text


def test_a_redelivered_event_changes_nothing(room: Room) -> None:
    answer = room.submit()
    first = room.hear(builders.opened(), answer["id"], 1)
    second = room.hear(builders.acknowledged(), answer["id"], 2)
    before = room.document(answer["id"])
    for message in (first, second, first):
        room.repeat(message)
    assert room.document(answer["id"]) == before
    assert before["status"] == "acknowledged"


def test_an_event_of_a_feedback_that_is_gone_is_no_failure(room: Room) -> None:
    room.hear(builders.acknowledged(), "gone", 1)
    assert room.feedbacks.find("gone") is None


def test_reading_the_secret_pages_writes_nothing_and_tells_no_robot(room: Room) -> None:
    answer = closed(room)
    before = room.document(answer["id"])
    client = room.app.test_client()
    for path in ("", "/received", "/rate", "/rate?score=5"):
        for method in ("GET", "HEAD"):
            shown = client.open(f"/t/{answer['token']}{path}", method=method)
            assert shown.status_code == 200
            assert shown.headers["X-Robots-Tag"].startswith("noindex")
            assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert room.document(answer["id"]) == before


@pytest.mark.parametrize("token", ["x", "0" * 64, "../admin", "%00" * 20, "\u00fc" * 64])
def test_a_wrong_token_is_nothing_at_all(room: Room, token: str) -> None:
    for path in ("", "/received", "/rate"):
        assert room.app.test_client().get(f"/t/{token}{path}").status_code == 404


def test_the_feedback_id_is_no_token(room: Room) -> None:
    answer = room.submit()
    assert room.app.test_client().get(f"/t/{answer['id']}").status_code == 404


def test_a_reply_is_on_the_page_and_in_an_event(room: Room) -> None:
    answer = room.submit()
    shown = room.browser().submit(f"/t/{answer['token']}", text="It is the one by the stairs.")
    assert shown.status_code == 200
    assert "It is the one by the stairs." in shown.text
    event = room.document(answer["id"])["outbox"][-1]
    assert event["type"] == "feedback.replied"
    assert event["data"]["reopen"] is False


def test_a_reply_sent_twice_is_one(room: Room) -> None:
    answer = room.submit()
    browser = room.browser()
    form = browser.form(f"/t/{answer['token']}", "text")
    for _ in range(2):
        browser.send(f"/t/{answer['token']}", form, text="Once.")
    assert [entry["kind"] for entry in room.document(answer["id"])["history"]] == ["received", "reply"]
    assert len(room.document(answer["id"])["outbox"]) == 2


def test_an_empty_reply_is_told_at_its_field(room: Room) -> None:
    answer = room.submit()
    shown = room.browser().submit(f"/t/{answer['token']}", text="  ")
    assert shown.status_code == 422
    assert 'id="f-text-error"' in shown.text


def test_the_link_to_another_language_works_after_a_failed_reply(room: Room) -> None:
    answer = room.submit()
    browser = room.browser()
    failed = browser.submit(f"/t/{answer['token']}", text=" ")
    assert 'href="?lang=de"' in failed.text
    german = browser.get(f"{failed.request.path}?lang=de")
    assert german.status_code == 200
    assert german.request.path == f"/t/{answer['token']}"
    assert '<html lang="de">' in german.text


def test_the_link_to_another_language_keeps_what_the_link_to_the_page_said(room: Room) -> None:
    answer = closed(room)
    page = room.browser().get(f"/t/{answer['token']}/rate?score=4&closure=1")
    assert 'href="?score=4&amp;closure=1&amp;lang=de"' in page.text


def test_not_settled_asks_to_open_it_again(room: Room) -> None:
    answer = closed(room)
    shown = room.browser().submit(f"/t/{answer['token']}", text="It broke again.", reopen="yes")
    assert "You asked to open it again" in shown.text
    assert room.document(answer["id"])["outbox"][-1]["data"]["reopen"] is True
    assert 'name="reopen"' not in shown.text


def test_the_pulse_writes_once_for_each_outcome(room: Room) -> None:
    answer = closed(room)
    browser = room.browser()
    form = browser.form(f"/t/{answer['token']}/rate?score=4", "score")
    assert form.values["score"] == "4"
    path = f"/t/{answer['token']}/rate"
    assert browser.send(path, form).status_code == 200
    assert browser.send(path, form).status_code == 200  # the same press again
    assert browser.send(path, form, form_token="another", score="1").status_code == 409
    document = room.document(answer["id"])
    assert document["ratings"] == {"1": 4}
    assert [event["type"] for event in document["outbox"]].count("feedback.rated") == 1
    room.hear(builders.reopened(), answer["id"], 3)
    room.hear(builders.done(closure=2, what_was_done=room.seal("Again.")), answer["id"], 4)
    browser.submit(f"/t/{answer['token']}", score="5")
    assert room.document(answer["id"])["ratings"] == {"1": 4, "2": 5}


def test_a_score_goes_only_to_the_outcome_the_person_saw(room: Room) -> None:
    answer = closed(room, declined=True)
    browser = room.browser()
    path = f"/t/{answer['token']}"
    on_page, by_link = browser.form(path, "score"), browser.form(f"{path}/rate?score=1&closure=1", "score")
    unfinished = browser.send(f"{path}/rate", by_link, score="")
    room.hear(builders.reopened(), answer["id"], 3)
    room.hear(builders.done(closure=2, what_was_done=room.seal("We did it all.")), answer["id"], 4)
    for form in (on_page, by_link):
        shown = browser.send(path, form, score="1")
        assert shown.status_code == 409
        assert "changed in the meantime" in shown.text
        assert "We did it all." in shown.text
    assert 'name="closure" value="1"' in unfinished.text
    assert room.document(answer["id"])["ratings"] == {}
    from_old_mail = browser.get(f"{path}/rate?score=1&closure=1")
    assert (from_old_mail.status_code, "We did it all." in from_old_mail.text) == (200, True)
    browser.submit(f"{path}/rate?score=4&closure=2", score="4")
    assert room.document(answer["id"])["ratings"] == {"2": 4}


def test_odd_values_of_hidden_fields_and_checkboxes_are_no_failure(room: Room) -> None:
    answer = closed(room)
    path = f"/t/{answer['token']}"
    browser = room.browser()
    assert browser.get(f"{path}/rate?score=4&closure={'9' * 5000}").status_code == 200
    assert browser.submit(path, text="Not settled.", reopen="banana").status_code == 200
    assert browser.submit(f"{path}/rate", score="4", closure="banana").status_code == 200


def test_a_reopened_case_is_promised_by_its_new_days(room: Room) -> None:
    answer = closed(room)
    room.clock.advance(timedelta(days=60))
    now = room.clock.now()
    again = builders.reopened(answer_due=now + timedelta(days=2), outcome_due=now + timedelta(days=9))
    room.hear(again, answer["id"], 3)
    shown = room.browser().get(f"/t/{answer['token']}").text
    assert "You will hear the outcome by" in shown
    assert room.document(answer["id"])["answer_due"] == again.answer_due
    assert room.document(answer["id"])["outcome_due"] == again.outcome_due


def test_nothing_is_pre_selected_without_a_link(room: Room) -> None:
    answer = closed(room)
    assert "score" not in room.browser().form(f"/t/{answer['token']}", "score").values
    assert "score" not in room.browser().form(f"/t/{answer['token']}/rate?score=9", "score").values


def test_no_score_chosen_is_told(room: Room) -> None:
    answer = closed(room)
    shown = room.browser().submit(f"/t/{answer['token']}/rate", comment="Hm.", score="")
    assert shown.status_code == 422
    assert "Hm." in shown.text


def test_a_low_score_asks_what_should_have_been_different(room: Room) -> None:
    answer = closed(room)
    shown = room.browser().submit(f"/t/{answer['token']}", score="2")
    assert "What should have been different?" in shown.text


def test_before_an_outcome_there_is_nothing_to_rate(room: Room) -> None:
    answer = room.submit()
    assert 'name="score"' not in page(room, answer)
    assert 'name="score"' not in room.browser().get(f"/t/{answer['token']}/rate?score=4").text


def test_a_form_of_the_secret_page_needs_its_token_against_forgery(room: Room) -> None:
    answer = closed(room)
    for path in ("reply", "rate"):
        sent = room.app.test_client().post(f"/t/{answer['token']}/{path}", data={"text": "x", "score": "1"})
        assert sent.status_code == 400


def test_a_link_that_is_no_web_address_is_not_a_link(room: Room) -> None:
    answer = room.submit()
    room.hear(builders.done(what_was_done=room.seal("Done."), link="javascript:alert(1)"), answer["id"], 1)
    assert "javascript:" not in page(room, answer)


def test_erased_words_read_as_erased(room: Room) -> None:
    answer = room.submit()
    question = room.seal("Which one?")
    room.process.keyring.forget(builders.PERSON)
    room.hear(builders.asked(question=question), answer["id"], 1)
    assert "erased" in page(room, answer)
