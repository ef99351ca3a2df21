"""The JSON API: submit, follow, list, reply, rate. It reads no cookie."""

from flask_smorest import Blueprint

from ...chassis.clock import Clock
from ...chassis.settings import Settings
from ..store import Stores
from .asking import CLIENT_KEY, TRACKING_TOKEN
from .files import files
from .following import following
from .limiting import limiting
from .listing import listing
from .speaking_again import speaking_again
from .submitting import submitting

__all__ = ["CLIENT_KEY", "TRACKING_TOKEN", "blueprint"]


def blueprint(stores: Stores, clock: Clock, settings: Settings) -> Blueprint:
    """The operations below /v1."""
    api = Blueprint("feedback", __name__, description="Say something, and follow what becomes of it")
    limiting(api, stores.clients, clock, settings)
    submitting(api, stores, clock, settings)
    following(api, stores)
    listing(api, stores, clock)
    files(api, stores, clock, settings)
    speaking_again(api, stores.feedbacks, clock, settings.secret_key.reveal())
    return api
