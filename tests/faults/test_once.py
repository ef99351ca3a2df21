"""One key is one feedback over real doors with two gunicorn workers, which share nothing but the database."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from services.chassis import ids
from services.chassis.embedded_store import EmbeddedStore
from services.chassis.identity import issue_token
from services.triage import app as triage
from tests.faults.driver import NUMBER
from tests.faults.install import Install, installed
from tests.faults.zygote import Nursery
from tests.forms import Browser
from tests.running import SECRET_KEY, Answer, OverHttp

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(120)]

TIMES = 50
SAID = {"unit": "it", "kind": "idea", "text": "Photograph receipts.", "submitter": {"email": "arun@example.com"}}


@dataclass
class Door:
    """The API of an install with two workers."""

    install: Install

    def post(self, body: object, key: str, token: str = "") -> Answer:
        """One submission, on a connection of its own."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        client = OverHttp(self.install.ports["web feedback"])
        return client._request("POST", "/v1/feedback", json.dumps(body), headers, False)

    def stored(self, text: str) -> int:
        """How many feedbacks have this text."""
        return self.install.process.store("feedback")["feedback"].count_documents({"text": text})


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, store: EmbeddedStore, nursery: Nursery) -> Iterator[Door]:
    with installed(tmp_path_factory.mktemp("once"), store, nursery, WEB_WORKERS="2") as install:
        yield Door(install)


def test_fifty_at_once_with_one_key_are_one(door: Door) -> None:
    said, key = SAID | {"text": f"One key {ids.new()}"}, ids.new()
    with ThreadPoolExecutor(TIMES) as pool:
        answers = list(pool.map(lambda _: door.post(said, key), range(TIMES)))
    first = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert len(first) == 1
    assert door.stored(said["text"]) == 1  # type: ignore[arg-type]


def test_one_form_sent_fifty_times_is_one(door: Door) -> None:
    browser = Browser(OverHttp(door.install.ports["web feedback"]))  # type: ignore[arg-type]
    form, text = browser.form("/", "unit", "kind", "text"), f"One form {ids.new()}"
    fields = {"unit": "it", "kind": "idea", "text": text, "name": "Wanda", "email": "wanda@example.com"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: browser.send("/", form, **fields), range(TIMES)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({found[0] for answer in answers if (found := NUMBER.search(answer.text))}) == 1
    assert door.stored(text) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Photograph receipts!"},
        {"unit": "finance"},
        {"kind": "need"},
        {"rating": 3},
        {"language": "de"},
        {"submitter": {"email": "other@example.com"}},
        {"submitter": None},
        {"anonymous": True},
    ],
)
def test_one_key_with_another_body_is_refused(door: Door, change: dict[str, object]) -> None:
    key = ids.new()
    first = door.post(SAID, key)
    assert first.status_code == 201
    assert door.post(SAID | change, key).status_code == 422
    assert door.post(SAID, key).text == first.text


def test_another_client_with_the_same_key_is_another(door: Door) -> None:
    key, said = ids.new(), SAID | {"text": f"Two clients {ids.new()}"}
    tokens = [issue_token(SECRET_KEY, triage.find_account(door.install.process, who)) for who in ("ada", "ines")]
    answers = [door.post(said, key, token) for token in ["", *tokens]]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({json.loads(answer.text)["id"] for answer in answers}) == 3
    assert door.stored(said["text"]) == 3  # type: ignore[arg-type]
