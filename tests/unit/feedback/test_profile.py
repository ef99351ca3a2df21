"""Two questions to a person: what do you want to hear, and how."""

from typing import Any

import pytest

from services.chassis.errors import Conflict
from services.feedback import handlers
from services.feedback.handlers import SetProfile
from tests.unit.feedback.conftest import Room


def profiles(room: Room) -> list[dict[str, Any]]:
    return list(room.stores.profiles.collection.find({}))


def test_what_a_person_chooses_is_kept_for_the_person_and_said_on(room: Room) -> None:
    one, other = room.submit(), room.submit(text="Another thing.")
    browser = room.browser()
    shown = browser.submit(f"/t/{one['token']}/profile", wants="questions", way="email")
    assert "when there is a question, and when there is an outcome" in shown.text
    (kept,) = profiles(room)
    assert kept["_id"] == room.document(one["id"])["person"]
    (event,) = kept["outbox"]
    assert event["type"] == "feedback.profile_set"
    assert event["data"] == {"person": kept["_id"], "wants": "questions", "way": "email"}
    form = browser.form(f"/t/{other['token']}/profile", "wants")
    assert (form.values["wants"], form.values["way"]) == ("questions", "email")


def test_who_never_answered_hears_everything_by_mail(room: Room) -> None:
    form = room.browser().form(f"/t/{room.submit()['token']}/profile", "wants")
    assert (form.values["wants"], form.values["way"]) == ("everything", "email")


def test_the_same_answers_again_say_nothing_new(room: Room) -> None:
    path = f"/t/{room.submit()['token']}/profile"
    for _ in range(2):
        room.browser().submit(path, wants="outcome", way="page")
    room.browser().submit(path, wants="everything", way="email")
    (kept,) = profiles(room)
    assert [event["data"]["wants"] for event in kept["outbox"]] == ["outcome", "everything"]
    assert [event["seq"] for event in kept["outbox"]] == [1, 2]


def test_choosing_what_holds_anyway_writes_nothing(room: Room) -> None:
    room.browser().submit(f"/t/{room.submit()['token']}/profile", wants="everything", way="email")
    assert profiles(room) == []


@pytest.mark.parametrize("wrong", [{"wants": "nothing"}, {"way": "pigeon"}, {"wants": ""}])
def test_another_answer_is_told_at_its_question(room: Room, wrong: dict[str, str]) -> None:
    shown = room.browser().submit(
        f"/t/{room.submit()['token']}/profile", **{"wants": "outcome", "way": "page", **wrong}
    )
    assert shown.status_code == 422
    assert f'href="#f-{next(iter(wrong))}"' in shown.text
    assert profiles(room) == []


@pytest.mark.parametrize("submitter", [None, {"name": "Sam"}])
def test_without_an_address_there_is_nothing_to_choose(room: Room, submitter: Any) -> None:
    path = f"/t/{room.submit(submitter=submitter)['token']}/profile"
    browser = room.browser()
    shown = browser.get(path)
    assert "your page is the only way" in shown.text
    assert 'name="wants"' not in shown.text
    named = browser.form(f"/t/{room.submit()['token']}/profile", "wants")
    assert browser.send(path, named, wants="outcome").status_code == 200
    named.action = path
    assert browser.send(path, named, wants="outcome").status_code == 409
    assert len(profiles(room)) == 1


def test_two_answers_at_once_leave_the_last_one_and_no_failure(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    store = room.stores.profiles
    find, raced = store.find, []

    def find_late(person: str) -> Any:
        kept = find(person)
        if not raced:
            raced.append(1)
            handlers.set_profile(SetProfile(person=person, wants="outcome", way="page"), store, room.clock.now())
        return kept

    monkeypatch.setattr(store, "find", find_late)
    handlers.set_profile(SetProfile(person="p", wants="questions", way="email"), store, room.clock.now())
    (kept,) = profiles(room)
    assert kept["wants"] == "questions"
    assert len(kept["outbox"]) == 2
    with pytest.raises(Conflict):
        store.save(None, handlers.profile_of("p", store), room.clock.now())


def test_the_page_needs_the_secret_link_and_its_forms_their_token(room: Room) -> None:
    client = room.app.test_client()
    assert client.get(f"/t/{'0' * 64}/profile").status_code == 404
    path = f"/t/{room.submit()['token']}/profile"
    assert client.post(path, data={"wants": "outcome", "way": "page"}).status_code == 400
