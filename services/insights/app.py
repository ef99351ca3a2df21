"""The composition root of insights."""

from flask import Flask

from ..chassis.consumer import Consumer
from ..chassis.http import create_flask, make_api
from ..chassis.process import Process
from ..chassis.relay import Relay
from ..chassis.wiring import bind
from ..contracts import topics
from . import api, pages
from .handlers import HANDLERS
from .store import JourneyStore, UnitStore

NAME = topics.INSIGHTS
HEARS = (topics.DIRECTORY, topics.FEEDBACK, topics.TRIAGE, topics.NOTIFY)


def create_app(process: Process) -> Flask:
    """The pages and the API."""
    settings, clock = process.settings, process.clock
    journeys, units = _stores(process)
    app = create_flask(__name__, settings, clock, checks={"database": process.ping})
    app.register_blueprint(pages.blueprint(journeys, units, clock, settings.time_zone))
    documented = make_api(app, "Liaise insights")
    documented.register_blueprint(api.blueprint(journeys, units, clock, settings.time_zone))
    return app


def create_relay(process: Process) -> Relay | None:
    """None: this service says nothing yet."""
    return None


def create_consumer(process: Process, poll_seconds: float = 1.0) -> Consumer:
    """One member of the group that counts."""
    journeys, units = _stores(process)
    handlers = bind(HANDLERS, process.clock, journeys=journeys, units=units)
    return Consumer(NAME, HEARS, handlers, process.log, poll_seconds)


def migrate(process: Process) -> None:
    """Create the indexes that are missing."""
    journeys, _ = _stores(process)
    journeys.ensure_indexes()


def _stores(process: Process) -> tuple[JourneyStore, UnitStore]:
    database = process.store(NAME)
    return JourneyStore(database), UnitStore(database)
