"""POST /v1/feedback: once per key, durable, with a receipt."""

from dataclasses import replace
from typing import Any

import pytest

from services.chassis.identity import ADMIN, Identity, issue_token
from services.feedback import app as feedback_app
from services.feedback.store import UnitStore
from tests import builders
from tests.unit.feedback.conftest import Room

BODY = {"unit": "it", "text": "The VPN drops every morning.", "submitter": {"name": "Sam", "email": "Sam@Example.com"}}


def test_a_submission_is_answered_with_a_receipt(room: Room) -> None:
    answer = room.post(BODY)
    assert answer.status_code == 201
    body = answer.json
    assert set(body) == {"id", "number", "status", "liaison", "answer_due", "tracking_url"}
    assert (body["status"], body["liaison"]) == ("new", "Ines Marchetti")
    assert body["answer_due"] == "2026-11-25T16:00:00+00:00"  # two working days, 17:00 in Berlin
    assert answer.headers["Location"].endswith(f"/v1/feedback/{body['id']}")
    assert body["tracking_url"].startswith(room.process.settings.public_url + "/t/")


def test_the_feedback_and_its_event_are_one_document(room: Room) -> None:
    document = room.document(room.post(BODY).json["id"])
    assert document["pending_since"] == room.clock.now()
    [event] = document["outbox"]
    assert event["type"] == "feedback.submitted"
    assert event["data"]["text"] == BODY["text"]
    assert document["email"] == "Sam@example.com"
    assert event["data"]["kind"] == "question"


def test_the_token_is_kept_as_a_digest_only(room: Room) -> None:
    answer = room.submit()
    document = room.document(answer["id"])
    del document["outbox"]  # the pending event carries it until the relay has sealed and sent it
    assert answer["token"] not in str(document)


def test_the_same_address_is_the_same_person_and_strangers_are_not(room: Room) -> None:
    def person(**changes: object) -> str:
        return str(room.document(room.submit(**changes)["id"])["person"])

    assert person(submitter={"email": "a@example.com"}) == person(submitter={"email": "A@example.com"})
    assert person(submitter=None) != person(submitter=None)


def test_anonymous_keeps_neither_name_nor_address(room: Room) -> None:
    document = room.document(room.submit(anonymous=True, submitter={"name": "Sam", "email": "sam@example.com"})["id"])
    assert document["anonymous"] is True
    assert "sam" not in str(document).lower()


def test_no_unit_goes_to_the_fallback(room: Room) -> None:
    assert room.document(room.submit(unit=None)["id"])["unit"] == "it"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"unit": "nowhere"}, "/unit"),
        ({"service": "Payroll"}, "/service"),
        ({"text": ""}, "/text"),
        ({"text": "x" * 20_001}, "/text"),
        ({"text": "a\x00b"}, "/text"),
        ({"text": {"$ne": None}}, "/text"),
        ({"kind": "rant"}, "/kind"),
        ({"rating": 6}, "/rating"),
        ({"rating": "5"}, "/rating"),
        ({"submitter": {"email": "nobody"}}, "/submitter/email"),
        ({"submitter": {"name": "a\r\nBcc: x@example.com"}}, "/submitter/name"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_what_cannot_be_taken_is_named(room: Room, change: dict[str, object], pointer: str) -> None:
    answer = room.post(BODY | change)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert room.feedbacks.collection.count_documents({}) == 0


@pytest.mark.parametrize("path", ["/v1/feedback", "/v1/feedback/{id}/replies", "/v1/feedback/{id}/rating"])
@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        '{"text": ' + "[" * 200_000 + "]" * 200_000 + "}",
        '{"text": "x", "unit": "it", "rating": ' + "9" * 5_000 + "}",
        '{"score": ' + "9" * 5_000 + "}",
        '{"text": "x", "unit": "it", "service": "\\ud800"}',
        b'{"text": "\xff"}',
        "null",
    ],
    ids=["deep", "deep and closed", "huge rating", "huge score", "surrogate", "not UTF-8", "null"],
)
def test_a_hostile_body_is_the_senders_mistake(room: Room, path: str, body: str | bytes) -> None:
    answer = room.submit()
    sent = room.app.test_client().post(
        path.format(id=answer["id"]),
        data=body,
        content_type="application/json",
        headers={} if path == "/v1/feedback" else {"Authorization": f"Bearer {answer['token']}"},
    )
    assert sent.status_code in (400, 422), sent.text
    assert sent.content_type == "application/problem+json"
    assert len(room.document(answer["id"])["history"]) == 1


def test_a_service_of_the_unit_is_taken_and_any_where_none_is_listed(room: Room) -> None:
    assert room.document(room.submit(service="Laptops")["id"])["service"] == "Laptops"
    assert room.document(room.submit(unit="hr", service="Payroll")["id"])["service"] == "Payroll"


def test_the_same_key_gets_the_same_answer(room: Room, key: str) -> None:
    first, second = room.post(BODY, key), room.post(BODY, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert room.feedbacks.collection.count_documents({}) == 1


def test_the_answer_stays_the_first_when_the_case_went_on(room: Room, key: str) -> None:
    first = room.post(BODY, key)
    room.hear(builders.opened(owner="jonas", owner_name="Jonas Berg"), first.json["id"], 1)
    room.hear(builders.acknowledged(), first.json["id"], 2)
    room.later(days=2)
    due = {"answer_due": room.clock.now(), "outcome_due": room.clock.now()}
    room.hear(builders.reopened(owner="jonas", owner_name="Jonas Berg", **due), first.json["id"], 3)
    assert room.post(BODY, key).json == first.json
    token = first.json["tracking_url"].rpartition("/")[2]
    assert "Wednesday 25 November" in room.browser().get(f"/t/{token}/received").text


def test_the_same_key_with_another_body_is_refused(room: Room, key: str) -> None:
    room.post(BODY, key)
    answer = room.post(BODY | {"text": "Something else."}, key)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["detail"]
    assert room.feedbacks.collection.count_documents({}) == 1


def test_a_repeat_is_answered_even_when_its_unit_has_gone(room: Room, key: str) -> None:
    first = room.post(BODY | {"unit": "hr"}, key)
    room.hear(builders.unit(active=False, fallback=False), "hr", seq=2)
    fresh = replace(room, app=feedback_app.create_app(room.process))
    assert fresh.post(BODY | {"unit": "hr"}).status_code == 422
    assert fresh.post(BODY | {"unit": "hr"}, key).json == first.json


@pytest.mark.parametrize("bad", ["", "x" * 256, "caf\u00e9", "a\tb"])
def test_a_key_must_be_printable_and_not_too_long(room: Room, bad: str) -> None:
    answer = room.post(BODY, bad)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["detail"]


def test_keys_of_different_principals_never_meet(room: Room, key: str) -> None:
    secret = room.process.settings.secret_key.reveal()
    ids = {room.post(BODY, key).json["id"]}
    for account in ("ada", "ines"):
        token = issue_token(secret, Identity(account, account, ADMIN))
        ids.add(room.post(BODY, key, Authorization=f"Bearer {token}").json["id"])
    assert len(ids) == 3


def test_strangers_with_the_same_weak_key_and_words_never_meet(room: Room) -> None:
    def post(address: str) -> Any:
        client = room.app.test_client()
        from_there = {"REMOTE_ADDR": address}
        return client.post("/v1/feedback", json=BODY, headers={"Idempotency-Key": "1"}, environ_base=from_there).json

    first, second = post("192.0.2.1"), post("2001:db8::2")
    assert first["tracking_url"] != second["tracking_url"]
    assert post("192.0.2.1") == first
    assert "192.0.2.1" not in str(room.document(first["id"]))


def test_a_bearer_token_that_is_not_valid_is_told(room: Room) -> None:
    assert room.post(BODY, Authorization="Bearer nonsense").status_code == 401


def test_only_json_is_read(room: Room) -> None:
    assert room.app.test_client().post("/v1/feedback", data={"text": "x"}).status_code == 415
    assert room.app.test_client().post("/v1/feedback", data="{", content_type="application/json").status_code in (
        400,
        422,
    )


def test_a_language_we_cannot_write_in_is_answered_in_english(room: Room) -> None:
    languages = {tag: room.document(room.submit(language=tag)["id"])["language"] for tag in ("de-AT", "fr", "en")}
    assert languages == {"de-AT": "de", "fr": "en", "en": "en"}


FINANCE = builders.unit(name="Finance", addresses=["finance"], fallback=False, services=[], domains=["sales.example"])


@pytest.mark.parametrize(
    ("address", "unit"),
    [
        ("kim@sales.example", "finance"),
        ("kim@north.SALES.example", "finance"),
        ("kim@wholesales.example", "it"),
        ("kim@example", "it"),
        (None, "it"),
    ],
)
def test_whoever_names_no_unit_gets_the_one_of_their_mail_domain(room: Room, address: str | None, unit: str) -> None:
    finance = builders.unit(
        name="Finance", addresses=["finance"], fallback=False, services=[], domains=["sales.example"]
    )
    room.hear(finance, "finance", seq=9)
    directory = UnitStore(room.process.store("feedback")).current()
    assert directory.find(None, None, address).id == unit
    assert directory.find("it", None, address).id == "it", "what they chose counts first"


def test_of_somebody_anonymous_not_even_the_domain_is_looked_at(room: Room) -> None:
    finance = builders.unit(
        name="Finance", addresses=["finance"], fallback=False, services=[], domains=["sales.example"]
    )
    room.hear(finance, "finance", seq=9)
    said = {"text": "The tills.", "submitter": {"email": "kim@sales.example"}, "anonymous": True}
    answer = room.app.test_client().post("/v1/feedback", json=said).json
    assert room.document(answer["id"])["unit"] == "it"


@pytest.mark.parametrize("change", [{"submitter": None}, {"anonymous": True}])
def test_one_key_is_not_used_again_to_say_it_namelessly(room: Room, key: str, change: dict[str, Any]) -> None:
    said = {"unit": "it", "text": "The tills.", "submitter": {"email": "kim@example.com"}}
    assert room.post(said, key).status_code == 201
    refused = room.post(said | change, key)
    assert refused.status_code == 422
    assert room.feedbacks.collection.count_documents({}) == 1
