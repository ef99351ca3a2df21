"""How often somebody may ask, counted in this process's memory: no store learns who asked, or from where.

Each web worker counts for itself, so an install answers up to the limit times its workers: a limit is there to keep one
loud client from crowding out the others, not to meter anybody.
"""

from ipaddress import ip_address, ip_network
from math import ceil
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from ..chassis import ids
from ..chassis.clock import Clock

MINUTE: Final = 60


class Throttle:
    """Counts hits per name in a sliding minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = ids.token()  # dies with the process: not even a dump of its memory leads to an address
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait(self, name: str, per_minute: int) -> int:
        """Count one; for how many seconds to wait when it was one too many, else 0. A limit of 0 is none."""
        item, counted = RateLimitItemPerMinute(per_minute or 1), ids.keyed(self._key, name)
        if not per_minute or self._counts.hit(item, counted):
            return 0
        wait = ceil(self._counts.get_window_stats(item, counted).reset_time - self._clock.now().timestamp())
        return min(max(wait, 1), MINUTE)

    def count(self, name: str, per_minute: int) -> None:
        """Count one; raises TooManyRequests with Retry-After in seconds. A limit of 0 is none."""
        if seconds := self.wait(name, per_minute):
            raise TooManyRequests(f"Too many requests. Please wait {seconds} seconds.", retry_after=seconds)


def network(address: str | None) -> str | None:
    """Whose limit an address falls under: itself, or of one of version 6 its /64; None for this machine's own."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return address
    if known.is_loopback:
        return None
    return str(known) if known.version == 4 else str(ip_network((known, 64), strict=False))
