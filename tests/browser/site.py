"""The product behind a real port in the test's own process: people visit it, the test says when events move."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from services import embedded
from services.chassis import ids
from services.chassis import settings as configuration
from services.chassis.clock import FrozenClock
from services.chassis.embedded_store import EmbeddedStore
from services.chassis.process import Process, open_process
from services.chassis.serving import Server
from services.chassis.settings import Settings
from tests.conftest import MONDAY_MORNING
from tests.running import settings_for
from tests.world import World

INES, ADA, PRIYA = "ines@example.com", "ada@example.com", "priya@example.com"
WORDS = "The printer on the third floor has been broken for two weeks."


@dataclass(frozen=True, slots=True)
class Said:
    """One feedback, and where its submitter follows it."""

    id: str
    number: str
    track: str

    @property
    def case(self) -> str:
        """The path of its case page."""
        return f"/triage/cases/{self.id}"


class Site:
    """A world that answers browsers; nothing moves between its services until `drain`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = world.process.settings.public_url
        self._cookies: dict[str, str] = {}

    def drain(self) -> None:
        """Let every event and mail arrive."""
        self.world.drain()

    def say(self, text: str = WORDS, unit: str = "it", **more: Any) -> Said:
        """Give feedback by the API; `name` and `email` name the submitter."""
        submitter = {key: more.pop(key) for key in ("name", "email") if key in more}
        body = {"unit": unit, "kind": "complaint", "text": text, "submitter": submitter or None, **more}
        answer = self.world.client().post("/v1/feedback", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        receipt = answer.get_json()
        return Said(receipt["id"], receipt["number"], urlsplit(receipt["tracking_url"]).path)

    def work(self, said: Said, action: str, **words: str) -> None:
        """Make a move of a case as an admin, by the API, and let it arrive."""
        self.drain()
        address = f"/v1/cases/{said.id}/{action}"
        answer = self.world.client("triage").post(address, json=words, headers=self.world.bearer(ADA))
        assert answer.status_code == 200, answer.text
        self.drain()

    def decline(self, said: Said) -> None:
        """Decline with every part of the answer."""
        self.work(
            said,
            "decline",
            reason="budget",
            explanation="The lease of this printer ends in March; until then we cannot replace it.",
            alternative="The printer on the second floor takes your badge as well.",
            would_change="An offer below the price of the lease would.",
        )

    def cookie(self, email: str) -> str:
        """The session cookie of somebody who signed in with the form."""
        if email not in self._cookies:
            kept = self.world.liaison(email).client.get_cookie("liaise_session")
            assert kept, f"{email} could not sign in"
            self._cookies[email] = kept.value
        return self._cookies[email]

    def cases(self, words: str) -> list[dict[str, Any]]:
        """The cases that a search finds."""
        self.drain()
        answer = self.world.client("triage").get("/v1/cases", query_string={"q": words}, headers=self.world.bearer())
        items: list[dict[str, Any]] = answer.get_json()["items"]
        return items


@contextmanager
def serve(store: EmbeddedStore, folder: Path, **more: str) -> Iterator[Site]:
    """A fresh install on a free port, with `more` settings; its databases are dropped afterwards."""
    process = open_process(_settings(store, folder, more), FrozenClock(MONDAY_MORNING))
    world = World(process)
    world.drain()
    apps = {name: app.wsgi_app for name, app in world.apps.items()}
    port, max_body = process.settings.port, process.settings.max_upload
    server = Server(embedded.dispatcher(apps), "127.0.0.1", port, max_body=max_body)
    server.start()
    try:
        yield Site(world)
    finally:
        server.stop()
        world.close()
        _forget(process)


def _settings(store: EmbeddedStore, folder: Path, more: dict[str, str]) -> Settings:
    values = settings_for(folder, "", MONGODB_URI=store.uri.reveal(), DATABASE_PREFIX=f"b{ids.new()[-12:]}") | more
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KAFKA_BOOTSTRAP_SERVERS", "FAILPOINTS", "DIRECTORY_FILE"):
            patch.delenv(name, raising=False)
        for name, value in values.items():
            patch.setenv(name, value)
        return configuration.load()


def _forget(process: Process) -> None:
    process.log.close()
    for name in process.client.list_database_names():
        if name.startswith(process.settings.database_prefix):
            process.client.drop_database(name)
    process.client.close()
