"""One service alone: its app, its stores, and two units as the directory would have told it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from services.chassis import ids
from services.chassis.clock import FrozenClock
from services.chassis.process import Process
from services.chassis.wiring import bind
from services.contracts.envelope import Envelope
from services.contracts.registry import Event
from services.feedback import app as feedback_app
from services.feedback.handlers import HANDLERS
from services.feedback.store import FeedbackStore, Stores, UnitStore, open_stores
from tests import builders
from tests.forms import Browser


@dataclass
class Room:
    """The feedback service with a hand on everything in it."""

    process: Process
    app: Flask
    stores: Stores

    @property
    def feedbacks(self) -> FeedbackStore:
        return self.stores.feedbacks

    @property
    def units(self) -> UnitStore:
        return self.stores.units

    @property
    def clock(self) -> Any:
        return self.process.clock

    def hear(self, event: Event, subject: str, seq: int = 1) -> Envelope[Any]:
        """Handle an event as the consumer would."""
        message = builders.envelope(event, subject, seq, at=self.process.clock.now())
        self.repeat(message)
        return message

    def repeat(self, message: Envelope[Any]) -> None:
        bound = bind(
            HANDLERS, self.process.clock, feedbacks=self.feedbacks, units=self.units, unseal=self.process.keyring.unseal
        )
        bound[type(message.data)](message)

    def seal(self, text: str) -> str:
        return self.process.keyring.seal(builders.PERSON, text)

    def browser(self) -> Browser:
        return Browser(Client(self.app.wsgi_app))

    def post(self, body: dict[str, Any], key: str | None = None, **headers: str) -> Any:
        sent = {**headers, **({"Idempotency-Key": key} if key is not None else {})}
        return self.app.test_client().post("/v1/feedback", json=body, headers=sent)

    def submit(self, **changes: Any) -> dict[str, Any]:
        """One feedback by the API; the answer, with `token`."""
        body = {"unit": "it", "text": "The printer is broken.", "submitter": {"email": "sam@example.com"}} | changes
        answer = self.post(body)
        assert answer.status_code == 201, answer.text
        return {**answer.json, "token": answer.json["tracking_url"].rpartition("/")[2]}

    def document(self, feedback_id: str) -> dict[str, Any]:
        found = self.feedbacks.collection.find_one({"_id": feedback_id})
        assert found
        return found

    def later(self, **by: int) -> None:
        clock: FrozenClock = self.clock
        clock.advance(timedelta(**by))


@pytest.fixture
def room(process: Process) -> Room:
    feedback_app.migrate(process)
    store = process.store(feedback_app.NAME)
    room = Room(process, feedback_app.create_app(process), open_stores(store))
    room.hear(builders.unit(services=["Network", "Laptops"]), "it")
    hr = builders.unit(
        name="Human Resources",
        addresses=["hr", "people"],
        fallback=False,
        services=[],
        liaison={"id": "amara", "name": "Amara Okafor"},
        promise={"first_answer_days": 3, "outcome_days": 10},
    )
    room.hear(hr, "hr")
    return room


@pytest.fixture
def key() -> str:
    return ids.new()
