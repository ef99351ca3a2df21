"""All four services in one test: their apps, and every loop drained by hand."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import Client

from services import embedded
from services.chassis.clock import monotonic
from services.chassis.eventlog import Record
from services.chassis.identity import Identity, issue_token
from services.chassis.process import Process
from services.contracts import topics
from services.notify import app as notify
from services.triage import app as triage
from tests.forms import Browser

DRAIN_SECONDS = 30


class World:
    """The product as `liaise run` composes it, but still: nothing moves until `drain`."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.clock: Any = process.clock
        embedded.migrate(process)
        self.apps = {name: service.create_app(process) for name, service in embedded.SERVICES.items()}
        self._parts = self._loops()
        self._dead = process.log.consumer("test", [topics.dead_letter_topic(name) for name in embedded.SERVICES])

    def client(self, service: str = "feedback") -> FlaskClient:
        """A test client of one service."""
        return self.apps[service].test_client()

    def browser(self) -> Browser:
        """A person with a browser on the whole product, cookies and all."""
        return Browser(Client(embedded.dispatcher({name: app.wsgi_app for name, app in self.apps.items()})))

    def liaison(self, email: str = "ines@example.com") -> Browser:
        """A browser signed in with a demo account."""
        browser = self.browser()
        browser.submit("/sign-in", email=email, password="liaise-demo")
        return browser

    def bearer(self, email: str = "ada@example.com") -> dict[str, str]:
        """The header of an API client with this account's token."""
        account: Identity = triage.find_account(self.process, email)
        return {"Authorization": f"Bearer {issue_token(self.process.settings.secret_key.reveal(), account)}"}

    def drain(self) -> None:
        """Run every relay, consumer and delivery until all are quiet; fails on a dead letter."""
        deadline = monotonic() + DRAIN_SECONDS
        while sum([part.run_once() for part in self._parts]):
            assert monotonic() < deadline, "the loops did not become quiet"
        assert self.dead_letters() == []

    def dead_letters(self) -> list[Record]:
        """What was set aside since the last look."""
        return self._dead.poll(0)

    def close(self) -> None:
        """Let every connection go."""
        for part in [*self._parts, self._dead]:
            part.close()

    def _loops(self) -> list[Any]:
        services = embedded.SERVICES.values()
        relays = [service.create_relay(self.process) for service in services]
        consumers = [service.create_consumer(self.process, poll_seconds=0) for service in services]
        return [part for part in [*relays, *consumers, notify.create_delivery(self.process)] if part]
