"""Triage alone over a real store: its app, its handlers bound, and people who sign in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import Client

from services.chassis import ids
from services.chassis.identity import issue_token
from services.chassis.process import Process
from services.chassis.wiring import bind
from services.contracts import registry
from services.contracts.envelope import Envelope
from services.contracts.registry import Event
from services.contracts.sealed import seal_fields
from services.triage import app
from services.triage.domain import Case
from services.triage.handlers import HANDLERS
from services.triage.store import AccountStore, CaseStore, UnitStore
from tests import builders
from tests.forms import Browser


@dataclass
class Triage:
    """The service with its doors: the log's, the API's and the browser's."""

    process: Process

    def __post_init__(self) -> None:
        app.migrate(self.process)
        self.app = app.create_app(self.process)
        store = self.process.store(app.NAME)
        self.cases, self.units, self.accounts = CaseStore(store), UnitStore(store), AccountStore(store)
        self.clock: Any = self.process.clock
        self.handlers = bind(
            HANDLERS,
            self.clock,
            cases=self.cases,
            units=self.units,
            accounts=self.accounts,
            unseal=self.process.keyring.unseal,
        )
        self._seqs: dict[str, int] = {}

    def sealed(self, event: Event) -> Any:
        """The event as the log brings it: personal values sealed."""
        entry = registry.registered(event.TYPE)
        data = seal_fields(entry.schema, registry.write(event), self.process.keyring.seal)
        return registry.read(event.TYPE, event.VERSION, data)

    def hear(self, event: Event, subject: str | None = None) -> Envelope[Any]:
        """Let the next event of this subject arrive, as the consumer would."""
        subject = subject or ids.random_id()
        self._seqs[subject] = self._seqs.get(subject, 0) + 1
        message = builders.envelope(self.sealed(event), subject, self._seqs[subject], self.clock.now())
        self.again(message)
        return message

    def again(self, message: Envelope[Any]) -> None:
        """Deliver a message (once more)."""
        self.handlers[type(message.data)](message)

    def submit(self, **changes: Any) -> Case:
        """Somebody writes; the case that is opened."""
        return self.case(self.hear(builders.submitted(**changes)).subject)

    def case(self, case_id: str) -> Case:
        """The case as kept."""
        found = self.cases.find(case_id)
        assert found is not None
        return found.case

    def said(self, subject: str) -> list[tuple[str, dict[str, Any]]]:
        """The pending events of a case or unit as (type, data)."""
        store = self.process.store(app.NAME)
        row = store["cases"].find_one({"_id": subject}) or store["units"].find_one({"_id": subject})
        assert row is not None
        return [(entry["type"], entry["data"]) for entry in row.get("outbox", [])]

    def browser(self, email: str | None = None) -> Browser:
        """A browser, signed in with a demo account if one is named."""
        browser = Browser(Client(self.app))
        if email:
            page = browser.submit("/sign-in", email=email, password="liaise-demo")
            assert "Sign out" in page.text
        return browser

    def api(self, email: str = "ada@example.com") -> Callable[..., Any]:
        """Call the API with this account's token: api("POST", path, json=..., headers=...)."""
        token = issue_token(self.process.settings.secret_key.reveal(), app.find_account(self.process, email))
        client = self.app.test_client()

        def call(method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
            merged = {"Authorization": f"Bearer {token}", **(headers or {})}
            return client.open(path, method=method, headers=merged, **options)

        return call


@pytest.fixture
def triage(process: Process) -> Triage:
    """Triage with its first directory, at the clock's Monday morning."""
    return Triage(process)
