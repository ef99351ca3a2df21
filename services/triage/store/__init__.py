"""Where cases, units, accounts and sign-in attempts are kept."""

from .accounts import AccountStore, AttemptStore
from .cases import CaseStore, Found
from .metrics import watch_cases
from .units import UnitStore

__all__ = ["AccountStore", "AttemptStore", "CaseStore", "Found", "UnitStore", "watch_cases"]
