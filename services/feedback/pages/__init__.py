"""What people see: the form, the receipt, the tracking page, and the API's documentation."""

from pathlib import Path

from flask import Blueprint

from ...chassis.clock import Clock
from ...chassis.settings import Settings
from ..store import Stores
from ..throttle import Throttle
from . import back, clients, docs, files, form, importing, intake, posters, quarantine, record, tracking, voices, widget
from .crowding import Limits


def blueprints(stores: Stores, clock: Clock, settings: Settings, document: Path) -> tuple[Blueprint, ...]:
    """Every page of this service."""
    limits = Limits(Throttle(clock), settings.public_per_minute)
    return (
        form.blueprint(stores, clock, settings, limits),
        tracking.blueprint(stores, clock, settings, limits),
        voices.blueprint(stores, clock),
        widget.blueprint(stores, clock, settings, limits),
        back.blueprint(stores, clock, settings),
        files.blueprint(stores, settings),
        docs.blueprint(document),
        intake.blueprint(),
        posters.blueprint(stores.units, settings),
        clients.blueprint(stores.clients, clock),
        record.blueprint(stores, clock, settings),
        importing.blueprint(stores, clock, settings),
        quarantine.blueprint(stores, clock, settings),
    )
