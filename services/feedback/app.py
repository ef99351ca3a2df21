"""Composition root of feedback: what the processes of this service are made of."""

from pathlib import Path

from flask import Flask

from ..chassis.consumer import Consumer
from ..chassis.http import create_flask, make_api
from ..chassis.process import Process
from ..chassis.relay import Relay
from ..chassis.wiring import bind
from ..chassis.worker import Loop
from ..contracts import topics
from . import api, handlers, pages
from .handlers.files import sweep_files
from .mail.receiving import Receiving
from .store import Stores, open_stores

NAME = "feedback"
HEARS = (topics.TRIAGE, topics.DIRECTORY)
SWEEP_SECONDS = 600.0

OPENAPI_FILE = Path(__file__).parents[1] / "openapi.json"
"""The merged document of all services; `liaise openapi` writes it."""


def create_app(process: Process) -> Flask:
    """Form, receipt, tracking and API."""
    app = create_flask(__name__, process.settings, process.clock, checks={"database": process.ping})
    documented = make_api(app, "Liaise feedback")
    documented.spec.components.security_scheme("trackingToken", api.TRACKING_TOKEN)
    documented.spec.components.security_scheme("clientKey", api.CLIENT_KEY)
    stores = open_stores(process.store(NAME))
    documented.register_blueprint(api.blueprint(stores, process.clock, process.settings))
    for blueprint in pages.blueprints(stores, process.clock, process.settings, OPENAPI_FILE):
        app.register_blueprint(blueprint)
    return app


def create_relay(process: Process) -> Relay:
    """Publishes what feedback says."""
    outboxes = open_stores(process.store(NAME)).outboxes()
    return Relay(outboxes, process.log, process.keyring, process.lease(NAME, "relay"))


def create_consumer(process: Process, poll_seconds: float = 1.0) -> Consumer:
    """Hears what became of it, and which units there are."""
    stores = open_stores(process.store(NAME))
    bound = bind(
        handlers.HANDLERS,
        process.clock,
        feedbacks=stores.feedbacks,
        units=stores.units,
        unseal=process.keyring.unseal,
    )
    return Consumer(NAME, HEARS, bound, process.log, poll_seconds)


def create_mail(process: Process) -> Receiving:
    """Everything that receives mail; `start` and `stop` it."""
    return Receiving(process.settings, process.clock, open_stores(process.store(NAME)))


def stores_of(process: Process) -> Stores:
    """Everything this service keeps, for the command line."""
    return open_stores(process.store(NAME))


def chores(process: Process) -> list[Loop]:
    """What is looked after now and then, beside the consumer: files that no feedback came to name."""
    stores = open_stores(process.store(NAME))

    def sweep() -> bool:
        return sweep_files(stores.files, stores.feedbacks, process.clock.now())

    return [Loop("sweep files", sweep, idle_seconds=SWEEP_SECONDS)]


def migrate(process: Process) -> None:
    """Create the indexes; safe to repeat."""
    open_stores(process.store(NAME)).prepare()
