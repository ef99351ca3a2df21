"""What people see: the form, the receipt, the tracking page, and the API's documentation."""

from pathlib import Path

from flask import Blueprint

from ...chassis.clock import Clock
from ..store import FeedbackStore, UnitStore
from . import docs, form, tracking


def blueprints(
    feedbacks: FeedbackStore, units: UnitStore, clock: Clock, secret: str, public_url: str, document: Path
) -> tuple[Blueprint, ...]:
    """Every page of this service."""
    return (
        form.blueprint(feedbacks, units, clock, secret),
        tracking.blueprint(feedbacks, clock, secret, public_url),
        docs.blueprint(document),
    )
