"""GET /v1/feedback/{id}, replies, rating, units: who may see and do what."""

from typing import Any

import pytest

from services.chassis.identity import ADMIN, LIAISON, Identity, issue_token
from tests import builders
from tests.unit.feedback.conftest import Room


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def staff(room: Room, *units: str, scopes: tuple[str, ...] = ("feedback",)) -> dict[str, str]:
    identity = Identity("ines", "Ines", LIAISON if units else ADMIN, units, scopes)
    return bearer(issue_token(room.process.settings.secret_key.reveal(), identity))


def read(room: Room, answer: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    return room.app.test_client().get(f"/v1/feedback/{answer['id']}", headers=headers)


def post(room: Room, answer: dict[str, Any], what: str, body: dict[str, Any], **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {answer['token']}"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return room.app.test_client().post(f"/v1/feedback/{answer['id']}/{what}", json=body, headers=sent)


def test_the_id_alone_shows_the_state_without_the_words(room: Room) -> None:
    answer = room.submit()
    room.hear(builders.declined(explanation=room.seal("No money.")), answer["id"], 1)
    shown = read(room, answer)
    assert shown.status_code == 200
    assert set(shown.json) == {
        "id", "number", "unit", "kind", "status", "liaison", "received_at", "answer_due", "outcome",
    }  # fmt: skip
    assert (shown.json["outcome"]["outcome"], shown.json["outcome"]["reason"]) == ("declined", "budget")
    for secret in ("printer", "No money", "sam@example.com"):
        assert secret not in shown.text


@pytest.mark.parametrize("units", [(), ("it",), ("it", "hr")])
def test_the_tracking_token_and_the_units_staff_read_the_words(room: Room, units: tuple[str, ...]) -> None:
    answer = room.submit()
    for headers in (bearer(answer["token"]), staff(room, *units)):
        shown = read(room, answer, headers).json
        assert shown["text"] == "The printer is broken."
        assert shown["history"][0]["kind"] == "received"


def test_other_tokens_read_no_words(room: Room) -> None:
    answer, other = room.submit(), room.submit()
    for headers in (bearer(other["token"]), bearer("x"), staff(room, "hr"), staff(room, scopes=("cases",))):
        assert "text" not in read(room, answer, headers).json


@pytest.mark.parametrize("unknown", ["x", "00000000-0000-4000-8000-000000000000", "%00", "a" * 500])
def test_unknown_and_malformed_ids_get_the_same_answer(room: Room, unknown: str) -> None:
    first = room.app.test_client().get("/v1/feedback/6f0c1f9e-6f0e-4a52-8f3a-0d2a4a1d6b7e")
    answer = room.app.test_client().get(f"/v1/feedback/{unknown}")
    assert (answer.status_code, answer.json) == (404, first.json)


def test_a_cookie_counts_for_nothing_here(room: Room) -> None:
    answer = room.submit()
    client = room.app.test_client()
    with client.session_transaction() as session:
        session["identity"] = {"account": "a", "name": "a", "role": ADMIN, "units": [], "scopes": ["feedback"]}
    assert "text" not in client.get(f"/v1/feedback/{answer['id']}").json


def test_a_reply_needs_the_token_of_this_feedback(room: Room) -> None:
    answer, other = room.submit(), room.submit()
    path = f"/v1/feedback/{answer['id']}/replies"
    client = room.app.test_client()
    assert client.post(path, json={"text": "x"}).status_code == 401
    assert client.post(path, json={"text": "x"}, headers=bearer(other["token"])).status_code == 404
    assert client.post(path, json={"text": "x"}, headers=staff(room)).status_code == 404
    assert len(room.document(answer["id"])["history"]) == 1


def test_a_reply_is_once_per_key(room: Room, key: str) -> None:
    answer = room.submit()
    for _ in range(3):
        sent = post(room, answer, "replies", {"text": "By the stairs."}, Idempotency_Key=key)
        assert sent.status_code == 201
    assert [entry["text"] for entry in sent.json["history"] if entry["kind"] == "reply"] == ["By the stairs."]
    assert post(room, answer, "replies", {"text": "Other."}, Idempotency_Key=key).status_code == 422


def test_a_reply_with_the_same_key_and_another_wish_is_refused(room: Room, key: str) -> None:
    answer = room.submit()
    for _ in range(2):
        said = post(room, answer, "replies", {"text": "Not settled.", "reopen": True}, Idempotency_Key=key)
        assert said.status_code == 201
    assert post(room, answer, "replies", {"text": "Not settled."}, Idempotency_Key=key).status_code == 422
    room.hear(builders.done(what_was_done=room.seal("Done.")), answer["id"], 1)
    post(room, answer, "replies", {"text": "Thanks."}, Idempotency_Key=f"{key}-2")
    asked = post(room, answer, "replies", {"text": "Thanks.", "reopen": True}, Idempotency_Key=f"{key}-2")
    assert asked.status_code == 422
    assert "Idempotency-Key" in asked.json["detail"]


def test_a_rating_names_the_outcome_it_means(room: Room, key: str) -> None:
    answer = room.submit()
    room.hear(builders.declined(explanation=room.seal("No money.")), answer["id"], 1)
    seen = read(room, answer).json["outcome"]["closure"]
    room.hear(builders.reopened(), answer["id"], 2)
    room.hear(builders.done(closure=2, what_was_done=room.seal("Done.")), answer["id"], 3)
    late = post(room, answer, "rating", {"score": 1, "closure": seen})
    assert (seen, late.status_code) == (1, 409)
    assert "another outcome" in late.json["detail"]
    assert post(room, answer, "rating", {"score": 5, "closure": 2}, Idempotency_Key=key).status_code == 201
    assert post(room, answer, "rating", {"score": 5}, Idempotency_Key=key).status_code == 201
    assert post(room, answer, "rating", {"score": 5, "closure": 1}, Idempotency_Key=key).status_code == 422
    assert room.document(answer["id"])["ratings"] == {"2": 5}


def test_a_rating_waits_for_an_outcome_and_is_single(room: Room) -> None:
    answer = room.submit()
    assert post(room, answer, "rating", {"score": 4}).status_code == 409
    room.hear(builders.done(what_was_done=room.seal("Done.")), answer["id"], 1)
    assert post(room, answer, "rating", {"score": 0}).status_code == 422
    assert post(room, answer, "rating", {"score": 4, "comment": "Quick."}).status_code == 201
    assert post(room, answer, "rating", {"score": 1}).status_code == 409
    event = room.document(answer["id"])["outbox"][-1]
    assert event["type"] == "feedback.rated"
    assert (event["data"]["score"], event["data"]["closure"], event["data"]["comment"]) == (4, 1, "Quick.")


def test_a_rating_with_the_same_key_is_answered_again(room: Room, key: str) -> None:
    answer = room.submit()
    room.hear(builders.done(what_was_done=room.seal("Done.")), answer["id"], 1)
    for _ in range(2):
        assert post(room, answer, "rating", {"score": 4}, Idempotency_Key=key).status_code == 201


def test_units_are_listed_with_promise_and_liaison(room: Room) -> None:
    room.hear(builders.unit(name="Old", active=False, fallback=False), "old")
    units = room.app.test_client().get("/v1/units").json["units"]
    assert [unit["id"] for unit in units] == ["hr", "it"]
    assert units[0] == {
        "id": "hr",
        "name": "Human Resources",
        "services": [],
        "promise": {"first_answer_days": 3, "outcome_days": 10},
        "liaison": "Amara Okafor",
    }


def test_an_old_or_repeated_unit_event_changes_nothing(room: Room) -> None:
    room.hear(builders.unit(name="Newest", fallback=False), "fin", seq=3)
    for seq in (1, 2, 3):
        room.hear(builders.unit(name=f"Old {seq}", fallback=False), "fin", seq=seq)
    document = room.units.collection.find_one({"_id": "fin"})
    assert document
    assert (document["name"], document["applied_seq"]) == ("Newest", 3)


def test_the_documented_responses_are_problems_with_schemes(room: Room) -> None:
    spec = room.app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    assert set(spec["components"]["securitySchemes"]) == {"clientKey", "staffToken", "trackingToken"}
    operations = [operation for path in spec["paths"].values() for operation in path.values() if "summary" in operation]
    assert len(operations) >= 8
    refused = spec["paths"]["/v1/feedback"]["post"]["responses"]["422"]
    assert list(refused["content"]) == ["application/problem+json"]
