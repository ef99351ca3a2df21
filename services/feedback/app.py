"""Composition root of feedback: what the processes of this service are made of."""

from pathlib import Path

from aiosmtpd.controller import Controller
from flask import Flask

from ..chassis.consumer import Consumer
from ..chassis.http import create_flask, make_api
from ..chassis.process import Process
from ..chassis.relay import Relay
from ..chassis.wiring import bind
from ..contracts import topics
from . import api, handlers, pages
from .mail.server import create_controller
from .store import FeedbackStore, UnitStore

NAME = "feedback"
HEARS = (topics.TRIAGE, topics.DIRECTORY)

OPENAPI_FILE = Path(__file__).parents[1] / "openapi.json"
"""The merged document of all services; `liaise openapi` writes it."""


def create_app(process: Process) -> Flask:
    """Form, receipt, tracking and API."""
    app = create_flask(__name__, process.settings, process.clock, checks={"database": process.ping})
    documented = make_api(app, "Liaise feedback")
    documented.spec.components.security_scheme("trackingToken", api.TRACKING_TOKEN)
    store = process.store(NAME)
    parts = (
        FeedbackStore(store),
        UnitStore(store),
        process.clock,
        process.settings.secret_key.reveal(),
        process.settings.public_url,
    )
    documented.register_blueprint(api.blueprint(*parts))
    for blueprint in pages.blueprints(*parts, OPENAPI_FILE):
        app.register_blueprint(blueprint)
    return app


def create_relay(process: Process) -> Relay:
    """Publishes what feedback says."""
    return Relay(
        [FeedbackStore(process.store(NAME)).collection], process.log, process.keyring, process.lease(NAME, "relay")
    )


def create_consumer(process: Process, poll_seconds: float = 1.0) -> Consumer:
    """Hears what became of it, and which units there are."""
    store = process.store(NAME)
    bound = bind(
        handlers.HANDLERS,
        process.clock,
        feedbacks=FeedbackStore(store),
        units=UnitStore(store),
        unseal=process.keyring.unseal,
    )
    return Consumer(NAME, HEARS, bound, process.log, poll_seconds)


def create_mail(process: Process) -> Controller:
    """The mail receiver; `start` and `stop` it."""
    store = process.store(NAME)
    return create_controller(process.settings, process.clock, FeedbackStore(store), UnitStore(store))


def migrate(process: Process) -> None:
    """Create the indexes; safe to repeat."""
    FeedbackStore(process.store(NAME)).prepare()
