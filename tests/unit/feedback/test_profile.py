"""Two questions to a person: what do you want to hear, and how."""

from typing import Any

import pytest

from services.chassis import ids
from services.chassis.errors import Conflict
from services.feedback import handlers
from services.feedback.handlers import SetProfile
from tests.conftest import SECRET_KEY
from tests.unit.feedback.conftest import Room

REFUSED = "It proves that the address is yours, so that nobody else can switch your mails off."


def by_mail(answer: Any, purpose: str = "profile") -> str:
    """The link at the end of a mail about this feedback."""
    return f"/t/{answer['token']}/profile?proof={ids.signed_reference(SECRET_KEY, purpose, answer['id'])}"


def profiles(room: Room) -> list[dict[str, Any]]:
    return list(room.stores.profiles.collection.find({}))


def test_what_a_person_chooses_is_kept_for_the_person_and_said_on(room: Room) -> None:
    one, other = room.submit(), room.submit(text="Another thing.")
    browser = room.browser()
    shown = browser.submit(by_mail(one), wants="questions", way="email")
    assert "when there is a question, and when there is an outcome" in shown.text
    (kept,) = profiles(room)
    assert kept["_id"] == room.document(one["id"])["person"]
    (event,) = kept["outbox"]
    assert event["type"] == "feedback.profile_set"
    assert event["data"] == {"person": kept["_id"], "wants": "questions", "way": "email"}
    form = browser.form(by_mail(other), "wants")
    assert (form.values["wants"], form.values["way"]) == ("questions", "email")


def test_who_never_answered_hears_everything_by_mail(room: Room) -> None:
    form = room.browser().form(by_mail(room.submit()), "wants")
    assert (form.values["wants"], form.values["way"]) == ("everything", "email")


def test_the_same_answers_again_say_nothing_new(room: Room) -> None:
    path = by_mail(room.submit())
    for _ in range(2):
        room.browser().submit(path, wants="outcome", way="page")
    room.browser().submit(path, wants="everything", way="email")
    (kept,) = profiles(room)
    assert [event["data"]["wants"] for event in kept["outbox"]] == ["outcome", "everything"]
    assert [event["seq"] for event in kept["outbox"]] == [1, 2]


def test_choosing_what_holds_anyway_writes_nothing(room: Room) -> None:
    room.browser().submit(by_mail(room.submit()), wants="everything", way="email")
    assert profiles(room) == []


@pytest.mark.parametrize("wrong", [{"wants": "nothing"}, {"way": "pigeon"}, {"wants": ""}])
def test_another_answer_is_told_at_its_question(room: Room, wrong: dict[str, str]) -> None:
    shown = room.browser().submit(by_mail(room.submit()), **{"wants": "outcome", "way": "page", **wrong})
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
    named = browser.form(by_mail(room.submit()), "wants")
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


def test_who_gives_somebody_elses_address_cannot_choose_for_them(room: Room) -> None:
    theirs, mine = room.submit(), room.submit(text="I only typed their address.")
    room.browser().submit(by_mail(theirs), wants="outcome", way="email")
    path, browser = f"/t/{mine['token']}/profile", room.browser()
    form = browser.form(f"/t/{mine['token']}", "csrf_token")
    for proof in ("", "x", "\u00e9" * 42, by_mail(theirs)[-42:], by_mail(mine, "reply")[-42:], by_mail(mine)[-42:-1]):
        seen = browser.get(path, query_string={"proof": proof})
        assert (seen.status_code, REFUSED in seen.text) == (200, True)
        assert 'name="wants"' not in seen.text
        assert "checked" not in seen.text
        form.action = path
        sent = browser.send(path, form, wants="everything", way="page", proof=proof)
        assert (sent.status_code, REFUSED in sent.text) == (403, True)
    (kept,) = profiles(room)
    assert (kept["wants"], kept["way"]) == ("outcome", "email")


def test_the_proof_outlives_a_slip(room: Room) -> None:
    browser, link = room.browser(), by_mail(room.submit())
    slip = browser.submit(link, wants="outcome", way="pigeon")
    assert slip.status_code == 422
    assert f'name="proof" value="{link[-42:]}"' in slip.text


def test_the_pages_say_where_wishes_are_chosen_to_whom_gets_mails(room: Room) -> None:
    where = "At the end of each of our mails you can choose what you hear."
    for submitter, said in ((None, False), ({"name": "Sam"}, False), ({"email": "sam@example.com"}, True)):
        answer = room.submit(submitter=submitter)
        for path in ("", "/received"):
            shown = room.browser().get(f"/t/{answer['token']}{path}").text
            assert (where in shown) is said
            assert "/profile" not in shown
