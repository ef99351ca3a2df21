"""Somebody anonymous gets a code once, and comes back with it; nobody finds one by trying."""

import re
from typing import Any

import limits.storage.memory
import pytest

from services.feedback import handlers
from services.feedback.pages import back
from tests.unit.feedback.conftest import Room

CODE = re.compile(r"\b\d{4}(?:-\d{4}){4}\b")
WRONG = "No feedback has this code"


def anonymous(room: Room) -> str:
    """Say something on the page without a name; the code on the receipt."""
    page = room.browser().submit("/", kind="complaint", unit="it", text="The boss shouts.")
    (code,) = set(CODE.findall(page.text))
    return str(code)


def enter(room: Room, code: str) -> Any:
    return room.browser().submit("/back", code=code)


def test_the_receipt_shows_the_code_and_later_says_that_it_did(room: Room) -> None:
    browser = room.browser()
    page = browser.submit("/", kind="complaint", unit="it", text="The boss shouts.")
    (code,) = set(CODE.findall(page.text))
    assert "cannot give it to you again" in page.text
    assert code in browser.get(page.request.path).text, "a reload, or another language, loses nothing"
    room.later(minutes=16)
    later = browser.get(page.request.path).text
    assert CODE.findall(later) == []
    assert "was shown when you sent this" in later
    assert CODE.findall(browser.get(page.request.path.removesuffix("/received")).text) == []


def test_the_code_is_kept_nowhere(room: Room) -> None:
    code = anonymous(room)
    document = str(room.feedbacks.collection.find_one({}))
    assert code not in document
    assert code.replace("-", "") not in document


def test_who_gives_a_name_gets_no_code(room: Room) -> None:
    page = room.browser().submit("/", kind="idea", unit="it", text="A bench.", name="Sam", email="sam@example.com")
    assert CODE.findall(page.text) == []
    assert "code" not in room.submit()
    assert "At the end of each of our mails" in page.text


@pytest.mark.parametrize("body", [{"submitter": None}, {"anonymous": True}])
def test_the_api_gives_the_code_with_every_repeat_of_the_key(room: Room, key: str, body: dict[str, Any]) -> None:
    said = {"unit": "it", "text": "The boss shouts.", "submitter": {"email": "sam@example.com"}, **body}
    first, second = room.post(said, key), room.post(said, key)
    assert CODE.fullmatch(first.json["code"])
    assert first.json == second.json
    token = first.json["tracking_url"].rpartition("/")[2]
    read = room.app.test_client().get(f"/v1/feedback/{first.json['id']}", headers={"Authorization": f"Bearer {token}"})
    assert first.json["code"] not in read.text


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: code,
        lambda code: code.replace("-", ""),
        lambda code: f"  {code.replace('-', ' ')}\t",
        lambda code: code.replace("-", "\u2013"),
        lambda code: "/".join(code.replace("-", "")),
        lambda code: code.translate({48 + digit: 0xFF10 + digit for digit in range(10)}),
        lambda code: code.translate({48 + digit: 0x0660 + digit for digit in range(10)}),
    ],
    ids=["as shown", "bare", "spaces", "dashes", "slashes", "full-width digits", "arabic digits"],
)
def test_the_code_leads_to_the_page_however_it_is_written(room: Room, typed: Any) -> None:
    code = anonymous(room)
    browser = room.browser()
    shown = browser.submit("/back", code=typed(code))
    assert shown.status_code == 200
    assert re.fullmatch(r"/t/[0-9a-f]{64}", shown.request.path)
    assert "The boss shouts." in shown.text
    replied = browser.submit(shown.request.path, text="Every morning.")
    assert "Every morning." in replied.text


def test_entering_a_code_redirects_with_see_other(room: Room) -> None:
    code, browser = anonymous(room), room.browser()
    form = browser.form("/back", "code")
    answer = browser.client.post("/back", data={**form.values, "code": code})
    assert answer.status_code == 303


@pytest.mark.parametrize("code", ["", "1", "0000-0000-0000-0000-0000", "9" * 500, "abc", "<script>", "\u00b2" * 20])
def test_every_wrong_code_reads_the_same(room: Room, code: str) -> None:
    anonymous(room)
    shown = enter(room, code)
    assert shown.status_code == 422
    assert WRONG in shown.text
    assert "<script>" not in shown.text


def test_a_wrong_code_costs_the_same_work_whatever_it_looks_like(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    anonymous(room)
    looked: list[str] = []
    find = room.feedbacks.find_coded
    monkeypatch.setattr(room.feedbacks, "find_coded", lambda digest: looked.append(digest) or find(digest))
    for code in ("", "abc", "1234", "0000-0000-0000-0000-0000"):
        assert handlers.tracking_token_of(code, room.feedbacks, "secret") is None
    assert [len(digest) for digest in looked] == [64] * 4


def test_the_digest_of_a_code_is_found_by_its_index(room: Room) -> None:
    anonymous(room)
    found = room.feedbacks.collection.find({"code_hash": "x"}, hint="code_hash")
    assert found.explain()["queryPlanner"]["winningPlan"]["inputStage"]["stage"] == "IXSCAN"


def test_trying_codes_ends_and_even_the_right_one_has_to_wait(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    code = anonymous(room)
    now = 1_800_000_000.0
    monkeypatch.setattr(limits.storage.memory.time, "time", lambda: now)
    answers = [enter(room, f"{guess:020}") for guess in range(back.EACH_MINUTE + 5)]
    assert {answer.status_code for answer in answers[: back.EACH_MINUTE]} == {422}
    assert {answer.status_code for answer in answers[back.EACH_MINUTE :]} == {429}
    refused = enter(room, code)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "wait a minute" in refused.text
    assert f'value="{code}"' in refused.text, "nothing typed is lost"
    now += 121
    assert enter(room, code).status_code == 200


def test_one_network_does_not_use_up_the_tries_of_another_but_all_together_end(room: Room) -> None:
    def post(address: str) -> int:
        browser = room.browser()
        form = browser.form("/back", "code")
        from_there = {"REMOTE_ADDR": address}
        sent = browser.client.post("/back", data={**form.values, "code": "1"}, environ_base=from_there)
        return int(sent.status_code)

    assert {post("192.0.2.1") for _ in range(back.EACH_MINUTE + 1)} == {422, 429}
    assert post("192.0.2.2") == 422
    same_house = {post(f"2001:db8::{number:x}") for number in range(back.EACH_MINUTE + 1)}
    assert same_house == {422, 429}, "a /64 is one network"


def test_guessing_secret_links_ends_too_and_the_right_one_still_opens(room: Room) -> None:
    answer = room.submit()
    codes = [room.app.test_client().get(f"/t/{guess:064x}").status_code for guess in range(70)]
    assert codes[:60] == [404] * 60
    assert codes[-1] == 429
    assert room.app.test_client().get(f"/t/{answer['token']}").status_code == 200


def test_the_form_for_the_code_needs_its_token_against_forgery(room: Room) -> None:
    assert room.app.test_client().post("/back", data={"code": anonymous(room)}).status_code == 400


def test_a_name_sent_with_the_wish_to_stay_anonymous_is_not_even_in_a_digest(room: Room) -> None:
    fingerprints = {
        room.document(room.submit(anonymous=True, submitter=submitter)["id"])["fingerprint"]
        for submitter in (None, {"name": "Ada Byron", "email": "ada@example.com"}, {"name": "Somebody Else"})
    }
    assert len(fingerprints) == 1


def test_the_key_of_anonymous_feedback_holds_no_address_and_no_account(room: Room, key: str) -> None:
    body = {"unit": "it", "text": "The boss shouts."}
    seen = set()
    for address in ("192.0.2.1", "198.51.100.7"):
        client = room.app.test_client()
        sent = client.post(
            "/v1/feedback", json=body, headers={"Idempotency-Key": key}, environ_base={"REMOTE_ADDR": address}
        )
        seen.add(sent.json["id"])
    assert len(seen) == 1, "one key and the same words are one feedback, wherever they come from"


def test_the_way_back_stands_on_every_public_page(room: Room) -> None:
    browser = room.browser()
    for path in ("/", "/back", f"/t/{room.submit()['token']}"):
        assert 'href="/back"' in browser.get(path).text
