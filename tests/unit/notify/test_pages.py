"""The ledger for staff and programs, and the local mailbox."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.chassis.identity import ADMIN, LIAISON, Identity, issue_token
from services.notify import app
from services.notify.channels import TransportError
from tests import builders
from tests.conftest import SECRET_KEY
from tests.unit.notify.conftest import Recorder, Room

MAILBOX = ("/mailbox/", "/mailbox/nothing", "/mailbox/nothing/body")
PROXY = {"X-Forwarded-For": "203.0.113.9"}


def refuse(mail: object) -> None:
    raise TransportError("smtp-550", permanent=True, reply="550 5.1.1")


@pytest.fixture
def web(room: Room) -> FlaskClient:
    """A browser on `notify`, on the same machine."""
    return app.create_app(room.process).test_client()


def sign_in(web: FlaskClient, role: str = LIAISON, units: tuple[str, ...] = ("it",)) -> None:
    with web.session_transaction() as session:
        session["identity"] = {"account": "ines", "name": "Ines", "role": role, "units": units, "scopes": []}


def bearer(*units: str, scopes: tuple[str, ...] = ("notifications",)) -> dict[str, str]:
    identity = Identity("ines", "Ines", LIAISON, units, scopes)
    return {"Authorization": f"Bearer {issue_token(SECRET_KEY, identity)}"}


def items(web: FlaskClient, units: str, **query: Any) -> list[dict[str, Any]]:
    answer = web.get("/v1/notifications", query_string=query, headers=bearer(units))
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def test_the_ledger_is_for_staff(web: FlaskClient) -> None:
    assert web.get("/notify/").location == "/sign-in?next=%2Fnotify%2F"
    sign_in(web)
    page = web.get("/notify/").text
    assert "Every ended case has its closing message" in page
    assert "No message yet" in page


def test_the_ledger_shows_what_became_of_each_message(web: FlaskClient, room: Room) -> None:
    sign_in(web)
    told, failed = room.submit(number="AAAA-0001"), room.submit(number="AAAA-0002", email=None)
    room.delivery(Recorder()).run_once()
    room.hear(builders.declined(), told)
    room.delivery(Recorder(refuse)).run_once()
    page = web.get("/notify/").text
    for words in ("Outcome: declined", "550 5.1.1", "Failed", "On the page", f"/triage/cases/{failed}"):
        assert words in page
    assert '<b class="number">1</b> message was sent today' in page
    assert '<b class="number">1</b> message could not be delivered' in page
    only = web.get("/notify/?state=failed").text
    assert "AAAA-0001" in only
    assert "AAAA-0002" not in only
    assert "AAAA-0002" not in web.get(f"/notify/?feedback={told}").text
    assert "No message like this" in web.get("/notify/?state=unknown").text
    assert "sam@example.com" not in page


def test_the_ledger_shows_a_withdrawn_closing_message(web: FlaskClient, room: Room) -> None:
    sign_in(web)
    feedback = room.submit(number="AAAA-0001")
    room.hear(builders.declined(), feedback, 1)
    room.hear(builders.reopened(), feedback, 2)
    page = web.get("/notify/?state=withdrawn").text
    assert page.count("AAAA-0001") == 1
    assert "Outcome: declined" in page
    assert "Every ended case has its closing message" in page


def test_the_ledger_names_cases_that_are_owed_a_closing_message(web: FlaskClient, room: Room) -> None:
    sign_in(web)
    feedback = room.submit(number="BBBB-0001")
    room.hear(builders.done(), feedback)
    assert "Every ended case has its closing message" not in web.get("/notify/").text
    room.notifications.collection.delete_many({"feedback": feedback})
    page = web.get("/notify/").text
    assert "BBBB-0001" in page
    assert "There is none" in page


def test_staff_see_their_own_units(web: FlaskClient, room: Room) -> None:
    ours, theirs = room.submit(unit="it"), room.submit(unit="finance", number="CCCC-0001")
    room.hear(builders.done(), theirs)
    assert [item["feedback"] for item in items(web, "it")] == [ours]
    assert items(web, "it", feedback=theirs) == []
    sign_in(web)
    assert "CCCC-0001" not in web.get("/notify/").text
    sign_in(web, ADMIN, ())
    assert "CCCC-0001" in web.get("/notify/").text


def test_the_api_tells_programs_without_addresses(web: FlaskClient, room: Room) -> None:
    feedback = room.submit()
    room.hear(builders.done(), feedback)
    room.delivery().run_once()
    answer = web.get(f"/v1/notifications?feedback={feedback}", headers=bearer("it"))
    assert [(item["kind"], item["state"], item["closure"]) for item in answer.json["items"]] == [
        ("outcome", "sent", 1),
        ("receipt", "sent", None),
    ]
    assert "sam@example.com" not in answer.text
    assert web.get("/v1/notifications?state=lost", headers=bearer("it")).status_code == 422


@pytest.mark.parametrize("query", ["", "?state=lost"])
def test_the_api_asks_for_the_token_before_anything_else(web: FlaskClient, query: str) -> None:
    assert web.get(f"/v1/notifications{query}").status_code == 401
    assert web.get(f"/v1/notifications{query}", headers=bearer("it", scopes=("cases",))).status_code == 403


def test_the_ledger_goes_on_where_the_page_ended(web: FlaskClient, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.api.PAGE_SIZE", 2)
    monkeypatch.setattr("services.notify.pages.ledger.PAGE_SIZE", 2)
    made = [room.submit() for _ in range(5)]
    seen, before = [], {}
    while before is not None:
        answer = web.get("/v1/notifications", query_string=before, headers=bearer("it")).json
        seen += [item["feedback"] for item in answer["items"]]
        before = {"before": answer["next"]} if answer["next"] else None
    assert seen == made[::-1]
    sign_in(web)
    assert 'rel="next"' in web.get("/notify/").text


def test_the_mailbox_shows_a_mail_three_ways(web: FlaskClient, room: Room) -> None:
    assert "No mail yet" in web.get("/mailbox/").text
    room.submit(number="7K3M-9QXT")
    room.delivery().run_once()
    inbox = web.get("/mailbox/").text
    assert "We have your feedback [7K3M-9QXT]" in inbox
    key = room.mailbox.newest(1)[0]["_id"].strip("<>")
    assert 'sandbox="allow-top-navigation-by-user-activation' in web.get(f"/mailbox/{key}").text
    assert "Thank you for telling us" in web.get(f"/mailbox/{key}?view=text").text
    assert "Auto-Submitted: auto-generated" in web.get(f"/mailbox/{key}?view=source").text
    for missing in ("/mailbox/nothing", f"/mailbox/{key}?view=other", "/mailbox/nothing/body"):
        assert web.get(missing).status_code == 404


def test_a_mail_in_its_frame_can_do_nothing(web: FlaskClient, room: Room) -> None:
    room.submit(name="<script>alert(1)</script>")
    room.delivery().run_once()
    key = room.mailbox.newest(1)[0]["_id"].strip("<>")
    body = web.get(f"/mailbox/{key}/body")
    policy = body.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "frame-ancestors 'self'" in policy
    assert "<script" not in body.text
    assert '<head><base target="_top">' in body.text


def test_the_mailbox_answers_nothing_new_without_a_page(web: FlaskClient, room: Room) -> None:
    assert web.get("/mailbox/?seen=").status_code == 204
    room.submit()
    room.delivery().run_once()
    assert web.get("/mailbox/?seen=").status_code == 200
    assert web.get(f"/mailbox/?seen={room.mailbox.newest(1)[0]['order']}").status_code == 204


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}},
        {"headers": PROXY},
        {"headers": {"Host": "made-to-lead-here.example"}},
    ],
)
def test_the_mailbox_of_a_trial_is_for_this_machine(web: FlaskClient, elsewhere: dict[str, Any]) -> None:
    assert web.get("/mailbox/").status_code == 200
    for path in MAILBOX:
        assert web.get(path, **elsewhere).location.startswith("/sign-in?next=%2Fmailbox%2F")


@pytest.mark.parametrize("public_url", ["https://feedback.example", "http://192.0.2.7:8000", "http://127.evil.example"])
def test_the_mailbox_of_an_install_is_for_admins_even_on_this_machine(room: Room, public_url: str) -> None:
    room.process.settings = replace(room.process.settings, public_url=public_url)
    web = app.create_app(room.process).test_client()
    for path in MAILBOX:
        assert web.get(path).location.startswith("/sign-in?next=%2Fmailbox%2F")
        assert web.get(path, headers={"Host": "localhost"}).status_code == 302
    sign_in(web, LIAISON)
    assert [web.get(path).status_code for path in MAILBOX] == [403, 403, 403]
    sign_in(web, ADMIN, ())
    assert [web.get(path).status_code for path in MAILBOX] == [200, 404, 404]


def test_there_is_no_mailbox_beside_a_mail_server(room: Room, monkeypatch: pytest.MonkeyPatch, process: Any) -> None:
    from services.chassis import settings

    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    process.settings = settings.load()
    assert app.create_app(process).test_client().get("/mailbox/").status_code == 404


def test_today_ends_at_midnight_where_the_install_is(web: FlaskClient, room: Room) -> None:
    sign_in(web)
    room.submit()
    room.delivery().run_once()
    assert '<b class="number">1</b> message was sent today' in web.get("/notify/").text
    room.process.clock.advance(timedelta(hours=14, minutes=1))  # 09:00 UTC is 10:00 in Berlin
    assert '<b class="number">No</b> messages were sent today' in web.get("/notify/").text
