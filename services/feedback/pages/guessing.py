"""Nobody finds a secret by trying: guesses are counted, by network and all together."""

from flask import request

from ..throttle import Throttle, network


def one_more_guess(throttle: Throttle, each: int, in_all: int) -> None:
    """Count a guess; `each` network and `in_all` may make so many a minute. Raises TooManyRequests with Retry-After."""
    throttle.count(f"guess {network(request.remote_addr) or 'this machine'}", each)
    throttle.count("guess everybody", in_all)
