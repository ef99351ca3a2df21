"""The secret link's pages: receipt, tracking, reply, rating, withdrawal, correction, profile.

Reading them changes nothing (scanners follow links).
"""

from flask import Blueprint, Response

from ....chassis.clock import Clock
from ....chassis.settings import Settings
from ...store import Stores
from ...throttle import Throttle
from ..crowding import Limits
from .attached import attached
from .changing import correcting, withdrawing
from .link import Link, refused
from .profile import profile
from .reading import reading
from .speaking import rating, replying

__all__ = ["blueprint"]


def blueprint(stores: Stores, clock: Clock, settings: Settings, limits: Limits) -> Blueprint:
    """Everything below /t/."""
    pages = Blueprint("tracking", __name__, url_prefix="/t")
    link = Link(stores, clock, settings, Throttle(clock), limits)

    @pages.after_request
    def keep_secret(response: Response) -> Response:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return refused(response)

    for part in (reading, attached, replying, rating, withdrawing, correcting, profile):
        part(pages, link)
    return pages
