"""What is counted of the stores when somebody asks for the metrics."""

from math import nan

from prometheus_client import Gauge
from pymongo.errors import PyMongoError

from .accounts import AccountStore
from .cases import CaseStore

OWNERLESS = Gauge("liaise_cases_ownerless", "Open cases whose owner cannot sign in; should be 0")


def watch_ownerless(cases: CaseStore, accounts: AccountStore) -> None:
    """Count the ownerless cases at every look at this process's metrics; not a number while the database is away."""

    def count() -> float:
        try:
            return len(cases.ownerless(accounts.active()))
        except PyMongoError:
            return nan

    OWNERLESS.set_function(count)
