"""What is counted of the stores when somebody asks for the metrics."""

from collections.abc import Callable
from math import nan

from prometheus_client import Gauge
from pymongo.errors import PyMongoError

from ...chassis.clock import Clock
from ..domain import answering, untold
from .accounts import AccountStore
from .cases import CaseStore
from .units import UnitStore

OWNERLESS = Gauge("liaise_cases_ownerless", "Open cases whose owner cannot sign in or not see them; should be 0")
UNTOLD = Gauge("liaise_cases_ended_untold", "Ended cases whose closing message neither left nor failed in 5 minutes")


def watch_cases(cases: CaseStore, units: UnitStore, accounts: AccountStore, clock: Clock) -> None:
    """Count what should not be at every look at this process's metrics."""
    _watch(OWNERLESS, lambda: len(cases.ownerless(answering(units.all(), accounts.active().values()))))
    _watch(UNTOLD, lambda: cases.count(untold(clock.now())))


def _watch(gauge: Gauge, count: Callable[[], int]) -> None:
    """Set the gauge to the count; not a number while the database is away."""

    def value() -> float:
        try:
            return count()
        except PyMongoError:
            return nan

    gauge.set_function(value)
