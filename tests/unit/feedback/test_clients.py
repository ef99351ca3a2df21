"""API clients: keys with scopes and limits, lists by cursor, answers that need not be sent twice."""

import re
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from services.feedback.handlers.clients import AddClient, add_client, revoke_client
from services.feedback.store.clients import CLIENTS_SECONDS
from tests.unit.feedback.conftest import Room
from tests.world import World

SAID = {"unit": "it", "text": "The scanner at the gate reads every second badge."}


def new_client(room: Room, **changes: Any) -> tuple[str, dict[str, str]]:
    client, key = add_client(AddClient(**{"name": "Intranet", **changes}), room.stores.clients, room.clock.now())
    return client.id, {"Authorization": f"Bearer {key}"}


@pytest.fixture
def api(room: Room) -> Any:
    """A client of the app that has read the keys only after they were made."""
    return room.app.test_client()


def test_a_key_sends_lists_and_reads_what_it_sent_and_nothing_else(room: Room, api: Any) -> None:
    _, mine = new_client(room)
    _, other = new_client(room, name="Shop floor")
    sent = api.post("/v1/feedback", json=SAID, headers=mine).json
    listed = api.get("/v1/feedback", headers=mine).json
    assert [(one["id"], one["text"]) for one in listed["feedback"]] == [(sent["id"], SAID["text"])]
    assert listed["next"] is None
    assert api.get("/v1/feedback", headers=other).json == {"feedback": [], "next": None}
    path = f"/v1/feedback/{sent['id']}"
    assert api.get(path, headers=mine).json["text"] == SAID["text"]
    assert "text" not in api.get(path, headers=other).json


def test_one_key_of_idempotency_in_two_clients_is_two_feedbacks(room: Room, api: Any, key: str) -> None:
    answers = [
        api.post("/v1/feedback", json=SAID, headers={**new_client(room)[1], "Idempotency-Key": key}) for _ in range(2)
    ]
    assert len({answer.json["id"] for answer in answers}) == 2


def test_a_key_without_the_scope_is_told_which(room: Room, api: Any) -> None:
    _, reads = new_client(room, scopes=("follow",))
    _, sends = new_client(room, scopes=("submit",))
    refused = api.post("/v1/feedback", json=SAID, headers=reads)
    assert refused.status_code == 403
    assert "submit" in refused.json["detail"]
    sent = api.post("/v1/feedback", json=SAID, headers=sends).json
    assert api.get("/v1/feedback", headers=sends).status_code == 403
    assert "text" not in api.get(f"/v1/feedback/{sent['id']}", headers=sends).json


def test_a_revoked_key_is_refused_and_what_it_sent_stays(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    client_id, headers = new_client(room)
    api = room.app.test_client()
    sent = api.post("/v1/feedback", json=SAID, headers=headers).json
    revoke_client(client_id, room.stores.clients, room.clock.now())
    monkeypatch.setattr("services.feedback.store.clients.CLIENTS_SECONDS", -CLIENTS_SECONDS)
    refused = api.post("/v1/feedback", json=SAID, headers=headers)
    assert refused.status_code == 401
    assert api.get(f"/v1/feedback/{sent['id']}").json["status"] == "new"


@pytest.mark.parametrize("key", ["lk_", "lk_nobodys", "not-a-key"])
def test_a_key_that_nobody_has_is_refused_and_not_taken_for_the_public(room: Room, api: Any, key: str) -> None:
    refused = api.post("/v1/feedback", json=SAID, headers={"Authorization": f"Bearer {key}"})
    assert refused.status_code == 401
    assert room.feedbacks.collection.count_documents({}) == 0


def test_the_request_beyond_the_limit_waits_and_others_go_on(room: Room, api: Any) -> None:
    _, loud = new_client(room, per_minute=3)
    _, calm = new_client(room, per_minute=3)
    codes = [api.post("/v1/feedback", json=SAID, headers=loud).status_code for _ in range(5)]
    assert codes == [201] * 3 + [429] * 2
    refused = api.get("/v1/feedback", headers=loud)
    assert refused.content_type == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert api.post("/v1/feedback", json=SAID, headers=calm).status_code == 201


def test_the_public_is_limited_by_network_and_this_machine_is_not(room: Room, settings: Any) -> None:
    api = room.app.test_client()

    def ask(address: str, times: int) -> list[int]:
        where = {"REMOTE_ADDR": address}
        return [api.get("/v1/units", environ_overrides=where).status_code for _ in range(times)]

    most = settings.public_per_minute
    assert set(ask("127.0.0.1", most + 1)) == {200}
    assert ask("2001:db8::1", most) == [200] * most
    assert ask("2001:db8::2", 1) == [429], "one /64 is one household"
    assert ask("2001:db8:0:1::1", 1) == [200]


def test_a_long_list_comes_page_by_page_each_once_ties_included(room: Room, api: Any) -> None:
    _, mine = new_client(room, per_minute=0)
    sent = []
    for number in range(12):
        sent.append(api.post("/v1/feedback", json={**SAID, "text": f"No. {number}"}, headers=mine).json["id"])
        if number % 4 == 3:
            room.clock.advance(timedelta(minutes=1))
    got, after = [], ""
    while after is not None:
        page = api.get(f"/v1/feedback?limit=5&after={after}", headers=mine).json
        got += [one["id"] for one in page["feedback"]]
        after = page["next"]
    assert sorted(got) == sorted(sent)
    assert set(got[:4]) == set(sent[-4:]), "the newest come first"


@pytest.mark.parametrize("at", ["2026-11-23T09:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_cursor_somebody_made_up_is_no_crash(room: Room, api: Any, at: str) -> None:
    cursor = urlsafe_b64encode(f"{at}|x".encode()).decode()
    assert api.get(f"/v1/feedback?after={cursor}", headers=new_client(room)[1]).status_code in (200, 422)


@pytest.mark.parametrize("query", ["after=nonsense", "after=%C3%A9", "limit=0", "limit=1000", "limit=x"])
def test_a_page_that_does_not_exist_is_a_422(room: Room, api: Any, query: str) -> None:
    assert api.get(f"/v1/feedback?{query}", headers=new_client(room)[1]).status_code == 422


def test_the_list_and_the_codes_use_their_indexes(room: Room) -> None:
    query = {"client": "x", "received_at": {"$lte": room.clock.now()}}
    plan = str(room.feedbacks.collection.find(query, hint="client").explain())
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan


def test_what_has_not_changed_is_not_sent_again(room: Room, api: Any) -> None:
    sent = room.submit()
    path, token = f"/v1/feedback/{sent['id']}", sent["tracking_url"].rpartition("/")[2]
    first = api.get(path)
    same = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    words = api.get(path, headers={"If-None-Match": first.headers["ETag"], "Authorization": f"Bearer {token}"})
    assert words.status_code == 200, "with the words it is another answer"
    api.post(f"{path}/replies", json={"text": "More."}, headers={"Authorization": f"Bearer {token}"})
    assert api.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_admin_makes_a_key_sees_it_once_and_revokes_it(world: World) -> None:
    admin = world.liaison("ada@example.com")
    made = admin.submit("/intake/clients", name="Portal", scopes="submit", per_minute="60")
    [key] = re.findall(r"lk_[\w-]{40,}", made.text)
    assert made.status_code == 201
    assert key not in admin.get("/intake/clients").text
    headers = {"Authorization": f"Bearer {key}"}
    assert world.client().post("/v1/feedback", json=SAID, headers=headers).status_code == 201
    [path] = re.findall(r'action="(/intake/clients/[^"]+/revoke)"', admin.get("/intake/clients").text)
    assert "opens nothing any more" in admin.send("/intake/clients", admin.form("/intake/clients", action=path)).text


def test_only_an_admin_sees_the_clients(world: World) -> None:
    assert "Sign in" in world.browser().get("/intake/clients").text
    assert world.liaison().get("/intake/clients").status_code == 403


def test_a_form_without_name_or_rights_keeps_what_was_typed(world: World) -> None:
    page = world.liaison("ada@example.com").submit("/intake/clients", name="", per_minute="-5", scopes="")
    assert page.status_code == 422
    assert 'value="-5"' in page.text
    assert "Choose what the key may do." in page.text
