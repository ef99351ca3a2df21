"""Nobody finds a secret by trying: guesses are counted, by network and all together."""

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from ..throttle import Throttle, network


def one_more_guess(throttle: Throttle, each: int, in_all: int) -> None:
    """Count a guess; `each` network and `in_all` may make so many a minute. Raises TooManyRequests with Retry-After."""
    seconds = throttle.wait(f"guess {network(request.remote_addr) or 'this machine'}", each)
    if seconds := seconds or throttle.wait("guess everybody", in_all):
        raise TooManyRequests(_("Too many requests. Please wait %(seconds)s seconds.", seconds=seconds), None, seconds)
